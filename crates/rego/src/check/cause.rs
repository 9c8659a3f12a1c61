//! Why a rule may need its own value: a reference whose variables may select a rule, or another.
//!
//! Follows OPA v1.22 ast/compile.go: dynamicCause, refSelectsRule, causeConditions.

use super::narrow::{Known, Step};
use super::print;
use super::tree;
use super::variables::{self, Locals, View};
use super::walk::{self, Found};
use crate::core::{Clause, Kind, Program, Root, Term, TermKind};
use kpolicy_value::Value;

/// The most conditions that are reported.
const MAX_SHOWN: usize = 2;

/// How one clause needs another.
enum Need {
    /// Whatever its variables hold.
    Always,
    /// Only if the steps of a reference at these places are those of the other's path.
    If { path: Vec<Term>, places: Vec<usize> },
}

/// The first need on a way of clauses that is only a possible one, in words; nothing where each needs the next.
pub(super) fn listed(program: &Program, path: &[usize]) -> Option<String> {
    path.windows(2).enumerate().find_map(|(at, pair)| {
        let (clause, other) = (&program.clauses[pair[0]], &program.clauses[pair[1]]);
        let Some(Need::If { path, places }) = need(clause, other) else {
            return None;
        };
        let target = target(other);
        let reference = print::reference(clause, Root::Data, &path[..path.len().min(target.len())]);
        let inside = match at {
            0 => String::new(),
            _ => format!(" in {}", print::rule(clause)),
        };
        let other = print::rule(other);
        Some(match conditions(clause, &path, &target, &places) {
            Some(conditions) => format!(" ({reference}{inside} refers to {other} if {conditions})"),
            None => format!(" ({reference}{inside} could refer to {other})"),
        })
    })
}

/// What the steps must be, each reported once; nothing where that is too much, or cannot be.
fn conditions(clause: &Clause, path: &[Term], target: &[Step], places: &[usize]) -> Option<String> {
    let mut listed: Vec<(String, &Value)> = Vec::new();
    for at in places {
        let (term, value) = (print::term(clause, &path[*at]), target[*at].as_ref()?);
        match listed.iter().find(|(known, _)| *known == term) {
            Some((_, known)) if *known != value => return None,
            Some(_) => {}
            None => listed.push((term, value)),
        }
    }
    let words = listed
        .iter()
        .map(|(term, value)| format!("{term} is {}", print::value(value)));
    (listed.len() <= MAX_SHOWN).then(|| words.collect::<Vec<_>>().join(" and "))
}

/// The whole path of what a clause defines, its unknown steps as such.
fn target(clause: &Clause) -> Vec<Step> {
    let keys = clause.keys.iter().map(tree::ground);
    tree::path(clause).map(Some).chain(keys).collect()
}

/// How a clause needs another: always, where one of its references does.
fn need(clause: &Clause, other: &Clause) -> Option<Need> {
    let target = target(other);
    let (mut always, mut first) = (false, None);
    for branch in 0..clause.branches.len() {
        let (mut known, mut bound) = (Known::default(), in_head(clause, branch));
        let mut note = |found: Found<'_>, known: &Known, bound: &Locals| match found {
            Found::Ref(Root::Data, path) => match selected(path, known, bound, &target) {
                Some(Need::Always) => always = true,
                Some(need) if first.is_none() => first = Some(need),
                _ => {}
            },
            Found::Callee(crate::core::Callee::Function { path, .. }) => {
                always |= **path == *other.path;
            }
            _ => {}
        };
        for statement in &clause.branches[branch].body {
            walk::statement(statement, &mut |found| note(found, &known, &bound));
            known.note(statement);
            variables::of_statement(statement, View::default(), &mut bound);
        }
        walk::around_body(clause, branch, &mut |found| note(found, &known, &bound));
    }
    if always { Some(Need::Always) } else { first }
}

/// The variables of a head: whoever asks for the rule can bind them.
fn in_head(clause: &Clause, branch: usize) -> Locals {
    let mut bound = Locals::new();
    let parameters = match &clause.kind {
        Kind::Function(parameters) => parameters.as_slice(),
        Kind::Complete | Kind::Set => &[],
    };
    let terms = clause
        .keys
        .iter()
        .chain(parameters)
        .chain([&clause.branches[branch].value]);
    terms.for_each(|term| variables::of_term(term, View::default(), &mut bound));
    bound
}

/// How a reference selects a rule. A variable that is not bound and stands nowhere else in it goes through all.
fn selected(path: &[Term], known: &Known, bound: &Locals, target: &[Step]) -> Option<Need> {
    let expanded = known.expanded(path);
    let fits = |steps: &Vec<Step>| {
        let mut pairs = steps.iter().zip(target);
        pairs.all(|(step, wanted)| step.is_none() || wanted.is_none() || step == wanted)
    };
    if !expanded.iter().any(fits) {
        return None;
    }
    let only = (expanded.len() == 1).then(|| &expanded[0]);
    let goes_through = |step: &Term| match step.kind {
        TermKind::Local(local) => {
            let is_it = |step: &&Term| matches!(step.kind, TermKind::Local(other) if other == local);
            !bound.contains(&local) && path.iter().filter(is_it).count() == 1
        }
        _ => false,
    };
    let is_open = |at: &usize| {
        let is_constant = match only {
            Some(steps) => steps[*at].is_some(),
            None => matches!(path[*at].kind, TermKind::Const(_)),
        };
        target[*at].is_some() && !is_constant && !goes_through(&path[*at])
    };
    let places: Vec<usize> = (0..path.len().min(target.len())).filter(is_open).collect();
    Some(match places.is_empty() {
        true => Need::Always,
        false => Need::If {
            path: path.to_vec(),
            places,
        },
    })
}
