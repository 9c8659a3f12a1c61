//! The base of a run through its rules: the files that were something else, and of those that were the same what rules
//! find that depend on others.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::base::{Base, Before};
use super::evaluation::{Pass, Taken, inline_of, name, set, subjects};
use crate::evaluate::{Evaluator, Outcome, Read};
use crate::finding::{Input, Problem};
use crate::gatekeeper::review::Operation;
use crate::input::Source;
use crate::reading;
use crate::terraform::Resolved;
use crate::threads;

/// What the base of a run gave.
pub(super) struct EvaluatedBefore {
    /// The files that were something else; of those that are the same, what rules over the whole set find.
    pub(super) outcome: Outcome,
    /// The files that were the same: what other rules find in them they found before.
    pub(super) same: Vec<Input>,
    /// The files that were something else, with their contents.
    pub(super) others: Vec<Source>,
    /// The files whose findings cannot be compared, since they are made of others that were something else.
    pub(super) apart: Vec<Input>,
}

impl Pass<'_> {
    /// Evaluates what was something else before.
    pub(super) fn each_before(&self, base: &Base, same: &[bool]) -> EvaluatedBefore {
        let (before, problems) = self.before(base, same);
        let policies = self.evaluation.base_policies.unwrap_or(self.evaluation.policies);
        // Policies that read configurations are run on the whole set.
        let configurations = Resolved::default();
        let (kept, others) = self.apart(before);
        let cluster = self.evaluation.cluster(policies, None, None);
        let evaluated = threads::each(
            &others,
            || {
                self.evaluation
                    .evaluator(policies, None, cluster.as_ref(), &configurations)
            },
            |evaluator, source| evaluated_before(evaluator, self.parse_held(source)),
        );
        let mut outcome: Outcome = evaluated.into_iter().collect();
        outcome.problems.extend(problems);
        EvaluatedBefore {
            outcome,
            same: kept.into_iter().map(|at| self.input(at)).collect(),
            others,
            apart: base.apart(self.evaluation.sources, same, self.evaluation.settings.context()),
        }
    }

    /// Evaluates the set as it was: what was something else with all rules, and what was the same with those that read
    /// the set.
    pub(super) fn whole_before(
        &self,
        base: &Base,
        same: &[bool],
        all: &[Taken],
        present: &[Result<Read, Problem>],
    ) -> EvaluatedBefore {
        let (before, problems) = self.before(base, same);
        let policies = self.evaluation.base_policies.unwrap_or(self.evaluation.policies);
        let reads = before.par_iter().map(|before| match before {
            Before::Same(at) => all[*at].read.clone().expect("every source of a set is read"),
            Before::Other(source) => self.parse_held(source),
        });
        let mut reads: Vec<Result<Read, Problem>> = reads.collect();
        let inventory = (self.evaluation.needs_set()).then(|| set(present.iter().chain(&reads).flatten()));
        let state = (self.evaluation.settings.operation == Operation::Update).then(|| set(present.iter().flatten()));
        let cluster = self.evaluation.cluster(policies, inventory.as_ref(), state);
        let worker = || {
            self.evaluation.evaluator(
                policies,
                inventory.as_ref(),
                cluster.as_ref(),
                &self.configurations_before,
            )
        };
        let mut outcome = if self.evaluation.settings.combine {
            reads.sort_by(|a, b| name(a).cmp(name(b)));
            let inline: Vec<Outcome> = reads
                .iter()
                .filter_map(|read| read.as_ref().ok())
                .map(inline_of)
                .collect();
            let mut outcome = worker().combined(reads);
            inline.into_iter().for_each(|inline| outcome.add(inline));
            outcome
        } else {
            let pairs = before.iter().zip(reads);
            let outcomes = threads::each(pairs, worker, |evaluator, (before, read)| match (before, read) {
                (Before::Same(_), Ok(read)) if self.evaluation.base_policies.is_none() => evaluator.source_in_set(read),
                (Before::Same(_), Err(_)) => Outcome::default(),
                (_, read) => evaluated_before(evaluator, read),
            });
            outcomes.into_iter().collect()
        };
        outcome.problems.extend(problems);
        let (kept, others) = self.apart(before);
        let kept = if self.evaluation.settings.combine {
            Vec::new()
        } else {
            kept
        };
        EvaluatedBefore {
            outcome,
            same: kept.into_iter().map(|at| self.input(at)).collect(),
            others,
            apart: base.apart(self.evaluation.sources, same, self.evaluation.settings.context()),
        }
    }

    /// The files of the base. With policies of its own, what is the same has to be evaluated as well.
    fn before(&self, base: &Base, same: &[bool]) -> (Vec<Before>, Vec<Problem>) {
        base.before(self.evaluation.sources, same, self.evaluation.settings.context())
    }

    /// The indexes of the sources that need no further evaluation, and the files that do.
    fn apart(&self, before: Vec<Before>) -> (Vec<usize>, Vec<Source>) {
        let (mut kept, mut others) = (Vec::new(), Vec::new());
        for before in before {
            match before {
                Before::Same(at) if self.evaluation.base_policies.is_none() => kept.push(at),
                Before::Same(at) => others.push(self.evaluation.sources[at].clone()),
                Before::Other(source) => others.push(source),
            }
        }
        (kept, others)
    }

    fn input(&self, at: usize) -> Input {
        Input::of_path(&self.evaluation.sources[at].path)
    }

    /// Parses a file of the base.
    fn parse_held(&self, source: &Source) -> Result<Read, Problem> {
        let bytes = reading::bytes(source, self.evaluation.settings.limits())?;
        self.parse(source, bytes)
    }
}

/// Evaluates a file of the base.
fn evaluated_before(evaluator: &mut Evaluator, read: Result<Read, Problem>) -> Outcome {
    let mut around = Outcome::default();
    if let Ok(read) = &read {
        around.add(inline_of(read));
        around.add(subjects(read));
    }
    let mut outcome = evaluator.source(read);
    outcome.warnings.clear();
    outcome.add(around);
    outcome
}
