//! Template strings: text with statements in braces.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::tree::{Dialect, Expression, ExpressionKind, TemplatePart, Term, TermKind};
use super::bare::called_name;
use super::literal::unescape;
use super::{Kind, Parser};

impl Parser<'_> {
    /// A template up to its last token.
    pub(super) fn template(&mut self, raw: bool) -> Option<Term> {
        let start = self.span();
        if self.dialect == Dialect::V0 {
            self.error_with_help(
                start,
                "v0 has no template strings",
                "write `sprintf`, or make the file a v1 file",
            );
            return None;
        }
        let mut parts = Vec::new();
        loop {
            let text = self.template_text(raw)?;
            if !text.is_empty() {
                parts.push(TemplatePart::Text(text));
            }
            if matches!(self.kind, Kind::TemplateEnd | Kind::RawTemplateEnd) {
                break;
            }
            self.advance();
            let statement = self.literal()?;
            self.check_template_statement(&statement)?;
            parts.push(TemplatePart::Expression(Box::new(statement)));
            if self.kind != Kind::RightBrace {
                return self.expected("`}` after the value of the template");
            }
            self.advance();
            if self.kind == Kind::Illegal {
                return self.expected("the rest of the template string");
            }
        }
        Some(Term {
            kind: TermKind::Template(parts),
            span: start.to(self.span()),
        })
    }

    fn template_text(&mut self, raw: bool) -> Option<Arc<str>> {
        let lexeme = self.lexeme().trim_start_matches('$');
        let inner = &lexeme[1..lexeme.len() - 1];
        if raw {
            return Some(inner.replace("\\{", "{").into());
        }
        if !inner.contains('\\') {
            return Some(self.name(inner));
        }
        match unescape(&without_brace_escapes(inner)) {
            Some(text) => Some(text.into()),
            None => self.bad_escape(),
        }
    }

    fn check_template_statement(&mut self, statement: &Expression) -> Option<()> {
        let operator = match &statement.kind {
            ExpressionKind::Term(Term {
                kind: TermKind::Call { function, .. },
                ..
            }) => called_name(function),
            _ => None,
        };
        let what = match (&statement.kind, operator.as_deref()) {
            _ if statement.negated => "`not`",
            (ExpressionKind::Some(_) | ExpressionKind::SomeIn { .. }, _) => "`some`",
            (ExpressionKind::Every { .. }, _) => "`every`",
            (_, Some("eq")) => "`=`",
            (_, Some("assign")) => "`:=`",
            _ => return Some(()),
        };
        let help = "a template contains values; put other statements before it";
        self.error_with_help(
            statement.span,
            format!("{what} is not allowed in a template string"),
            help,
        );
        None
    }
}

/// The text with `\{` as the brace that it stands for; other escapes stay.
fn without_brace_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains("\\{") {
        return Cow::Borrowed(text);
    }
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some('{')) => {}
            ('\\', Some(escaped)) => {
                result.push('\\');
                result.push(escaped);
                characters.next();
            }
            _ => result.push(character),
        }
    }
    Cow::Owned(result)
}
