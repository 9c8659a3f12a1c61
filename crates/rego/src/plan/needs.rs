//! What OPA's index wants of documents and operands before it lets a body be evaluated (`ast/index.go`).
//!
//! A body that it rules out is never come to, and so nothing in it fails. Constants of the input are read off as guards
//! when the plan is made (`guards.rs`); the machine tries statements one after the other, and asks for the rest only once
//! one has failed.

mod found;
mod reader;

use std::borrow::Cow;
use std::cmp::Reverse;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::code::{Clause, Guard, Slot};
use kpolicy_value::Value;
use reader::{Met, Reader};

/// A value that OPA's index looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source<'b> {
    /// The input at a path.
    Input(Cow<'b, [Value]>),
    /// The base documents at a path.
    Data(Cow<'b, [Value]>),
    /// An operand of the function.
    Operand(Slot),
}

impl Source<'_> {
    /// What is below it at a path; nothing for an operand, whose parts the index does not look at.
    fn below(&self, path: &[Value]) -> Option<Self> {
        let longer = |start: &[Value]| Cow::Owned([start, path].concat());
        match self {
            Self::Input(start) => Some(Self::Input(longer(start))),
            Self::Data(start) => Some(Self::Data(longer(start))),
            Self::Operand(_) => None,
        }
    }
}

/// What it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted<'b> {
    /// Anything that is defined; in a variable, where it is in one.
    Defined(Option<Slot>),
    /// This.
    Value(&'b Value),
    /// A collection that has this.
    Member(&'b Value),
    /// An array with these items; none where any will do.
    Items(Vec<Option<&'b Value>>),
    /// A string that starts with this, or a collection of strings of which one does.
    Prefix(&'b str),
    /// A string that ends with this, or a collection of strings of which one does.
    Suffix(&'b str),
}

impl Wanted<'_> {
    fn is_any(&self) -> bool {
        matches!(self, Self::Defined(_))
    }

    fn is_affix(&self) -> bool {
        matches!(self, Self::Prefix(_) | Self::Suffix(_))
    }

    /// Whether the index goes no further down where it is one of several: the ways do not meet again.
    fn is_last(&self) -> bool {
        self.is_affix() || matches!(self, Self::Items(_)) || matches!(self, Self::Value(value) if !is_scalar(value))
    }

    /// Whether a value will do.
    fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Defined(_) => true,
            Self::Value(wanted) => admits(value, wanted),
            Self::Member(wanted) => members(value).any(|member| member == *wanted),
            Self::Prefix(start) => strings(value).any(|string| string.starts_with(start.as_bytes())),
            Self::Suffix(end) => strings(value).any(|string| string.ends_with(end.as_bytes())),
            Self::Items(items) => value.as_array().is_some_and(|found| {
                let fits = |(item, found): (&Option<&Value>, &Value)| item.is_none_or(|item| item == found);
                found.len() == items.len() && items.iter().zip(found).all(fits)
            }),
        }
    }
}

/// Where the index first met a value, how many others it had met before, how often it counts it in all bodies of a rule,
/// and in which way some body wants one of several of it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: (usize, u32),
    after: usize,
    times: usize,
    several: Several,
}

/// Whether a body wants one of several of a value. The index looks at such values later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Several {
    No,
    /// It goes on after them.
    Meet,
    /// It ends with them.
    End,
}

/// What one body wants of each value, of which one has to be there.
type Body<'b> = Vec<(Source<'b>, Vec<Wanted<'b>>)>;

/// What the bodies of one rule want, clause by clause and branch by branch, in the order in which the index looks at it.
#[derive(Debug)]
pub(crate) struct Wants<'b> {
    bodies: Vec<Vec<Body<'b>>>,
}

