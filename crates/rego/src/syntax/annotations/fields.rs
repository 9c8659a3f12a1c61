//! What the fields of a `# METADATA` block may hold.

use foldhash::{HashSet, HashSetExt};

use super::super::parser::parse_term;
use super::super::tree::{Term, TermKind};
use kpolicy_parse::yaml::outline::Outline;
use kpolicy_value::Value;

/// What is wrong with the fields, if anything is. Fields that OPA does not know may hold anything.
pub(super) fn first_error(fields: &Value) -> Option<String> {
    let entries = match fields {
        Value::Null => return None,
        Value::Object(entries) => entries,
        _ => return Some("it is not a mapping of fields".to_owned()),
    };
    entries.iter().find_map(|(name, value)| {
        let name = name.as_str()?;
        let first_error = field_error(name, value)?;
        Some(format!("`{name}` {first_error}"))
    })
}

/// What is wrong with the fields as they were written: keys that stand twice, and keys that are no strings where OPA takes
/// only these.
pub(super) fn outline_error(outline: &Outline) -> Option<String> {
    let Outline::Mapping(entries) = outline else {
        return None;
    };
    doubled(entries).or_else(|| {
        entries.iter().find_map(|(name, value)| {
            let Outline::Scalar { text: name, .. } = name else {
                return None;
            };
            match name.as_str() {
                "schemas" | "compile" => doubled_in(value),
                "custom" | "labels" => {
                    let inside = doubled_in(value);
                    inside.or_else(|| children(value).iter().find_map(|value| odd_key(value)))
                }
                "related_resources" | "authors" => doubled_in(value).or_else(|| odd_key(value)),
                _ => None,
            }
        })
    })
}

/// A key that stands twice in a mapping. Keys that are collections are all alike to OPA.
fn doubled(entries: &[(Outline, Outline)]) -> Option<String> {
    let mut seen = HashSet::new();
    entries.iter().find_map(|(key, _)| {
        let known = match key {
            Outline::Scalar { text, .. } => (0, text.as_str()),
            Outline::Sequence(_) => (1, ""),
            Outline::Mapping(_) => (2, ""),
        };
        (!seen.insert(known)).then(|| format!("duplicate key `{}`", known.1))
    })
}

fn doubled_in(outline: &Outline) -> Option<String> {
    let own = match outline {
        Outline::Mapping(entries) => doubled(entries),
        _ => None,
    };
    own.or_else(|| children(outline).into_iter().find_map(doubled_in))
}

fn children(outline: &Outline) -> Vec<&Outline> {
    match outline {
        Outline::Scalar { .. } => Vec::new(),
        Outline::Sequence(items) => items.iter().collect(),
        Outline::Mapping(entries) => entries.iter().map(|(_, value)| value).collect(),
    }
}

/// A key that is not a text. OPA looks for it in lists, and in mappings that have one.
fn odd_key(outline: &Outline) -> Option<String> {
    match outline {
        Outline::Scalar { .. } => None,
        Outline::Sequence(items) => items.iter().find_map(odd_key),
        Outline::Mapping(entries) => {
            let odd = |key: &Outline| !matches!(key, Outline::Scalar { is_text: true, .. });
            let found = entries.iter().any(|(key, _)| odd(key));
            found.then(|| "a key is not a string: quote it".to_owned())
        }
    }
}

fn field_error(name: &str, value: &Value) -> Option<String> {
    if *value == Value::Null {
        return None;
    }
    let wrong = |right: bool, message: &str| (!right).then(|| message.to_owned());
    match name {
        "scope" | "title" | "description" => wrong(is_scalar(value), "is not a string"),
        "entrypoint" => wrong(matches!(value, Value::Bool(_)), "is neither true nor false"),
        "organizations" => {
            let texts = value.as_array().is_some_and(|items| items.iter().all(is_scalar));
            wrong(texts, "is not a list of strings")
        }
        "related_resources" => items_error(value, is_resource, "a URL, or a mapping with `ref`"),
        "authors" => items_error(value, is_author, "a name, or a mapping with `name` or `email`"),
        "schemas" => items_error(value, is_schema, "a path with a schema: `input: schema.name`"),
        "compile" => compile_error(value),
        "custom" | "labels" => wrong(value.as_object().is_some(), "is not a mapping"),
        _ => None,
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_) | Value::Set(_))
}

