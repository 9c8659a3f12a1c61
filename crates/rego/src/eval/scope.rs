//! What rules see: the input, the data and what `with` has put in the place of others; and what is known of their
//! values under it.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Path;
use crate::plan::code::{BuiltinRef, OverrideTarget, RuleId};
use crate::trace::{Marked, Tracer};
use kpolicy_value::{Object, Value};

/// What is known of a rule's value.
#[derive(Clone, Debug)]
pub(super) enum Memo<M, L> {
    /// Nothing yet.
    Unknown,
    /// It is being evaluated.
    Running,
    /// Its evaluation failed: parts of it may have values.
    Failed,
    /// It has a value, or is undefined.
    Known {
        value: Option<Marked<M>>,
        /// What failed in its clauses.
        failed: L,
        /// Whether all of it was asked for, and not only parts.
        whole: bool,
    },
}

/// What is in the place of a function.
#[derive(Clone, Debug)]
pub(super) enum Mock<M> {
    /// A value that every call gives.
    Value(Marked<M>),
    /// The value of a rule.
    Document(RuleId),
    /// A function of the program.
    Function(RuleId),
    /// A builtin.
    Builtin(BuiltinRef),
}

/// A function's value for some operands, and what failed in its clauses.
pub(super) type Answer<T> = (Option<Marked<<T as Tracer>::Mark>>, <T as Tracer>::FailureSet);

/// A comprehension, and the values that it depends on.
type Kept<M> = (Marked<M>, Box<[Marked<M>]>);

/// What rules see, under the replacements of one `with`.
#[derive(Debug)]
pub(super) struct Scope<T: Tracer> {
    pub(super) input: Option<Marked<T::Mark>>,
    /// The values put in the place of parts of `data`, as one document.
    pub(super) replaced: Option<Value>,
    /// The paths that were replaced: no rule at or below one of them counts.
    pub(super) targets: Vec<Path>,
    /// The functions that were replaced, the last first to count.
    pub(super) mocks: Vec<(OverrideTarget, Mock<T::Mark>)>,
    rules: Vec<Memo<T::Mark, T::FailureSet>>,
    /// The rules whose values are forgotten with the input.
    passing: Vec<RuleId>,
    /// The rules whose values hold for every input.
    lasting: Vec<RuleId>,
    calls: HashMap<Call<T::Mark>, Answer<T>, RandomState>,
    /// The calls by the values of their operands; none until one has a number that is written oddly.
    equal: HashMap<Equal<T::Mark>, Call<T::Mark>, RandomState>,
    /// The last of each comprehension that is kept, with what it was made for.
    kept: HashMap<u32, Kept<T::Mark>, RandomState>,
}

impl<T: Tracer> Scope<T> {
    /// A scope for so many rules.
    pub(super) fn new(rules: usize) -> Self {
        Self {
            input: None,
            replaced: None,
            targets: Vec::new(),
            mocks: Vec::new(),
            rules: vec![Memo::Unknown; rules],
            passing: Vec::new(),
            lasting: Vec::new(),
            calls: HashMap::default(),
            equal: HashMap::default(),
            kept: HashMap::default(),
        }
    }

    /// A scope that sees what this one does, and knows no values yet.
    pub(super) fn fresh(&self) -> Self {
        Self {
            input: self.input.clone(),
            replaced: self.replaced.clone(),
            targets: self.targets.clone(),
            mocks: self.mocks.clone(),
            ..Self::new(self.rules.len())
        }
    }

    /// How much memory it takes before anything is known.
    pub(super) fn bytes(&self) -> usize {
        self.rules.len() * size_of::<Memo<T::Mark, T::FailureSet>>()
    }

    /// Forgets what is known of values that depend on the input.
    pub(super) fn forget_passing(&mut self) {
        for rule in self.passing.drain(..) {
            self.rules[rule as usize] = Memo::Unknown;
        }
        self.calls.clear();
        self.equal.clear();
        self.kept.clear();
    }

    /// Whether values are known that do not depend on the input.
    pub(super) fn knows_lasting(&self) -> bool {
        !self.lasting.is_empty()
    }

    /// Knows the values that hold for every input and that another scope of the same program and data knows. Nothing of
    /// the input led to them, and so their marks are those of constants.
    pub(super) fn know_lasting_of<U: Tracer>(&mut self, other: &Scope<U>) {
        for rule in &other.lasting {
            if let Memo::Known { value, whole, .. } = other.known(*rule) {
                let value = value.as_ref().map(|known| Marked::constant(known.value.clone()));
                let (failed, whole) = (T::FailureSet::default(), *whole);
                self.note(*rule, Memo::Known { value, failed, whole }, false);
            }
        }
    }

    /// Forgets what is known of the values of these rules, and of those that depend on the input.
    pub(super) fn forget_readers(&mut self, readers: &[bool]) {
        self.forget_passing();
        let rules = &mut self.rules;
        self.lasting.retain(|rule| {
            let at = *rule as usize;
            if readers[at] {
                rules[at] = Memo::Unknown;
            }
            !readers[at]
        });
    }

    /// Forgets what is known of all values.
    pub(super) fn forget(&mut self) {
        self.passing.append(&mut self.lasting);
        self.forget_passing();
    }

    pub(super) fn known(&self, rule: RuleId) -> &Memo<T::Mark, T::FailureSet> {
        &self.rules[rule as usize]
    }

    /// Notes that all of a rule's value was asked for.
    pub(super) fn note_whole(&mut self, rule: RuleId) {
        if let Memo::Known { whole, .. } = &mut self.rules[rule as usize] {
            *whole = true;
        }
    }