impl<'b> Wants<'b> {
    /// What the bodies of these clauses want.
    pub(crate) fn of(clauses: &'b [Clause]) -> Self {
        let mut seen: HashMap<Source<'b>, Seen> = HashMap::new();
        let mut bodies: Vec<Vec<Body<'b>>> = Vec::new();
        for clause in clauses {
            let readers = clause
                .branches
                .iter()
                .map(|block| Reader::of(block, clause.locals.len()));
            let read = |Reader { met, found, .. }| {
                for Met { source, start, times } in met {
                    let at = match source {
                        // No place in the policy: after all others that are met as often.
                        Source::Operand(slot) => (usize::MAX, slot),
                        _ => (clause.module, start),
                    };
                    let after = seen.len();
                    let several = Several::No;
                    let seen = seen.entry(source).or_insert(Seen {
                        at,
                        after,
                        times: 0,
                        several,
                    });
                    seen.at = seen.at.min(at);
                    seen.times += times;
                }
                let body = found.into_body();
                for (source, wanted) in &body {
                    let seen = seen.get_mut(source).expect("what is wanted was met");
                    seen.several = seen.several.max(several(wanted));
                }
                body
            };
            bodies.push(readers.map(read).collect());
        }
        let levels = levels(seen, &bodies);
        bodies
            .iter_mut()
            .flatten()
            .for_each(|body| look_in_order(body, &levels));
        Self { bodies }
    }

    /// Whether the index keeps a branch of a clause from being evaluated, with what `look` finds. The default is never
    /// kept.
    pub(crate) fn rule_out(
        &self,
        clause: usize,
        branch: usize,
        mut look: impl FnMut(&Source<'b>) -> Option<Value>,
    ) -> bool {
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
                    path: path.as_ref().into(),
                    value: (*value).clone(),
                }),
                _ => None,
            });
        guards.collect()
    }
}

