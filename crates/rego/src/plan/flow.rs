//! What instructions read, what they fill, and where they go on.

use super::code::{At, Op, Operand, OverrideValue, Slot};

/// What an instruction does with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It takes the value in it.
    Reads,
    /// It puts a value into it.
    Fills,
}

impl Op {
    /// The slots that the instruction reads.
    pub(super) fn reads(&mut self) -> Vec<Slot> {
        self.used(Use::Reads)
    }

    /// All slots that the instruction fills.
    pub(super) fn filled(&mut self) -> Vec<Slot> {
        self.used(Use::Fills)
    }

    fn used(&mut self, wanted: Use) -> Vec<Slot> {
        let mut slots = Vec::new();
        self.each_slot(&mut |slot, how| {
            if how == wanted {
                slots.push(*slot);
            }
        });
        slots
    }

    /// Visits the slots that the instruction uses: first those that it reads, then those that it fills.
    pub(super) fn each_slot(&mut self, visit: &mut impl FnMut(&mut Slot, Use)) {
        let mut read = |operand: &mut Operand| {
            if let Operand::Slot(slot) = operand {
                visit(slot, Use::Reads);
            }
        };
        match self {
            Self::Move { from, .. } => read(from),
            Self::Array { items, .. } | Self::Set { items, .. } => items.iter_mut().for_each(read),
            Self::Object { entries, .. } => entries.iter_mut().for_each(|(key, value)| {
                read(key);
                read(value);
            }),
            Self::Get { of, key, .. } | Self::Stored { of, key, .. } => {
                read(of);
                read(key);
            }
            Self::Path { of, .. } | Self::Scan { of, .. } | Self::Walk { of, .. } => read(of),
            Self::Equal(a, b) => {
                read(a);
                read(b);
            }
            Self::ArrayOf { of, .. } | Self::ObjectOf { of, .. } => read(of),
            Self::NoneOf { value, .. } | Self::MayBe { value, .. } => read(value),
            Self::Truthy(value)
            | Self::Iterable(value)
            | Self::Print(value)
            | Self::TestCase(value)
            | Self::Return(value) => read(value),
            Self::Rule { part, .. } => part.iter_mut().flat_map(|part| &mut part.keys).for_each(read),
            Self::Call { operands, .. } | Self::Builtin { operands, .. } => operands.iter_mut().for_each(read),
            Self::MergeBase { of, .. } => visit(of, Use::Reads),
            Self::Collect { keep, .. } => {
                let of = keep.iter_mut().flat_map(|keep| &mut keep.of);
                of.for_each(|slot| visit(slot, Use::Reads));
            }
            Self::Yield { key, value } => key.iter_mut().chain([value]).for_each(read),
            Self::With { overrides, .. } => {
                let values = overrides
                    .iter_mut()
                    .filter_map(|replacement| match &mut replacement.value {
                        OverrideValue::Value(value) => Some(value),
                        OverrideValue::Document(_) | OverrideValue::Function(_) | OverrideValue::Builtin(_) => None,
                    });
                values.for_each(read);
            }
            Self::Leaf { path, value, .. } => path.iter_mut().chain([value]).for_each(read),
            Self::Fail
            | Self::Jump(_)
            | Self::Fork(_)
            | Self::Input { .. }
            | Self::Data { .. }
            | Self::Whole { .. }
            | Self::Not { .. }
            | Self::EndNot
            | Self::Once
            | Self::EndOnce
            | Self::EndWith => {}
        }
        match self {
            Self::Scan { key, .. } => visit(key, Use::Fills),
            Self::Collect { to, .. } => visit(to, Use::Fills),
            _ => {}
        }
        if let Some(to) = self.fills() {
            visit(to, Use::Fills);
        }
    }

    /// The slot that the instruction fills with its value, once it is done.
    pub(super) fn fills(&mut self) -> Option<&mut Slot> {
        match self {
            Self::Move { to, .. }
            | Self::Array { to, .. }
            | Self::Set { to, .. }
            | Self::Object { to, .. }
            | Self::Input { to, .. }
            | Self::Data { to, .. }
            | Self::Path { to, .. }
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

    /// The places at which it can go on other than after itself.
    pub(super) fn targets(&mut self) -> &mut [At] {
        match self {
            Self::Jump(at) => std::slice::from_mut(at),
            Self::Fork(alternatives) => alternatives,
            Self::Collect { end, .. } | Self::Not { end } | Self::With { end, .. } => std::slice::from_mut(end),
            _ => &mut [],
        }
    }
}
