//! The rules of a plan. Those of an encoded plan are decoded when they are first asked for: a run asks for few of them.

use std::ops::{Index, IndexMut};
use std::sync::OnceLock;

use super::code::{Rule, RuleId};

/// The rules of a plan, by their ids.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<OnceLock<Rule>>,
    /// Where the encoding of each rule starts, and where the last ends; empty where the rules were planned here.
    starts: Vec<u32>,
    encoded: &'static [u8],
}

impl Rules {
    /// The rules of an encoding: `starts` says where each starts, and where the last ends.
    pub(super) fn encoded(starts: Vec<u32>, encoded: &'static [u8]) -> Self {
        let count = starts.len().saturating_sub(1);
        Self {
            rules: (0..count).map(|_| OnceLock::new()).collect(),
            starts,
            encoded,
        }
    }

    /// Adds a rule.
    pub(super) fn push(&mut self, rule: Rule) {
        self.rules.push(rule.into());
    }

    /// The id of the rule that is added next.
    pub(super) fn next_id(&self) -> RuleId {
        u32::try_from(self.len()).expect("a program has fewer than 4 G parts")
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// All rules, decoded where they are not yet.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rule> {
        (0..self.len()).map(|at| &self[at])
    }

    /// All rules, to be changed while they are planned.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Rule> {
        self.rules.iter_mut().map(planned)
    }

    fn decode(&self, at: usize) -> Rule {
        let (start, end) = (self.starts[at] as usize, self.starts[at + 1] as usize);
        postcard::from_bytes(&self.encoded[start..end]).expect("the same build has encoded it")
    }
}

impl Index<usize> for Rules {
    type Output = Rule;

    #[inline]
    fn index(&self, at: usize) -> &Rule {
        self.rules[at].get_or_init(|| self.decode(at))
    }
}

impl IndexMut<usize> for Rules {
    fn index_mut(&mut self, at: usize) -> &mut Rule {
        planned(&mut self.rules[at])
    }
}

fn planned(rule: &mut OnceLock<Rule>) -> &mut Rule {
    rule.get_mut().expect("only rules that are planned here are changed")
}
