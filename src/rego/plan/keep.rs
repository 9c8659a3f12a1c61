//! Which comprehensions are made once and kept: those in a loop or a function that take nothing of it.

use std::collections::HashSet;

use super::code::{At, Block, Op, Plan, RuleKind, Slot};

/// Gives every comprehension that is worth keeping a place to be kept at.
pub(super) fn note(plan: &mut Plan) {
    let mut next = 0;
    for rule in &mut plan.rules {
        let again = matches!(rule.kind, RuleKind::Function(_));
        let clauses = rule.clauses.iter_mut().chain(&mut rule.default);
        for block in clauses.flat_map(|clause| &mut clause.branches) {
            note_in(block, again, &mut next);
        }
    }
}

fn note_in(block: &mut Block, again: bool, next: &mut u32) {
    let mut looping = again;
    for at in 0..block.code.len() {
        if let Op::Collect { end, .. } = block.code[at]
            && looping
            && stands_alone(block, at, end)
            && let Op::Collect { keep, .. } = &mut block.code[at]
        {
            *keep = Some(*next);
            *next += 1;
        }
        looping |= matches!(
            block.code[at],
            Op::Scan { .. } | Op::Walk { .. } | Op::Fork(_) | Op::With { .. }
        );
    }
}

/// Whether a comprehension reads no slot but those that it fills itself, and prints nothing.
fn stands_alone(block: &mut Block, at: usize, end: At) -> bool {
    let body = &mut block.code[at + 1..end as usize];
    if body.iter().any(|op| matches!(op, Op::Print(_))) {
        return false;
    }
    let mut own: HashSet<Slot> = HashSet::new();
    for op in body.iter_mut() {
        own.extend(op.fills().copied());
        match op {
            Op::Scan { key, .. } => _ = own.insert(*key),
            Op::Collect { to, .. } => _ = own.insert(*to),
            _ => {}
        }
    }
    body.iter().flat_map(Op::reads).all(|slot| own.contains(&slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rego::program::{Options, Program, Source};
    use crate::rego::syntax::tree::Dialect;

    fn kept(text: &str) -> usize {
        let dialect = Dialect::V1;
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        let clauses = program.plan().rules.iter().flat_map(|rule| &rule.clauses);
        let ops = clauses
            .flat_map(|clause| &clause.branches)
            .flat_map(|block| &block.code);
        ops.filter(|op| matches!(op, Op::Collect { keep: Some(_), .. })).count()
    }

    #[test]
    fn what_takes_nothing_of_its_loop_is_kept() {
        assert_eq!(
            kept("package p\nr contains x if { some x in input.a; x in {y | some y in input.b} }"),
            1
        );
        assert_eq!(
            kept("package p\nf(x) := x + count([y | some y in input.b; {z | some z in y}])"),
            1
        );
        assert_eq!(
            kept("package p\nr contains x if { some x in input.a; x in {y | some y in x.b} }"),
            0
        );
        assert_eq!(
            kept("package p\nr contains x if { ys := {y | some y in input.b}; some x in ys }"),
            0
        );
        assert_eq!(
            kept("package p\nr contains x if { some x in input.a; x in {y | some y in input.b; print(y)} }"),
            0
        );
    }
}
