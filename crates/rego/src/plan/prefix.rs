//! Clauses of a set that start alike, made one: what they share is evaluated once, and from there each goes on by itself.
//!
//! A set has the same members in whatever order its clauses give them. The order shows in what is printed, in which of
//! several errors is met first, and in which of `1` and `1.0` stays or is what a function was first called with. So nothing
//! is joined in a policy that prints, and for the others all is evaluated once more, each clause by itself.

use foldhash::{HashMap, HashMapExt};

use super::code::{Block, Clause, Op, Operand, Plan, Rule, RuleKind, Slot};
use super::{index, length};
use kpolicy_value::Value;

/// Among how many of the last groups a clause looks for others that start as it does.
const LOOK_BACK: usize = 16;

/// Joins the clauses of the policy's sets.
pub(super) fn note(plan: &mut Plan) {
    let prints = |op: &Op| matches!(op, Op::Print(_));
    if plan.rules.iter().flat_map(Rule::ops).any(prints) {
        return;
    }
    for rule in plan.rules.iter_mut().take(plan.own) {
        rule.joined = joined(rule).map(Box::new);
    }
}

/// The rule with clauses joined; nothing where no two start alike.
fn joined(rule: &Rule) -> Option<Rule> {
    if rule.kind != RuleKind::Set || rule.clauses.len() < 2 {
        return None;
    }
    let clauses: Vec<Clause> = rule.clauses.iter().map(renumbered).collect();
    let groups = grouped(&clauses.iter().collect::<Vec<_>>(), start_alike);
    if groups.len() == clauses.len() {
        return None;
    }
    let clauses: Vec<Clause> = groups.iter().map(|group| one_of(group)).collect();
    Some(Rule {
        index: index::of(&clauses),
        clauses,
        depth: rule.depth,
        of_input: rule.of_input,
        ..Rule::new(rule.path.clone(), rule.kind)
    })
}

/// A clause whose slots have numbers by the order in which they are used, so that what starts alike is alike.
fn renumbered(clause: &Clause) -> Clause {
    let mut clause = clause.clone();
    for block in &mut clause.branches {
        let mut next: Slot = 0;
        let mut numbers: HashMap<Slot, Slot> = HashMap::new();
        for op in &mut block.code {
            op.each_slot(&mut |slot, _| {
                *slot = *numbers.entry(*slot).or_insert_with(|| {
                    next += 1;
                    next - 1
                });
            });
        }
        block.slots = next;
    }
    clause
}

/// Items in groups of the same, both in their order. An item looks for its group among the last ones only.
fn grouped<T: Copy>(items: &[T], same: impl Fn(T, T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        let last = groups.iter_mut().rev().take(LOOK_BACK);
        match last.into_iter().find(|group| same(group[0], *item)) {
            Some(group) => group.push(*item),
            None => groups.push(vec![*item]),
        }
    }
    groups
}

/// Whether two clauses are tried for the same inputs, and have at least their first instruction in common.
fn start_alike(a: &Clause, b: &Clause) -> bool {
    let ([one], [other]) = (a.branches.as_slice(), b.branches.as_slice()) else {
        return false;
    };
    let shared = a.skip.max(1) as usize;
    let alike = |(one, other): (&Op, &Op)| alike(one, other);
    a.module == b.module
        && a.skip == b.skip
        && a.guards == b.guards
        && one.code.len().min(other.code.len()) >= shared
        && one.code.iter().zip(&other.code).take(shared).all(alike)
}

/// One clause for several that start alike.
fn one_of(group: &[&Clause]) -> Clause {
    let first = group[0];
    let blocks: Vec<&Block> = group.iter().flat_map(|clause| &clause.branches).collect();
    let mut block = Block {
        slots: blocks.iter().map(|block| block.slots).max().unwrap_or_default(),
        ..Block::default()
    };
    go_on(&mut block, &blocks, 0);
    Clause {
        branches: vec![block],
        guards: first.guards.clone(),
        skip: first.skip,
        module: first.module,
        head: first.head,
        locals: Vec::new(),
    }
}

