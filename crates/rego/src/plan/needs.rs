//! What OPA's index wants of documents and operands before it lets a body be evaluated (`ast/index.go`).
//!
//! A body that it rules out is never come to, and so nothing in it fails. Constants of the input are read off as guards
//! when the plan is made (`guards.rs`); the machine tries statements one after the other, and asks for the rest only once
//! one has failed.

mod found;
mod reader;

use std::cmp::Reverse;
use std::collections::HashMap;

use super::code::{Clause, Guard, Slot};
use kpolicy_value::Value;
use reader::Reader;

/// A value that OPA's index looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source<'b> {
    /// The input at a path.
    Input(&'b [Value]),
    /// The base documents at a path.
    Data(&'b [Value]),
    /// An operand of the function.
    Operand(Slot),
}

/// What it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted<'b> {
    /// Anything that is defined; in a variable, where it is in one.
    Defined(Option<Slot>),
    /// This, or a collection that has it.
    Value(&'b Value),
    /// An array with these items; none where any will do.
    Items(Vec<Option<&'b Value>>),
}

impl Wanted<'_> {
    fn is_any(&self) -> bool {
        matches!(self, Self::Defined(_))
    }

    fn turn(&self) -> Turn {
        match self {
            Self::Defined(_) | Self::Value(Value::Object(_) | Value::Set(_)) => Turn::Any,
            Self::Value(Value::Array(items)) => Turn::Array(items.iter().map(is_scalar).collect()),
            Self::Items(items) => Turn::Array(items.iter().map(Option::is_some).collect()),
            Self::Value(_) => Turn::Scalar,
        }
    }

    /// Whether a value will do.
    fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Defined(_) => true,
            Self::Value(wanted) => admits(value, wanted),
            Self::Items(items) => value.as_array().is_some_and(|found| {
                let fits = |(item, found): (&Option<&Value>, &Value)| item.is_none_or(|item| item == found);
                found.len() == items.len() && items.iter().zip(found).all(fits)
            }),
        }
    }
}

/// Where the index first met a value, how many others it had met before, and how often it met it in all bodies of a rule.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: (usize, u32),
    behind: usize,
    times: usize,
}

/// What one body wants of each value, of which one has to be there.
type Body<'b> = Vec<(Source<'b>, Vec<Wanted<'b>>)>;

/// How the index comes to a body: what that wants of each value, by the places of the values, and how far it goes. Of two
/// ways the index takes the lesser first: it comes to bodies that want nothing of a value before those that want something.
type Way = (Vec<(Reverse<usize>, Turn)>, usize);

/// When the index comes to a body, among those that want something of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// First where anything will do.
    Any,
    /// Then where it has to be an array; item by item, where any will do before where one has to be what it is.
    Array(Vec<bool>),
    Scalar,
}

/// What the bodies of one rule want, clause by clause and branch by branch, in the order in which the index looks at it.
#[derive(Debug)]
pub struct Wants<'b> {
    bodies: Vec<Vec<Body<'b>>>,
    /// The values that the index looks at, by their places in its order.
    places: HashMap<Source<'b>, usize>,
}