fn items_error(value: &Value, is_right: fn(&Value) -> bool, wanted: &str) -> Option<String> {
    match value.as_array() {
        None => Some("is not a list".to_owned()),
        Some(items) if items.iter().all(is_right) => None,
        Some(_) => Some(format!("contains an item that is not {wanted}")),
    }
}

fn is_resource(item: &Value) -> bool {
    match item {
        Value::String(url) => url.as_str().is_some_and(is_url),
        Value::Object(_) => is_url(text_field(item, "ref")),
        _ => false,
    }
}

/// Whether Go's `url.Parse` takes it, as far as strings that people write go.
fn is_url(text: &str) -> bool {
    let escapes_are_right = text.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let has_control = text.bytes().any(|byte| byte < b' ' || byte == 0x7f);
    let first_segment = text.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme_is_right = first_segment.split_once(':').is_none_or(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    let scheme = first_segment.split_once(':').map(|(scheme, _)| scheme);
    let is_web = scheme.is_some_and(|scheme| ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)));
    let host = text
        .split_once("//")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next());
    let host_is_right = host.flatten().is_none_or(|host| {
        let allowed =
            |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"@%".contains(&byte);
        let authority = host.rsplit('@').next().unwrap_or_default();
        host.bytes().all(allowed) && is_host(authority, is_web)
    });
    !text.is_empty() && escapes_are_right && !has_control && scheme_is_right && host_is_right
}

/// Whether a host with its port is one: brackets stand around an address of IPv6 and nowhere else. Only on the web does the
/// port start at the first colon; elsewhere, hosts with ports of their own may stand before the last.
fn is_host(host: &str, is_web: bool) -> bool {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let Some(open) = host.rfind('[') else {
        let split = if is_web {
            host.split_once(':')
        } else {
            host.rsplit_once(':')
        };
        return split.is_none_or(|(_, port)| is_port(port));
    };
    let Some((address, port)) = host[open + 1..].rsplit_once(']') else {
        return false;
    };
    let address = address.split("%25").next().unwrap_or_default();
    let port_is_right = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    open == 0 && port_is_right && address.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_author(item: &Value) -> bool {
    match item {
        Value::String(name) => !name.to_str().trim().is_empty(),
        Value::Object(_) => !text_field(item, "name").is_empty() || !text_field(item, "email").is_empty(),
        _ => false,
    }
}

fn text_field<'a>(item: &'a Value, name: &str) -> &'a str {
    item.field(name).and_then(Value::as_str).unwrap_or_default().trim()
}

fn is_schema(item: &Value) -> bool {
    let Some((path, schema)) = item.as_object().and_then(|entries| entries.iter().next()) else {
        return false;
    };
    let is_path = path
        .as_str()
        .and_then(parse_term)
        .is_some_and(|term| is_reference(&term));
    is_path
        && match schema {
            Value::String(schema) => parse_term(&schema.to_str()).is_some_and(|term| is_schema_path(&term)),
            Value::Object(_) => true,
            _ => false,
        }
}

fn is_reference(term: &Term) -> bool {
    match &term.kind {
        TermKind::Ref { .. } => true,
        TermKind::Var(name) => matches!(&**name, "data" | "input"),
        _ => false,
    }
}

fn is_schema_path(term: &Term) -> bool {
    let head = match &term.kind {
        TermKind::Ref { head, .. } => head,
        _ => term,
    };
    matches!(&head.kind, TermKind::Var(name) if &**name == "schema")
}

fn compile_error(value: &Value) -> Option<String> {
    if value.as_object().is_none() {
        return Some("is not a mapping".to_owned());
    }
    let unknowns = value.field("unknowns").and_then(Value::as_array).unwrap_or_default();
    let mut paths = unknowns.iter().filter_map(Value::as_str);
    if !paths.all(|path| parse_term(path).is_some_and(|term| is_reference(&term))) {
        return Some("contains an unknown that is not a reference".to_owned());
    }
    let mask = value.field("mask_rule").and_then(Value::as_str)?;
    let is_rule = parse_term(mask)
        .is_some_and(|term| matches!(term.kind, TermKind::Var(_) | TermKind::String(_) | TermKind::Ref { .. }));
    (!is_rule).then(|| "has a `mask_rule` that is not a reference".to_owned())
}
