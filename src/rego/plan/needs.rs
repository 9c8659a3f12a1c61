//! What OPA's index wants of documents and operands before it lets a body be evaluated (`ast/index.go`).
//!
//! A body that it rules out is never come to, and so nothing in it fails. The machine tries statements one after the
//! other, and asks this only once one has failed.

use std::collections::HashMap;

use super::code::{At, Block, Op, Operand, Slot};
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

/// All that a body wants.
pub fn of(block: &Block) -> Vec<(Source<'_>, Wanted<'_>)> {
    let mut reader = Reader {
        block,
        known: HashMap::new(),
        found: Vec::new(),
    };
    for slot in 0..block.parameters {
        reader.known.insert(slot, Known::Source(Source::Operand(slot)));
    }
    let mut at = 0;
    while let Some(op) = block.code.get(at as usize) {
        at = reader.read(op, at);
    }
    reader.found
}

struct Reader<'b> {
    block: &'b Block,
    known: HashMap<Slot, Known<'b>>,
    found: Vec<(Source<'b>, Wanted<'b>)>,
}

impl<'b> Reader<'b> {
    /// Takes in an instruction, and gives the place of the next that counts.
    fn read(&mut self, op: &'b Op, at: At) -> At {
        match op {
            Op::Input { path, to } => self.document(Source::Input(path), *to, at),
            Op::Data { path, to } => self.document(Source::Data(path), *to, at),
            Op::Move {
                from: Operand::Const(value),
                to,
            } => _ = self.known.insert(*to, Known::Constant(value)),
            Op::Move {
                from: Operand::Slot(from),
                to,
            } => {
                if let Some(known) = self.known.get(from).cloned() {
                    self.known.insert(*to, known);
                }
            }
            Op::Scan { of, to, .. } => {
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
            // Behind a choice of ways an instruction may be passed over.
            Op::Fork(_) | Op::Once => return At::MAX,
            _ => {}
        }
        at + 1
    }

    fn of(&self, operand: &'b Operand) -> Option<Known<'b>> {
        match operand {
            Operand::Const(value) => Some(Known::Constant(value)),
            Operand::Slot(slot) => self.known.get(slot).cloned(),
        }
    }

    /// A document's value has to be defined, unless the way goes on from it.
    fn document(&mut self, source: Source<'b>, to: Slot, at: At) {
        let next = self.block.code.get(at as usize + 1);
        let further = matches!(next, Some(Op::Get { of, .. } | Op::Scan { of, .. }) if matches!(of, Operand::Slot(of) if *of == to));
        if !further {
            self.found.push((source.clone(), Wanted::Defined));
        }
        self.known.insert(to, Known::Source(source));
    }

    fn equal(&mut self, one: &'b Operand, other: &'b Operand) {
        let (Some(Known::Source(source) | Known::Member(source)), Some(Known::Constant(value))) =
            (self.of(one), self.of(other))
        else {
            return;
        };
        self.found.push((source, Wanted::OneOf(vec![value])));
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
