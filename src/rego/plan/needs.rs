//! What OPA's index wants of documents and operands before it lets a body be evaluated (`ast/index.go`).
//!
//! A body that it rules out is never come to, and so nothing in it fails. The machine tries statements one after the
//! other, and asks this only once one has failed.

use std::collections::HashMap;

use super::code::{At, Block, Clause, Op, Operand, Slot};
use crate::value::Value;

/// A value that OPA's index looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source<'b> {
    /// The input at a path.
    Input(&'b [Value]),
    /// The base documents at a path.
    Data(&'b [Value]),
    /// An operand of the function.
    Operand(Slot),
}

/// What it has to be.
#[derive(Debug)]
pub enum Wanted<'b> {
    /// Anything that is defined.
    Defined,
    /// One of these, or a collection that has one of them.
    OneOf(Vec<&'b Value>),
    /// An array with these items; none where any will do.
    Items(Vec<Option<&'b Value>>),
}

impl Wanted<'_> {
    /// Whether a value will do.
    pub fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Defined => true,
            Self::OneOf(values) => values.iter().any(|wanted| admits(value, wanted)),
            Self::Items(items) => value.as_array().is_some_and(|found| {
                let fits = |(item, found): (&Option<&Value>, &Value)| item.is_none_or(|item| item == found);
                found.len() == items.len() && items.iter().zip(found).all(fits)
            }),
        }
    }
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
pub(super) fn is_flat(value: &Value) -> bool {
    is_scalar(value) || value.as_array().is_some_and(|items| items.iter().all(is_scalar))
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_) | Value::Set(_))
}