impl<'b> Wants<'b> {
    /// What the bodies of these clauses want.
    pub fn of(clauses: &'b [Clause]) -> Self {
        let mut seen: HashMap<Source<'b>, Seen> = HashMap::new();
        let mut bodies: Vec<Vec<Body<'b>>> = Vec::new();
        for clause in clauses {
            let readers = clause
                .branches
                .iter()
                .map(|block| Reader::of(block, clause.locals.len()));
            let read = |Reader { met, found, .. }| {
                for (source, at) in met {
                    let at = match source {
                        // No place in the policy: behind all others that are met as often.
                        Source::Operand(slot) => (usize::MAX, slot),
                        _ => (clause.module, at),
                    };
                    let behind = seen.len();
                    let seen = seen.entry(source).or_insert(Seen { at, behind, times: 0 });
                    seen.at = seen.at.min(at);
                    seen.times += 1;
                }
                found.into_body()
            };
            bodies.push(readers.map(read).collect());
        }
        let mut order: Vec<(Source<'b>, Seen)> = seen.into_iter().collect();
        // What was met more often is looked at first.
        order.sort_by_key(|(_, seen)| (Reverse(seen.times), seen.at, seen.behind));
        let places = order.into_iter().zip(0..).map(|((source, _), place)| (source, place));
        let places = places.collect();
        bodies
            .iter_mut()
            .flatten()
            .for_each(|body| look_in_order(body, &places));
        Self { bodies, places }
    }

    /// The clauses by their numbers, in the order in which the index comes to them; as written where it comes to them at
    /// once.
    pub(super) fn order(&self) -> Vec<usize> {
        let first = |at: &usize| self.bodies[*at].iter().map(|body| self.way(body)).min();
        let mut order: Vec<usize> = (0..self.bodies.len()).collect();
        order.sort_by_cached_key(first);
        order
    }

    fn way(&self, body: &Body<'b>) -> Way {
        let turn = |wanted: &[Wanted]| wanted.iter().map(Wanted::turn).min().unwrap_or(Turn::Any);
        let steps = body
            .iter()
            .map(|(source, wanted)| (Reverse(self.places[source]), turn(wanted)));
        let end = match body.last() {
            Some((source, wanted)) if is_one_of_several(wanted) => self.places[source] + 1,
            Some(_) => self.places.len(),
            None => 0,
        };
        (steps.collect(), end)
    }

    /// Whether the index keeps a branch of a clause from being evaluated, with what `look` finds. The default is never
    /// kept.
    pub fn rule_out(&self, clause: usize, branch: usize, mut look: impl FnMut(&Source<'b>) -> Option<Value>) -> bool {
        let body = self.bodies.get(clause).and_then(|branches| branches.get(branch));
        body.into_iter().flatten().any(|(source, wanted)| {
            let found = look(source);
            let admits = |value| wanted.iter().any(|wanted| wanted.admits(value));
            !found.as_ref().is_some_and(admits)
        })
    }

    /// The constants that a clause with one branch wants the input to have, one at each path.
    pub(super) fn certain(&self, clause: usize) -> Vec<Guard> {
        let [only] = self.bodies[clause].as_slice() else {
            return Vec::new();
        };
        let guards = only
            .iter()
            .filter_map(|(source, wanted)| match (source, wanted.as_slice()) {
                (Source::Input(path), [Wanted::Value(value)]) if is_flat(value) => Some(Guard {
                    path: (*path).into(),
                    value: (*value).clone(),
                }),
                _ => None,
            });
        guards.collect()
    }
}

/// Behind one of several values nothing more is looked at.
fn look_in_order<'b>(body: &mut Body<'b>, places: &HashMap<Source<'b>, usize>) {
    body.sort_by_key(|(source, _)| places.get(source).copied());
    let several = body.iter().position(|(_, wanted)| is_one_of_several(wanted));
    body.truncate(several.map_or(body.len(), |at| at + 1));
}

/// Whether a value has to be one of these.
fn is_one_of_several(wanted: &[Wanted]) -> bool {
    wanted.len() > 1 && !wanted.iter().any(Wanted::is_any)
}

/// Whether a value is the wanted one, as far as the index tells: it takes a collection for each of its scalars.
fn admits(value: &Value, wanted: &Value) -> bool {
    match (wanted, value) {
        (Value::Object(_) | Value::Set(_), _) => true,
        (Value::Array(wanted), Value::Array(items)) => {
            let fits = |(wanted, item): (&Value, &Value)| !is_scalar(wanted) || wanted == item;
            wanted.len() == items.len() && wanted.iter().zip(items.iter()).all(fits)
        }
        (Value::Array(_), _) => false,
        (_, Value::Array(items)) => items.contains(wanted),
        (_, Value::Set(members)) => members.iter().any(|member| member == wanted),
        (_, Value::Object(object)) => object.iter().any(|(_, value)| value == wanted),
        _ => value == wanted,
    }
}

/// Whether the index keeps a constant that is written out: no object, no set, no array with collections in it.
fn is_flat(value: &Value) -> bool {
    is_scalar(value) || value.as_array().is_some_and(|items| items.iter().all(is_scalar))
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_) | Value::Set(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Options, Program, Source as Text};
    use crate::syntax::tree::Dialect;

