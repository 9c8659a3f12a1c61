//! Which clauses of a rule can hold, by one look at the input.

use std::collections::{BTreeMap, HashMap};

use super::code::{Clause, Index};
use crate::value::Value;

/// With fewer clauses than this a look at each one's guards costs no more.
const WORTH: usize = 3;

/// The index of a rule's clauses by the path that most of their guards are about; nothing where it would not pay.
pub(super) fn of(clauses: &[Clause]) -> Option<Index> {
    let mut guarded: BTreeMap<&[Value], usize> = BTreeMap::new();
    for clause in clauses {
        for path in paths(clause) {
            *guarded.entry(path).or_default() += 1;
        }
    }
    let (path, times) = guarded.into_iter().max_by_key(|(_, times)| *times)?;
    if times < WORTH {
        return None;
    }
    let guard = |clause: &Clause| {
        let mut guards = clause.guards.iter();
        guards
            .find(|guard| *guard.path == *path)
            .map(|guard| guard.value.clone())
    };
    let wanted: Vec<Option<Value>> = clauses.iter().map(guard).collect();
    let whichever = |value: Option<&Value>| -> Box<[u32]> {
        let fits = |(at, wanted): (u32, &Option<Value>)| (wanted.is_none() || wanted.as_ref() == value).then_some(at);
        (0..).zip(&wanted).filter_map(fits).collect()
    };
    let by_value: HashMap<Value, Box<[u32]>, _> = wanted
        .iter()
        .flatten()
        .map(|value| (value.clone(), whichever(Some(value))))
        .collect();
    Some(Index {
        path: path.into(),
        others: whichever(None),
        all: (0..).zip(clauses).map(|(at, _)| at).collect(),
        by_value,
    })
}

/// The paths of a clause's guards, each once.
fn paths(clause: &Clause) -> impl Iterator<Item = &[Value]> {
    let mut paths: Vec<&[Value]> = clause.guards.iter().map(|guard| &*guard.path).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter()
}

#[cfg(test)]
mod tests {
    use crate::rego::program::{Options, Program, Source};
    use crate::rego::syntax::tree::Dialect;
    use crate::value::Value;

    #[test]
    fn an_index_names_the_clauses_that_can_hold_in_their_order() {
        let text = "package p\n\
            r contains 0 if { input.a == 1; input.kind == \"A\" }\n\
            r contains 1 if input.b\n\
            r contains 2 if \"B\" == input.kind\n\
            r contains 3 if { input.kind == \"A\"; input.c }\n";
        let dialect = Dialect::V1;
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        let rule = program.plan().rules.iter().find(|rule| rule.clauses.len() == 4);
        let index = rule
            .and_then(|rule| rule.index.as_ref())
            .expect("three clauses are guarded");
        assert_eq!(*index.path, [Value::from("kind")]);
        assert_eq!(index.clauses(Some(&"A".into())), [0, 1, 3]);
        assert_eq!(index.clauses(Some(&"B".into())), [1, 2]);
        assert_eq!(index.clauses(Some(&"C".into())), [1]);
        assert_eq!(index.clauses(None), [1]);
    }
}
