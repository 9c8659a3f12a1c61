//! What is wrong, in words, and where reading goes on after an error.

use super::{Kind, Parser, Span, SyntaxError};

impl Parser<'_> {
    /// Notes an error.
    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) {
        self.note(SyntaxError::new(message, span));
    }

    /// Notes an error with a next step.
    pub(super) fn error_with_help(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.note(SyntaxError::new(message, span).with_help(help));
    }

    pub(super) fn note(&mut self, error: SyntaxError) {
        if !self.given_up {
            self.errors.push(error);
        }
    }

    /// Notes that the current token is not what was expected; gives nothing.
    pub(super) fn expected<T>(&mut self, expected: &str) -> Option<T> {
        let message = format!("expected {expected}, found {}", self.found());
        self.error(self.span(), message);
        None
    }

    pub(super) fn expected_with_help<T>(&mut self, expected: &str, help: &str) -> Option<T> {
        let message = format!("expected {expected}, found {}", self.found());
        self.error_with_help(self.span(), message, help);
        None
    }

    /// The current token as a message calls it.
    pub(super) fn found(&self) -> String {
        let lexeme = self.lexeme();
        match self.kind {
            Kind::End => "the end of the file".to_owned(),
            Kind::Illegal => "something unreadable".to_owned(),
            Kind::String | Kind::RawString => "a string".to_owned(),
            Kind::TemplatePart | Kind::TemplateEnd | Kind::RawTemplatePart | Kind::RawTemplateEnd => {
                "a template string".to_owned()
            }
            kind if kind.is_keyword() => format!("the keyword `{lexeme}`"),
            _ => format!("`{lexeme}`"),
        }
    }

    /// Settles the errors of the statement that starts at token `first`: the one that matters stays, and reading goes
    /// on at the next line that starts with a word in column 1.
    pub(super) fn recover(&mut self, first: usize, errors: usize) {
        self.given_up = false;
        self.errors.truncate(errors + 1);
        let end = self.tokens.len() - 1;
        let after = |at: usize| (at..end).find(|index| self.starts_statement(*index)).unwrap_or(end);
        let next = after(first + 1);
        // Where the error shows only in a later statement, a bracket of this one swallowed its end.
        let is_late = self.errors[errors].span.start as usize >= self.tokens[next].start;
        let unclosed = if is_late { self.unclosed(first, next) } else { None };
        let goes_on_at = match unclosed {
            Some(_) => next,
            None => after(self.at.max(first + 1)),
        };
        if let Some(bracket) = unclosed {
            self.errors[errors] = self.never_closed(bracket);
        }
        if self.tokens[first..goes_on_at]
            .iter()
            .any(|token| token.kind == Kind::Illegal)
        {
            // What could not be read in the statement is noted already, and the rest is its echo.
            self.errors.truncate(errors);
        }
        self.move_to(goes_on_at);
    }

    fn never_closed(&self, bracket: usize) -> SyntaxError {
        let token = self.tokens[bracket];
        let text = &self.text[token.start..token.end];
        let closing = match token.kind {
            Kind::LeftBracket => "]",
            Kind::LeftParenthesis => ")",
            _ => "}",
        };
        SyntaxError::new(format!("`{text}` is never closed"), Span::new(token.start, token.end))
            .with_help(format!("close it with `{closing}` before the next rule"))
    }

    /// Whether a statement can start at this token: a word in column 1.
    fn starts_statement(&self, index: usize) -> bool {
        let token = self.tokens[index];
        let in_first_column = token.start == 0 || self.text.as_bytes()[token.start - 1] == b'\n';
        in_first_column && (token.kind == Kind::Name || token.kind.is_keyword()) && token.kind != Kind::Else
    }

    /// The innermost bracket that is opened from token `first` on and not closed before `end`.
    fn unclosed(&self, first: usize, end: usize) -> Option<usize> {
        let mut open = Vec::new();
        for index in first..end {
            match self.tokens[index].kind {
                Kind::LeftBrace | Kind::LeftBracket | Kind::LeftParenthesis => open.push(index),
                Kind::RightBrace | Kind::RightBracket | Kind::RightParenthesis => {
                    open.pop();
                }
                _ => {}
            }
        }
        open.pop()
    }
}
