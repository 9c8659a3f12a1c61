//! Operators, indexing, comparison and equality.

use std::cmp::Ordering;
use std::rc::Rc;

use super::machine::{Machine, Res, fault, unexpected};
use super::tree::{At, Binary, E, Unary};
use super::value::{Env, ThunkId, Val};

/// Integers up to here are exact.
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// A number that is the result of an operation.
pub(super) fn number(value: f64, at: At) -> Res<Val> {
    match value {
        value if value.is_nan() => fault("the result is not a number", at),
        value if value.is_infinite() => fault("overflow", at),
        value => Ok(Val::Number(value)),
    }
}

pub(super) fn unary(operator: Unary, operand: &Val, at: At) -> Res<Val> {
    match (operator, operand) {
        (Unary::Minus, Val::Number(number)) => Ok(Val::Number(-number)),
        (Unary::Plus, Val::Number(number)) => Ok(Val::Number(*number)),
        (Unary::BitNot, Val::Number(number)) => Ok(Val::Number(!bits(*number, at)? as f64)),
        (Unary::Not, Val::Bool(flag)) => Ok(Val::Bool(!flag)),
        (Unary::Not, other) => unexpected(other, "boolean", at),
        (_, other) => unexpected(other, "number", at),
    }
}

fn bits(number: f64, at: At) -> Res<i64> {
    match number.abs() <= MAX_EXACT {
        true => Ok(number as i64),
        false => fault("the operand of a bitwise operator is outside of the safe integers", at),
    }
}

fn bitwise(operator: Binary, left: f64, right: f64, at: At) -> Res<Val> {
    let (a, b) = (bits(left, at)?, bits(right, at)?);
    let found = match operator {
        Binary::BitAnd => a & b,
        Binary::BitOr => a | b,
        Binary::BitXor => a ^ b,
        _ if b < 0 => return fault("shift by a negative number", at),
        Binary::ShiftRight => a >> (b % 64),
        _ => {
            let by = b % 64;
            if by >= 1 && a >= 1 << (63 - by) {
                return fault("left shift would overflow", at);
            }
            a << by
        }
    };
    Ok(Val::Number(found as f64))
}