    /// Notes what is known of a rule's value; `passing` where it depends on the input.
    pub(super) fn note(&mut self, rule: RuleId, memo: Memo<T::Mark, T::FailureSet>, passing: bool) {
        let before = std::mem::replace(&mut self.rules[rule as usize], memo);
        if matches!(before, Memo::Unknown) {
            let noted = if passing { &mut self.passing } else { &mut self.lasting };
            noted.push(rule);
        }
    }

    /// The comprehension that is kept at a place, with what it was made for.
    pub(super) fn kept(&self, place: u32) -> Option<&Kept<T::Mark>> {
        self.kept.get(&place)
    }

    /// Keeps a comprehension, with what it was made for.
    pub(super) fn keep(&mut self, place: u32, made: Marked<T::Mark>, of: Box<[Marked<T::Mark>]>) {
        self.kept.insert(place, (made, of));
    }

    /// What a call gave, with the call as it was made.
    pub(super) fn call(&self, call: &Call<T::Mark>) -> Option<(&Call<T::Mark>, &Answer<T>)> {
        self.calls.get_key_value(call)
    }

    /// What the first call with equal operands gave, of calls that were not made with the same ones, where that can be reported
    /// from what this one would give: numbers are written otherwise.
    pub(super) fn equal_call(&mut self, call: &Call<T::Mark>) -> Option<(&Call<T::Mark>, &Answer<T>)> {
        if self.equal.is_empty() {
            if !call.is_non_canonical() {
                return None;
            }
            let before = self.calls.keys().cloned();
            self.equal.extend(before.map(|call| (Equal(call.clone()), call)));
        }
        let call = self.equal.entry(Equal(call.clone())).or_insert_with(|| call.clone());
        self.calls.get_key_value(call)
    }

    pub(super) fn note_call(&mut self, call: Call<T::Mark>, value: Option<Marked<T::Mark>>, failed: T::FailureSet) {
        self.calls.insert(call, (value, failed));
    }

    /// Whether a path is at or below one that was replaced.
    pub(super) fn is_replaced(&self, path: &[Arc<str>]) -> bool {
        self.targets.iter().any(|target| path.starts_with(target))
    }

    /// What a function was replaced by.
    pub(super) fn mock(&self, is_it: impl Fn(&OverrideTarget) -> bool) -> Option<&Mock<T::Mark>> {
        self.mocks
            .iter()
            .rev()
            .find(|(target, _)| is_it(target))
            .map(|(_, mock)| mock)
    }
}

/// A call with its operands. Collections are the same where they are one in memory: a call with an equal operand that
/// was built anew is evaluated anew, and so is one with an operand that a tracer knows otherwise.
#[derive(Clone, Debug)]
pub(super) struct Call<M> {
    pub(super) rule: RuleId,
    pub(super) operands: Box<[Marked<M>]>,
}

impl<M: PartialEq> PartialEq for Call<M> {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = self.operands.iter().zip(&other.operands);
        self.rule == other.rule && pairs.all(|(a, b)| a.is_same(b))
    }
}

impl<M: PartialEq> Eq for Call<M> {}

impl<M> Call<M> {
    /// Whether a number in its operands is written oddly.
    fn is_non_canonical(&self) -> bool {
        self.operands.iter().any(|operand| operand.value.extent().non_canonical)
    }

    /// Whether an equal call has its numbers written as this one.
    pub(super) fn is_written_as(&self, equal: &Self) -> bool {
        let mut pairs = self.operands.iter().zip(&equal.operands);
        pairs.all(|(a, b)| a.value.is_written_as(&b.value))
    }
}

/// A call, with operands that count by their values.
#[derive(Clone, Debug)]
struct Equal<M>(Call<M>);

impl<M> PartialEq for Equal<M> {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = self.0.operands.iter().zip(&other.0.operands);
        self.0.rule == other.0.rule && pairs.all(|(a, b)| a.value == b.value)
    }
}

impl<M> Eq for Equal<M> {}

impl<M> Hash for Equal<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.rule.hash(state);
        self.0.operands.iter().for_each(|operand| operand.value.hash(state));
    }
}

impl<M> Hash for Call<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rule.hash(state);
        for operand in &self.operands {
            match operand.value.place() {
                Some(place) => place.hash(state),
                None => operand.value.hash(state),
            }
        }
    }
}

impl<M: PartialEq> Marked<M> {
    /// Whether it is the other, collections by their place in memory.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same = match (self.value.place(), other.value.place()) {
            (None, None) => self.value == other.value,
            (one, another) => one == another,
        };
        same && self.mark == other.mark
    }
}

/// The value at a path of names.
pub(super) fn find<'v, N: AsRef<str>>(value: &'v Value, path: &[N]) -> Option<&'v Value> {
    path.iter()
        .try_fold(value, |at, name| at.get(&Value::from(name.as_ref())))
}

/// A document with a value put at a path; whatever is not an object on the way gives way to one.
pub(super) fn put(document: Option<&Value>, path: &[Arc<str>], value: Value) -> Value {
    let Some((name, rest)) = path.split_first() else {
        return value;
    };
    let object = document.and_then(Value::as_object);
    let below = put(object.and_then(|object| object.field(name)), rest, value);
    let mut entries: Vec<(Value, Value)> = object.into_iter().flat_map(Object::iter).cloned().collect();
    entries.push((Value::string(name.clone()), below));
    Value::object(entries)
}

/// Two documents in one, objects merged key by key; where they cannot be, the first counts, as in OPA.
pub(super) fn merge(first: &Value, second: &Value) -> Value {
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => Value::Object(first.union(second, merge)),
        _ => first.clone(),
    }
}
