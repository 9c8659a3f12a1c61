//! Templates: quoted strings and heredocs with what is written into them.
//!
//! A template is read piece by piece first, since `~` and `<<-` act upon pieces; then neighbouring strings are one, and
//! directives are checked for balance.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::cursor::Parser;
use super::escape;
use super::expression::join;
use super::token::{Kind, Token};
use super::tree::{Expression, Part, Shape};
use crate::ParseError;
use crate::document::Span;

/// A part of a template and where it begins.
type Piece<'a> = (Part<'a>, Span);

impl<'a> Parser<'a> {
    /// A quoted text or heredoc.
    pub(super) fn template(&mut self) -> Result<Expression<'a>, ParseError> {
        let open = self.next();
        let (mut pieces, close) = self.pieces(open)?;
        if self.source(open.span).starts_with("<<-") {
            dedent(&mut pieces);
        }
        check_balance(&pieces)?;
        let mut parts = melded(pieces);
        let shape = match parts.pop() {
            Some(Part::Interpolation(inner)) if parts.is_empty() => Shape::Wrapped(Box::new(inner)),
            last => {
                parts.push(last.unwrap_or(Part::Text("".into())));
                Shape::Template(parts)
            }
        };
        let span = join(open.span, close);
        Ok(Expression { shape, span })
    }

    /// The pieces up to the end of the template, and the place of that end.
    fn pieces(&mut self, open: Token) -> Result<(Vec<Piece<'a>>, Span), ParseError> {
        let closing = if open.kind == Kind::OpenQuote {
            Kind::CloseQuote
        } else {
            Kind::CloseHeredoc
        };
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        // Whether the sequence before takes the blanks of the text after it away.
        let mut trims = false;
        loop {
            let token = self.peek();
            let trimmed = std::mem::take(&mut trims);
            match token.kind {
                Kind::QuotedText | Kind::HeredocText => {
                    self.next();
                    let text = escape::read(self.source(token.span), token)?;
                    let text = if trimmed { trimmed_start(text) } else { text };
                    pieces.push((Part::Text(text), token.span));
                }
                Kind::Interpolation | Kind::Directive => {
                    self.next();
                    if self.source(token.span).ends_with('~') {
                        trim_last(&mut pieces);
                    }
                    let (part, tilde) = self.within(false, |parser| parser.sequence(token))?;
                    trims = tilde;
                    pieces.push((part, token.span));
                }
                kind if kind == closing => {
                    self.next();
                    return Ok((pieces, token.span));
                }
                _ => return Err(self.unclosed(open.span, "the end of the string")),
            }
        }
    }

    /// An interpolation or directive, and whether it ends with `~}`.
    fn sequence(&mut self, open: Token) -> Result<(Part<'a>, bool), ParseError> {
        let part = match open.kind {
            Kind::Interpolation => Part::Interpolation(self.expression()?),
            _ => self.directive()?,
        };
        let Some(close) = self.take(Kind::CloseTemplate) else {
            let error = self.unclosed(open.span, "`}`");
            let literal = "write `$${` for a `${`, and `%%{` for a `%{`, that belongs to another language";
            return Err(if error.help.is_some() {
                error
            } else {
                error.with_help(literal)
            });
        };
        Ok((part, self.source(close.span).starts_with('~')))
    }

    fn directive(&mut self) -> Result<Part<'a>, ParseError> {
        let wanted = "`if`, `else`, `endif`, `for` or `endfor`";
        let keyword = self.peek();
        if keyword.kind != Kind::Identifier {
            return Err(self.unexpected(wanted));
        }
        let part = match self.source(keyword.span) {
            "else" => Part::Else,
            "endif" => Part::EndIf,
            "endfor" => Part::EndFor,
            "if" => {
                self.next();
                return Ok(Part::If(self.expression()?));
            }
            "for" => {
                self.next();
                return Ok(Part::For(Box::new(self.loop_head()?)));
            }
            _ => return Err(self.unexpected(wanted)),
        };
        self.next();
        Ok(part)
    }
}

