//! The Rego that is written, and the imports that it needs.
//! Follows OPA v1.22 format/format.go: AstWithOpts, formatImports.

use std::sync::Arc;

use super::layout::{Import, Term, Value};
use super::source::Location;
use super::{Options, Target};
use crate::syntax::tree::{self, Expression, ExpressionKind, TermKind};
use crate::syntax::visit::{Node, walk_module};

/// What the written Rego has.
pub(super) struct Dialect {
    /// Whether members of sets are written with `contains`.
    pub(super) contains: bool,
    /// Whether bodies are written with `if`.
    pub(super) ifs: bool,
    /// Whether all heads are written as paths: `a.b` rather than `a["b"]`.
    pub(super) paths: bool,
    /// Whether it is v1 as well.
    pub(super) v1: bool,
    v2_imported: bool,
    /// The keywords imported by name.
    imported: Vec<Arc<str>>,
}

/// The keywords of v0.
const V0: &[&str] = &[
    "not", "package", "import", "as", "default", "else", "with", "null", "true", "false", "some",
];

impl Dialect {
    pub(super) fn of(module: &tree::Module, options: &Options) -> Self {
        let v1 = options.target != Target::V0;
        let mut dialect = Self {
            contains: v1,
            ifs: v1,
            paths: false,
            v1,
            v2_imported: false,
            imported: Vec::new(),
        };
        for import in &module.imports {
            dialect.read(import);
        }
        dialect.paths = module.rules.iter().any(|rule| {
            let head = &rule.head;
            head.path.len() > 2 || head.path.len() == 2 && head.key.is_some()
        });
        dialect
    }

    fn read(&mut self, import: &tree::Import) {
        let path: Vec<&str> = import.path.iter().map(|name| &**name).collect();
        if let (["future", "keywords", keyword], None) = (&path[..], &import.alias) {
            self.imported.push(Arc::from(*keyword));
        }
        match path[..] {
            ["rego", "v1"] | ["future", "keywords"] => (self.contains, self.ifs) = (true, true),
            ["rego", "v2"] => (self.contains, self.ifs, self.v2_imported) = (true, true, true),
            ["future", "keywords", "contains"] => self.contains = true,
            ["future", "keywords", "if"] => self.ifs = true,
            _ => {}
        }
    }

    /// Whether a word is a keyword of the written Rego.
    pub(super) fn is_keyword(&self, word: &str) -> bool {
        let is_v1 = (self.v1 || self.v2_imported) && is_v1_keyword(word);
        let is_v2 = self.v2_imported && matches!(word, "and" | "or");
        is_v1 || is_v2 || V0.contains(&word) || self.imported.iter().any(|imported| &**imported == word)
    }
}

/// Whether a word is a keyword of v1.
pub(super) fn is_v1_keyword(word: &str) -> bool {
    V0.contains(&word) || matches!(word, "if" | "contains" | "in" | "every")
}

/// The keywords of the future that the module's statements need.
fn needed(module: &tree::Module) -> Vec<&'static str> {
    const KEYWORDS: [&str; 5] = ["every", "in", "not", "and", "or"];
    let mut found = [false; KEYWORDS.len()];
    walk_module(module, &mut |node| {
        if let Node::Expression(expression) = node
            && let Some(keyword) = keyword(expression)
        {
            found[KEYWORDS.iter().position(|known| *known == keyword).unwrap_or_default()] = true;
        }
        true
    });
    let mut needed: Vec<&str> = KEYWORDS
        .into_iter()
        .zip(found)
        .filter(|(_, found)| *found)
        .map(|(word, _)| word)
        .collect();
    needed.sort_unstable();
    needed
}

fn keyword(expression: &Expression) -> Option<&'static str> {
    match &expression.kind {
        ExpressionKind::Every { .. } => Some("every"),
        ExpressionKind::Not(_) => Some("not"),
        ExpressionKind::And(..) => Some("and"),
        ExpressionKind::Or(..) => Some("or"),
        ExpressionKind::Term(term) => match &term.kind {
            TermKind::Call { function, .. } if is_membership(function) => Some("in"),
            _ => None,
        },
        _ => None,
    }
}

fn is_membership(function: &tree::Term) -> bool {
    let TermKind::Ref { head, steps } = &function.kind else {
        return false;
    };
    let is_internal = matches!(&head.kind, TermKind::Var(name) if &**name == "internal");
    let [step] = &steps[..] else { return false };
    is_internal && matches!(&step.term.kind, TermKind::String(name) if matches!(&**name, "member_2" | "member_3"))
}

/// The imports as the written Rego has them.
pub(super) fn imports(
    mut imports: Vec<Import>,
    module: &tree::Module,
    dialect: &Dialect,
    options: &Options,
) -> Vec<Import> {
    let is_rego = |import: &Import, version: &str| is_path(import, &["rego", version]);
    let v2 = imports.iter().any(|import| is_rego(import, "v2"));
    if v2 {
        imports.retain(|import| !is_rego(import, "v1"));
    } else if options.target == Target::V0AndV1 {
        ensure(&mut imports, &["rego", "v1"]);
    }
    let v1_imported = v2 || imports.iter().any(|import| is_rego(import, "v1"));
    if !dialect.v1 && !v1_imported {
        for keyword in needed(module) {
            ensure_keyword(&mut imports, keyword);
        }
        return imports;
    }
    if v1_imported {
        imports.retain(|import| !starts_with(import, "future"));
    }
    if !v2 {
        let beyond_v1 = needed(module)
            .into_iter()
            .filter(|word| matches!(*word, "not" | "and" | "or"));
        for keyword in beyond_v1 {
            ensure_keyword(&mut imports, keyword);
        }
    }
    imports
}

fn names(import: &Import) -> impl Iterator<Item = &str> {
    import.path.iter().map(|term| match &term.value {
        Value::Var(name) | Value::String(name) => &**name,
        _ => "",
    })
}

fn is_path(import: &Import, path: &[&str]) -> bool {
    names(import).eq(path.iter().copied())
}

fn starts_with(import: &Import, root: &str) -> bool {
    names(import).next() == Some(root)
}

fn ensure_keyword(imports: &mut Vec<Import>, keyword: &str) {
    let gives = |import: &Import| {
        is_path(import, &["future", "keywords"])
            || is_path(import, &["future", "keywords", keyword])
            || keyword == "in" && is_path(import, &["future", "keywords", "every"])
    };
    if !imports.iter().any(gives) {
        add(imports, &["future", "keywords", keyword]);
    }
}

fn ensure(imports: &mut Vec<Import>, path: &[&str]) {
    if !imports.iter().any(|import| is_path(import, path)) {
        add(imports, path);
    }
}

/// Adds an import on the row after the last one of its kind.
/// Follows OPA v1.22 format/format.go: nextImportLoc.
fn add(imports: &mut Vec<Import>, path: &[&str]) {
    let is_alike = |import: &&Import| starts_with(import, "future") || is_path(import, &["rego", "v1"]);
    let last = imports.iter().filter(is_alike).map(|import| import.location.row).max();
    let location = Location::at_row(last.unwrap_or(0) + 1);
    let term = |(at, name): (usize, &&str)| Term {
        value: match at {
            0 => Value::Var(Arc::from(*name)),
            _ => Value::String(Arc::from(*name)),
        },
        location,
    };
    imports.push(Import {
        path: path.iter().enumerate().map(term).collect(),
        alias: None,
        location,
        added: true,
    });
}
