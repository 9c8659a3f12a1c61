//! Strings, characters, numbers, keywords and symbols.

use super::{Reader, is_blank};
use crate::ParseError;
use crate::document::{Node, Span};
use kpolicy_value::Value;

impl<'a> Reader<'a> {
    /// The characters up to a delimiter.
    pub(super) fn token(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = |char: char| is_blank(char) || "()[]{}\";\\'^`~@".contains(char);
        let end = rest.find(ends).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A number, keyword, symbol, boolean or nil.
    pub(super) fn atom(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        let token = self.token();
        let span = Span::new(start, self.at);
        let digits = token.trim_start_matches(['+', '-']);
        let value = match token {
            "" => return Err(self.unexpected("a form")),
            "nil" => Value::Null,
            _ if digits.starts_with(|char: char| char.is_ascii_digit()) => match number(token) {
                Some(text) => Value::string(text),
                None => return Err(ParseError::new(format!("`{token}` is not a number"), span)),
            },
            _ => {
                match token.strip_prefix(':') {
                    Some(name) if name.starts_with(':') || check_symbol(name, span).is_err() => {
                        return Err(ParseError::new(format!("`{token}` is not a keyword"), span));
                    }
                    Some(_) => {}
                    None => check_symbol(token, span)?,
                }
                Value::string(token)
            }
        };
        Ok(Node::scalar(value, span))
    }

    pub(super) fn string(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(['"', '\\']) else {
                return Err(ParseError::new(
                    "this string is never closed",
                    Span::new(start, start + 1),
                ));
            };
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest[end..].starts_with('"') {
                return Ok(out);
            }
            let escape = self.at - 1;
            let Some(letter) = self.peek() else { continue };
            self.at += letter.len_utf8();
            out.push(match letter {
                '"' | '\\' => letter,
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let code = self.rest().get(..4).and_then(code_point);
                    self.at += if code.is_some() { 4 } else { 0 };
                    code.ok_or_else(|| {
                        let message = "`\\u` is followed by four hexadecimal digits of a character";
                        ParseError::new(message, Span::new(escape, self.at))
                    })?
                }
                _ => {
                    let message = format!("unknown escape `\\{}`", letter.escape_debug());
                    return Err(ParseError::new(message, Span::new(escape, self.at)));
                }
            });
        }
    }

    /// `\a`, `\newline` or `\u0041`.
    pub(super) fn character(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        self.at += 1 + self.rest()[1..].chars().next().map_or(0, char::len_utf8);
        if self.at > start + 1 {
            self.token();
        }
        let span = Span::new(start, self.at);
        let name = &span.of(self.text)[1..];
        let mut chars = name.chars();
        let char = match name {
            "newline" => Some('\n'),
            "return" => Some('\r'),
            "space" => Some(' '),
            "tab" => Some('\t'),
            "formfeed" => Some('\u{c}'),
            "backspace" => Some('\u{8}'),
            _ => match (chars.next(), chars.as_str()) {
                (Some(char), "") if !is_blank(char) => Some(char),
                (Some('u'), digits) if digits.len() == 4 => code_point(digits),
                _ => None,
            },
        };
        match char {
            Some(char) => Ok(Node::scalar(Value::string(String::from(char)), span)),
            None => Err(ParseError::new(
                format!("`{}` is not a character", span.of(self.text)),
                span,
            )),
        }
    }
}

fn code_point(digits: &str) -> Option<char> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
        .and_then(char::from_u32)
}

/// Whether a name is one of EDN: letters, digits and some signs, with `/` after a namespace.
pub(super) fn check_symbol(name: &str, span: Span) -> Result<(), ParseError> {
    let is_part = |char: char| char.is_alphanumeric() || ".*+!-_?$%&=<>/#:|".contains(char);
    let is_named = match name.split_once('/') {
        None => !name.is_empty(),
        Some((namespace, rest)) => name == "/" || (!namespace.is_empty() && !rest.is_empty() && !rest.contains('/')),
    };
    match is_named && name.chars().all(is_part) && !name.starts_with(['#', ':']) {
        true => Ok(()),
        false => {
            let message = if name.is_empty() {
                "expected a form".to_owned()
            } else {
                format!("`{name}` is not a symbol")
            };
            Err(ParseError::new(message, span))
        }
    }
}

/// The text of a number: as Go writes it where that has no exponent, else as it is in the file.
fn number(token: &str) -> Option<String> {
    let plain = token.strip_prefix('+').unwrap_or(token);
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("-", digits));
    let (digits, is_big) = digits
        .strip_suffix('N')
        .map_or((digits, false), |digits| (digits, true));
    let has_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    if has_zero {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let sign = if digits == "0" { "" } else { sign };
        return (!digits.is_empty()).then(|| format!("{sign}{digits}"));
    }
    let (digits, _) = digits
        .strip_suffix('M')
        .map_or((digits, false), |digits| (digits, true));
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_big || !is_digits(whole) || !is_digits(fraction) || !is_digits(exponent) {
        return None;
    }
    let number: f64 = format!("{sign}{digits}").parse().ok()?;
    let is_short = number == 0.0 || (1e-4..1e6).contains(&number.abs());
    match is_short {
        true => Some(format!("{number}")),
        false => Some(format!("{sign}{digits}")),
    }
}
