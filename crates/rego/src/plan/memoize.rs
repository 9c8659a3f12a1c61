//! Which comprehensions are kept: those in a loop or a function that take nothing of it, and would be made again.

use foldhash::HashSet;

use super::code::{At, Block, Keep, Op, Plan, RuleKind, Slot};

/// Gives every comprehension that is worth keeping a place to be kept at.
pub(super) fn note(plan: &mut Plan) {
    let mut next = 0;
    for rule in plan.rules.iter_mut() {
        let again = matches!(rule.kind, RuleKind::Function(_));
        let clauses = rule.clauses.iter_mut().chain(&mut rule.default);
        for block in clauses.flat_map(|clause| &mut clause.branches) {
            note_in(block, again, &mut next);
        }
    }
}

fn note_in(block: &mut Block, again: bool, next: &mut u32) {
    // The last loop that an instruction is in, and where each slot is filled, both by place.
    let mut looping = None;
    let mut filled = vec![None; block.slots as usize];
    for at in 0..block.code.len() {
        if let Op::Collect { end, .. } = block.code[at]
            && let Some(of) = depends_on(block, at, end)
            && let last = of.iter().filter_map(|slot| filled[*slot as usize]).max()
            && (looping > last || of.is_empty() && again)
            && let Op::Collect { keep, .. } = &mut block.code[at]
        {
            let place = *next;
            *keep = Some(Box::new(Keep { place, of }));
            *next += 1;
        }
        let op = &mut block.code[at];
        op.filled()
            .into_iter()
            .for_each(|slot| filled[slot as usize] = Some(at));
        if matches!(op, Op::Scan { .. } | Op::Walk { .. } | Op::Fork(_) | Op::With { .. }) {
            looping = Some(at);
        }
    }
}

/// The slots that a comprehension reads, beside those that it fills itself; nothing where it prints.
fn depends_on(block: &mut Block, at: usize, end: At) -> Option<Box<[Slot]>> {
    let body = &mut block.code[at + 1..end as usize];
    if body.iter().any(|op| matches!(op, Op::Print(_))) {
        return None;
    }
    let own: HashSet<Slot> = body.iter_mut().flat_map(Op::filled).collect();
    let mut of: Vec<Slot> = body.iter_mut().flat_map(Op::reads).collect();
    of.retain(|slot| !own.contains(slot));
    of.sort_unstable();
    of.dedup();
    Some(of.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Options, Program, Source};
    use crate::syntax::tree::Dialect;

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
        assert_eq!(
            kept("package p\nr contains x if { some x in input.a; some z in x.c; z in {y | some y in x.b} }"),
            1
        );
        assert_eq!(
            kept("package p\nr contains x if { some x in input.a; some z in x.c; z in {y | some y in x.b; y > z} }"),
            0
        );
    }
}