impl Machine<'_> {
    pub(super) fn binary(&mut self, operator: Binary, left: &E, right: &E, env: &Rc<Env>, at: At) -> Res<Val> {
        let first = self.evaluate(left, env)?;
        if let Binary::And | Binary::Or = operator {
            return match first {
                Val::Bool(flag) if flag == (operator == Binary::Or) => Ok(first),
                Val::Bool(_) => match self.evaluate(right, env)? {
                    Val::Bool(flag) => Ok(Val::Bool(flag)),
                    other => unexpected(&other, "boolean", right.at),
                },
                other => unexpected(&other, "boolean", left.at),
            };
        }
        let second = self.evaluate(right, env)?;
        self.operate(operator, &first, &second, at)
    }

    fn operate(&mut self, operator: Binary, left: &Val, right: &Val, at: At) -> Res<Val> {
        match operator {
            Binary::Add => self.add(left, right, at),
            Binary::Equal => Ok(Val::Bool(self.equal(left, right, at)?)),
            Binary::Unequal => Ok(Val::Bool(!self.equal(left, right, at)?)),
            Binary::Less => Ok(Val::Bool(self.compare(left, right, at)?.is_lt())),
            Binary::LessOrEqual => Ok(Val::Bool(self.compare(left, right, at)?.is_le())),
            Binary::Greater => Ok(Val::Bool(self.compare(left, right, at)?.is_gt())),
            Binary::GreaterOrEqual => Ok(Val::Bool(self.compare(left, right, at)?.is_ge())),
            Binary::In => match (left, right) {
                (Val::String(name), Val::Object(object)) => Ok(Val::Bool(self.field_at(*object, name).is_some())),
                (Val::String(_), other) => unexpected(other, "object", at),
                (other, _) => unexpected(other, "string", at),
            },
            Binary::Remainder if matches!(left, Val::String(_)) => self.formatted(left, right, at),
            _ => {
                let (Val::Number(a), Val::Number(b)) = (left, right) else {
                    let other = if matches!(left, Val::Number(_)) { right } else { left };
                    return unexpected(other, "number", at);
                };
                match operator {
                    Binary::Subtract => number(a - b, at),
                    Binary::Multiply => number(a * b, at),
                    Binary::Divide if *b == 0.0 => fault("division by zero", at),
                    Binary::Remainder if *b == 0.0 => fault("division by zero", at),
                    Binary::Divide => number(a / b, at),
                    Binary::Remainder => number(a % b, at),
                    _ => bitwise(operator, *a, *b, at),
                }
            }
        }
    }

    /// `left + right`.
    pub(super) fn add(&mut self, left: &Val, right: &Val, at: At) -> Res<Val> {
        match (left, right) {
            (Val::Number(a), Val::Number(b)) => number(a + b, at),
            (Val::String(_), _) | (_, Val::String(_)) => {
                let (a, b) = (self.text_of(left, at)?, self.text_of(right, at)?);
                self.spend((a.len() + b.len()) as u64, at)?;
                Ok(Val::string(format!("{a}{b}")))
            }
            (Val::Array(a), Val::Array(b)) => {
                self.spend((a.len() + b.len()) as u64 * 4, at)?;
                Ok(Val::Array(a.iter().chain(b.iter()).copied().collect()))
            }
            (Val::Object(a), Val::Object(b)) => {
                let layers = |machine: &Self, object: &super::value::ObjectId| {
                    Rc::clone(&machine.objects[object.0 as usize].layers)
                };
                let (a, b) = (layers(self, a), layers(self, b));
                self.spend((a.len() + b.len()) as u64 * 8, at)?;
                let layers = a.iter().chain(b.iter()).map(Rc::clone).collect();
                Ok(Val::Object(self.object(layers, at)?))
            }
            (Val::Number(_) | Val::Array(_) | Val::Object(_), other) => unexpected(other, left.type_name(), at),
            (other, _) => unexpected(other, "number", at),
        }
    }

    pub(super) fn equal(&mut self, left: &Val, right: &Val, at: At) -> Res<bool> {
        self.step(at)?;
        match (left, right) {
            (Val::Null, Val::Null) => Ok(true),
            (Val::Bool(a), Val::Bool(b)) => Ok(a == b),
            (Val::Number(a), Val::Number(b)) => Ok(a == b),
            (Val::String(a), Val::String(b)) => Ok(a == b),
            (Val::Array(a), Val::Array(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.iter().zip(b.iter()) {
                    if !self.equal_thunks(*a, *b, at)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Val::Object(a), Val::Object(b)) => {
                let names = self.names(*a, false, at)?;
                if names != self.names(*b, false, at)? {
                    return Ok(false);
                }
                for name in names {
                    let (a, b) = (self.named(*a, &name, at)?, self.named(*b, &name, at)?);
                    if !self.deeper(at, |machine| machine.equal(&a, &b, at))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Val::Function(_), Val::Function(_)) => fault("functions cannot be compared", at),
            _ => Ok(false),
        }
    }

    fn equal_thunks(&mut self, left: ThunkId, right: ThunkId, at: At) -> Res<bool> {
        let (a, b) = (self.force(left, at)?, self.force(right, at)?);
        self.deeper(at, |machine| machine.equal(&a, &b, at))
    }

    /// The value of a field by name.
    pub(super) fn named(&mut self, object: super::value::ObjectId, name: &str, at: At) -> Res<Val> {
        match self.field_at(object, name) {
            Some(place) => self.field(object, place, at),
            None => fault(format!("field does not exist: {name}"), at),
        }
    }

    pub(super) fn compare(&mut self, left: &Val, right: &Val, at: At) -> Res<Ordering> {
        self.step(at)?;
        match (left, right) {
            (Val::Number(a), Val::Number(b)) => Ok(a.partial_cmp(b).unwrap_or(Ordering::Equal)),
            (Val::String(a), Val::String(b)) => Ok(a.cmp(b)),
            (Val::Array(a), Val::Array(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    let (a, b) = (self.force(*a, at)?, self.force(*b, at)?);
                    let order = self.deeper(at, |machine| machine.compare(&a, &b, at))?;
                    if order.is_ne() {
                        return Ok(order);
                    }
                }
                Ok(a.len().cmp(&b.len()))
            }
            (Val::Number(_) | Val::String(_) | Val::Array(_), other) => unexpected(other, left.type_name(), at),
            (other, _) => fault(format!("values of type {} have no order", other.type_name()), at),
        }
    }

    pub(super) fn index(&mut self, target: &Val, index: &Val, at: At) -> Res<Val> {
        match (target, index) {
            (Val::Object(object), Val::String(name)) => self.named(*object, name, at),
            (Val::Object(_), other) => unexpected(other, "string", at),
            (Val::Array(items), Val::Number(place)) => {
                let place = self.place_in(*place, items.len(), at)?;
                self.force(items[place], at)
            }
            (Val::String(text), Val::Number(place)) => {
                let length = text.chars().count();
                let place = self.place_in(*place, length, at)?;
                let char = text.chars().nth(place);
                Ok(Val::string(char.map(String::from).unwrap_or_default()))
            }
            (Val::Array(_) | Val::String(_), other) => unexpected(other, "number", at),
            (other, _) => fault(
                format!(
                    "unexpected type {}: only objects, arrays and strings have parts",
                    other.type_name()
                ),
                at,
            ),
        }
    }

    fn place_in(&mut self, index: f64, length: usize, at: At) -> Res<usize> {
        if index.fract() != 0.0 {
            return fault(format!("index {index} is not a whole number"), at);
        }
        if index < 0.0 || index >= length as f64 {
            return fault(format!("index {index} out of bounds, not within [0, {length})"), at);
        }
        Ok(index as usize)
    }

    pub(super) fn sliced(&mut self, target: &E, parts: &[Option<E>; 3], env: &Rc<Env>, at: At) -> Res<Val> {
        let target = self.evaluate(target, env)?;
        let mut values = [Val::Null, Val::Null, Val::Null];
        for (value, part) in values.iter_mut().zip(parts) {
            if let Some(part) = part {
                *value = self.evaluate(part, env)?;
            }
        }
        let [from, to, step] = values;
        self.slice(&target, &from, &to, &step, at)
    }

    /// Follows go-jsonnet builtins.go: builtinSlice.
    pub(super) fn slice(&mut self, target: &Val, from: &Val, to: &Val, step: &Val, at: At) -> Res<Val> {
        let length = match target {
            Val::String(text) => text.chars().count(),
            Val::Array(items) => items.len(),
            other => return unexpected(other, "array or string", at),
        };
        let whole = |value: &Val, default: f64| match value {
            Val::Null => Ok(default),
            Val::Number(number) => Ok(number.trunc()),
            other => unexpected(other, "number", at),
        };
        let wrap = |place: f64| {
            if place < 0.0 {
                (length as f64 + place).max(0.0)
            } else {
                place
            }
        };
        let (from, to) = (
            wrap(whole(from, 0.0)?),
            wrap(whole(to, length as f64)?).min(length as f64),
        );
        let step = whole(step, 1.0)?;
        if step < 1.0 {
            return fault(format!("a slice steps by at least 1, not {step}"), at);
        }
        let (from, to, step) = (from as usize, to as usize, step as usize);
        let count = to.saturating_sub(from);
        match target {
            Val::String(text) => {
                let text: String = text.chars().skip(from).take(count).step_by(step).collect();
                self.text(text, at)
            }
            Val::Array(items) => {
                let items = items.iter().skip(from).take(count).step_by(step).copied().collect();
                self.array(items, at)
            }
            other => unexpected(other, "array or string", at),
        }
    }
}
