//! What decides without evaluation that a clause gives nothing: constants that the input must have.

use std::collections::HashMap;

use super::code::{At, Block, Guard, Op, Operand, Slot};
use super::needs::is_flat;
use crate::value::Value;

/// The guards of a block: equations of an input path with a constant, wherever they stand outside inner blocks. As in
/// OPA's index, nothing of the clause is evaluated where one does not hold, so that nothing of it can fail.
/// With them how many instructions, the first, need not run where all of the guards hold. A body that prints has none.
pub(super) fn of(block: &Block, locals: usize) -> (Vec<Guard>, At) {
    if block.code.iter().any(|op| matches!(op, Op::Print(_))) {
        return (Vec::new(), 0);
    }
    let is_variable =
        |slot: Slot| slot as usize >= block.parameters as usize && (slot as usize) < block.parameters as usize + locals;
    let mut paths: HashMap<Slot, &[Value]> = HashMap::new();
    let mut guards: Vec<Guard> = Vec::new();
    let (mut skip, mut sure) = (0, true);
    let mut at = 0;
    while let Some(op) = block.code.get(at as usize) {
        at += 1;
        match op {
            Op::Input { path, to } => {
                paths.insert(*to, path);
            }
            Op::Move {
                from: Operand::Slot(from),
                to,
            } => {
                match paths.get(from).copied() {
                    // OPA's index does not follow one variable into another.
                    Some(path) if !is_variable(*from) => {
                        paths.insert(*to, path);
                    }
                    // A parameter under its own name: what comes later reads it.
                    _ => sure = false,
                }
            }
            Op::Equal(Operand::Slot(slot), Operand::Const(value))
            | Op::Equal(Operand::Const(value), Operand::Slot(slot)) => {
                let Some(path) = paths.get(slot).filter(|_| is_flat(value)) else {
                    sure = false;
                    continue;
                };
                guards.push(Guard {
                    path: (*path).into(),
                    value: value.clone(),
                });
                let tried = |path: &[Value]| guards.iter().any(|guard| *guard.path == *path);
                let all_tried = paths.values().all(|path| tried(path));
                if sure && all_tried && !reads(&block.code[at as usize..], &paths) {
                    skip = at;
                }
            }
            Op::Collect { end, .. } | Op::Not { end } | Op::With { end, .. } => (at, sure) = (*end, false),
            Op::Jump(to) if *to == at => {}
            // Behind a choice of ways an instruction may be passed over.
            Op::Fork(_) | Op::Jump(_) | Op::Once => break,
            // A guard behind it still rules the clause out; that it holds is seen by running it alone.
            _ => sure = false,
        }
    }
    (guards, skip)
}

/// Whether an instruction reads one of these slots.
fn reads(code: &[Op], slots: &HashMap<Slot, &[Value]>) -> bool {
    code.iter().flat_map(Op::reads).any(|slot| slots.contains_key(&slot))
}
