//! A module as a policy set sees it: what it declares, and what it says of itself.

use std::sync::OnceLock;

use super::config;
use super::files::PolicyFile;
use crate::finding::Problem;
use crate::problem;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Dialect, Head, Module, Rule, Scope, Term, TermKind};
use kpolicy_value::LineIndex;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A parsed module with its file.
pub(super) struct Parsed<'a> {
    /// Where it comes from.
    pub file: &'a PolicyFile,
    /// What it says.
    pub tree: Module,
    /// Its lines, once a location in it was asked for.
    lines: OnceLock<LineIndex<'a>>,
}

/// What sort of document a clause defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A set (`contains`).
    Set,
    /// An object by its keys.
    Object,
    /// A value; the type of the value where the head states a literal.
    Complete(Option<&'static str>),
    /// A function.
    Function,
}

impl<'a> Parsed<'a> {
    /// The module of a file, in Rego v0 or v1; or all its errors.
    pub(super) fn of(file: &'a PolicyFile, v0: bool) -> Result<Self, Vec<Problem>> {
        let dialect = if v0 && !file.embedded { Dialect::V0 } else { Dialect::V1 };
        let mut tree = parse(&file.text, dialect).map_err(|errors| {
            let lines = LineIndex::new(&file.text);
            let describe = errors
                .into_iter()
                .map(|error| (error.span, format!("rego_parse_error: {}", error.message), error.help))
                .map(|(span, message, help)| problem::of_span(&file.path, &lines, span, message, help));
            describe.collect::<Vec<_>>()
        })?;
        config::place(&mut tree, &file.path);
        let lines = OnceLock::new();
        Ok(Self { file, tree, lines })
    }

    /// The module of a file of the library, whose tree is known.
    pub(super) fn outlined(file: &'a PolicyFile, outline: &Module) -> Self {
        Self {
            file,
            tree: outline.clone(),
            lines: OnceLock::new(),
        }
    }

    /// The lines of its text.
    pub(super) fn lines(&self) -> &LineIndex<'a> {
        self.lines.get_or_init(|| LineIndex::new(&self.file.text))
    }

    /// The package, with dots, without `data`.
    pub(super) fn namespace(&self) -> String {
        self.tree.package.path.join(".")
    }

    /// The path of a rule from `data` on, with dots.
    pub(super) fn full_path(&self, rule: &Rule) -> String {
        let package = self.tree.package.path.iter().map(|name| &**name);
        let names = std::iter::once("data").chain(package).chain(names(&rule.head));
        names.collect::<Vec<_>>().join(".")
    }

    /// What the module's METADATA says of a clause, by its position among the rules: what is above it first, then
    /// what is said of all its rule's clauses, then of the package.
    pub(super) fn annotations(&self, rule: usize) -> impl Iterator<Item = &Value> {
        let name = self.tree.rules.get(rule).and_then(|rule| name(&rule.head));
        let own = self.said(move |scope, at| scope == Scope::Rule && at == Some(rule));
        let all = self.said(move |scope, at| {
            let same = at.is_some_and(|at| name_at(&self.tree, at) == name);
            scope == Scope::Document && same
        });
        own.chain(all).chain(self.of_package())
    }

    /// What the module's METADATA says of its package.
    pub(super) fn of_package(&self) -> impl Iterator<Item = &Value> {
        self.said(|scope, _| matches!(scope, Scope::Package | Scope::Subpackages))
    }

    /// What the module's METADATA says of its package and all below it.
    pub(super) fn of_subpackages(&self) -> impl Iterator<Item = &Value> {
        self.said(|scope, _| scope == Scope::Subpackages)
    }

    fn said(&self, is_meant: impl Fn(Scope, Option<usize>) -> bool) -> impl Iterator<Item = &Value> {
        let meant = self.tree.annotations.iter();
        meant
            .filter(move |block| is_meant(block.scope, block.rule))
            .map(|block| &block.fields)
    }

    /// An error of the module at a location.
    pub(super) fn error(&self, span: Span, message: impl Into<String>, help: Option<String>) -> Problem {
        problem::of_span(&self.file.path, self.lines(), span, message, help)
    }
}

/// The address in an item of `related_resources`: a text, or an object with `ref`, as in OPA.
pub(super) fn address(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item.field("ref")?.as_str())
}

fn name_at(module: &Module, rule: usize) -> Option<&str> {
    module.rules.get(rule).and_then(|rule| name(&rule.head))
}

/// The names that a head's path starts with.
fn names(head: &Head) -> impl Iterator<Item = &str> {
    head.path.iter().map_while(|step| match &step.term.kind {
        TermKind::String(name) => Some(&**name),
        _ => None,
    })
}

/// The rule's name, where it has one below its package and no path.
pub(super) fn name(head: &Head) -> Option<&str> {
    let mut names = names(head);
    names.next().filter(|_| names.next().is_none())
}

/// What sort of document a head defines.
pub(super) fn shape(head: &Head) -> Shape {
    if head.arguments.is_some() {
        Shape::Function
    } else if names(head).count() < head.path.len() {
        Shape::Object
    } else if head.key.is_some() {
        Shape::Set
    } else {
        Shape::Complete(match &head.value {
            Some(value) => literal_type(value),
            None => Some("boolean"),
        })
    }
}

/// The type of a term that states its value.
fn literal_type(term: &Term) -> Option<&'static str> {
    match &term.kind {
        TermKind::Null => Some("null"),
        TermKind::Bool(_) => Some("boolean"),
        TermKind::Number(_) => Some("number"),
        TermKind::String(_) | TermKind::Template(_) => Some("string"),
        TermKind::Array(_) | TermKind::ArrayComprehension(..) => Some("array"),
        TermKind::Set(_) | TermKind::SetComprehension(..) => Some("set"),
        TermKind::Object(_) | TermKind::ObjectComprehension(..) => Some("object"),
        TermKind::Var(_) | TermKind::Ref { .. } | TermKind::Call { .. } => None,
    }
}
