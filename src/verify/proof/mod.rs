//! What tests prove of policies: that each clause gives a value, and that each of its conditions keeps it from that. A
//! test would notice if one of them were removed.
//!
//! Recordings of the tests' evaluations say which clauses no test sees fire, which conditions never fail, and which
//! tests may notice the rest. For these the part is removed, and the tests run until one of them fails.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::coverage::Share;
use super::unit::Unit;
use crate::finding::Location;
use crate::locate::at_span;
use crate::policy::suite::Suite;
use kpolicy_rego::Program;
use kpolicy_value::LineIndex;

mod names;
mod needs;
mod part;
mod reach;

use needs::Needs;
use part::Part;
use reach::{Index, Reach, Reached};

/// What tests prove of policies.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// What there is to prove, by file and line.
    pub claims: Vec<Claim>,
    /// How many parts were removed to see whether a test notices.
    pub removals: usize,
}

/// That a test would notice if a part of a policy were removed.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Where the part is.
    pub location: Location,
    /// The package, from `data` on.
    pub package: String,
    /// The rule that it is a part of.
    pub rule: String,
    /// Whether it is a condition of a clause, and not the clause.
    pub is_condition: bool,
    /// Its text.
    pub text: String,
    /// Whether it is proved.
    pub verdict: Verdict,
}

/// Whether a test notices that a part is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This test does.
    Proved(String),
    /// The clause gives no value in any test.
    NeverFires,
    /// The clause gives a value in tests, and they pass without it.
    FiresUnnoticed,
    /// No test evaluates the condition.
    NeverEvaluated,
    /// The condition always holds.
    AlwaysHolds,
    /// The condition fails in tests, and they pass without it.
    FailsUnnoticed,
}

impl Claim {
    /// Whether a test notices.
    pub fn is_proved(&self) -> bool {
        matches!(self.verdict, Verdict::Proved(_))
    }

    /// The rule's name from `data` on.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.rule)
    }
}

impl Proof {
    /// How many claims are proved, and how many there are.
    pub fn share(&self) -> Share {
        Share {
            part: self.claims.iter().filter(|claim| claim.is_proved()).count(),
            all: self.claims.len(),
        }
    }

    /// The share of claims that are proved, in percent; all, where there are none.
    pub fn percent(&self) -> f64 {
        match self.share() {
            Share { all: 0, .. } => 100.0,
            share => share.percent(),
        }
    }

    /// The claims that are not proved.
    pub fn unproved(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| !claim.is_proved())
    }
}

/// What these tests of a suite, all of which pass, prove of its policies.
pub fn prove(suite: &Suite, tests: &[Unit]) -> Proof {
    let tests: Vec<Unit> = tests.iter().copied().filter(|test| !test.is_skipped()).collect();
    let parts = part::parts(suite);
    let reached = reached(suite, &tests, &parts);
    let prover = Prover {
        suite,
        modules: tests.iter().map(|test| test.modules(suite)).collect(),
        tests,
        needs: Needs::of(suite),
    };
    let tried: Vec<Option<(Verdict, bool)>> = (0..parts.len())
        .into_par_iter()
        .map(|at| prover.verdict(&parts[at], &reached[at]))
        .collect();
    let removals = tried.iter().flatten().filter(|(_, removed)| *removed).count();
    let indexes: Vec<LineIndex> = suite
        .modules
        .iter()
        .map(|module| LineIndex::new(&module.text))
        .collect();
    let judged = parts.iter().zip(tried);
    let mut claims: Vec<Claim> = judged
        .filter_map(|(part, tried)| Some(claim(suite, part, tried?.0, &indexes[part.module])))
        .collect();
    claims.sort_by(|a, b| place(a).cmp(&place(b)));
    Proof { claims, removals }
}

fn place(claim: &Claim) -> (&str, usize, usize, bool) {
    let at = &claim.location;
    (at.file.as_str(), at.line, at.column, claim.is_condition)
}

