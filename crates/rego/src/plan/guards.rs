//! What decides without evaluation that a clause gives nothing: constants that the input must have.
//!
//! As in OPA's index, nothing of the clause is evaluated where one is missing, so that nothing of it can fail. So they
//! are what that index wants, and no more.

use foldhash::{HashMap, HashMapExt};

use super::code::{At, Block, Clause, Guard, Op, Operand, Slot};
use super::needs::Wants;
use kpolicy_value::Value;

/// Reads the guards of clauses with one branch off, and how many of their instructions, the first, need not run where
/// all of the guards hold.
pub(super) fn note(clauses: &mut [Clause]) {
    let wants = Wants::of(clauses);
    let guards: Vec<Vec<Guard>> = (0..clauses.len()).map(|at| wants.certain(at)).collect();
    for (clause, guards) in clauses.iter_mut().zip(guards) {
        clause.skip = clause.branches.first_mut().map_or(0, |block| skip(block, &guards));
        clause.guards = guards;
    }
}

/// How many of the first instructions only say again what the guards have said.
fn skip(block: &mut Block, guards: &[Guard]) -> At {
    let mut last_read: HashMap<Slot, At> = HashMap::new();
    for (at, op) in (1..).zip(&mut block.code) {
        op.reads().into_iter().for_each(|slot| _ = last_read.insert(slot, at));
    }
    let mut paths: HashMap<Slot, &[Value]> = HashMap::new();
    let (mut skip, mut tried) = (0, Vec::new());
    for (at, op) in (1..).zip(&block.code) {
        match op {
            Op::Input { path, to } => _ = paths.insert(*to, path),
            Op::Equal(Operand::Slot(slot), Operand::Const(value))
            | Op::Equal(Operand::Const(value), Operand::Slot(slot)) => {
                let said = paths.get(slot).and_then(|path| {
                    let is_it = |guard: &&Guard| *guard.path == **path && guard.value == *value;
                    guards.iter().find(is_it)
                });
                let Some(guard) = said else { break };
                tried.push(&*guard.path);
                let all_tried = paths.values().all(|path| tried.contains(path));
                let read_again = |slot: &Slot| last_read.get(slot).is_some_and(|last| *last > at);
                if all_tried && !paths.keys().any(read_again) {
                    skip = at;
                }
            }
            _ => break,
        }
    }
    skip
}
