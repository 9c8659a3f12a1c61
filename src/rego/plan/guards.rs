//! What decides without evaluation that a clause gives nothing: constants that the input must have.

use std::collections::HashMap;

use super::code::{Block, Guard, Op, Operand, Slot};
use crate::value::Value;

/// The guards of a block: equations of an input path with a constant, before anything that can have an effect or has
/// more than one solution.
pub(super) fn of(block: &Block) -> Vec<Guard> {
    let mut paths: HashMap<Slot, &[Value]> = HashMap::new();
    let mut guards = Vec::new();
    for op in &block.code {
        match op {
            Op::Input { path, to } => {
                paths.insert(*to, path);
            }
            Op::Move {
                from: Operand::Slot(from),
                to,
            } => {
                if let Some(path) = paths.get(from).copied() {
                    paths.insert(*to, path);
                }
            }
            Op::Equal(Operand::Slot(slot), Operand::Const(value))
            | Op::Equal(Operand::Const(value), Operand::Slot(slot)) => {
                if let Some(path) = paths.get(slot) {
                    guards.push(Guard {
                        path: (*path).into(),
                        value: value.clone(),
                    });
                }
            }
            Op::Truthy(_) => {}
            _ => break,
        }
    }
    guards
}