/// What stands from a place on in blocks that are alike up to there: what they share once, and a way for each where
/// they part.
fn go_on(joined: &mut Block, blocks: &[&Block], mut at: usize) {
    loop {
        if let [only] = blocks {
            return rest(joined, only, at);
        }
        let groups = grouped(blocks, |a, b| alike(&a.code[at], &b.code[at]));
        if groups.len() > 1 {
            return part(joined, &groups, at);
        }
        joined.code.push(blocks[0].code[at].clone());
        joined.spans.push(blocks[0].spans[at]);
        at += 1;
    }
}

/// A way for each group of blocks.
fn part(joined: &mut Block, groups: &[Vec<&Block>], at: usize) {
    let fork = joined.code.len();
    joined.code.push(Op::Fail);
    joined.spans.push(groups[0][0].spans[at]);
    let mut alternatives = Vec::new();
    for path in groups {
        alternatives.push(length(&joined.code));
        go_on(joined, path, at);
    }
    joined.code[fork] = Op::Fork(alternatives.into());
}

/// The instructions of a block from a place on.
fn rest(joined: &mut Block, block: &Block, at: usize) {
    let (here, left) = (length(&joined.code), length(&block.code[..at]));
    let mut code = block.code[at..].to_vec();
    for op in &mut code {
        op.targets()
            .iter_mut()
            .for_each(|target| *target = *target - left + here);
    }
    joined.code.append(&mut code);
    joined.spans.extend_from_slice(&block.spans[at..]);
}

/// Whether two instructions do the same, and can be done once for both. Those that begin or end something are not shared.
fn alike(a: &Op, b: &Op) -> bool {
    let shared = match a {
        Op::Input { .. } | Op::Rule { part: None, .. } | Op::Equal(..) | Op::Truthy(_) => true,
        Op::Scan { of, .. } | Op::Path { of, .. } | Op::Get { of, .. } => is_exact(of),
        Op::Builtin { operands, .. } | Op::Call { operands, .. } => operands.iter().all(is_exact),
        _ => false,
    };
    shared && a == b
}

/// Whether what is equal to the operand is the same in all that can be reported of it: numbers can be written otherwise.
fn is_exact(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Slot(_) | Operand::Const(Value::String(_) | Value::Bool(_) | Value::Null)
    )
}

#[cfg(test)]
mod tests {
    use crate::program::{Options, Program, Source};
    use crate::syntax::tree::Dialect;

    /// How many clauses are left, and how many instructions they have.
    fn left(clauses: &str) -> Option<(usize, usize)> {
        let (text, dialect) = (&*format!("package p\n{clauses}"), Dialect::V1);
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        let rule = program.plan().rules[0].joined.as_ref()?;
        Some((rule.clauses.len(), rule.ops().count()))
    }

    #[test]
    fn what_clauses_start_with_is_shared_as_far_as_it_goes() {
        let each = |rest: &str| format!("r contains m if {{ some c in input.cs; {rest} }}\n");
        let apart = left(&[each("m := c.a"), "r contains 1 if input.b\n".to_owned()].concat());
        assert_eq!(apart, None);
        // Twice the value and the member, a fork, and the two that are shared.
        assert_eq!(left(&[each("m := c.a"), each("m := c.b")].concat()), Some((1, 7)));
        // The image is shared by those two that stand next to each other in the tree.
        let images = [
            each("m := c.name"),
            each("endswith(c.image, \"a\"); m := 1"),
            each("endswith(c.image, \"b\"); m := 2"),
        ];
        assert_eq!(left(&images.concat()), Some((1, 15)));
    }

    #[test]
    fn guards_stay_whole_and_what_prints_stays_apart() {
        let guarded = |kind: &str, rest: &str| {
            format!("r contains m if {{ input.kind == \"{kind}\"; some c in input.cs; {rest} }}\n")
        };
        let two = [
            guarded("A", "m := c.a"),
            guarded("A", "m := c.b"),
            guarded("B", "m := c.c"),
        ];
        assert_eq!(left(&two.concat()).map(|(clauses, _)| clauses), Some(2));
        let printing = [guarded("A", "m := c.a"), guarded("A", "print(c); m := c.b")];
        assert_eq!(left(&printing.concat()), None);
    }
}
