//! Evaluations that fail where OPA would not have come to: a body that its index rules out, and keys of a set or object
//! that nobody asked for.
//!
//! Both are tried here before it is known that they do not count, since that is what mostly costs nothing. So an error
//! is first followed outwards, to a rule that can go on without what failed.

use super::Raised;
use super::choice::Choice;
use super::documents::at_path;
use super::machine::{Machine, Outcome};
use super::scope::Memo;
use crate::plan::needs::{Source, Wants};
use crate::trace::Tracer;

impl<T: Tracer> Machine<'_, T> {
    /// Gives up all that is open, up to the innermost rule that can go on without it. The error stands where there is
    /// none.
    pub(super) fn unwind(&mut self, error: Raised) -> Outcome {
        while let Some(point) = self.choices.pop() {
            match point.choice {
                Choice::With => _ = self.scopes.pop(),
                Choice::Again(scope) => self.scopes.push(*scope),
                Choice::Not { .. } | Choice::Collect { .. } => _ = self.tracer.close(),
                Choice::Frame => {
                    self.close_blocks();
                    if self.is_ruled_out() {
                        return self.exhausted();
                    }
                    if let Some(outcome) = self.give_up() {
                        return outcome;
                    }
                }
                Choice::Scan { .. } | Choice::Fork { .. } | Choice::Walk { .. } | Choice::Once => {}
            }
        }
        Err(error)
    }

    /// Forgets blocks whose choices are gone.
    fn close_blocks(&mut self) {
        let choices = self.choices.len();
        while self.open.last().is_some_and(|start| *start >= choices) {
            self.open.pop();
        }
    }

    /// Whether OPA's index would not have let the body at hand be evaluated.
    fn is_ruled_out(&mut self) -> bool {
        let plan = self.plan;
        let frame = self.frame();
        let (clause, branch, base) = (frame.clause, frame.branch, frame.base);
        let wants = Wants::of(&plan.rules[frame.rule as usize].clauses);
        let input = self.scope().input.as_ref();
        wants.rule_out(clause, branch, |source| match source {
            Source::Input(path) => input.and_then(|input| at_path(&input.value, path)).cloned(),
            Source::Data(path) => self.data_at(path),
            Source::Operand(slot) => Some(self.slots[base + *slot as usize].value.clone()),
        })
    }

    /// Gives up the innermost rule. Where only a part of its value was asked for, that is evaluated instead.
    fn give_up(&mut self) -> Option<Outcome> {
        let frame = self.frames.pop()?;
        self.base = self.frames.last().map_or(0, |caller| caller.base);
        if frame.mocking {
            self.scopes.pop();
        }
        self.tracer.close();
        self.tracer.restore(&frame.trail);
        if T::TRACES {
            self.tracer.leave(self.plan.rules[frame.rule as usize].to_ref(), None);
        }
        if !frame.is_call() {
            self.note(frame.rule, Memo::Failed);
        }
        let part = frame.part?;
        Some(self.part_value(part, frame.to))
    }
}
