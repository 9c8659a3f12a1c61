//! Heads of rules.

use super::comments::Comments;
use super::layout::{Head, Term};
use super::printed::printed;
use super::writer::{Failure, Outcome, Writer};

impl<'c> Writer<'c> {
    /// Follows OPA v1.22 format/format.go: writeHead.
    pub(super) fn head(
        &mut self,
        head: &'c Head,
        is_default: bool,
        is_constant: bool,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let comments = match &head.path[..] {
            [name, step] if !self.dialect.paths => {
                if comments.first().is_some_and(|first| first.row == step.location.row) {
                    return self.unformatted(head.location, comments).map_err(Failure::forgetting);
                }
                self.write(&printed(name));
                self.write("[");
                self.write(&printed(step));
                self.write("]");
                comments
            }
            path => self.reference(path, comments).map_err(Failure::forgetting)?,
        };
        let comments = self.head_arguments(head, comments)?;
        let comments = self.head_key(head, comments)?;
        self.head_value(head, is_default, is_constant, comments)
    }

    fn head_arguments(&mut self, head: &'c Head, comments: Comments<'c>) -> Outcome<'c> {
        if head.arguments.is_empty() {
            return Ok(comments);
        }
        self.write("(");
        let arguments: Vec<&Term> = head.arguments.iter().collect();
        let closing = self.source.closing(None, b'(', b')', head.location);
        let written = self.list(arguments, head.location, closing, false, comments);
        self.write(")");
        written
    }

    fn head_key(&mut self, head: &'c Head, comments: Comments<'c>) -> Outcome<'c> {
        let (Some(key), None) = (&head.key, &head.value) else {
            return Ok(comments);
        };
        if self.dialect.contains {
            self.write(" contains ");
            return self.term(key, comments);
        }
        self.write("[");
        let comments = self.term(key, comments)?;
        self.write("]");
        Ok(comments)
    }

    fn head_value(
        &mut self,
        head: &'c Head,
        is_default: bool,
        is_constant: bool,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let Some(value) = &head.value else {
            return Ok(comments);
        };
        let is_written = head.key.is_some() || !value.is_true() || is_constant || is_default;
        if !is_written {
            return Ok(comments);
        }
        let is_named_constant = self.dialect.v1 && is_constant && head.key.is_none() && head.arguments.is_empty();
        if head.implied && !head.is_else && value.is_true() && !is_named_constant {
            return Ok(comments);
        }
        self.write(if head.assigned || self.dialect.v1 {
            " := "
        } else {
            " = "
        });
        self.term(value, comments)
    }
}
