//! TOML: tables and arrays as objects and lists, dates as RFC 3339 text.

use std::ops::Range;

use ::toml::Spanned;
use ::toml::de::{DeArray, DeInteger, DeTable, DeValue};
use ::toml::value::{Datetime, Offset};

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::{Code, Comments, Quote};
use crate::document::{Entry, Node, Span};
use crate::template::hinted;
use kpolicy_value::{Number, Value};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "toml",
    aliases: &[],
    files: &["*.toml"],
    further: &[],
    about: "Tables as objects, arrays of tables as arrays of objects, dates as RFC 3339 text.",
    comments: Comments::Code(&Code {
        line: &["#"],
        spaced: false,
        block: &[],
        quotes: &[
            Quote::TRIPLE,
            Quote::new("'''", "'''", false, true),
            Quote::DOUBLE,
            Quote::new("'", "'", false, false),
        ],
        heredoc: false,
    }),
    imports: |_| Vec::new(),
    example: ("app.toml", "[server]\nport = 8080\n"),
    parse: |text, _, meter| {
        let node = parse(text, meter).map_err(|error| hinted(text, error))?;
        Ok(Parsed::of(node))
    },
};

/// The document of a text. The crate limits how deep a text may nest, so the walk over its tree is bounded too.
pub(super) fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let root = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        ParseError::new(error.message().to_owned(), within(text, &span))
    })?;
    table(text, root.get_ref(), Span::new(0, text.len()), &mut meter)
}

/// The crate's range as a span of whole characters.
fn within(text: &str, range: &Range<usize>) -> Span {
    let boundary = |at: &usize| text.is_char_boundary(*at);
    let start = (0..=range.start).rev().find(boundary).unwrap_or(0);
    let end = (range.end.max(start)..=text.len()).find(boundary);
    Span::new(start, end.unwrap_or(text.len()))
}

fn span_of<T>(spanned: &Spanned<T>) -> Span {
    Span::new(spanned.span().start, spanned.span().end)
}

fn table(text: &str, table: &DeTable<'_>, span: Span, meter: &mut Meter) -> Result<Node, ParseError> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, item) in table {
        entries.push(Entry {
            key: key.get_ref().as_ref().into(),
            key_span: span_of(key),
            node: value(text, item, meter)?,
        });
    }
    Ok(Node::object(entries, span))
}

fn array(text: &str, items: &DeArray<'_>, span: Span, meter: &mut Meter) -> Result<Node, ParseError> {
    let nodes = items
        .iter()
        .map(|item| value(text, item, meter))
        .collect::<Result<_, _>>()?;
    Ok(Node::array(nodes, span))
}

fn value(text: &str, item: &Spanned<DeValue<'_>>, meter: &mut Meter) -> Result<Node, ParseError> {
    let span = span_of(item);
    meter.count(1, span)?;
    let scalar = match item.get_ref() {
        DeValue::Table(inner) => return table(text, inner, last_of_header(text, span), meter),
        DeValue::Array(items) => return array(text, items, span, meter),
        DeValue::String(string) => Value::string(string.as_ref()),
        DeValue::Integer(number) => integer(number, span)?,
        DeValue::Float(number) => float(number.as_str(), span)?,
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(moment) => Value::string(rfc3339(moment, span)?),
    };
    Ok(Node::scalar(scalar, span))
}

/// The last part of the header `[[a.b]]` of an item of an array of tables; any other span as it is.
fn last_of_header(text: &str, span: Span) -> Span {
    let Some(header) = span
        .of(text)
        .strip_prefix("[[")
        .and_then(|rest| rest.strip_suffix("]]"))
    else {
        return span;
    };
    let (mut quote, mut start) = (None, 0);
    for (at, byte) in header.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'.') => start = at + 1,
            _ => {}
        }
    }
    let last = &header[start..];
    let blank = last.len() - last.trim_start().len();
    let start = span.start as usize + 2 + start + blank;
    Span::new(start, start + last.trim().len())
}

fn integer(number: &DeInteger<'_>, span: Span) -> Result<Value, ParseError> {
    i64::from_str_radix(number.as_str(), number.radix())
        .map(Value::from)
        .map_err(|_| ParseError::new("the integer does not fit in 64 bits", span).with_help("write it as a string"))
}

