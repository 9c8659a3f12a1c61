//! A block without needless steps: a value that is made only to be moved is made where it is wanted.

use super::code::{At, Block, Op, Operand, Slot};

/// Takes out moves from a slot that nothing else reads, right after the instruction that fills it.
///
/// A collection fills its slot at its end only, so what is after it is left alone; so is what a variable takes from
/// another that has it from a document or is a constant, since OPA's index does not follow it there.
pub(super) fn propagate_copies(block: &mut Block, locals: usize) {
    let variables = block.parameters as usize + locals;
    let mut times_read = vec![0_u32; block.slots as usize];
    for slot in block.code.iter_mut().flat_map(Op::reads) {
        times_read[slot as usize] += 1;
    }
    let mut aimed_at = vec![false; block.code.len() + 1];
    for op in &mut block.code {
        op.targets().iter().for_each(|at| aimed_at[*at as usize] = true);
    }
    let mut needless = vec![false; block.code.len()];
    // The instruction that is right in front once the needless ones are gone.
    let mut before = 0;
    for at in 1..block.code.len() {
        let front = std::mem::replace(&mut before, at);
        let Some((from, to)) = moved(&block.code[at]) else {
            continue;
        };
        let local = from >= block.parameters && times_read[from as usize] == 1;
        let is_variable = (from as usize) < variables;
        if !local || aimed_at[at] || is_variable && is_indexed(&block.code[front]) {
            continue;
        }
        if let Some(filled) = block.code[front].fills()
            && *filled == from
        {
            *filled = to;
            needless[at] = true;
            before = front;
        }
    }
    take_out(block, &needless);
}

/// Whether the value is one that an index looks at.
fn is_indexed(op: &Op) -> bool {
    let is_constant = matches!(
        op,
        Op::Move {
            from: Operand::Const(_),
            ..
        }
    );
    is_constant || matches!(op, Op::Input { .. } | Op::Data { .. })
}

fn moved(op: &Op) -> Option<(Slot, Slot)> {
    match op {
        Op::Move {
            from: Operand::Slot(from),
            to,
        } => Some((*from, *to)),
        _ => None,
    }
}

/// Takes instructions out that nothing goes to, and lets all others go on where they did.
fn take_out(block: &mut Block, needless: &[bool]) {
    let mut places: Vec<At> = Vec::with_capacity(needless.len() + 1);
    let mut place = 0;
    for needless in needless {
        places.push(place);
        place += At::from(!needless);
    }
    places.push(place);
    let mut keep = needless.iter().map(|needless| !needless);
    block.code.retain(|_| keep.next().unwrap_or(true));
    let mut keep = needless.iter().map(|needless| !needless);
    block.spans.retain(|_| keep.next().unwrap_or(true));
    for op in &mut block.code {
        op.targets().iter_mut().for_each(|at| *at = places[*at as usize]);
    }
    for start in &mut block.statements {
        start.at = places[start.at as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kpolicy_value::Span;
    use kpolicy_value::Value;

    fn block(code: Vec<Op>, slots: u32) -> Block {
        Block {
            spans: vec![Span::default(); code.len()],
            statements: Vec::new(),
            code,
            slots,
            parameters: 0,
        }
    }

    fn input(to: Slot) -> Op {
        let path = Box::new([Value::from("a")]);
        Op::Input { path, to }
    }

    fn mov(from: Slot, to: Slot) -> Op {
        let from = Operand::Slot(from);
        Op::Move { from, to }
    }

    #[test]
    fn a_value_is_made_where_it_is_wanted() {
        let not = Op::Not { end: 4 };
        let mut short = block(vec![not, input(1), mov(1, 0), Op::EndNot, Op::Fail], 2);
        propagate_copies(&mut short, 0);
        assert!(matches!(
            short.code.as_slice(),
            [Op::Not { end: 3 }, Op::Input { to: 0, .. }, Op::EndNot, Op::Fail]
        ));
        assert_eq!(short.spans.len(), 4);
    }

    #[test]
    fn a_value_that_is_moved_twice_is_made_where_it_ends() {
        let mut short = block(vec![input(1), mov(1, 2), mov(2, 0)], 3);
        propagate_copies(&mut short, 0);
        assert!(matches!(short.code.as_slice(), [Op::Input { to: 0, .. }]));
    }

    #[test]
    fn a_value_that_is_read_again_or_reached_otherwise_stays() {
        let read_again = block(vec![input(1), mov(1, 0), mov(1, 2)], 3);
        let jumped_to = block(vec![Op::Jump(2), input(1), mov(1, 0)], 2);
        for mut block in [read_again, jumped_to] {
            let before = block.code.len();
            propagate_copies(&mut block, 0);
            assert_eq!(block.code.len(), before);
        }
    }
}