/// The values of which some body wants more than that they are defined, by their places in the order in which the index
/// looks at them.
///
/// Follows OPA v1.22 ast/index.go: Sorted, partition
fn levels<'b>(seen: HashMap<Source<'b>, Seen>, bodies: &[Vec<Body<'b>>]) -> HashMap<Source<'b>, usize> {
    let all = bodies.iter().flatten().flatten();
    let valued: HashSet<&Source> = all
        .filter(|(_, wanted)| !wanted.iter().all(Wanted::is_any))
        .map(|(source, _)| source)
        .collect();
    let mut order: Vec<(Source<'b>, Seen)> = seen.into_iter().filter(|(source, _)| valued.contains(source)).collect();
    order.sort_by_key(|(_, seen)| (seen.several, Reverse(seen.times), seen.at, seen.after));
    order
        .into_iter()
        .zip(0..)
        .map(|((source, _), place)| (source, place))
        .collect()
}

/// Puts what a body wants in order. After one of several values whose ways do not meet again only what has to be defined
/// is looked at.
///
/// Follows OPA v1.22 ast/index.go: insertPath
fn look_in_order<'b>(body: &mut Body<'b>, levels: &HashMap<Source<'b>, usize>) {
    body.sort_by_key(|(source, _)| levels.get(source).copied());
    let mut ended = false;
    body.retain_mut(|(source, wanted)| {
        if !levels.contains_key(source) {
            return true;
        }
        let kept = !ended;
        ended |= wanted.len() > 1 && wanted.iter().any(Wanted::is_last);
        keep_one_end(wanted);
        kept
    });
}

/// Of prefixes and suffixes of one value the index keeps those whose shortest is longer.
///
/// Follows OPA v1.22 ast/index.go: oneAffixEnd
fn keep_one_end(wanted: &mut Vec<Wanted>) {
    let shortest = |length: fn(&Wanted) -> Option<usize>| wanted.iter().filter_map(length).min();
    let prefix = shortest(|wanted| match wanted {
        Wanted::Prefix(text) => Some(text.len()),
        _ => None,
    });
    let suffix = shortest(|wanted| match wanted {
        Wanted::Suffix(text) => Some(text.len()),
        _ => None,
    });
    if let (Some(prefix), Some(suffix)) = (prefix, suffix) {
        wanted.retain(|wanted| match wanted {
            Wanted::Prefix(_) => suffix <= prefix,
            Wanted::Suffix(_) => suffix > prefix,
            _ => true,
        });
    }
}

/// Whether one of several will do, of which none is just any.
fn several(wanted: &[Wanted]) -> Several {
    if wanted.len() < 2 || wanted.iter().all(Wanted::is_any) {
        return Several::No;
    }
    match wanted.iter().any(Wanted::is_affix) {
        true => Several::End,
        false => Several::Meet,
    }
}

/// Whether a value is the wanted one, as far as the index tells.
fn admits(value: &Value, wanted: &Value) -> bool {
    match (wanted, value) {
        (Value::Object(_) | Value::Set(_), _) => true,
        (Value::Array(wanted), Value::Array(items)) => {
            let fits = |(wanted, item): (&Value, &Value)| !is_scalar(wanted) || wanted == item;
            wanted.len() == items.len() && wanted.iter().zip(items.iter()).all(fits)
        }
        (Value::Array(_), _) => false,
        _ => value == wanted,
    }
}

/// The members of a collection; of an object, its values.
fn members(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Set(members) => Box::new(members.iter()),
        Value::Object(object) => Box::new(object.iter().map(|(_, value)| value)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The strings that a prefix or suffix is looked for in: a string itself, or the members of a collection.
fn strings(value: &Value) -> impl Iterator<Item = &[u8]> {
    let itself = std::iter::once(value).chain(members(value));
    itself.filter_map(|value| match value {
        Value::String(string) => Some(string.as_bytes()),
        _ => None,
    })
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

    /// Whether the first of these bodies is ruled out for an input.
    fn is_ruled_out(bodies: &[&str], input: &Value) -> bool {
        let program = compiled(bodies);
        let clauses = &program.plan().rules[0].clauses;
        let look = |source: &Source<'_>| match source {
            Source::Input(path) => path.iter().try_fold(input, |at, step| at.get(step)).cloned(),
            Source::Data(_) | Source::Operand(_) => None,
        };
        Wants::of(clauses).rule_out(0, 0, look)
    }

    #[test]
    fn behind_one_of_several_scalars_the_rest_is_looked_at() {
        let input = Value::object(vec![("a".into(), 1_i64.into()), ("b".into(), 5_i64.into())]);
        assert!(is_ruled_out(&["input.a in {1, 2}; input.b == 6"], &input));
        assert!(!is_ruled_out(&["input.a in {1, 2}; input.b == 5"], &input));
        assert!(is_ruled_out(&["input.a in {3, 4}; input.b == 5"], &input));
    }

    #[test]
    fn behind_one_of_several_prefixes_or_arrays_only_what_is_defined_is_looked_at() {
        let text = |text: &str| Value::from(text);
        let input = Value::object(vec![("a".into(), text("xyz")), ("b".into(), text("uvw"))]);
        let any = "strings.any_prefix_match(input.a, {\"x\", \"q\"})";
        assert!(!is_ruled_out(&[any], &input));
        let both = format!("{any}; strings.any_prefix_match(input.b, {{\"q\", \"r\"}})");
        assert!(!is_ruled_out(&[&both], &input));
        assert!(is_ruled_out(&[&format!("{any}; input.b == \"q\"")], &input));
        assert!(is_ruled_out(&[&format!("{any}; input.c")], &input));
        assert!(is_ruled_out(&["startswith(input.a, \"q\")"], &input));
        assert!(is_ruled_out(&["endswith(input.a, \"y\")"], &input));
    }

    #[test]
    fn references_from_variables_are_looked_at() {
        let inner = Value::object(vec![("b".into(), 5_i64.into())]);
        let input = Value::object(vec![("a".into(), inner)]);
        assert!(is_ruled_out(&["x := input.a; x.b == 6"], &input));
        assert!(is_ruled_out(&["k := \"b\"; input.a[k] == 6"], &input));
        assert!(!is_ruled_out(&["k := \"b\"; input.a[k] == 5"], &input));
    }

    #[test]
    fn a_member_is_looked_for_in_collections_alone() {
        let one = Value::from(1_i64);
        assert!(!Wanted::Value(&one).admits(&Value::array(vec![one.clone()])));
        let wanted = Wanted::Member(&one);
        assert!(!wanted.admits(&one));
        assert!(wanted.admits(&Value::array(vec!["a".into(), one.clone()])));
        assert!(!wanted.admits(&Value::array(vec!["a".into()])));
        let wanted = Wanted::Items(vec![None, Some(&one)]);
        assert!(wanted.admits(&Value::array(vec!["a".into(), one.clone()])));
        assert!(!wanted.admits(&one));
    }
}