fn trimmed_start(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => text.trim_start().into(),
        Cow::Owned(text) => text.trim_start().to_owned().into(),
    }
}

/// Takes the blanks at the end of the last piece away, if it is a text.
fn trim_last(pieces: &mut [Piece<'_>]) {
    if let Some((Part::Text(text), _)) = pieces.last_mut() {
        let length = text.trim_end().len();
        cut(text, 0..length);
    }
}

fn cut(text: &mut Cow<'_, str>, range: std::ops::Range<usize>) {
    match text {
        Cow::Borrowed(whole) => *whole = &whole[range],
        Cow::Owned(whole) => *whole = whole[range].to_owned(),
    }
}

/// Takes away the blanks that all lines of a heredoc with `<<-` begin with. A line of blanks alone does not count, and
/// stays as it is; one that begins with a sequence begins with no blank.
fn dedent(pieces: &mut [Piece<'_>]) {
    let mut least = usize::MAX;
    let mut starts = Vec::new();
    let mut at_line_start = true;
    for (index, (part, _)) in pieces.iter().enumerate() {
        let Part::Text(text) = part else {
            least = if at_line_start { 0 } else { least };
            at_line_start = false;
            continue;
        };
        let is_blank = text.ends_with('\n') && text.trim_start().is_empty();
        if at_line_start && !is_blank {
            let blanks = text.chars().take_while(|character| character.is_whitespace()).count();
            least = least.min(blanks);
            starts.push(index);
        }
        at_line_start = text.ends_with('\n');
    }
    for index in starts {
        if let Part::Text(text) = &mut pieces[index].0 {
            let from: usize = text.chars().take(least).map(char::len_utf8).sum();
            let to = text.len();
            cut(text, from..to);
        }
    }
}

/// Refuses directives that do not open and close each other.
fn check_balance(pieces: &[Piece<'_>]) -> Result<(), ParseError> {
    /// A directive that is open, and whether its `else` may still come.
    struct Open {
        span: Span,
        end: &'static str,
        takes_else: bool,
    }
    let mut open: Vec<Open> = Vec::new();
    for (part, span) in pieces {
        let name = match part {
            Part::Text(_) | Part::Interpolation(_) => continue,
            Part::If(_) | Part::For(_) => {
                let takes_else = matches!(part, Part::If(_));
                let end = if takes_else { "endif" } else { "endfor" };
                let span = *span;
                open.push(Open { span, end, takes_else });
                continue;
            }
            Part::Else => "else",
            Part::EndIf => "endif",
            Part::EndFor => "endfor",
        };
        match open.last_mut() {
            Some(last) if last.takes_else && name == "else" => last.takes_else = false,
            Some(last) if last.end == name => {
                open.pop();
            }
            last => {
                let error = ParseError::new(format!("`{name}` does not belong to what is open here"), *span);
                return Err(match last {
                    Some(last) => error.with_help(format!("expected `{}` first", last.end)),
                    None => error.with_help("remove it: no `if` or `for` is open"),
                });
            }
        }
    }
    match open.pop() {
        Some(Open { span, end, .. }) => Err(ParseError::new("this directive is never closed", span)
            .with_help(format!("write `%{{{end}}}` before the end of the string"))),
        None => Ok(()),
    }
}

/// The parts, neighbouring strings put together and in Unicode's composed form.
fn melded(pieces: Vec<Piece<'_>>) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::with_capacity(pieces.len());
    for (part, _) in pieces {
        match (parts.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.to_mut().push_str(&text),
            (_, part) => parts.push(part),
        }
    }
    for part in &mut parts {
        if let Part::Text(text) = part
            && !text.is_ascii()
            && is_nfc_quick(text.chars()) != IsNormalized::Yes
        {
            *text = text.nfc().collect::<String>().into();
        }
    }
    parts
}
