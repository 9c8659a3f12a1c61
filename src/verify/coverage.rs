//! Which parts of policies tests evaluate: statements, heads and clauses, in the ranges that OPA counts.
//!
//! Follows OPA v1.22 cover/cover.go.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::policy::suite::{Suite, SuiteModule};
use kpolicy_rego::Value;
use kpolicy_rego::syntax::tree::{Body, ExpressionKind, Rule, Term};
use kpolicy_rego::syntax::visit::{Node, walk_body, walk_term};
use kpolicy_rego::trace::{Site, Tracer};
use kpolicy_value::{LineIndex, Span};

/// What of policies was evaluated.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The files, by their paths.
    pub files: BTreeMap<String, FileCoverage>,
}

/// What of one file was evaluated.
#[derive(Clone, Debug, Default)]
pub struct FileCoverage {
    /// The text of the file.
    pub text: String,
    /// What was evaluated, sorted.
    pub covered: Vec<Range>,
    /// What was not, sorted.
    pub not_covered: Vec<Range>,
    /// How many clauses gave a value, and how many there are.
    pub clauses: Share,
    /// How many conditions of bodies were evaluated, and how many there are.
    pub conditions: Share,
}

/// A range of a file, in lines and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first line and column.
    pub start: (usize, usize),
    /// The last line, and one past the last column.
    pub end: (usize, usize),
}

impl Range {
    fn of(span: Span, lines: &LineIndex) -> Self {
        Self {
            start: lines.position(span.start as usize),
            end: lines.position(span.end as usize),
        }
    }

    fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many of them.
    pub part: usize,
    /// How many there are.
    pub all: usize,
}

impl Share {
    fn count(&mut self, is_part: bool) {
        self.part += usize::from(is_part);
        self.all += 1;
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            part: self.part + other.part,
            all: self.all + other.all,
        }
    }

    /// The part in percent: of nothing, none, as in OPA.
    pub fn percent(self) -> f64 {
        match self.all {
            0 => 0.0,
            #[allow(clippy::cast_precision_loss)]
            all => 100.0 * self.part as f64 / all as f64,
        }
    }
}

impl FileCoverage {
    /// The lines of ranges that were evaluated.
    pub fn covered_lines(&self) -> BTreeSet<usize> {
        rows(&self.covered)
    }

    /// The lines of ranges that were not.
    pub fn uncovered_lines(&self) -> BTreeSet<usize> {
        rows(&self.not_covered)
    }

    /// Lines that were evaluated, among those with something to evaluate.
    pub fn lines(&self) -> Share {
        let part = self.covered_lines().len();
        let all = part + self.uncovered_lines().len();
        Share { part, all }
    }
}

impl Coverage {
    /// Lines of all files.
    pub fn lines(&self) -> Share {
        self.sum(FileCoverage::lines)
    }

    /// What this gives for all files together.
    pub fn sum(&self, of: impl Fn(&FileCoverage) -> Share) -> Share {
        self.files.values().map(of).fold(Share::default(), Share::and)
    }
}

fn rows(ranges: &[Range]) -> BTreeSet<usize> {
    ranges.iter().flat_map(|range| range.start.0..=range.end.0).collect()
}

/// What was evaluated: the ranges of statements, and the heads that gave a value, with their branches.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    statements: HashSet<Site>,
    heads: HashSet<(Site, usize)>,
}

impl Hits {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.statements.extend(other.statements);
        self.heads.extend(other.heads);
        self
    }
}

/// The tracer. It lets rules end where OPA lets them end, so that the same is evaluated.
impl Tracer for Hits {
    const EXHAUSTIVE: bool = false;
    type Mark = ();
    type Trail = ();
    type FailureSet = ();

    fn statement(&mut self, at: Site) {
        self.statements.insert(at);
    }

    fn given(&mut self, head: Site, branch: usize, _value: &Value) {
        self.heads.insert((head, branch));
    }
}

/// What of the suite's own modules was evaluated.
pub(super) fn coverage(suite: &Suite, hits: &Hits) -> Coverage {
    let own = suite.modules.iter().enumerate().filter(|(_, module)| !module.embedded);
    let files = own.map(|(at, module)| (module.path.clone(), of_module(at, module, hits)));
    Coverage { files: files.collect() }
}

fn of_module(at: usize, module: &SuiteModule, hits: &Hits) -> FileCoverage {
    let lines = LineIndex::new(&module.text);
    let mut of_statements: HashSet<Span> = hits
        .statements
        .iter()
        .filter(|site| site.module == at)
        .map(|site| site.span)
        .collect();
    let mut candidates: Vec<Span> = Vec::new();
    let mut file = FileCoverage {
        text: module.text.clone(),
        ..FileCoverage::default()
    };
    for rule in &module.tree.rules {
        for (branch, part) in branches(rule).enumerate() {
            let head = Site {
                module: at,
                span: rule.head.span,
            };
            let gave = hits.heads.contains(&(head, branch));
            file.clauses.count(gave);
            candidates.push(part.head);
            if gave {
                // All that stands in the body held, also what needs no instruction.
                of_statements.insert(part.head);
                of_statements.extend(part.body.iter().map(|statement| statement.span));
            }
            for span in conditions(&part) {
                file.conditions.count(of_statements.contains(&span));
                candidates.push(span);
            }
        }
    }
    let covered: BTreeSet<Range> = of_statements.into_iter().map(|span| Range::of(span, &lines)).collect();
    let uncovered = candidates.into_iter().map(|span| Range::of(span, &lines));
    let uncovered: BTreeSet<Range> = uncovered
        .filter(|range| !covered.iter().any(|covered| covered.contains(range)))
        .collect();
    file.covered = covered.into_iter().collect();
    file.not_covered = uncovered.into_iter().collect();
    file
}

/// A clause's own body, or one of its `else` branches.
struct Part<'t> {
    head: Span,
    value: Vec<&'t Term>,
    body: &'t Body,
}

fn branches(rule: &Rule) -> impl Iterator<Item = Part<'_>> {
    let own = Part {
        head: rule.head.span,
        value: rule.head.key.iter().chain(&rule.head.value).collect(),
        body: &rule.body,
    };
    let others = rule.branches.iter().map(|branch| {
        let keyword = Span::new(branch.span.start as usize, branch.span.start as usize + "else".len());
        Part {
            head: branch.value.as_ref().map_or(keyword, |value| keyword.to(value.span)),
            value: branch.value.iter().collect(),
            body: &branch.body,
        }
    });
    std::iter::once(own).chain(others)
}

/// The statements of a clause, also those inside others and in its value, without mere declarations.
fn conditions(part: &Part) -> Vec<Span> {
    let mut found = Vec::new();
    let mut visit = |node: Node<'_>| {
        if let Node::Expression(expression) = node
            && !matches!(expression.kind, ExpressionKind::Some(_))
        {
            found.push(expression.span);
        }
        true
    };
    part.value.iter().for_each(|term| walk_term(term, &mut visit));
    walk_body(part.body, &mut visit);
    found
}
