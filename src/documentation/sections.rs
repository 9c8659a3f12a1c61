//! What templates read: the sections of a page, with the names that conftest's templates use.
//!
//! Follows conftest v0.71 document/metadata.go: ConvertAnnotationsToSections

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::Entry;
use crate::policy::Documented;
use kpolicy_rego::template::{Record, Val};
use kpolicy_value::Value;

/// The sections of a page.
pub(super) fn document(blocks: &[&Documented]) -> Val {
    let mut sections = Vec::with_capacity(blocks.len());
    // A page begins with a heading of the first level, and none is more than one below the one before it.
    let (mut current, mut offset) = (0, 0);
    for (index, block) in blocks.iter().enumerate() {
        let depth = block.path.len().saturating_sub(offset);
        if index == 0 && depth > 1 {
            offset = depth - 1;
        }
        current = depth.clamp(1, current + 1);
        sections.push(section(block, current));
    }
    Val::Slice("document.Document", sections.into())
}

fn section(block: &Documented, depth: usize) -> Val {
    let description = block
        .fields
        .field("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    record(
        "document.Section",
        None,
        vec![
            ("RegoPackageName", Val::from(&*reference(&block.path))),
            ("Depth", Val::Int(i64::try_from(depth).unwrap_or(i64::MAX))),
            ("MarkdownHeading", Val::from(&*"#".repeat(depth))),
            ("Annotations", annotations(block)),
            // These two are kpolicy's own.
            ("Description", Val::from(description.trim_end())),
            ("Custom", custom(block)),
        ],
    )
}

/// The fields below `custom`: strings of one line as they are, everything else as JSON.
fn custom(block: &Documented) -> Val {
    let fields = block.fields.field("custom").and_then(Value::as_object);
    let entry = |(name, value): &(Value, Value)| {
        let text = match value.as_str().filter(|text| !text.contains('\n')) {
            Some(text) => text.to_owned(),
            None => value.to_json().to_string(),
        };
        let name = name.as_str().unwrap_or_default();
        let fields = vec![("Name", Val::from(name)), ("Value", Val::from(&*text))];
        record("document.Custom", None, fields)
    };
    let entries: Vec<Val> = fields.iter().flat_map(|fields| fields.iter()).map(entry).collect();
    Val::Slice("[]document.Custom", entries.into())
}

fn record(type_name: &'static str, text: Option<String>, fields: Vec<(&'static str, Val)>) -> Val {
    Val::Record(Arc::new(Record {
        type_name,
        text,
        fields,
    }))
}

fn annotations(block: &Documented) -> Val {
    let field = |name: &str| block.fields.field(name);
    let text = |name: &str| field(name).and_then(Value::as_str).unwrap_or_default();
    let items = |name: &str| field(name).and_then(Value::as_array).unwrap_or_default();
    let list = |type_name, name: &str, item: fn(&Value) -> Val| {
        let items: Vec<Val> = items(name).iter().map(item).collect();
        Val::Slice(type_name, items.into())
    };
    let map = |name: &str| Val::of(field(name).unwrap_or(&Value::object(Vec::new())));
    record(
        "*ast.Annotations",
        Some(json(block)),
        vec![
            ("Scope", Val::from(block.scope)),
            ("Title", Val::from(text("title"))),
            ("Entrypoint", Val::Bool(field("entrypoint") == Some(&true.into()))),
            ("Description", Val::from(text("description"))),
            ("Organizations", list("[]string", "organizations", Val::of)),
            (
                "RelatedResources",
                list("[]*ast.RelatedResourceAnnotation", "related_resources", resource),
            ),
            ("Authors", list("[]*ast.AuthorAnnotation", "authors", author)),
            ("Schemas", list("[]*ast.SchemaAnnotation", "schemas", schema)),
            ("Custom", map("custom")),
            ("Labels", map("labels")),
            ("Location", location(block)),
        ],
    )
}

