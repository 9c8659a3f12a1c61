//! Going back: the last choice that has something left goes on with it; blocks that have found all end.

use super::Raised;
use super::choice::{Choice, Item, Point, below, entry};
use super::machine::{Machine, Step};
use crate::plan::code::{Collect, Op};
use crate::trace::{Marked, Tracer};
use kpolicy_value::Value;

impl<T: Tracer> Machine<'_, T> {
    /// Goes back to the last choice that has something left.
    pub(super) fn back(&mut self) -> Result<(), Raised> {
        loop {
            let Some(Point { choice, trail }) = self.choices.last_mut() else {
                return Ok(());
            };
            self.tracer.restore(trail);
            match choice {
                Choice::Scan {
                    of,
                    next,
                    key,
                    to,
                    then,
                } => {
                    if let Some((first, value)) = entry(&of.value, *next) {
                        *next += 1;
                        let (key, to, then) = (*key, *to, *then);
                        let (tracer, seen) = (&mut self.tracer, of.as_ref());
                        let marks = (tracer.key(seen, &first), tracer.part(seen, &first));
                        let of = of.mark.clone();
                        self.frame().next = then;
                        self.fill_entry(&of, key, to, (first, value), marks);
                        return Ok(());
                    }
                    self.choices.pop();
                }
                Choice::Walk { left, start, to, then } => {
                    if let Some(next) = left.pop() {
                        left.extend(below(&mut self.tracer, &next));
                        let (start, to, then) = (start.clone(), *to, *then);
                        self.frame().next = then;
                        self.spend(4)?;
                        self.visit(next, &start, to);
                        return Ok(());
                    }
                    self.choices.pop();
                }
                Choice::Fork { at, next } => {
                    let (at, index) = (*at, *next);
                    *next += 1;
                    match &self.frame().block.code[at as usize] {
                        Op::Fork(alternatives) if index < alternatives.len() => {
                            self.frame().next = alternatives[index];
                            return Ok(());
                        }
                        _ => {}
                    }
                    self.choices.pop();
                }
                Choice::Once => self.close_block(),
                Choice::Not { end } => {
                    let end = *end;
                    self.close_block();
                    self.frame().next = end;
                    self.denied();
                    return Ok(());
                }
                Choice::Collect { .. } => return self.collection(),
                Choice::With => {
                    self.choices.pop();
                    self.scopes.pop();
                }
                Choice::Again(_) => {
                    if let Some(Point {
                        choice: Choice::Again(scope),
                        ..
                    }) = self.choices.pop()
                    {
                        self.scopes.push(*scope);
                    }
                }
                Choice::Frame => {
                    self.choices.pop();
                    if matches!(self.exhausted()?, Step::Next) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A `not` holds.
    fn denied(&mut self) {
        if T::TRACES {
            let failed = self.tracer.close();
            let at = self.site();
            self.tracer.denied(at, &failed);
        }
    }

    /// A comprehension has found all: its value is made.
    #[inline(never)]
    fn collection(&mut self) -> Result<(), Raised> {
        self.open.pop();
        let Some(Point {
            choice: Choice::Collect { at, items },
            ..
        }) = self.choices.pop()
        else {
            unreachable!("the block that ends is a comprehension's");
        };
        let block = self.frame().block;
        let Op::Collect { collect, to, end, keep } = &block.code[at as usize] else {
            unreachable!("a comprehension starts there");
        };
        let failed = self.tracer.close();
        let parts = items
            .iter()
            .map(|(key, value)| (key.as_ref().map(Marked::as_ref), value.as_ref()));
        let mark = self.tracer.collection(*collect, parts, failed);
        let values = items.into_iter();
        let value = match collect {
            Collect::Array => Value::array(values.map(|(_, item)| item.value).collect()),
            Collect::Set => Value::set(values.map(|(_, member)| member.value).collect()),
            Collect::Object => self.object(values)?,
        };
        self.bounded(&value)?;
        self.frame().next = *end;
        let made = Marked { value, mark };
        if let Some(keep) = keep {
            self.keep(keep, made.clone());
        }
        *self.slot_mut(*to) = made;
        Ok(())
    }

    fn object(&self, items: impl Iterator<Item = Item<T::Mark>>) -> Result<Value, Raised> {
        let mut entries: Vec<(Value, Value)> = items
            .filter_map(|(key, value)| Some((key?.value, value.value)))
            .collect();
        entries.sort();
        if entries
            .windows(2)
            .any(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1)
        {
            return Err(self.conflict("object keys must be unique"));
        }
        Ok(Value::object(entries))
    }
}
