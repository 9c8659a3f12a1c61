//! What instructions read, what they fill, and where they go on.

use super::code::{At, Op, Operand, OverrideValue, Slot};

impl Op {
    /// The slots that the instruction reads.
    pub(super) fn reads(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut read = |operand: &Operand| {
            if let Operand::Slot(slot) = operand {
                slots.push(*slot);
            }
        };
        match self {
            Self::Move { from, .. } => read(from),
            Self::Array { items, .. } | Self::Set { items, .. } => items.iter().for_each(read),
            Self::Object { entries, .. } => entries.iter().for_each(|(key, value)| {
                read(key);
                read(value);
            }),
            Self::Get { of, key, .. } | Self::Stored { of, key, .. } => {
                read(of);
                read(key);
            }
            Self::Scan { of, .. } | Self::Walk { of, .. } => read(of),
            Self::Equal(a, b) => {
                read(a);
                read(b);
            }
            Self::ArrayOf { of, .. } | Self::ObjectOf { of, .. } => read(of),
            Self::NoneOf { value, .. } | Self::MayBe { value, .. } => read(value),
            Self::Truthy(value) | Self::Iterable(value) | Self::Print(value) | Self::Return(value) => read(value),
            Self::Rule { part, .. } => part.iter().flat_map(|part| &part.keys).for_each(read),
            Self::Call { operands, .. } | Self::Builtin { operands, .. } => operands.iter().for_each(read),
            Self::MergeBase { of, .. } => slots.push(*of),
            Self::Yield { key, value } => key.iter().chain([value]).for_each(read),
            Self::With { overrides, .. } => {
                let values = overrides.iter().filter_map(|replacement| match &replacement.value {
                    OverrideValue::Value(value) => Some(value),
                    OverrideValue::Document(_) | OverrideValue::Function(_) | OverrideValue::Builtin(_) => None,
                });
                values.for_each(read);
            }
            Self::Leaf { path, value, .. } => path.iter().chain([value]).for_each(read),
            Self::Fail
            | Self::Jump(_)
            | Self::Fork(_)
            | Self::Input { .. }
            | Self::Data { .. }
            | Self::Whole { .. }
            | Self::Collect { .. }
            | Self::Not { .. }
            | Self::EndNot
            | Self::Once
            | Self::EndOnce
            | Self::EndWith => {}
        }
        slots
    }

    /// The slot that the instruction fills with its value.
    pub(super) fn fills(&mut self) -> Option<&mut Slot> {
        match self {
            Self::Move { to, .. }
            | Self::Array { to, .. }
            | Self::Set { to, .. }
            | Self::Object { to, .. }
            | Self::Input { to, .. }
            | Self::Data { to, .. }
            | Self::Get { to, .. }
            | Self::Stored { to, .. }
            | Self::Scan { to, .. }
            | Self::Walk { to, .. }
            | Self::Rule { to, .. }
            | Self::Whole { to, .. }
            | Self::Call { to, .. }
            | Self::Builtin { to, .. }
            | Self::MergeBase { to, .. } => Some(to),
            _ => None,
        }
    }

    /// The places at which it can go on other than behind itself.
    pub(super) fn targets(&mut self) -> &mut [At] {
        match self {
            Self::Jump(at) => std::slice::from_mut(at),
            Self::Fork(alternatives) => alternatives,
            Self::Collect { end, .. } | Self::Not { end } | Self::With { end, .. } => std::slice::from_mut(end),
            _ => &mut [],
        }
    }
}
