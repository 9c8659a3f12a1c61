//! What every builtin of OPA takes and gives, read once from `signatures.txt`.
//!
//! The names and types are those of OPA 1.22's capabilities.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::types::Type;

/// What a builtin takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// The types of its operands.
    pub operands: Vec<Type>,
    /// The type of any number of further operands; only `print` has them.
    pub variadic: Option<Type>,
    /// The type of its result; nothing for one that has none.
    pub result: Option<Type>,
    /// Whether it can have several results for the same operands.
    pub relation: bool,
    /// Whether OPA advises against it, and refuses it in v1.
    pub deprecated: bool,
    /// Whether its result depends on more than its operands.
    pub nondeterministic: bool,
    /// The operator that it is written as.
    pub infix: Option<&'static str>,
}

static SIGNATURES: LazyLock<HashMap<&'static str, Signature>> = LazyLock::new(|| {
    include_str!("signatures.txt")
        .lines()
        .map(|line| {
            let signature = read(line);
            (signature.name, signature)
        })
        .collect()
});

static FIRST: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let first = |name: &'static str| name.split_once('.').map(|(first, _)| first);
    names().filter_map(first).collect()
});

/// Whether builtins have this as the first of several names, as `json.unmarshal` has `json`.
pub fn is_first(name: &str) -> bool {
    FIRST.contains(name)
}

/// The signature of a builtin that OPA has.
pub fn signature(name: &str) -> Option<&'static Signature> {
    SIGNATURES.get(name)
}

/// The names of all builtins that OPA has.
pub fn names() -> impl Iterator<Item = &'static str> {
    SIGNATURES.keys().copied()
}

/// Reads `name(type, …) -> type #mark …`.
fn read(line: &'static str) -> Signature {
    let (text, marks) = line.split_once(" #").map_or((line, ""), |(text, marks)| (text, marks));
    let marks: Vec<&str> = marks.split(" #").collect();
    let (head, result) = match text.split_once(") -> ") {
        Some((head, result)) => (head, Some(Type::read(result))),
        None => (text.trim_end_matches(')'), None),
    };
    let (name, operands) = head.split_once('(').expect("every line has an opening parenthesis");
    let mut operands: Vec<&str> = split(operands);
    let variadic = operands
        .last()
        .and_then(|last| last.strip_suffix("..."))
        .map(Type::read);
    if variadic.is_some() {
        operands.pop();
    }
    Signature {
        name,
        operands: operands.into_iter().map(Type::read).collect(),
        variadic,
        result,
        relation: marks.contains(&"relation"),
        deprecated: marks.contains(&"deprecated"),
        nondeterministic: marks.contains(&"nondeterministic"),
        infix: marks.iter().find_map(|mark| mark.strip_prefix("infix:")),
    }
}

/// The parts of a list, at commas outside brackets.
pub(crate) fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'[' | b'{' | b'<' => depth += 1,
            b']' | b'}' | b'>' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = list[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{names, signature};

    #[test]
    fn every_line_is_read() {
        assert_eq!(names().count(), 206);
        let walk = signature("walk").expect("OPA has walk");
        assert!(walk.relation && walk.operands.len() == 1);
        let print = signature("print").expect("OPA has print");
        assert!(print.variadic.is_some() && print.result.is_none() && print.operands.is_empty());
        assert_eq!(signature("minus").and_then(|minus| minus.infix), Some("-"));
        assert!(signature("any").is_some_and(|any| any.deprecated));
    }
}
