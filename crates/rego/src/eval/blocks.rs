//! Choices and blocks as instructions begin and end them: `for each`, `not`, comprehensions, solutions under `with`.

use super::choice::{Choice, Point, Unvisited, below, entry};
use super::machine::{Machine, Outcome, Step};
use crate::plan::code::{At, Collect, Keep, Operand, Slot};
use crate::trace::{Condition, Marked, Tracer};
use kpolicy_value::Value;

impl<T: Tracer> Machine<'_, T> {
    pub(super) fn go(&mut self, at: At) -> Outcome {
        self.frame().next = at;
        Ok(Step::Next)
    }

    /// Notes a choice, to be gone back to with what the tracer knows now.
    pub(super) fn choose(&mut self, choice: Choice<T>) {
        let trail = self.tracer.trail();
        self.choices.push(Point { choice, trail });
    }

    pub(super) fn fork(&mut self, alternatives: &[At]) -> Outcome {
        let Some(first) = alternatives.first() else {
            return Ok(Step::Fail);
        };
        let at = self.frame().next - 1;
        self.choose(Choice::Fork { at, next: 1 });
        self.go(*first)
    }

    pub(super) fn scan(&mut self, operand: &Operand, key: Slot, to: Slot) -> Outcome {
        let of = self.marked(operand);
        let Some((first, value)) = entry(&of.value, 0) else {
            self.tested(false, |of| Condition::Members(of(operand)));
            return Ok(Step::Fail);
        };
        let then = self.frame().next;
        let marks = self.marks_of_entry(&of, &first);
        let mark = of.mark.clone();
        let next = 1;
        self.choose(Choice::Scan {
            of,
            next,
            key,
            to,
            then,
        });
        self.fill_entry(&mark, key, to, (first, value), marks);
        Ok(Step::Next)
    }

    /// The tracer's marks of a key of a collection and of what is under it.
    pub(super) fn marks_of_entry(&mut self, of: &Marked<T::Mark>, key: &Value) -> (T::Mark, T::Mark) {
        let (tracer, of) = (&mut self.tracer, of.as_ref());
        (tracer.key(of, key), tracer.part(of, key))
    }

    /// Fills in an entry of a collection that has this mark.
    pub(super) fn fill_entry(
        &mut self,
        of: &T::Mark,
        key: Slot,
        to: Slot,
        (name, value): (Value, Value),
        (of_key, of_value): (T::Mark, T::Mark),
    ) {
        self.chosen(of, &of_key, &of_value);
        *self.slot_mut(key) = Marked {
            value: name,
            mark: of_key,
        };
        *self.slot_mut(to) = Marked { value, mark: of_value };
    }

    #[inline(never)]
    pub(super) fn walk(&mut self, of: &Operand, to: Slot) -> Outcome {
        let of = self.marked(of);
        let start = of.mark.clone();
        let part = Unvisited {
            path: Value::array(Vec::new()),
            part: of,
        };
        let then = self.frame().next;
        let left = below(&mut self.tracer, &part);
        self.choose(Choice::Walk {
            left,
            start: start.clone(),
            to,
            then,
        });
        self.visit(part, &start, to);
        Ok(Step::Next)
    }

    /// Fills in a part of a walked value, as `[path, value]`.
    pub(super) fn visit(&mut self, Unvisited { path, part }: Unvisited<T::Mark>, start: &T::Mark, to: Slot) {
        let path = Marked {
            mark: self.tracer.path(start, &part.mark),
            value: path,
        };
        self.chosen(start, &path.mark, &part.mark);
        let parts = [(None, path.as_ref()), (None, part.as_ref())];
        let mark = self
            .tracer
            .collection(Collect::Array, parts.into_iter(), T::FailureSet::default());
        let value = Value::array(vec![path.value, part.value]);
        *self.slot_mut(to) = Marked { value, mark };
    }

    pub(super) fn open_block(&mut self, choice: Choice<T>) {
        self.open.push(self.choices.len());
        self.choose(choice);
    }

    /// Forgets the innermost block and every choice made in it.
    pub(super) fn close_block(&mut self) {
        let start = self.open.pop().expect("a block that ends was opened");
        self.choices.truncate(start);
    }

    fn innermost(&mut self) -> &mut Choice<T> {
        let start = *self.open.last().expect("a block is open");
        &mut self.choices[start].choice
    }

    pub(super) fn begin_not(&mut self, end: At) -> Outcome {
        self.open_block(Choice::Not { end });
        self.tracer.open();
        Ok(Step::Next)
    }

    /// What is in a `not` holds.
    pub(super) fn end_not(&mut self) -> Outcome {
        if T::TRACES {
            let at = self.site();
            self.tracer.confirmed(at);
        }
        self.close_block();
        Ok(Step::Fail)
    }

    pub(super) fn begin_once(&mut self) -> Outcome {
        self.open_block(Choice::Once);
        Ok(Step::Next)
    }

    pub(super) fn end_once(&mut self) -> Outcome {
        self.close_block();
        Ok(Step::Next)
    }

    pub(super) fn begin_collection(&mut self, to: Slot, end: At, keep: Option<&Keep>) -> Outcome {
        if let Some(made) = keep.and_then(|keep| self.kept(keep)) {
            self.frame().next = end;
            return self.fill(to, made);
        }
        let at = self.frame().next - 1;
        self.open_block(Choice::Collect { at, items: Vec::new() });
        self.tracer.open();
        Ok(Step::Next)
    }

    /// A comprehension that was made for what it depends on as it is now.
    fn kept(&self, keep: &Keep) -> Option<Marked<T::Mark>> {
        let (made, of) = self.scope().kept(keep.place)?;
        let now = |slot: &Slot| &self.slots[self.base + *slot as usize];
        let mut pairs = of.iter().zip(keep.of.iter().map(now));
        let is_it = |(then, now): (&Marked<T::Mark>, &Marked<T::Mark>)| {
            then.is_same(now) && then.value.is_written_as(&now.value)
        };
        pairs.all(is_it).then(|| made.clone())
    }

    /// Keeps a comprehension for what it depends on as it is now.
    pub(super) fn keep(&mut self, keep: &Keep, made: Marked<T::Mark>) {
        let of = keep.of.iter().map(|slot| self.marked(&Operand::Slot(*slot))).collect();
        self.scope_mut().keep(keep.place, made, of);
    }

    /// A comprehension has found a member, or a key and a value.
    pub(super) fn collected(&mut self, key: Option<&Operand>, value: &Operand) -> Outcome {
        self.spend(1)?;
        let mut value = self.marked(value);
        value.mark = self.tracer.produced(value.mark);
        let item = (key.map(|key| self.marked(key)), value);
        match self.innermost() {
            Choice::Collect { items, .. } => items.push(item),
            other => unreachable!("{other:?} collects nothing"),
        }
        Ok(Step::Fail)
    }
}
