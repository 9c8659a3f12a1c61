//! Terms in one line, whatever their layout: how OPA prints them.

use super::dialect::is_v1_keyword;
use super::layout::{Block, Body, Expression, Kind, Part, Term, Value};
use crate::text::{Charset, quote};

/// A string in quotes, as Go writes it.
pub(super) fn quoted(text: &str) -> String {
    quote(text, Charset::Unicode)
}

/// Follows OPA v1.22 ast/term_appenders.go: AppendText.
pub(super) fn printed(term: &Term) -> String {
    match &term.value {
        Value::Scalar(text) | Value::Var(text) => text.to_string(),
        Value::String(text) => quoted(text),
        Value::Wildcard(_) => "_".to_owned(),
        Value::Ref(path) => reference(path),
        Value::Array(items) => format!("[{}]", list(items)),
        Value::Set(members) if members.is_empty() => "set()".to_owned(),
        Value::Set(members) => format!("{{{}}}", list(members)),
        Value::Object(entries) => {
            let entry = |(key, value): &(Term, Term)| format!("{}: {}", printed(key), printed(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::ArrayComprehension(head, inner) => format!("[{} | {}]", printed(head), body(inner)),
        Value::SetComprehension(head, inner) => format!("{{{} | {}}}", printed(head), body(inner)),
        Value::ObjectComprehension(key, value, inner) => {
            format!("{{{}: {} | {}}}", printed(key), printed(value), body(inner))
        }
        Value::Call(terms) => call(terms),
        Value::Template { parts, .. } => template(parts),
    }
}

fn list(terms: &[Term]) -> String {
    terms.iter().map(printed).collect::<Vec<_>>().join(", ")
}

fn call(terms: &[Term]) -> String {
    match terms.split_first() {
        Some((function, operands)) => format!("{}({})", printed(function), list(operands)),
        None => String::new(),
    }
}

fn reference(path: &[Term]) -> String {
    let Some((head, steps)) = path.split_first() else {
        return String::new();
    };
    let mut text = printed(head);
    for step in steps {
        match &step.value {
            Value::String(name) if is_name(name) && !is_v1_keyword(name) => {
                text.push('.');
                text.push_str(name);
            }
            _ => {
                text.push('[');
                text.push_str(&printed(step));
                text.push(']');
            }
        }
    }
    text
}

/// Whether a step can be written after a dot.
/// Follows OPA v1.22 ast/term.go: IsVarCompatibleString.
pub(super) fn is_name(text: &str) -> bool {
    let first = text.bytes().next();
    first.is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn body(body: &Body) -> String {
    body.iter().map(expression).collect::<Vec<_>>().join("; ")
}

fn expression(expression: &Expression) -> String {
    let mut text = if expression.negated {
        "not ".to_owned()
    } else {
        String::new()
    };
    text.push_str(&kind(&expression.kind));
    for with in &expression.with {
        text.push_str(&format!(" with {} as {}", printed(&with.target), printed(&with.value)));
    }
    text
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Term(term) => printed(term),
        Kind::Call(terms) => match &terms[..] {
            [function, left, right] if is_unification(function) => format!("{} = {}", printed(left), printed(right)),
            terms => call(terms),
        },
        Kind::Some(names) => format!("some {}", list(names)),
        Kind::SomeIn(operands) => match &operands[..] {
            [key, value, collection] => format!("some {}, {} in {}", printed(key), printed(value), printed(collection)),
            operands => format!("some {}", operands.iter().map(printed).collect::<Vec<_>>().join(" in ")),
        },
        Kind::Every(every) => {
            let key = every.key.as_ref().map_or(String::new(), |key| printed(key) + ", ");
            let (value, domain) = (printed(&every.value), printed(&every.domain));
            format!("every {key}{value} in {domain} {{ {} }}", body(&every.body))
        }
        Kind::Not { body: inner, braces } => match braces {
            true => format!("not {{ {} }}", body(inner)),
            false => format!("not {}", body(inner)),
        },
        Kind::Logic(logic) => format!("{} {} {}", block(&logic.left), logic.operator, block(&logic.right)),
    }
}

fn is_unification(function: &Term) -> bool {
    matches!(&function.value, Value::Var(name) if &**name == "eq")
}

fn block(block: &Block) -> String {
    match block.braces {
        true => format!("{{ {} }}", body(&block.body)),
        false => body(&block.body),
    }
}

fn template(parts: &[Part]) -> String {
    let mut text = "$\"".to_owned();
    for part in parts {
        match part {
            Part::Text(part, _) => text.push_str(&template_text(part)),
            Part::Constant(term) => text.push_str(&printed(term)),
            Part::Expression(part) => text.push_str(&format!("{{{}}}", expression(part))),
        }
    }
    text.push('"');
    text
}

/// The text in quotes without these, with a backslash before each brace that has none.
pub(super) fn template_text(text: &str) -> String {
    let quoted = with_brace_escapes(&quoted(text));
    quoted[1..quoted.len() - 1].to_owned()
}

/// The text with a backslash before each brace that has none.
/// Follows OPA v1.22 ast/term.go: EscapeTemplateStringStringPart.
pub(super) fn with_brace_escapes(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut last = ' ';
    for character in text.chars() {
        if character == '{' && last != '\\' {
            escaped.push('\\');
        }
        escaped.push(character);
        last = character;
    }
    escaped
}
