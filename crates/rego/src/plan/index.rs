//! Which clauses of a rule can hold, by one look at the input.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};

use super::code::{Candidate, Clause, Guard, Index};
use kpolicy_value::Value;

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
    let is_decided = |guard: &&Guard| *guard.path == *path;
    let mut free = Vec::new();
    let mut wanting: HashMap<&Value, Vec<Candidate>> = HashMap::new();
    for (at, clause) in (0..).zip(clauses) {
        let candidate = Candidate {
            clause: at,
            guards: clause
                .guards
                .iter()
                .filter(|guard| !is_decided(guard))
                .cloned()
                .collect(),
        };
        let mut wanted = clause.guards.iter().filter(is_decided).map(|guard| &guard.value);
        match wanted.next() {
            None => free.push(candidate),
            // One that wants two values at once never holds.
            Some(value) if wanted.all(|other| other == value) => wanting.entry(value).or_default().push(candidate),
            Some(_) => {}
        }
    }
    let by_value = wanting.into_iter().map(|(value, mut candidates)| {
        candidates.extend_from_slice(&free);
        candidates.sort_by_key(|candidate| candidate.clause);
        (value.clone(), candidates.into())
    });
    let by_value = by_value.collect();
    let all = (0..).zip(clauses).map(|(at, clause)| Candidate {
        clause: at,
        guards: clause.guards.as_slice().into(),
    });
    Some(Index {
        path: path.into(),
        all: all.collect(),
        by_value,
        others: free.into(),
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
    use crate::program::{Options, Program, Source};
    use crate::syntax::tree::Dialect;
    use kpolicy_value::Value;

    #[test]
    fn an_index_names_the_clauses_that_can_hold_in_the_order_of_the_policy() {
        let text = "package p\n\
            r contains 3 if { input.a == 1; input.kind == \"A\" }\n\
            r contains 0 if input.b\n\
            r contains 1 if \"B\" == input.kind\n\
            r contains 2 if { input.kind == \"A\"; input.c }\n";
        let dialect = Dialect::V1;
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        let rule = program.plan().rules.iter().find(|rule| rule.clauses.len() == 4);
        let index = rule
            .and_then(|rule| rule.index.as_ref())
            .expect("three clauses are guarded");
        assert_eq!(*index.path, [Value::from("kind")]);
        // The clauses, each with how many guards are left to look at.
        let left = |value: Option<&str>| -> Vec<(u32, usize)> {
            let candidates = index.clauses(value.map(Value::from).as_ref()).iter();
            candidates
                .map(|candidate| (candidate.clause, candidate.guards.len()))
                .collect()
        };
        assert_eq!(left(Some("A")), [(0, 1), (1, 0), (3, 0)]);
        assert_eq!(left(Some("B")), [(1, 0), (2, 0)]);
        assert_eq!(left(Some("C")), [(1, 0)]);
        assert_eq!(left(None), [(1, 0)]);
        let list = Value::array(Vec::new());
        let whole = index
            .clauses(Some(&list))
            .iter()
            .map(|candidate| candidate.guards.len());
        assert_eq!(whole.collect::<Vec<_>>(), [2, 0, 1, 1]);
    }
}