fn float(text: &str, span: Span) -> Result<Value, ParseError> {
    let plain = text.replace('_', "");
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    let number = Number::parse(plain).ok_or_else(|| {
        ParseError::new(
            format!("`{text}` has no place in a document: JSON has no such number"),
            span,
        )
    })?;
    if number.as_f64().is_infinite() {
        return Err(ParseError::new("the number is too large", span).with_help("write it as a string"));
    }
    Ok(Value::Number(number))
}

/// The moment as conftest writes it: what it leaves out is the year 0, midnight or UTC.
fn rfc3339(moment: &Datetime, span: Span) -> Result<String, ParseError> {
    let (year, month, day) = moment.date.map_or((0, 1, 1), |date| (date.year, date.month, date.day));
    let (hour, minute, second, nanosecond) = moment.time.map_or((0, 0, 0, 0), |time| {
        (
            time.hour,
            time.minute,
            time.second.unwrap_or(0),
            time.nanosecond.unwrap_or(0),
        )
    });
    if second > 59 {
        return Err(ParseError::new("a leap second is not supported", span));
    }
    let fraction = format!(".{nanosecond:09}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let offset = match moment.offset {
        None | Some(Offset::Z | Offset::Custom { minutes: 0 }) => "Z".to_owned(),
        Some(Offset::Custom { minutes }) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.unsigned_abs();
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    };
    Ok(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key and value with the text under its span, depth first.
    fn written(text: &str) -> Vec<String> {
        fn walk(text: &str, spans: &crate::document::Spans, out: &mut Vec<String>) {
            let cut = |span: Span| &text[span.start as usize..span.end as usize];
            out.push(format!("{} | {}", cut(spans.key), cut(spans.value)));
            for child in spans.children.iter().flat_map(|children| children.iter()) {
                walk(text, child, out);
            }
        }
        let mut out = Vec::new();
        for child in parse(text).expect("valid").spans.children.expect("a table").iter() {
            walk(text, child, &mut out);
        }
        out
    }

    fn parse(text: &str) -> Result<Node, ParseError> {
        super::parse(text, Meter::new(crate::MAX_NODES))
    }

    #[test]
    fn a_table_is_placed_at_the_last_part_of_its_header() {
        assert_eq!(
            written("[a.\"b\"]\nc.d = 'x'\n"),
            ["a | a", "\"b\" | [a.\"b\"]", "c | c", "d | 'x'"]
        );
    }

    #[test]
    fn elements_of_an_array_of_tables_have_their_own_headers() {
        assert_eq!(
            written("[[t]]\nx = 1\n[[t]]\nx = [2, {y = 3}]\n"),
            [
                "t | [[t]]",
                " | t",
                "x | 1",
                " | t",
                "x | [2, {y = 3}]",
                " | 2",
                " | {y = 3}",
                "y | 3",
            ]
        );
    }

    #[test]
    fn what_json_cannot_hold_is_refused_at_its_place() {
        for (text, wrong) in [
            ("a = 1\nb = inf\n", "inf"),
            ("a = -nan\n", "-nan"),
            ("a = 1e400\n", "1e400"),
            ("a = 9223372036854775808\n", "9223372036854775808"),
        ] {
            let span = parse(text).expect_err(text).span;
            assert_eq!(&text[span.start as usize..span.end as usize], wrong);
        }
        assert!(parse(&format!("a = {}", "[".repeat(10_000))).is_err());
        assert!(parse(&format!("a{} = 1", ".a".repeat(10_000))).is_err());
    }

    #[test]
    fn dates_and_numbers_in_every_form() {
        for (text, expected) in [
            ("1979-05-27 07:32:00.120-07:30", "\"1979-05-27T07:32:00.12-07:30\""),
            ("1979-05-27T07:32:00.5", "\"1979-05-27T07:32:00.5Z\""),
            ("07:32", "\"0000-01-01T07:32:00Z\""),
            ("0xDEAD_beef", "3735928559"),
            ("-0b0", "error"),
            ("+1_0", "10"),
            ("+1_0.5e+0_3", "10.5e+03"),
        ] {
            let found = parse(&format!("a = {text}")).map_or("error".to_owned(), |node| {
                node.value.field("a").expect("the key").to_json().to_string()
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