    fn compiled(bodies: &[&str]) -> Program {
        let rules: Vec<String> = bodies.iter().map(|body| format!("r if {{ {body} }}")).collect();
        let text = format!("package p\n{}", rules.join("\n"));
        let text = Text {
            text: &text,
            dialect: Dialect::V1,
        };
        Program::compile(&[text], Options::default()).expect("it is sound")
    }

    /// The bodies by their numbers, as they are tried.
    fn order(bodies: &[&str]) -> Vec<usize> {
        let program = compiled(bodies);
        let clauses = &program.plan().rules[0].clauses;
        let mut written: Vec<u32> = clauses.iter().map(|clause| clause.head.start).collect();
        written.sort_unstable();
        let number = |clause: &Clause| written.iter().position(|start| *start == clause.head.start);
        clauses.iter().filter_map(number).collect()
    }

    /// Whether the first of these bodies is ruled out for an input.
    fn is_ruled_out(bodies: &[&str], input: &Value) -> bool {
        let program = compiled(bodies);
        let clauses = &program.plan().rules[0].clauses;
        let first = order(bodies).iter().position(|number| *number == 0);
        let look = |source: &Source<'_>| match source {
            Source::Input(path) => path.iter().try_fold(input, |at, step| at.get(step)).cloned(),
            Source::Data(_) | Source::Operand(_) => None,
        };
        Wants::of(clauses).rule_out(first.expect("it is tried"), 0, look)
    }

    #[test]
    fn behind_one_of_several_values_nothing_is_looked_at() {
        let input = Value::object(vec![("a".into(), 1_i64.into()), ("b".into(), 5_i64.into())]);
        let body = "input.a in {1, 2}; input.b == 6";
        assert!(!is_ruled_out(&[body], &input));
        assert!(is_ruled_out(&["input.a in {1}; input.b == 6"], &input));
        assert!(is_ruled_out(&["input.a in {3, 4}; input.b == 5"], &input));
        let others = [body, "input.b == 5", "input.b == 7", "input.b == 8", "input.b == 9"];
        assert!(is_ruled_out(&others, &input));
    }

    #[test]
    fn what_wants_less_is_tried_first() {
        assert_eq!(order(&["input.a == 1", "true", "input.a == 1"]), [1, 0, 2]);
        assert_eq!(order(&["input.a == 1", "input.a", "input.b"]), [2, 1, 0]);
        assert_eq!(order(&["input.a == 1", "input.a == [1]", "[_] = input.a"]), [2, 1, 0]);
        // Of values that as many look at, the first counts most, and the operand of a function least.
        assert_eq!(order(&["input.b", "input.a"]), [1, 0]);
        assert_eq!(order(&["input.a", "input.a", "input.b"]), [2, 0, 1]);
        // What takes one of several is tried before what looks further.
        assert_eq!(order(&["input.a == 1; input.b", "input.a in {1, 2}; input.b"]), [1, 0]);
        assert_eq!(order(&["input.a == 1", "input.a in {1, 2}"]), [0, 1]);
    }

    #[test]
    fn a_collection_is_taken_for_each_of_its_scalars() {
        let one = Value::from(1_i64);
        let wanted = Wanted::Value(&one);
        assert!(wanted.admits(&Value::array(vec!["a".into(), one.clone()])));
        assert!(!wanted.admits(&Value::array(vec!["a".into()])));
        let wanted = Wanted::Items(vec![None, Some(&one)]);
        assert!(wanted.admits(&Value::array(vec!["a".into(), one.clone()])));
        assert!(!wanted.admits(&one));
    }
}
