//! Template strings.

use super::comments::Comments;
use super::layout::{Part, Term, Value};
use super::printed::{printed, template_text, with_brace_escapes};
use super::writer::{Outcome, Writer};

impl<'c> Writer<'c> {
    /// Follows OPA v1.22 format/format.go: writeTemplateString.
    pub(super) fn template(&mut self, raw: bool, parts: &'c [Part], comments: Comments<'c>) -> Outcome<'c> {
        let quote = if raw { "`" } else { "\"" };
        self.write("$");
        self.write(quote);
        let mut comments = comments;
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Expression(_) => comments = self.template_expression(&parts[at..], comments)?,
                Part::Text(text, _) => self.template_text(raw, text),
                Part::Constant(constant) => self.template_constant(raw, constant),
            }
        }
        self.write(quote);
        Ok(comments)
    }

    /// Writes the expression that `parts` start with, and the comments around it.
    fn template_expression(&mut self, parts: &'c [Part], mut comments: Comments<'c>) -> Outcome<'c> {
        let Some(Part::Expression(expression)) = parts.first() else {
            return Ok(comments);
        };
        self.write("{");
        self.level += 1;
        if self.before_end.is_some() {
            self.end_line();
            self.start_line();
        } else {
            let (above, rest) = comments.split(expression.location.row);
            if !above.is_empty() {
                self.write(" ");
                self.inline = true;
                self.comments(above);
                comments = rest;
            }
        }
        comments = self.expression(expression, comments)?;
        if let Some(next) = parts.get(1) {
            let (above, rest) = comments.split(next.location().row);
            if !above.is_empty() {
                self.end_line();
                self.comments(above);
                comments = rest;
                self.start_line();
            }
        }
        self.write("}");
        self.down();
        Ok(comments)
    }

    fn template_text(&mut self, raw: bool, text: &str) {
        if raw {
            self.write(&with_brace_escapes(text));
        } else {
            self.write(&template_text(text));
        }
    }

    fn template_constant(&mut self, raw: bool, constant: &Term) {
        match &constant.value {
            Value::String(text) => self.template_text(raw, text),
            _ => self.write(&printed(constant)),
        }
    }
}