/// What the tests reach of each part.
fn reached(suite: &Suite, tests: &[Unit], parts: &[Part]) -> Vec<Reached> {
    let recordings: Vec<Reach> = tests
        .into_par_iter()
        .map(|test| {
            let mut traced = suite.traced(Reach::default());
            test.observe(&mut traced);
            std::mem::take(traced.tracer_mut())
        })
        .collect();
    let index = Index::of(parts);
    let mut reached = vec![Reached::default(); parts.len()];
    for (test, recording) in recordings.iter().enumerate() {
        index.note(test, recording, &mut reached);
    }
    reached
}

fn claim(suite: &Suite, part: &Part, verdict: Verdict, lines: &LineIndex) -> Claim {
    let module = &suite.modules[part.module];
    let rule = &module.tree.rules[part.rule];
    let names = module.tree.package.path.iter().map(|name| &**name);
    Claim {
        location: at_span(&module.path, part.span, lines),
        package: std::iter::once("data").chain(names).collect::<Vec<_>>().join("."),
        rule: part::name(rule).unwrap_or_default().to_owned(),
        is_condition: part.statement.is_some(),
        text: part.span.of(&module.text).trim_end().to_owned(),
        verdict,
    }
}

struct Prover<'s> {
    suite: &'s Suite,
    tests: Vec<Unit<'s>>,
    /// The modules that each of them names.
    modules: Vec<Vec<usize>>,
    needs: Needs,
}

impl Prover<'_> {
    /// Whether a test notices that a part is gone, and whether it was removed to see that; nothing where the policy is
    /// not valid without it.
    fn verdict(&self, part: &Part, reached: &Reached) -> Option<(Verdict, bool)> {
        let is_condition = part.statement.is_some();
        let unnoticed = match (is_condition, reached.fired, reached.evaluated) {
            (false, false, _) => Verdict::NeverFires,
            (false, true, _) => Verdict::FiresUnnoticed,
            (true, _, false) => Verdict::NeverEvaluated,
            (true, ..) if reached.tests.is_empty() => Verdict::AlwaysHolds,
            (true, ..) => Verdict::FailsUnnoticed,
        };
        // What gives variables that others read as well may be noticed wherever its clause is evaluated.
        let candidates = match part.filters {
            true => reached.tests.clone(),
            false => (0..self.tests.len()).collect(),
        };
        if candidates.is_empty() {
            return self.is_valid_without(part).then_some((unnoticed, false));
        }
        match self.noticing(part, &candidates)? {
            Some(test) => Some((Verdict::Proved(test), true)),
            None => Some((unnoticed, true)),
        }
    }

    /// Whether the policies are valid without a part.
    fn is_valid_without(&self, part: &Part) -> bool {
        part.statement.is_none() || self.without(part, &self.needs.all([part.module])).is_some()
    }

    /// The suite without a part.
    fn without(&self, part: &Part, needed: &[bool]) -> Option<Program> {
        let mut tree = self.suite.modules[part.module].tree.clone();
        tree.rules[part.rule] = part::without(&tree.rules[part.rule], part);
        self.suite.variant(part.module, tree, needed)
    }

    /// The first of these tests that does not pass without a part: those nearest to it are tried first.
    fn noticing(&self, part: &Part, candidates: &[usize]) -> Option<Option<String>> {
        let nearness = |at: usize| {
            let modules = self.modules[at].iter();
            modules.map(|module| self.nearness(part.module, *module)).max()
        };
        let nearest = candidates.iter().map(|at| nearness(*at)).max()?;
        let (near, far): (Vec<usize>, Vec<usize>) = candidates.iter().partition(|at| nearness(**at) == nearest);
        for tests in [near, far].into_iter().filter(|tests| !tests.is_empty()) {
            let modules = tests.iter().flat_map(|at| self.modules[*at].iter().copied());
            let variant = self.without(part, &self.needs.all(modules.chain([part.module])))?;
            let noticing = tests.iter().find(|at| !self.tests[**at].passes(self.suite, &variant));
            if let Some(at) = noticing {
                return Some(Some(self.tests[*at].full_name()));
            }
        }
        Some(None)
    }

    /// How many characters two modules' paths share at the start.
    fn nearness(&self, one: usize, other: usize) -> usize {
        let path = |module: usize| self.suite.modules[module].path.bytes();
        path(one).zip(path(other)).take_while(|(a, b)| a == b).count()
    }
}
