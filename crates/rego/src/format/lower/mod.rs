//! From the syntax tree to the tree that is written out.

mod expression;
mod relocate;
mod rule;
mod term;

use std::collections::HashSet;
use std::sync::Arc;

use super::layout::{Import, Module, Package, Term, Value};
use super::source::{Location, Source};
use crate::syntax::tree;
use kpolicy_value::Span;

/// The tree of a module, and the wildcards that occur in it more than once.
pub(super) fn lower(module: &tree::Module, source: &Source<'_>) -> (Module, HashSet<u32>) {
    let mut lowering = Lowering {
        source,
        module,
        wildcards: 0,
        shared: HashSet::new(),
    };
    let package = Package {
        path: lowering.path(&module.package.path, module.package.span),
        location: source.location(module.package.span),
    };
    let imports = module.imports.iter().map(|import| lowering.import(import)).collect();
    let rules = lowering.rules(&module.rules);
    let lowered = Module {
        package,
        imports,
        rules,
    };
    (lowered, lowering.shared)
}

struct Lowering<'s> {
    source: &'s Source<'s>,
    module: &'s tree::Module,
    /// How many wildcards were read: each has the next number.
    wildcards: u32,
    /// Those that OPA copies. It gives them a name: `_3`.
    shared: HashSet<u32>,
}

impl Lowering<'_> {
    fn import(&mut self, import: &tree::Import) -> Import {
        Import {
            path: self.path(&import.path, import.span),
            alias: import.alias.as_ref().map(|alias| alias.text.clone()),
            location: self.source.location(import.span),
            added: false,
        }
    }

    /// The names of a path, with the location of each in the statement that it is in.
    fn path(&mut self, names: &[Arc<str>], statement: Span) -> Vec<Term> {
        let location = self.source.location(statement);
        let places = steps(self.source, location);
        let term = |(at, name): (usize, &Arc<str>)| Term {
            value: match at {
                0 => Value::Var(name.clone()),
                _ => Value::String(name.clone()),
            },
            location: places.get(at).copied().unwrap_or(location),
        };
        names.iter().enumerate().map(term).collect()
    }
}

/// The locations of the names in `package a.b["c"]`.
fn steps(source: &Source<'_>, statement: Location) -> Vec<Location> {
    let bytes = source.text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let word_end = |from: usize| {
        (from..bytes.len())
            .find(|at| !is_word(bytes[*at]))
            .unwrap_or(bytes.len())
    };
    let keyword = word_end(statement.start);
    let mut places = Vec::new();
    let mut place = |start: usize, end: usize| {
        places.push(Location {
            row: source.row(start),
            offset: start,
            start,
            end,
        });
        end
    };
    let mut at = source.after_blanks(keyword);
    while bytes.get(at) == Some(&b'(') {
        at = source.after_blanks(at + 1);
    }
    at = place(at, word_end(at));
    loop {
        match bytes.get(at) {
            Some(b'.') => at = place(at + 1, word_end(at + 1)),
            Some(b'[') => {
                let start = source.after_blanks(at + 1);
                let Some(end) = string_end(bytes, start) else { break };
                place(start, end);
                at = source.after_blanks(end) + 1;
            }
            _ => break,
        }
    }
    places
}

/// The offset after the string that starts here.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}
