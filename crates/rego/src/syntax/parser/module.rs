//! A module: its statements one after the other, each on its own, and what they make together.

use super::super::tree::{Dialect, Import, Module, Package, Rule};
use super::{Kind, Lexed, Parser, Span, SyntaxError};

/// A statement of a module.
pub(super) enum Statement {
    Package(Package),
    Import(Import),
    Rules(Vec<Draft>),
}

/// A rule, and how it was written.
pub(super) struct Draft {
    pub(super) rule: Rule,
    pub(super) notation: Notation,
}

/// How a rule was written: what v1 demands of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Notation {
    /// Whether `if` stands before the body.
    pub(super) has_if: bool,
    /// Whether `contains` is in the head.
    pub(super) has_contains: bool,
    /// Whether no body was written.
    pub(super) bodiless: bool,
    /// Whether no value was written, where a value is what the rule defines.
    pub(super) valueless: bool,
    /// The first `else` branch whose body has no `if`.
    pub(super) else_without_if: Option<Span>,
}

/// What the statements read so far make.
#[derive(Default)]
struct Parts {
    package: Option<Package>,
    imports: Vec<Import>,
    drafts: Vec<Draft>,
    starts: Vec<super::super::annotations::Target>,
    is_v1: bool,
}

impl Parser<'_> {
    /// Reads the whole text, its METADATA blocks if `annotated`.
    pub(super) fn module(mut self, lexed: &Lexed, annotated: bool) -> Result<Module, Vec<SyntaxError>> {
        let mut parts = Parts {
            is_v1: self.dialect == Dialect::V1,
            ..Parts::default()
        };
        let mut first = true;
        while self.kind != Kind::End {
            let (at, errors) = (self.at, self.errors.len());
            let statement = self.statement();
            if statement.is_none() && self.errors.len() == errors {
                let _: Option<()> = self.expected("a rule");
            }
            if self.errors.len() > errors {
                self.recover(at, errors);
            } else if let Some(statement) = statement {
                self.admit(statement, first, &mut parts);
            }
            first = false;
        }
        self.finish(parts, first, lexed, annotated)
    }

    /// Reads one statement.
    fn statement(&mut self) -> Option<Statement> {
        let start = self.save();
        let errors = self.errors.len();
        self.height = 0;
        if self.kind == Kind::Package {
            match self.package() {
                Some(package) => return self.ended(Statement::Package(package)),
                None if self.errors.len() > errors => return None,
                None => self.restore(start),
            }
        }
        if self.kind == Kind::Import {
            match self.import() {
                Some(import) => return self.ended(Statement::Import(import)),
                None if self.errors.len() > errors => return None,
                None => self.restore(start),
            }
        }
        match self.rules() {
            Some(rules) => return Some(Statement::Rules(rules)),
            None if self.errors.len() > errors => return None,
            None => self.restore(start),
        }
        self.bare_rule().map(|draft| Statement::Rules(vec![draft]))
    }

    /// A package or an import, unless a minus follows it: that is no part of a name, as in `package foo-bar`, and
    /// must not become the sign of what follows.
    fn ended(&mut self, statement: Statement) -> Option<Statement> {
        if self.kind == Kind::Minus {
            let help = "names have no `-`: write `_`, or `[\"a-b\"]`";
            self.error_with_help(self.span(), "unexpected `-`", help);
            return None;
        }
        Some(statement)
    }

    fn admit(&mut self, statement: Statement, first: bool, parts: &mut Parts) {
        use super::super::annotations::Target;
        if first && !matches!(statement, Statement::Package(_)) {
            let span = match &statement {
                Statement::Import(import) => import.span,
                Statement::Rules(rules) => rules[0].rule.span,
                Statement::Package(package) => package.span,
            };
            let help = "write a line such as `package main` before it";
            self.error_with_help(span, "the file does not start with its package", help);
        }
        match statement {
            Statement::Package(package) if first => {
                parts.starts.push(Target::package(package.span));
                parts.package = Some(package);
            }
            Statement::Package(package) => {
                self.error_with_help(
                    package.span,
                    "a second package in the file",
                    "put the rules of another package into a file of their own",
                );
            }
            Statement::Import(import) => {
                parts.is_v1 |= import.rego_version().is_some();
                parts.starts.push(Target::import(import.span));
                parts.imports.push(import);
            }
            Statement::Rules(drafts) => {
                for draft in drafts {
                    parts.starts.push(Target::rule(draft.rule.span, parts.drafts.len()));
                    parts.drafts.push(draft);
                }
            }
        }
    }

    fn finish(mut self, parts: Parts, empty: bool, lexed: &Lexed, annotated: bool) -> Result<Module, Vec<SyntaxError>> {
        if empty && lexed.lexical.is_empty() {
            let help = "start it with a line such as `package main`";
            self.error_with_help(self.span(), "the file contains no policy", help);
        }
        if parts.is_v1 {
            for draft in &parts.drafts {
                self.check_v1(draft);
            }
        }
        let blocks = if annotated { &lexed.comments[..] } else { &[] };
        let annotations = super::super::annotations::read(self.text, blocks, &parts.starts);
        let mut lexical = lexed.lexical.clone();
        lexical.append(&mut self.errors);
        let annotations = annotations.unwrap_or_else(|mut errors| {
            lexical.append(&mut errors);
            Vec::new()
        });
        let package = match parts.package {
            Some(package) if lexical.is_empty() => package,
            _ => {
                lexical.sort_by_key(|error| error.span);
                lexical.dedup();
                return Err(lexical);
            }
        };
        Ok(Module {
            package,
            imports: parts.imports,
            rules: parts.drafts.into_iter().map(|draft| draft.rule).collect(),
            comments: lexed.comments.clone(),
            repeating: self.repeating,
            annotations,
            dialect: if parts.is_v1 { Dialect::V1 } else { Dialect::V0 },
            directory: "".into(),
        })
    }
}
