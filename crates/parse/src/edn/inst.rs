//! The tags that EDN defines: their values are checked. Any other tag stands for its value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::ParseError;
use crate::document::{Node, Span};
use kpolicy_value::Value;

/// The value of a tagged form at `span`.
pub(super) fn tagged(tag: &str, form: Node, span: Span) -> Result<Node, ParseError> {
    let text = match tag {
        "inst" => {
            let text = string(tag, &form, span)?;
            time(&text).ok_or_else(|| {
                let message = format!("`{text}` is not a time such as 2006-01-02T15:04:05Z");
                ParseError::new(message, span)
            })?
        }
        "base64" => {
            let text = string(tag, &form, span)?;
            let bytes = BASE64.decode(&text);
            let bytes = bytes.map_err(|error| ParseError::new(format!("`{text}` is not base64: {error}"), span))?;
            let bytes: Vec<_> = bytes.iter().map(u8::to_string).collect();
            format!("[{}]", bytes.join(" "))
        }
        _ => {
            let mut form = form;
            form.spans.value = span;
            return Ok(form);
        }
    };
    Ok(Node::scalar(Value::string(text), span))
}

fn string(tag: &str, form: &Node, span: Span) -> Result<String, ParseError> {
    let text = form.value.as_str().map(str::to_owned);
    text.ok_or_else(|| ParseError::new(format!("the tag `#{tag}` takes a string"), span))
}

/// A time of RFC 3339 as Go prints it.
fn time(text: &str) -> Option<String> {
    let (date, rest) = text.split_once('T')?;
    let zone = rest.find(['Z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    let has_fraction = !rest.contains('.') || !fraction.is_empty();
    let is_fraction = has_fraction && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 || !is_fraction {
        return None;
    }
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    let fraction = if fraction.is_empty() {
        String::new()
    } else {
        format!(".{fraction}")
    };
    let zone = match zone {
        "Z" => "+0000 UTC".to_owned(),
        _ => {
            let [hours, minutes] = numbers(&zone[1..], ':', [2, 2])?;
            match (hours, minutes) {
                (0, 0) => "+0000 UTC".to_owned(),
                _ => {
                    let offset = format!("{}{hours:02}{minutes:02}", &zone[..1]);
                    format!("{offset} {offset}")
                }
            }
        }
    };
    Some(format!("{date} {clock}{fraction} {zone}"))
}

/// Numbers of so many digits with a sign between them.
fn numbers<const N: usize>(text: &str, sign: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(sign);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}