/// What a slot is known to hold.
#[derive(Clone)]
enum Known<'b> {
    Source(Source<'b>),
    Constant(&'b Value),
    /// A member of a value, whichever.
    Member(Source<'b>),
}

/// Whether a clause wants anything, in each of its bodies. OPA tries those first that do not.
pub(super) fn are_there(clause: &Clause) -> bool {
    clause
        .branches
        .iter()
        .all(|block| !of(block, clause.locals.len()).is_empty())
}

/// All that a body wants. Of its slots the first are operands, so many behind them variables.
pub fn of(block: &Block, locals: usize) -> Vec<(Source<'_>, Wanted<'_>)> {
    let mut reader = Reader {
        block,
        variables: block.parameters as usize + locals,
        known: HashMap::new(),
        found: Vec::new(),
    };
    for slot in 0..block.parameters {
        reader.known.insert(slot, Known::Source(Source::Operand(slot)));
    }
    // What a body prints is not to be lost.
    if block.code.iter().any(|op| matches!(op, Op::Print(_))) {
        return Vec::new();
    }
    let mut at = 0;
    while let Some(op) = block.code.get(at as usize) {
        at = reader.read(op, at);
    }
    reader.found
}

struct Reader<'b> {
    block: &'b Block,
    /// The slots behind these hold what has no name, a reference in an equation say.
    variables: usize,
    known: HashMap<Slot, Known<'b>>,
    found: Vec<(Source<'b>, Wanted<'b>)>,
}

impl<'b> Reader<'b> {
    /// Takes in an instruction, and gives the place of the next that counts.
    fn read(&mut self, op: &'b Op, at: At) -> At {
        match op {
            Op::Input { path, to } => self.document(Source::Input(path), *to),
            Op::Data { path, to } => self.document(Source::Data(path), *to),
            Op::Truthy(value) => self.defined(value),
            Op::Move {
                from: Operand::Const(value),
                to,
            } => _ = self.known.insert(*to, Known::Constant(value)),
            Op::Move {
                from: Operand::Slot(from),
                to,
            } => {
                if let Some(known) = self.handed_on(*from, *to) {
                    if let Known::Source(source @ (Source::Input(_) | Source::Data(_))) = &known {
                        self.document(source.clone(), *to);
                    }
                    self.known.insert(*to, known);
                }
            }
            Op::Scan { of, to, .. } if !self.is_variable(*to) => {
                if let Some(Known::Source(source)) = self.of(of) {
                    self.known.insert(*to, Known::Member(source));
                }
            }
            Op::Equal(a, b) => {
                self.equal(a, b);
                self.equal(b, a);
            }
            Op::ArrayOf { of, length } => self.items(of, *length, at),
            Op::Builtin { builtin, operands, to } if builtin.name == "internal.member_2" => {
                let held = |op: Option<&Op>| matches!(op, Some(Op::Truthy(Operand::Slot(held))) if held == to);
                if held(self.block.code.get(at as usize + 1)) {
                    self.member(&operands[0], &operands[1]);
                }
            }
            Op::Collect { end, .. } | Op::Not { end } | Op::With { end, .. } => return *end,
            // Of several ways none is wanted by itself; what is behind them all is.
            Op::Fork(_) => return self.behind_ways(at),
            Op::Once => return self.behind_once(at),
            _ => {}
        }
        at + 1
    }

    /// Where it goes on behind the ways that a `Fork` starts: each ends with a jump there.
    fn behind_ways(&self, fork: At) -> At {
        let mut ops = self.block.code[fork as usize..].iter();
        let end = ops.find_map(|op| match op {
            Op::Jump(to) => Some(*to),
            _ => None,
        });
        end.unwrap_or(At::MAX)
    }

    /// Where it goes on behind a `Once` and its end.
    fn behind_once(&self, once: At) -> At {
        let mut open = 0;
        for (at, op) in (once..).zip(&self.block.code[once as usize..]) {
            match op {
                Op::Once => open += 1,
                Op::EndOnce => open -= 1,
                _ => {}
            }
            if open == 0 {
                return at + 1;
            }
        }
        At::MAX
    }

    fn of(&self, operand: &'b Operand) -> Option<Known<'b>> {
        match operand {
            Operand::Const(value) => Some(Known::Constant(value)),
            Operand::Slot(slot) => self.known.get(slot).cloned(),
        }
    }

    /// A document's value in a variable has to be defined. Elsewhere it depends on what it is compared with.
    fn document(&mut self, source: Source<'b>, to: Slot) {
        if self.is_variable(to) {
            self.found.push((source.clone(), Wanted::Defined));
        }
        self.known.insert(to, Known::Source(source));
    }

    /// What is known of a slot that a variable takes over. OPA follows no variable into another, and no member into one.
    fn handed_on(&self, from: Slot, to: Slot) -> Option<Known<'b>> {
        let own = self.is_variable(from) && from >= self.block.parameters;
        let known = self.known.get(&from)?;
        let is_followed = !self.is_variable(to) || !own && !matches!(known, Known::Member(_));
        is_followed.then(|| known.clone())
    }

    fn is_variable(&self, slot: Slot) -> bool {
        (slot as usize) < self.variables
    }

    fn defined(&mut self, value: &'b Operand) {
        if let Some(Known::Source(source)) = self.of(value) {
            self.found.push((source, Wanted::Defined));
        }
    }

    fn equal(&mut self, one: &'b Operand, other: &'b Operand) {
        let is_variable = matches!(other, Operand::Slot(slot) if self.is_variable(*slot));
        match (self.of(one), self.of(other)) {
            (Some(Known::Source(source)), Some(Known::Constant(value))) if is_variable || is_flat(value) => {
                self.found.push((source, Wanted::OneOf(vec![value])));
            }
            (Some(Known::Member(source)), Some(Known::Constant(value))) if is_scalar(value) => {
                self.found.push((source, Wanted::OneOf(vec![value])));
            }
            (Some(Known::Source(_)), _) if is_variable => self.defined(one),
            _ => {}
        }
    }

    fn items(&mut self, of: &'b Operand, length: u32, at: At) {
        let Some(Known::Source(source)) = self.of(of) else {
            return;
        };
        let mut items = vec![None; length as usize];
        let mut slots: HashMap<Slot, usize> = HashMap::new();
        for op in &self.block.code[at as usize + 1..] {
            match op {
                Op::Get {
                    of: from,
                    key: Operand::Const(key),
                    to,
                } if same(from, of) => {
                    let is_key = |index: &usize| Value::from(*index) == *key;
                    slots.extend((0..items.len()).find(is_key).map(|index| (*to, index)));
                }
                Op::Equal(Operand::Slot(slot), Operand::Const(value)) if is_scalar(value) => {
                    if let Some(item) = slots.get(slot).and_then(|index| items.get_mut(*index)) {
                        *item = Some(value);
                    }
                }
                Op::Move { .. } | Op::Equal(..) => {}
                _ => break,
            }
        }
        self.found.push((source, Wanted::Items(items)));
    }

    fn member(&mut self, value: &'b Operand, of: &'b Operand) {
        match (self.of(value), self.of(of)) {
            (Some(Known::Source(source)), Some(Known::Constant(collection))) => {
                let values: Vec<&Value> = match collection {
                    Value::Array(items) => items.iter().collect(),
                    Value::Set(members) => members.iter().collect(),
                    Value::Object(object) => object.iter().map(|(_, value)| value).collect(),
                    _ => return,
                };
                if !values.is_empty() {
                    self.found.push((source, Wanted::OneOf(values)));
                }
            }
            (Some(Known::Constant(value)), Some(Known::Source(source))) if is_scalar(value) => {
                self.found.push((source, Wanted::OneOf(vec![value])));
            }
            _ => {}
        }
    }
}

fn same(a: &Operand, b: &Operand) -> bool {
    matches!((a, b), (Operand::Slot(a), Operand::Slot(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rego::program::{Options, Program, Source as Text};
    use crate::rego::syntax::tree::Dialect;

    /// What the body of the first rule wants, in words.
    fn wanted(body: &str) -> Vec<String> {
        let text = format!("package p\nr if {{ {body} }}");
        let text = Text {
            text: &text,
            dialect: Dialect::V1,
        };
        let program = Program::compile(&[text], Options::default()).expect("it is sound");
        let clause = &program.plan().rules[0].clauses[0];
        let found = of(&clause.branches[0], clause.locals.len());
        let path = |path: &[Value]| {
            path.iter()
                .map(|step| step.as_str().unwrap_or("?").to_owned())
                .collect()
        };
        let words = found.iter().map(|(source, wanted)| {
            let path: Vec<String> = match source {
                Source::Input(steps) | Source::Data(steps) => path(steps),
                Source::Operand(slot) => vec![slot.to_string()],
            };
            match wanted {
                Wanted::Defined => path.join("."),
                Wanted::OneOf(values) => format!("{} of {}", path.join("."), values.len()),
                Wanted::Items(items) => format!("{} with {}", path.join("."), items.len()),
            }
        });
        words.collect()
    }

    #[test]
    fn statements_outside_of_blocks_want_what_they_read() {
        assert_eq!(wanted("input.a.b"), ["a.b"]);
        assert_eq!(wanted("x := data.d; startswith(input.s, x)"), ["d", "s"]);
        assert_eq!(wanted("input.a == 1; input.b in {1, 2}"), ["a of 1", "b", "b of 2"]);
        assert_eq!(wanted("[x, 1] = input.a; x > 0"), ["a with 2"]);
        assert_eq!(wanted("input.a[_] == 1"), ["a of 1"]);
    }

    #[test]
    fn what_may_be_otherwise_is_not_wanted() {
        assert!(wanted("not input.a").is_empty());
        assert!(wanted("input.a == input.b").is_empty());
        assert!(wanted("input.a == {1}").is_empty());
        assert!(wanted("some x in input.a; x > 1").is_empty());
        assert!(wanted("some x in input.a; x == 1").is_empty());
        assert!(wanted("x := input.a[_]; x == 1").is_empty());
        assert!(wanted("input.a == 1; print(1)").is_empty());
        assert_eq!(wanted("x := input.a; y := x; y == 1"), ["a"]);
        assert!(wanted("count([x | x := input.a; x > 1]) == 0").is_empty());
    }

    #[test]
    fn a_collection_is_taken_for_each_of_its_scalars() {
        let one = Value::from(1_i64);
        let wanted = Wanted::OneOf(vec![&one]);
        assert!(wanted.admits(&Value::array(vec!["a".into(), one.clone()])));
        assert!(!wanted.admits(&Value::array(vec!["a".into()])));
        let wanted = Wanted::Items(vec![None, Some(&one)]);
        assert!(wanted.admits(&Value::array(vec!["a".into(), one.clone()])));
        assert!(!wanted.admits(&one));
    }
}
