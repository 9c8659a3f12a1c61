//! The output: lines, their indentation, and the comments that stand above and behind them.

use std::collections::HashSet;

use super::collection::GENERATED;
use super::comments::{Comment, Comments};
use super::dialect::Dialect;
use super::layout::{Expression, Term};
use super::source::{Location, Source};
use crate::syntax::SyntaxError;
use kpolicy_value::Span;

/// What stopped a part from being written as it should be, and the comments that its caller goes on with.
pub(super) struct Failure<'c> {
    pub(super) comments: Comments<'c>,
    pub(super) cause: Cause,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// A comment that has no place in the formatted text. The term that it is in is written as it is.
    Comment,
    /// What makes the whole text impossible to format.
    Text(Span),
}

/// The comments that are left after a part was written.
pub(super) type Outcome<'c> = Result<Comments<'c>, Failure<'c>>;

impl<'c> Failure<'c> {
    /// The same failure after which no comment is left: OPA loses them.
    pub(super) fn forgetting(self) -> Self {
        Self {
            comments: Comments::NONE,
            ..self
        }
    }

    pub(super) fn is_comment(&self) -> bool {
        self.cause == Cause::Comment
    }
}

/// What goes on after a comment without a place; any other failure stays one, after which no comment is left.
pub(super) fn tolerate(outcome: Outcome<'_>) -> Outcome<'_> {
    match outcome {
        Err(failure) if failure.is_comment() => Ok(failure.comments),
        outcome => outcome.map_err(Failure::forgetting),
    }
}

/// Writes a tree. Follows OPA v1.22 format/format.go: writer.
pub(super) struct Writer<'c> {
    pub(super) source: &'c Source<'c>,
    pub(super) dialect: Dialect,
    /// Whether some variable may have a name that OPA's compiler gives.
    pub(super) may_have_generated: bool,
    /// The wildcards that are written with a name.
    pub(super) shared: HashSet<u32>,
    pub(super) out: String,
    pub(super) level: usize,
    /// Whether a line is begun.
    pub(super) inline: bool,
    /// The comment that ends the current line.
    pub(super) before_end: Option<&'c Comment<'c>>,
    /// Whether that comment waits for one more line.
    delay: bool,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) comment_on_final_line: bool,
    /// The statement that is written in parentheses, and the term.
    pub(super) grouped: Option<&'c Expression>,
    pub(super) grouped_term: Option<&'c Term>,
}

impl<'c> Writer<'c> {
    pub(super) fn new(source: &'c Source<'c>, dialect: Dialect, shared: HashSet<u32>) -> Self {
        Self {
            source,
            dialect,
            may_have_generated: source.text.contains(GENERATED),
            shared,
            out: String::with_capacity(source.text.len() + source.text.len() / 8),
            level: 0,
            inline: false,
            before_end: None,
            delay: false,
            errors: Vec::new(),
            comment_on_final_line: false,
            grouped: None,
            grouped_term: None,
        }
    }

    pub(super) fn write(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn start_line(&mut self) {
        self.inline = true;
        for _ in 0..self.level {
            self.out.push('\t');
        }
    }

    pub(super) fn end_line(&mut self) {
        self.inline = false;
        if !self.delay
            && let Some(comment) = self.before_end.take()
        {
            self.out.push(' ');
            self.out.push_str(comment.text);
        }
        self.delay = false;
        self.out.push('\n');
    }

    /// A blank line; the current line is ended before it.
    pub(super) fn blank_line(&mut self) {
        if self.inline {
            self.end_line();
        }
        self.out.push('\n');
    }

    pub(super) fn line(&mut self, text: &str) {
        if !self.inline {
            self.start_line();
        }
        self.write(text);
        self.end_line();
    }

    /// Starts the lines of a collection.
    pub(super) fn start_lines(&mut self) {
        self.delay = true;
        self.end_line();
        self.level += 1;
        self.start_line();
    }

    pub(super) fn down(&mut self) {
        self.level = self.level.saturating_sub(1);
    }

    /// Notes that the whole text cannot be formatted, unless the cause is a comment.
    pub(super) fn note(&mut self, cause: Cause) {
        if let Cause::Text(span) = cause {
            let error = SyntaxError::new("cannot be formatted: its layout is not kept in the tree", span);
            self.errors
                .push(error.with_help("write this statement on lines of its own, without a comment in it"));
        }
    }

    /// Follows OPA v1.22 format/format.go: writeComments.
    pub(super) fn comments(&mut self, comments: Comments<'c>) {
        let mut in_metadata = false;
        let mut last: Option<i64> = None;
        for comment in comments.iter() {
            if let Some(above) = last.replace(comment.row) {
                let distance = comment.row - above;
                if distance > 1 {
                    self.blank_line();
                    in_metadata = false;
                } else if in_metadata && comment.is_metadata {
                    self.blank_line();
                }
            }
            in_metadata |= comment.is_metadata;
            self.line(comment.text);
        }
    }

    /// Writes the comments above a location, and keeps that on its row for the end of the line.
    /// Follows OPA v1.22 format/format.go: insertComments.
    pub(super) fn insert(&mut self, comments: Comments<'c>, location: Location) -> Outcome<'c> {
        let (above, beside, below) = comments.partition(location);
        self.comments(above);
        if above.iter().next_back().is_some_and(|last| location.row - last.row > 1) {
            self.blank_line();
        }
        match (self.before_end, beside) {
            (Some(_), Some(_)) => {
                self.before_end = None;
                Err(Failure {
                    comments: below,
                    cause: Cause::Comment,
                })
            }
            (Some(_), None) => Ok(below),
            (None, beside) => {
                self.before_end = beside;
                Ok(below)
            }
        }
    }

    /// Writes the source of a location as it is. Follows OPA v1.22 format/format.go: writeUnformatted.
    pub(super) fn unformatted(&mut self, location: Location, comments: Comments<'c>) -> Outcome<'c> {
        let text = self.source.of(location);
        if text.is_empty() {
            return Err(Failure {
                comments: Comments::NONE,
                cause: Cause::Text(Span::new(location.start, location.end)),
            });
        }
        self.out.push_str(text);
        let end = self.source.end_row(location);
        let (_, rest) = comments.split(end);
        if !self.comment_on_final_line {
            return Ok(rest);
        }
        let (beside, below) = rest.split_beside(end);
        if let Some(comment) = beside {
            self.out.push(' ');
            self.out.push_str(comment.raw);
        }
        Ok(below)
    }
}
