//! How terms and rules are named in messages: as they were written, as far as that is known.

use std::fmt::Write;

use crate::core::{Clause, Collected, Root, Term, TermKind};
use kpolicy_value::Value;

/// The name of a rule: `data.p.q`, `data.p.q[x]`.
pub fn rule(clause: &Clause) -> String {
    let mut out = "data".to_owned();
    for name in &clause.path {
        string_step(&mut out, name);
    }
    steps(&mut out, clause, &clause.keys);
    out
}

/// The name of a path from `data` on.
pub fn path(names: &[std::sync::Arc<str>]) -> String {
    let mut out = "data".to_owned();
    for name in names {
        string_step(&mut out, name);
    }
    out
}

/// A reference.
pub fn reference(clause: &Clause, root: Root, path: &[Term]) -> String {
    let mut out = match root {
        Root::Input => "input".to_owned(),
        Root::Data => "data".to_owned(),
        Root::Local(local) => variable(clause, local),
    };
    steps(&mut out, clause, path);
    out
}

/// A value as Rego writes it.
pub fn value(value: &Value) -> String {
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(", ");
    match value {
        Value::Array(items) => format!("[{}]", list(&mut items.iter().map(self::value))),
        Value::Set(set) if set.is_empty() => "set()".to_owned(),
        Value::Set(set) => format!("{{{}}}", list(&mut set.iter().map(self::value))),
        Value::Object(object) => {
            let mut entries = object
                .iter()
                .map(|(key, member)| format!("{}: {}", self::value(key), self::value(member)));
            format!("{{{}}}", list(&mut entries))
        }
        scalar => scalar.to_json().to_string(),
    }
}

fn steps(out: &mut String, clause: &Clause, path: &[Term]) {
    for step in path {
        match &step.kind {
            TermKind::Const(Value::String(name)) => string_step(out, &name.to_str()),
            _ => {
                let _ = write!(out, "[{}]", term(clause, step));
            }
        }
    }
}

fn string_step(out: &mut String, name: &str) {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|each| each.is_ascii_alphanumeric() || each == '_');
    let _ = match plain {
        true => write!(out, ".{name}"),
        false => write!(out, "[{}]", value(&Value::from(name))),
    };
}

fn variable(clause: &Clause, local: u32) -> String {
    match clause.locals.get(local as usize).and_then(|info| info.name.as_ref()) {
        Some(name) => name.to_string(),
        None => "_".to_owned(),
    }
}

/// A term.
pub fn term(clause: &Clause, of: &Term) -> String {
    let list = |items: &[Term]| {
        items
            .iter()
            .map(|each| term(clause, each))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match &of.kind {
        TermKind::Const(constant) => value(constant),
        TermKind::Local(local) => variable(clause, *local),
        TermKind::Ref(root, path) => reference(clause, *root, path),
        TermKind::Array(items) => format!("[{}]", list(items)),
        TermKind::Set(items) => format!("{{{}}}", list(items)),
        TermKind::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", term(clause, key), term(clause, value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        TermKind::Comprehension(comprehension) => match comprehension.head {
            Collected::Array(_) => "[…]".to_owned(),
            Collected::Set(_) | Collected::Object(..) => "{…}".to_owned(),
        },
    }
}
