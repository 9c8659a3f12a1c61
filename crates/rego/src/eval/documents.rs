//! What rules see of documents: the base documents, and what `with` puts in the place of others.

use std::sync::Arc;

use super::Raised;
use super::choice::{Choice, Point};
use super::machine::{Machine, Outcome, Step};
use super::scope::{Mock, Scope, merge, put};
use crate::plan::code::{Operand, Override, OverrideTarget, OverrideValue, Slot};
use crate::trace::{Marked, Tracer};
use kpolicy_value::Value;

impl<T: Tracer> Machine<'_, T> {
    /// The document at a path of `data`, replacements over the base.
    pub(super) fn data_at(&self, path: &[Value]) -> Option<Value> {
        let scope = self.scope();
        let base = path.iter().try_fold(&self.data, stored);
        let Some(replaced) = &scope.replaced else {
            return base.cloned();
        };
        let replaced = at_path(replaced, path);
        let below_target = scope.targets.iter().any(|target| {
            target.len() <= path.len()
                && target
                    .iter()
                    .zip(path)
                    .all(|(name, step)| step.as_str() == Some(&**name))
        });
        match (replaced, base) {
            _ if below_target => replaced.cloned(),
            (Some(replaced), Some(base)) => Some(merge(replaced, base)),
            (one, other) => one.or(other).cloned(),
        }
    }

    /// What a package's rules give, over its base document.
    #[inline(never)]
    pub(super) fn merge_base(&mut self, path: &[Arc<str>], of: Slot, to: Slot) -> Outcome {
        let path: Vec<Value> = path.iter().cloned().map(Value::string).collect();
        let base = self.data_at(&path);
        let rules = self.marked(&Operand::Slot(of));
        let value = match base {
            None => rules,
            Some(base) => Marked {
                value: merge(&base, &rules.value),
                mark: rules.mark,
            },
        };
        self.fill(to, value)
    }

    /// Begins a block in which documents and functions are replaced.
    #[inline(never)]
    pub(super) fn with(&mut self, overrides: &[Override]) -> Outcome {
        let mut scope = self.scope().fresh();
        for replacement in overrides {
            match (&replacement.target, &replacement.value) {
                (OverrideTarget::Input(path), OverrideValue::Value(value)) => {
                    let value = self.marked(value);
                    self.replace_input(&mut scope, path, value)?;
                }
                (OverrideTarget::Data(path), OverrideValue::Value(value)) => {
                    let value = self.get(value).clone();
                    let replaced = put(scope.replaced.as_ref(), path, value);
                    self.bounded(&replaced)?;
                    scope.replaced = Some(replaced);
                    scope.targets.push(path.clone());
                }
                (target, value) => {
                    let mock = match value {
                        OverrideValue::Value(value) => Mock::Value(self.marked(value)),
                        OverrideValue::Document(rule) => Mock::Document(*rule),
                        OverrideValue::Function(rule) => Mock::Function(*rule),
                        OverrideValue::Builtin(builtin) => Mock::Builtin(*builtin),
                    };
                    scope.mocks.push((target.clone(), mock));
                }
            }
        }
        self.open_scope(scope)?;
        self.choose(Choice::With);
        Ok(Step::Next)
    }

    /// Ends the replacements. Another solution of what stood under them is found under them again.
    pub(super) fn end_with(&mut self) -> Outcome {
        let scope = self.scopes.pop().expect("a replacement that ends has begun");
        match self.choices.last() {
            Some(Point {
                choice: Choice::With, ..
            }) => _ = self.choices.pop(),
            _ => self.choose(Choice::Again(Box::new(scope))),
        }
        Ok(Step::Next)
    }

    fn replace_input(&mut self, scope: &mut Scope<T>, path: &[Arc<str>], by: Marked<T::Mark>) -> Result<(), Raised> {
        let before = scope.input.take();
        let value = put(before.as_ref().map(|input| &input.value), path, by.value.clone());
        self.bounded(&value)?;
        let mark = match before {
            Some(before) if T::TRACES && !path.is_empty() => {
                let path: Vec<Value> = path.iter().cloned().map(Value::string).collect();
                self.tracer.replaced(before.as_ref(), &path, by.as_ref())
            }
            _ => by.mark,
        };
        scope.input = Some(Marked { value, mark });
        Ok(())
    }
}

/// The value at a path of keys.
pub(super) fn at_path<'v>(value: &'v Value, path: &'v [Value]) -> Option<&'v Value> {
    path.iter().try_fold(value, found)
}

/// The value under a key. A set gives the key that it was asked for, as in OPA: its member can be written otherwise.
#[inline]
pub(super) fn found<'v>(of: &'v Value, key: &'v Value) -> Option<&'v Value> {
    match (of, key) {
        (Value::Object(object), Value::String(name)) => object.under(name.as_bytes()),
        (Value::Set(members), _) => members.get(key).map(|_| key),
        _ => of.get(key),
    }
}

/// The base document under a key, as OPA's store finds it: every key is a text there, also the index of an array.
pub(super) fn stored<'v>(of: &'v Value, key: &Value) -> Option<&'v Value> {
    of.get(key).or_else(|| match (of, key) {
        (Value::Object(object), Value::Number(number)) => object.field(&number.to_string()),
        (Value::Array(items), Value::String(text)) => items.get(text.as_str()?.parse::<usize>().ok()?),
        _ => None,
    })
}