/// The block as OPA writes it in JSON, which is what `{{ .Annotations }}` prints.
fn json(block: &Documented) -> String {
    let mut entries = vec![("scope".to_owned(), Json::from(block.scope))];
    for (name, value) in block.fields.as_object().iter().flat_map(|fields| fields.iter()) {
        let name = name.as_str().unwrap_or_default();
        let all = |read: fn(&Value) -> Json| value.as_array().unwrap_or_default().iter().map(read).collect();
        let written = match name {
            "scope" => continue,
            "entrypoint" if *value != true.into() => continue,
            "authors" => all(|value| {
                let (name, email) = author_of(value);
                match email {
                    "" => json!({"name": name}),
                    email => json!({"name": name, "email": email}),
                }
            }),
            "related_resources" => all(|value| match resource_of(value) {
                (address, "") => json!({"ref": address}),
                (address, description) => json!({"description": description, "ref": address}),
            }),
            _ => value.to_json(),
        };
        entries.push((name.to_owned(), written));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    // These characters are in strings only, and Go escapes them.
    let text = Json::Object(entries.into_iter().collect()).to_string();
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

fn location(block: &Documented) -> Val {
    let row = i64::try_from(block.line).unwrap_or(i64::MAX);
    record(
        "*ast.Location",
        Some(format!("{}:{row}", block.file)),
        vec![("File", Val::from(&*block.file)), ("Row", Val::Int(row))],
    )
}

/// The address of a resource, and its description.
fn resource_of(value: &Value) -> (&str, &str) {
    let own = |name: &str| value.field(name).and_then(Value::as_str);
    let address = value.as_str().or_else(|| own("ref"));
    (address.unwrap_or_default(), own("description").unwrap_or_default())
}

fn resource(value: &Value) -> Val {
    let (address, description) = resource_of(value);
    let url = record("url.URL", Some(address.to_owned()), Vec::new());
    record(
        "*ast.RelatedResourceAnnotation",
        None,
        vec![("Ref", url), ("Description", Val::from(description))],
    )
}

/// The name and the address of an author: `Name <address>`, or an object with both.
fn author_of(value: &Value) -> (&str, &str) {
    let own = |name: &str| value.field(name).and_then(Value::as_str).unwrap_or_default();
    match value.as_str() {
        Some(text) => match text.trim_end().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, email)) => (name.trim_end(), email),
            None => (text, ""),
        },
        None => (own("name"), own("email")),
    }
}

fn author(value: &Value) -> Val {
    let (name, email) = author_of(value);
    let shown = match (name, email) {
        (name, "") => name.to_owned(),
        ("", email) => format!("<{email}>"),
        (name, email) => format!("{name} <{email}>"),
    };
    record(
        "*ast.AuthorAnnotation",
        Some(shown),
        vec![("Name", Val::from(name)), ("Email", Val::from(email))],
    )
}

/// A schema: a path in the input or data, and the schema's name or itself.
fn schema(value: &Value) -> Val {
    let entry = value.as_object().and_then(|object| object.iter().next());
    let (path, schema) = entry.map_or((&Value::Null, &Value::Null), |(path, schema)| (path, schema));
    let (name, definition) = match schema {
        Value::String(_) => (Val::of(schema), Val::Nil),
        _ => (Val::from(""), Val::of(schema)),
    };
    record(
        "*ast.SchemaAnnotation",
        None,
        vec![("Path", Val::of(path)), ("Schema", name), ("Definition", definition)],
    )
}

/// A path below `data` as Rego writes it.
pub fn reference(path: &[Value]) -> String {
    let mut text = String::new();
    for step in path {
        match step.as_str() {
            Some(name) if text.is_empty() => text.push_str(name),
            Some(name) if is_name(name) => {
                text.push('.');
                text.push_str(name);
            }
            _ => text.push_str(&format!("[{}]", kpolicy_rego::to_rego_text(step))),
        }
    }
    text
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|character| character == '_' || character.is_ascii_alphanumeric())
}

/// The entries of the list of all pages.
pub(super) fn index(entries: &[Entry]) -> Val {
    let entry = |entry: &Entry| {
        let fields = vec![
            ("Package", Val::from(&*entry.package)),
            ("File", Val::from(&*entry.file)),
            ("Title", Val::from(&*entry.title)),
        ];
        record("document.Entry", None, fields)
    };
    let entries: Vec<Val> = entries.iter().map(entry).collect();
    Val::Slice("document.Index", entries.into())
}
