//! Values as instructions take and make them, and what the tracer is reported of them.

use super::Print;
use super::documents::{at_path, found};
use super::machine::{Machine, Outcome, Step, VALUE_BYTES};
use crate::plan::code::{Collect, Op, Operand, Slot};
use crate::text::to_rego_text;
use crate::trace::{Condition, Marked, MarkedRef, Site, Tracer};
use kpolicy_value::Value;

impl<T: Tracer> Machine<'_, T> {
    /// Tells the tracer of a condition and its outcome; `test` names its operands with the function that it is given.
    pub(super) fn tested<'a>(
        &'a mut self,
        held: bool,
        test: impl FnOnce(&dyn Fn(&'a Operand) -> MarkedRef<'a, T::Mark>) -> Condition<'a, T::Mark>,
    ) {
        if T::TRACES {
            let (at, base, slots) = (self.site(), self.slot_base(), &self.slots);
            let seen = |operand: &'a Operand| seen(slots, base, operand);
            self.tracer.tested(at, test(&seen), held);
        }
    }

    /// A collection that the policy writes out.
    pub(super) fn made(&mut self, collect: Collect, items: &[Operand], value: Value, to: Slot) -> Outcome {
        self.bounded(&value)?;
        let (base, slots) = (self.slot_base(), &self.slots);
        let parts = items.iter().map(|item| (None, seen(slots, base, item)));
        let mark = self.tracer.collection(collect, parts, T::FailureSet::default());
        self.fill(to, Marked { value, mark })
    }

    #[inline(never)]
    pub(super) fn object_of(&mut self, entries: &[(Operand, Operand)], to: Slot) -> Outcome {
        self.spend(entries.len())?;
        let pairs = entries
            .iter()
            .map(|(key, value)| (self.get(key).clone(), self.get(value).clone()));
        let value = Value::object(pairs.collect());
        self.bounded(&value)?;
        let (base, slots) = (self.slot_base(), &self.slots);
        let parts = entries
            .iter()
            .map(|(key, value)| (Some(seen(slots, base, key)), seen(slots, base, value)));
        let mark = self.tracer.collection(Collect::Object, parts, T::FailureSet::default());
        self.fill(to, Marked { value, mark })
    }

    /// The value that was found under a key.
    pub(super) fn part(&mut self, of: &Operand, key: &Operand, found: Option<Value>, to: Slot) -> Outcome {
        let ahead = if T::TRACES && found.is_none() {
            self.ahead(vec![self.get(key).clone()], to)
        } else {
            Vec::new()
        };
        let at = if T::TRACES { self.site() } else { Site::default() };
        let (base, slots) = (self.slot_base(), &self.slots);
        let (of, key) = (seen(slots, base, of), seen(slots, base, key));
        let from_slot = key.mark.is_some().then_some(key);
        match found {
            Some(value) => {
                let mark = self.tracer.part(of, key.value);
                self.tracer.read(at, &mark, from_slot);
                self.fill(to, Marked { value, mark })
            }
            None => {
                let (path, key) = (&*ahead, from_slot);
                self.tracer.tested(at, Condition::Has { of, path, key }, false);
                Ok(Step::Fail)
            }
        }
    }

    /// The value at a constant path below another.
    pub(super) fn part_at(&mut self, of: &Operand, path: &[Value], to: Slot, bare: bool) -> Outcome {
        if T::TRACES {
            return self.recorded_part_at(of, path, to);
        }
        let found = at_path(self.get(of), path);
        if bare {
            let held = found.is_some_and(is_true);
            return Ok(self.condition(held));
        }
        let found = found.cloned();
        self.fill_found(to, found.map(Marked::constant))
    }

    fn recorded_part_at(&mut self, of: &Operand, path: &[Value], to: Slot) -> Outcome {
        let at = self.site();
        let mut part = self.marked(of);
        for (depth, key) in path.iter().enumerate() {
            let of = part.as_ref();
            let Some(value) = found(&part.value, key).cloned() else {
                let (ahead, key) = (self.ahead(path[depth..].to_vec(), to), None);
                let path = &*ahead;
                self.tracer.tested(at, Condition::Has { of, path, key }, false);
                return Ok(Step::Fail);
            };
            let mark = self.tracer.part(of, key);
            self.tracer.read(at, &mark, None);
            part = Marked { value, mark };
        }
        self.fill(to, part)
    }

    /// A path, and the constant keys that the instructions after this one would take below it.
    fn ahead(&self, mut path: Vec<Value>, to: Slot) -> Vec<Value> {
        let mut last = to;
        if let Some(frame) = self.frames.last() {
            for op in frame.block.code.iter().skip(frame.next as usize) {
                match op {
                    Op::Get {
                        of: Operand::Slot(of),
                        key: Operand::Const(key),
                        to,
                    } if *of == last => {
                        path.push(key.clone());
                        last = *to;
                    }
                    Op::Path {
                        of: Operand::Slot(of),
                        path: below,
                        to,
                        ..
                    } if *of == last => {
                        path.extend_from_slice(below);
                        last = *to;
                    }
                    _ => break,
                }
            }
        }
        path
    }

    pub(super) fn input_at(&mut self, path: &[Value], to: Slot) -> Outcome {
        let at = if T::TRACES { self.site() } else { Site::default() };
        let Some(input) = self.scopes.last().and_then(|scope| scope.input.as_ref()) else {
            return Ok(Step::Fail);
        };
        match at_path(&input.value, path).cloned() {
            Some(value) => {
                let mark = mark_at(&mut self.tracer, input, path);
                self.tracer.read(at, &mark, None);
                self.fill(to, Marked { value, mark })
            }
            None => {
                let (of, key) = (input.as_ref(), None);
                self.tracer.tested(at, Condition::Has { of, path, key }, false);
                Ok(Step::Fail)
            }
        }
    }

    /// Tells the tracer of a member that was chosen.
    pub(super) fn chosen(&mut self, of: &T::Mark, key: &T::Mark, mark: &T::Mark) {
        if T::TRACES {
            let at = self.site();
            self.tracer.chosen(at, of, key, mark);
        }
    }

    /// Writes one line for every choice of a member from each set; an empty set is an operand that is undefined.
    #[inline(never)]
    pub(super) fn print(&mut self, operand: &Operand) -> Outcome {
        let mut lines = vec![String::new()];
        if self.get(operand).extent().text as usize > self.settings.memory {
            return Err(self.too_large());
        }
        for (at, members) in self.get(operand).as_array().unwrap_or_default().iter().enumerate() {
            let texts: Vec<String> = match members {
                Value::Set(members) if !members.is_empty() => members.iter().map(printed).collect(),
                _ => vec!["<undefined>".to_owned()],
            };
            let blank = if at == 0 { "" } else { " " };
            lines = lines
                .iter()
                .flat_map(|line| texts.iter().map(move |text| format!("{line}{blank}{text}")))
                .collect();
        }
        let Site { module, span } = self.site();
        for text in lines {
            self.spend(PRINT + text.len() / VALUE_BYTES)?;
            self.prints.push(Print { text, module, span });
        }
        Ok(Step::Next)
    }
}

/// What a print counts for beside its text, in values.
const PRINT: usize = size_of::<Print>().div_ceil(VALUE_BYTES);

/// Whether a statement that is this value holds.
pub(super) fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Bool(false))
}

/// The mark of what a path leads to from a value on.
pub(super) fn mark_at<T: Tracer>(tracer: &mut T, of: &Marked<T::Mark>, path: &[Value]) -> T::Mark {
    let mut mark = of.mark.clone();
    if T::TRACES {
        let mut value = &of.value;
        for step in path {
            let of = MarkedRef {
                value,
                mark: Some(&mark),
            };
            mark = tracer.part(of, step);
            value = value.get(step).unwrap_or(value);
        }
    }
    mark
}

/// A value as tracers see it.
pub(super) fn seen<'a, M>(slots: &'a [Marked<M>], base: usize, operand: &'a Operand) -> MarkedRef<'a, M> {
    match operand {
        Operand::Const(value) => MarkedRef { value, mark: None },
        Operand::Slot(slot) => slots[base + *slot as usize].as_ref(),
    }
}

/// A member as `print` writes it: a text as it is.
fn printed(value: &Value) -> String {
    match value.text() {
        Some(text) => text.into_owned(),
        None => to_rego_text(value),
    }
}
