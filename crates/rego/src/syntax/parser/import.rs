//! `package` and `import`: paths, and what imports of `rego` and `future` change in the file.

use std::sync::Arc;

use super::super::tree::{Dialect, Import, Name, Package, RegoVersion, Step, Term, TermKind};
use super::{DEEPEST, Kind, Parser, Span};

const ROOTS: [&str; 4] = ["data", "future", "input", "rego"];

impl Parser<'_> {
    pub(super) fn package(&mut self) -> Option<Package> {
        let start = self.start();
        if self.is_glued_to(&[Kind::Dot, Kind::LeftBracket]) {
            return None;
        }
        self.advance();
        if !self.takes_name() {
            return self.expected("the package's name");
        }
        let term = self.term()?;
        let path = self.path(term)?;
        if path.len() > DEEPEST {
            return self.give_up();
        }
        Some(Package {
            path,
            span: self.span_from(start),
        })
    }

    pub(super) fn import(&mut self) -> Option<Import> {
        let start = self.start();
        if self.is_glued_to(&[Kind::Dot, Kind::LeftBracket]) {
            return None;
        }
        self.advance();
        if !self.takes_name() {
            return self.expected("what is imported, such as `data.lib`");
        }
        self.in_import = true;
        let term = self.term();
        self.in_import = false;
        let term = term?;
        let place = term.span;
        let path = self.path(term)?;
        self.check_root(&path[0], place)?;
        let alias = if self.kind == Kind::As {
            Some(self.alias()?)
        } else {
            None
        };
        let import = Import {
            path,
            alias,
            span: self.span_from(start),
        };
        self.check_last_name(&import, place)?;
        match &*import.path[0] {
            "rego" => self.import_rego(&import, place)?,
            "future" => self.import_future(&import, place)?,
            _ => {}
        }
        Some(import)
    }

    /// Whether a name is here, or a keyword that may stand for one.
    fn takes_name(&mut self) -> bool {
        if self.kind.is_keyword() {
            self.kind = Kind::Name;
        }
        self.kind == Kind::Name
    }

    /// The names of a path whose first is a variable and whose others are strings.
    fn path(&mut self, term: Term) -> Option<Vec<Arc<str>>> {
        let (head, steps) = match term.kind {
            TermKind::Ref { head, steps } => (*head, steps),
            kind => (Term { kind, ..term }, Vec::new()),
        };
        let TermKind::Var(first) = head.kind else {
            self.error(head.span, "a path starts with a name");
            return None;
        };
        let mut path = Vec::with_capacity(steps.len() + 1);
        path.push(first);
        for Step { term, .. } in steps {
            let TermKind::String(name) = term.kind else {
                self.error_with_help(term.span, "a path is made of names", "write `.name`, or `[\"name\"]`");
                return None;
            };
            path.push(name);
        }
        Some(path)
    }

    fn check_root(&mut self, root: &str, place: Span) -> Option<()> {
        if ROOTS.contains(&root) {
            return Some(());
        }
        self.error_with_help(
            place,
            format!("an import starts with `data`, `input`, `future` or `rego`, not with `{root}`"),
            format!("write `import data.{root}` for a package of this name"),
        );
        None
    }

    fn alias(&mut self) -> Option<Name> {
        self.advance();
        if self.kind != Kind::Name {
            return self.expected("a name after `as`");
        }
        let term = self.term()?;
        match term.kind {
            TermKind::Var(text) if !matches!(&*text, "data" | "input") => Some(Name { text, span: term.span }),
            _ => {
                self.error(term.span, "expected a name after `as`");
                None
            }
        }
    }

    /// A path may end with a keyword only where an alias names it.
    fn check_last_name(&mut self, import: &Import, place: Span) -> Option<()> {
        let last = import.path.last()?;
        let is_future = import.path.len() > 1 && &*import.path[0] == "future";
        if import.alias.is_some() || is_future || !self.is_keyword_of_dialect(last) {
            return Some(());
        }
        self.error_with_help(
            place,
            format!("an import cannot end with the keyword `{last}`"),
            "name it: add `as` and a name",
        );
        None
    }

    fn is_keyword_of_dialect(&self, word: &str) -> bool {
        match Kind::of_word(word) {
            Kind::If | Kind::Contains | Kind::In | Kind::Every => self.dialect == Dialect::V1,
            Kind::And | Kind::Or => false,
            kind => kind.is_keyword(),
        }
    }

    fn import_rego(&mut self, import: &Import, place: Span) -> Option<()> {
        let Some(version) = import.rego_version() else {
            let help = "write `import rego.v1` or `import rego.v2`";
            self.error_with_help(place, "unknown import of `rego`", help);
            return None;
        };
        self.refuse_alias(import)?;
        let keywords = &mut self.keywords;
        match version {
            RegoVersion::V1 => {
                (keywords.r#in, keywords.every, keywords.contains, keywords.r#if) = (true, true, true, true);
            }
            RegoVersion::V2 => *keywords = super::Keywords::all(),
        }
        Some(())
    }

    fn import_future(&mut self, import: &Import, place: Span) -> Option<()> {
        if import.path.len() < 2 || &*import.path[1] != "keywords" {
            self.error_with_help(place, "unknown import of `future`", "write `import future.keywords`");
            return None;
        }
        self.refuse_alias(import)?;
        let word = (import.path.len() == 3).then(|| &*import.path[2]);
        let keywords = &mut self.keywords;
        match word.map(Kind::of_word) {
            None => (*keywords) = super::Keywords::all(),
            Some(Kind::In) => keywords.r#in = true,
            Some(Kind::Every) => (keywords.every, keywords.r#in) = (true, true),
            Some(Kind::Contains) => keywords.contains = true,
            Some(Kind::If) => keywords.r#if = true,
            Some(Kind::And) => keywords.and = true,
            Some(Kind::Or) => keywords.or = true,
            Some(Kind::Not) => keywords.not = true,
            Some(_) => {
                let help = "the keywords are `and`, `contains`, `every`, `if`, `in`, `not` and `or`";
                self.error_with_help(place, "no such keyword to import", help);
                return None;
            }
        }
        Some(())
    }

    fn refuse_alias(&mut self, import: &Import) -> Option<()> {
        let Some(alias) = &import.alias else {
            return Some(());
        };
        let message = format!("an import of `{}` cannot have another name", import.path[0]);
        self.error_with_help(alias.span, message, "remove `as` and the name");
        None
    }
}
