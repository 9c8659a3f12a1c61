//! The formats of strings.
//!
//! Follows OPA v1.22 internal/gojsonschema/format_checkers.go

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::builtins::encoding::{check_url, url_path};
use crate::builtins::regex::compiled;
use crate::builtins::time::parse::parse as parse_time;
use crate::builtins::{Context, Failure};

const HOSTNAME: &str = r"^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9]))*$";
const TEMPLATE: &str = r"^([^{]*({[^}]*})?)*$";
const UUID: &str = "^(?i)[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$";
const POINTER: &str = "^(?:/(?:[^~/]|~0|~1)*)*$";
const RELATIVE_POINTER: &str = "^(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)$";

/// Whether a text has the format; one that is not known fits every text.
pub(super) fn is(context: &mut Context, format: &str, text: &str) -> Result<bool, Failure> {
    let matches = |context: &mut Context, pattern: &str| compiled(context, pattern)?.is_match(context, text);
    Ok(match format {
        "date" => is_time(text, &["2006-01-02"]),
        "time" => is_time(text, &["15:04:05Z07:00", "15:04:05"]),
        "date-time" => is_time(
            text,
            &["15:04:05", "15:04:05Z07:00", "2006-01-02", "2006-01-02T15:04:05Z07:00"],
        ),
        "hostname" => text.len() < 256 && matches(context, HOSTNAME)?,
        "email" | "idn-email" => is_address(text),
        "ipv4" => text.contains('.') && is_ip(text),
        "ipv6" => text.contains(':') && is_ip(text),
        "uri" | "iri" => is_url(text) && has_scheme(text),
        "uri-reference" | "iri-reference" => is_url(text),
        "uri-template" => match url_path(text) {
            Ok(path) if !text.contains('\\') => {
                let path = String::from_utf8_lossy(&path).into_owned();
                compiled(context, TEMPLATE)?.is_match(context, &path)?
            }
            _ => false,
        },
        "uuid" => matches(context, UUID)?,
        "regex" => match compiled(context, text) {
            Ok(_) => true,
            Err(Failure::Builtin(_)) => false,
            Err(failure) => return Err(failure),
        },
        "json-pointer" => matches(context, POINTER)?,
        "relative-json-pointer" => matches(context, RELATIVE_POINTER)?,
        _ => true,
    })
}

fn is_time(text: &str, layouts: &[&str]) -> bool {
    layouts.iter().any(|layout| parse_time(layout, text).is_ok())
}

fn is_ip(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

fn is_url(text: &str) -> bool {
    check_url(text).is_ok() && !text.contains('\\')
}

fn has_scheme(text: &str) -> bool {
    let scheme = text
        .split(['/', '?', '#'])
        .next()
        .and_then(|start| start.split_once(':'));
    scheme.is_some_and(|(scheme, _)| scheme.starts_with(|first: char| first.is_ascii_alphabetic()))
}

/// Whether a text is an address of mail, by itself or as `Name <address>`.
///
/// Follows Go 1.26 net/mail: ParseAddress, without comments and routes.
fn is_address(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t']);
    if is_bare_address(text) {
        return true;
    }
    let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return false;
    };
    is_phrase(name.trim_matches([' ', '\t'])) && is_bare_address(address.trim_matches([' ', '\t']))
}

fn is_bare_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    (is_quoted(local) || is_dotted(local)) && (is_dotted(domain) || is_literal(domain))
}

/// Words of atoms with single dots between them.
fn is_dotted(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

fn is_atom(character: char) -> bool {
    !character.is_ascii() || character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
}

/// A domain as an address: `[127.0.0.1]`.
fn is_literal(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|inner| is_ip(inner.strip_prefix("IPv6:").unwrap_or(inner)))
}

fn is_quoted(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return false;
    };
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return false,
            '\\' if characters.next().is_none() => return false,
            '\r' | '\n' => return false,
            _ => {}
        }
    }
    text.len() > 1
}

fn is_phrase(text: &str) -> bool {
    text.is_empty()
        || is_quoted(text)
        || text
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .all(|word| is_quoted(word) || word.chars().all(|character| is_atom(character) || character == '.'))
}
