//! Numbers and strings.

use super::super::tree::{Term, TermKind};
use super::{Kind, Parser};
use kpolicy_value::Number;

/// The largest power of two, and the negative of the smallest, that OPA reads in a number.
const LARGEST_EXPONENT: f64 = 1e5;

impl Parser<'_> {
    /// A number up to its last token, with its sign.
    pub(super) fn number(&mut self) -> Option<Term> {
        let start = self.span();
        let negative = self.take(Kind::Minus);
        let pointed = self.take(Kind::Dot);
        if self.kind != Kind::Number {
            return self.expected("a number");
        }
        let digits = self.lexeme();
        if !pointed && has_leading_zero(digits) {
            let help = "remove the leading zeros";
            self.error_with_help(self.span(), "a number has a leading zero", help);
            return None;
        }
        let text = format!(
            "{}{}{digits}",
            if negative { "-" } else { "" },
            if pointed { "0." } else { "" }
        );
        let span = start.to(self.span());
        match Number::parse(&text).filter(|_| is_in_range(&text)) {
            Some(number) => Some(Term {
                kind: TermKind::Number(number),
                span,
            }),
            None => {
                self.error(span, "the number is too large, too small or malformed");
                None
            }
        }
    }

    pub(super) fn string(&mut self) -> Option<Term> {
        let lexeme = self.lexeme();
        let inner = &lexeme[1..lexeme.len() - 1];
        let text = if inner.contains('\\') {
            match unescape(inner) {
                Some(text) => text.into(),
                None => return self.bad_escape(),
            }
        } else {
            self.name(inner)
        };
        Some(Term {
            kind: TermKind::String(text),
            span: self.span(),
        })
    }

    pub(super) fn raw_string(&mut self) -> Term {
        let lexeme = self.lexeme();
        Term {
            kind: TermKind::String(self.name(&lexeme[1..lexeme.len() - 1])),
            span: self.span(),
        }
    }

    pub(super) fn bad_escape<T>(&mut self) -> Option<T> {
        self.error_with_help(
            self.span(),
            "the string's escapes cannot be read",
            "`\\u` takes four hexadecimal digits; write a tab as `\\t`",
        );
        None
    }
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0') && !matches!(digits.as_bytes()[1], b'.' | b'e' | b'E')
}

/// Whether the number's power of two is one that OPA reads.
fn is_in_range(text: &str) -> bool {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let Ok(exponent) = exponent.parse::<i64>() else {
        return false;
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return true;
    }
    let leading = &significant[..significant.len().min(17)];
    let places = significant.len() - leading.len();
    #[allow(clippy::cast_precision_loss)]
    let power_of_ten = exponent as f64 + places as f64 - fraction.len() as f64;
    let leading: f64 = leading.parse().expect("digits are a number");
    let power_of_two = leading.log2() + power_of_ten * std::f64::consts::LOG2_10;
    (-LARGEST_EXPONENT - 1.0..LARGEST_EXPONENT).contains(&power_of_two)
}

/// The text that JSON's escapes stand for, as Go reads them: half a surrogate pair is U+FFFD.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next()? {
                'b' => result.push('\u{8}'),
                'f' => result.push('\u{c}'),
                'n' => result.push('\n'),
                'r' => result.push('\r'),
                't' => result.push('\t'),
                'u' => {
                    let (character, rest) = unicode(characters.as_str())?;
                    result.push(character);
                    characters = rest.chars();
                }
                other @ ('"' | '\\' | '/') => result.push(other),
                _ => return None,
            },
            control if control < ' ' => return None,
            other => result.push(other),
        }
    }
    Some(result)
}

/// The character that the digits after `\u` stand for, and what follows them.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (first, rest) = code_unit(text)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, rest));
    }
    let second = rest.strip_prefix("\\u").and_then(code_unit);
    match second {
        Some((second, rest)) if first < 0xDC00 && (0xDC00..0xE000).contains(&second) => {
            let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            Some((char::from_u32(code)?, rest))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, rest)),
    }
}

fn code_unit(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some((u32::from_str_radix(digits, 16).ok()?, &text[4..]))
}
