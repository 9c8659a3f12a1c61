//! What a test's evaluation reaches of clauses and their conditions.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::part::Part;
use kpolicy_rego::Value;
use kpolicy_rego::trace::{Site, Tracer, Variables};

/// The tracer. It lets rules end where OPA lets them end, so that what it sees is what decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    /// The clauses that what they want of the input ruled out, by their heads.
    excluded: HashSet<Site>,
    /// The instructions that failed.
    failed: HashSet<Site>,
    /// The heads that gave a value, with their branches.
    gave: HashSet<(Site, usize)>,
    /// The statements that were evaluated.
    evaluated: HashSet<Site>,
}

impl Tracer for Reach {
    const EXHAUSTIVE: bool = false;
    type Mark = ();
    type Trail = ();
    type FailureSet = ();

    fn statement(&mut self, at: Site) {
        self.evaluated.insert(at);
    }

    fn failed(&mut self, at: Site, _variables: Variables<()>) {
        self.failed.insert(at);
    }

    fn excluded(&mut self, head: Site) {
        self.excluded.insert(head);
    }

    fn given(&mut self, head: Site, branch: usize, _value: &Value) {
        self.gave.insert((head, branch));
    }
}

/// Which tests may notice that a part is gone, by their indexes.
#[derive(Clone, Debug, Default)]
pub(super) struct Reached {
    /// For a clause: where it gave a value. For a condition: where it failed.
    pub(super) tests: Vec<usize>,
    /// Where the clause gave a value at all.
    pub(super) fired: bool,
    /// Whether the part was evaluated.
    pub(super) evaluated: bool,
}

/// The parts by where they are, to find those that an event is about.
pub(super) struct Index {
    /// The conditions of each module, by where they start: where they end, and which part each is.
    conditions: HashMap<usize, BTreeMap<u32, (u32, usize)>>,
    /// The clauses, and for each its conditions.
    clauses: HashMap<(Site, usize), (Option<usize>, Vec<usize>)>,
}

impl Index {
    pub(super) fn of(parts: &[Part]) -> Self {
        let mut conditions: HashMap<usize, BTreeMap<u32, (u32, usize)>> = HashMap::new();
        let mut clauses: HashMap<(Site, usize), (Option<usize>, Vec<usize>)> = HashMap::new();
        for (at, part) in parts.iter().enumerate() {
            let clause = clauses.entry((part.head, part.branch)).or_default();
            if part.statement.is_none() {
                clause.0 = Some(at);
            } else {
                clause.1.push(at);
                let of_module = conditions.entry(part.module).or_default();
                of_module.insert(part.span.start, (part.span.end, at));
            }
        }
        Self { conditions, clauses }
    }

    /// The condition that a place is in.
    fn condition(&self, at: Site) -> Option<usize> {
        let of_module = self.conditions.get(&at.module)?;
        let (_, (end, part)) = of_module.range(..=at.span.start).next_back()?;
        (at.span.end <= *end).then_some(*part)
    }

    /// Adds what a test's evaluation reached.
    pub(super) fn note(&self, test: usize, reach: &Reach, reached: &mut [Reached]) {
        let failed = reach.failed.iter().filter_map(|at| self.condition(*at));
        let excluded = reach.excluded.iter().filter_map(|head| self.clauses.get(&(*head, 0)));
        let excluded = excluded.flat_map(|(_, conditions)| conditions.iter().copied());
        for part in failed.chain(excluded).collect::<HashSet<usize>>() {
            reached[part].tests.push(test);
            reached[part].evaluated = true;
        }
        for part in reach.evaluated.iter().filter_map(|at| self.condition(*at)) {
            reached[part].evaluated = true;
        }
        for (clause, conditions) in reach.gave.iter().filter_map(|gave| self.clauses.get(gave)) {
            for part in conditions.iter().chain(clause) {
                reached[*part].fired = true;
            }
            if let Some(clause) = *clause {
                reached[clause].tests.push(test);
                reached[clause].evaluated = true;
            }
        }
    }
}
