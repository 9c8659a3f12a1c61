//! What OPA's index wants of documents and operands before it lets a body be evaluated (`ast/index.go`).
//!
//! A body that it rules out is never come to, and so nothing in it fails. Constants of the input are read off as guards
//! when the plan is made (`guards.rs`); the machine tries statements one after the other, and asks for the rest only once
//! one has failed.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::code::{At, Block, Clause, Guard, Op, Operand, Slot};
use crate::value::Value;

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

/// Where the index first met a value, and how often in all bodies of a rule.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: (usize, u32),
    times: usize,
}

/// How often the index meets each value in the bodies of one rule: it looks first at what it meets most.
#[derive(Debug, Default)]
pub struct Wants<'b> {
    seen: HashMap<Source<'b>, Seen>,
}

impl<'b> Wants<'b> {
    /// What the bodies of these clauses want.
    pub fn of(clauses: &'b [Clause]) -> Self {
        let mut all = Self::default();
        for clause in clauses {
            for block in &clause.branches {
                for (source, at) in Reader::of(block, clause.locals.len()).met {
                    let at = (clause.module, at);
                    let seen = all.seen.entry(source).or_insert(Seen { at, times: 0 });
                    seen.at = seen.at.min(at);
                    seen.times += 1;
                }
            }
        }
        all
    }

    /// Whether the index keeps a body from being evaluated, with what `look` finds.
    pub fn rule_out(
        &self,
        block: &'b Block,
        locals: usize,
        mut look: impl FnMut(&Source<'b>) -> Option<Value>,
    ) -> bool {
        self.of_body(block, locals).iter().any(|(source, wanted)| {
            let found = look(source);
            let admits = |value| wanted.iter().any(|wanted| wanted.admits(value));
            !found.as_ref().is_some_and(admits)
        })
    }

    /// The constants that a body wants the input to have, one at each path.
    pub(super) fn certain(&self, block: &'b Block, locals: usize) -> Vec<Guard> {
        let wanted = self.of_body(block, locals).into_iter();
        let guards = wanted.filter_map(|(source, wanted)| match (source, wanted.as_slice()) {
            (Source::Input(path), [Wanted::Value(value)]) if is_flat(value) => Some(Guard {
                path: path.into(),
                value: (*value).clone(),
            }),
            _ => None,
        });
        guards.collect()
    }

    /// What a body wants of each value, of which one has to be there.
    fn of_body(&self, block: &'b Block, locals: usize) -> Vec<(Source<'b>, Vec<Wanted<'b>>)> {
        let mut sources: Vec<(Source<'b>, Vec<Wanted<'b>>)> = Vec::new();
        for (source, wanted) in Reader::of(block, locals).found {
            match sources.iter_mut().find(|(known, _)| *known == source) {
                Some((_, all)) => all.push(wanted),
                None => sources.push((source, vec![wanted])),
            }
        }
        // What more bodies want is looked at first, and behind one of several values nothing more is.
        sources.sort_by_key(|(source, _)| self.seen.get(source).map(|seen| (Reverse(seen.times), seen.at)));
        let is_any = |wanted: &Wanted<'_>| matches!(wanted, Wanted::Defined(_));
        let several = sources
            .iter()
            .position(|(_, wanted)| wanted.len() > 1 && !wanted.iter().any(is_any));
        sources.truncate(several.map_or(sources.len(), |at| at + 1));
        sources
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
fn is_flat(value: &Value) -> bool {
    is_scalar(value) || value.as_array().is_some_and(|items| items.iter().all(is_scalar))
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_) | Value::Set(_))
}

/// What an operand is to the index.
#[derive(Clone)]
enum Side<'b> {
    Constant(&'b Value),
    Variable(Slot),
    /// A document of the input or the data.
    Document(Source<'b>),
    /// A member of such a document, whichever.
    Member(Source<'b>),
}

/// Whether a clause wants anything, in each of its bodies. OPA tries those first that do not.
pub(super) fn are_there(clause: &Clause) -> bool {
    clause
        .branches
        .iter()
        .all(|block| !Reader::of(block, clause.locals.len()).found.is_empty())
}

struct Reader<'b> {
    block: &'b Block,
    /// The slots behind these hold what has no name, a reference in an equation say.
    variables: usize,
    /// What the slots without a name hold.
    unnamed: HashMap<Slot, Side<'b>>,
    constants: HashMap<Slot, &'b Value>,
    /// The variables that are operands of the function.
    operands: HashMap<Slot, Slot>,
    found: Vec<(Source<'b>, Wanted<'b>)>,
    /// Every value that was met, as often as it was, and where.
    met: Vec<(Source<'b>, u32)>,
    /// The instruction at hand.
    at: At,
}

impl<'b> Reader<'b> {
    /// All that a body wants. Of its slots the first are operands, so many behind them variables.
    fn of(block: &'b Block, locals: usize) -> Self {
        let mut reader = Self {
            block,
            variables: block.parameters as usize + locals,
            unnamed: HashMap::new(),
            constants: HashMap::new(),
            operands: (0..block.parameters).map(|slot| (slot, slot)).collect(),
            found: Vec::new(),
            met: Vec::new(),
            at: 0,
        };
        // What a body prints is not to be lost.
        if block.code.iter().any(|op| matches!(op, Op::Print(_))) {
            return reader;
        }
        while let Some(op) = block.code.get(reader.at as usize) {
            reader.at = reader.read(op, reader.at);
        }
        reader
    }

    /// Takes in an instruction, and gives the place of the next that counts.
    fn read(&mut self, op: &'b Op, at: At) -> At {
        match op {
            Op::Input { path, to } => self.fill(*to, Side::Document(Source::Input(path))),
            Op::Data { path, to } => self.fill(*to, Side::Document(Source::Data(path))),
            Op::Move { from, to } => self.moved(from, *to),
            Op::Scan { of, to, .. } if !self.is_variable(*to) => {
                if let Some(Side::Document(source)) = self.side(of) {
                    self.unnamed.insert(*to, Side::Member(source));
                }
            }
            // A reference by itself has to be defined.
            Op::Truthy(value) => {
                if let Some(Side::Document(source)) = self.side(value) {
                    self.want(source, Wanted::Defined(None));
                }
            }
            Op::Equal(a, b) => {
                if let (Some(a), Some(b)) = (self.side(a), self.side(b)) {
                    self.equation(&a, &b);
                }
            }
            Op::ArrayOf { of, length } => self.items(of, *length, at),
            Op::Builtin {
                builtin, operands, to, ..
            } if builtin.name == "internal.member_2" => {
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

    /// Where it goes on behind the ways that a `Fork` starts: the first ends with a jump there.
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

    fn is_variable(&self, slot: Slot) -> bool {
        (slot as usize) < self.variables
    }

    /// What an operand is; nothing where the index does not look at its like.
    fn side(&self, operand: &'b Operand) -> Option<Side<'b>> {
        match operand {
            Operand::Const(value) => Some(Side::Constant(value)),
            Operand::Slot(slot) if self.is_variable(*slot) => Some(Side::Variable(*slot)),
            Operand::Slot(slot) => self.unnamed.get(slot).cloned(),
        }
    }

    /// A slot is filled: a variable by an equation.
    fn fill(&mut self, to: Slot, by: Side<'b>) {
        match self.is_variable(to) {
            true => self.equation(&Side::Variable(to), &by),
            false => _ = self.unnamed.insert(to, by),
        }
    }

    fn moved(&mut self, from: &'b Operand, to: Slot) {
        match *from {
            // A parameter gets its own name.
            Operand::Slot(from) if from < self.block.parameters => _ = self.operands.insert(to, from),
            _ => {
                if let Some(side) = self.side(from) {
                    self.fill(to, side);
                }
            }
        }
    }

    /// The value that a variable stands for: a document that was found in it, or an operand.
    fn resolved(&self, variable: Slot) -> Option<Source<'b>> {
        let is_in_it = |(_, wanted): &&(Source<'b>, Wanted<'b>)| *wanted == Wanted::Defined(Some(variable));
        let document = self.found.iter().find(is_in_it).map(|(source, _)| source.clone());
        document.or_else(|| self.operands.get(&variable).map(|slot| Source::Operand(*slot)))
    }

    /// Notes what is wanted of a value. A constant takes the place of one variable that the value is in; what is left in
    /// another may be anything.
    fn want(&mut self, source: Source<'b>, wanted: Wanted<'b>) {
        let start = self.block.spans.get(self.at as usize).map_or(0, |span| span.start);
        self.met.push((source.clone(), start));
        for (known, other) in &mut self.found {
            if *known != source {
                continue;
            }
            if *other == wanted {
                return;
            }
            if matches!(other, Wanted::Defined(_)) && !matches!(wanted, Wanted::Defined(_)) {
                *other = wanted;
                return;
            }
        }
        self.found.push((source, wanted));
    }

    fn equation(&mut self, a: &Side<'b>, b: &Side<'b>) {
        _ = self.has_member(a, b) || self.has_member(b, a) || self.equates(a, b) || self.equates(b, a);
    }

    /// `input.xs[_] == 1`
    fn has_member(&mut self, of: &Side<'b>, value: &Side<'b>) -> bool {
        let value = match value {
            Side::Constant(value) => Some(*value),
            Side::Variable(variable) => self.constants.get(variable).copied(),
            _ => None,
        };
        match (of, value) {
            (Side::Member(source), Some(value)) if is_scalar(value) => {
                self.want(source.clone(), Wanted::Value(value));
                true
            }
            _ => false,
        }
    }

    /// An equation of a variable or a document with something else. Says whether the index has taken it.
    fn equates(&mut self, one: &Side<'b>, other: &Side<'b>) -> bool {
        if let (Side::Variable(variable), Side::Constant(value)) = (one, other) {
            self.constants.insert(*variable, value);
        }
        let wanted = match (one, other) {
            (Side::Document(_), Side::Variable(variable)) if let Some(value) = self.constants.get(variable) => {
                Wanted::Value(value)
            }
            (_, Side::Variable(variable)) => Wanted::Defined(Some(*variable)),
            (_, Side::Constant(value)) if is_flat(value) => Wanted::Value(value),
            _ => return false,
        };
        self.is_wanted(one, wanted)
    }

    /// Notes what is wanted of a variable or a document; says whether that is one.
    fn is_wanted(&mut self, of: &Side<'b>, wanted: Wanted<'b>) -> bool {
        let source = match of {
            Side::Variable(variable) => self.resolved(*variable),
            Side::Document(source) => Some(source.clone()),
            Side::Constant(_) | Side::Member(_) => None,
        };
        let found = source.is_some();
        if let Some(source) = source {
            self.want(source, wanted);
        }
        found
    }

    /// An array of variables and scalars; the index takes none that has other collections in it.
    fn items(&mut self, of: &'b Operand, length: u32, at: At) {
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
                Op::Equal(Operand::Slot(slot), Operand::Const(value)) if slots.contains_key(slot) => {
                    if !is_scalar(value) {
                        return;
                    }
                    items[slots[slot]] = Some(value);
                }
                Op::ArrayOf { of, .. } | Op::ObjectOf { of, .. } => {
                    let is_item = |slot: &Slot| matches!(of, Operand::Slot(of) if of == slot);
                    if slots.keys().any(is_item) {
                        return;
                    }
                    break;
                }
                Op::Move { .. } | Op::Equal(..) => {}
                _ => break,
            }
        }
        if let Some(side) = self.side(of) {
            self.is_wanted(&side, Wanted::Items(items));
        }
    }

    /// `value in of`
    fn member(&mut self, value: &'b Operand, of: &'b Operand) {
        let (Some(value), Some(of)) = (self.side(value), self.side(of)) else {
            return;
        };
        if let Side::Variable(variable) = value
            && let Some(source) = self.resolved(variable)
        {
            return self.one_of(&source, &of);
        }
        let wanted = match value {
            Side::Constant(value) if is_scalar(value) => Wanted::Value(value),
            Side::Variable(variable) => match self.constants.get(&variable) {
                Some(value) => Wanted::Value(value),
                None => Wanted::Defined(Some(variable)),
            },
            _ => return,
        };
        self.is_wanted(&of, wanted);
    }

    /// A document or an operand that has to be a member of a constant.
    fn one_of(&mut self, source: &Source<'b>, of: &Side<'b>) {
        let collection = match of {
            Side::Constant(value) => Some(*value),
            Side::Variable(variable) => self.constants.get(variable).copied(),
            Side::Document(_) | Side::Member(_) => None,
        };
        let values: Vec<&'b Value> = match collection {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(Value::Set(members)) => members.iter().collect(),
            Some(Value::Object(object)) => object.iter().map(|(_, value)| value).collect(),
            _ => return,
        };
        for value in values {
            self.want(source.clone(), Wanted::Value(value));
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
        let found = Reader::of(&clause.branches[0], clause.locals.len()).found;
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
                Wanted::Defined(_) => path.join("."),
                Wanted::Value(value) => format!("{} is {}", path.join("."), value.key_text()),
                Wanted::Items(items) => format!("{} with {}", path.join("."), items.len()),
            }
        });
        words.collect()
    }

    #[test]
    fn statements_outside_of_blocks_want_what_they_read() {
        assert_eq!(wanted("input.a.b"), ["a.b"]);
        assert_eq!(wanted("x := data.d; startswith(input.s, x)"), ["d", "s"]);
        assert_eq!(
            wanted("input.a == 1; input.b in {1, 2}"),
            ["a is 1", "b is 1", "b is 2"]
        );
        assert_eq!(wanted("[x, 1] = input.a; x > 0"), ["a with 2"]);
        assert_eq!(wanted("input.a[_] == 1"), ["a is 1"]);
        assert_eq!(wanted("x := 2 + 1; input.a == x; x == 3"), ["a is 3"]);
    }

    #[test]
    fn a_constant_takes_the_place_of_one_variable() {
        assert_eq!(wanted("x := input.a; x == 1"), ["a is 1"]);
        assert_eq!(wanted("x := input.a; input.a == 1"), ["a is 1"]);
        assert_eq!(wanted("x := input.a; 1 in input.a; x != 2"), ["a is 1", "a"]);
        assert_eq!(wanted("x := input.a; input.a == 1; x == 2"), ["a is 1"]);
        assert_eq!(wanted("input.a; input.a; input.a == 1"), ["a is 1"]);
    }

    #[test]
    fn what_may_be_otherwise_is_not_wanted() {
        assert!(wanted("not input.a").is_empty());
        assert_eq!(wanted("input.a == {1}"), Vec::<String>::new());
        assert!(wanted("some x in input.a; x > 1").is_empty());
        assert!(wanted("some x in input.a; x == 1").is_empty());
        assert!(wanted("x := input.a[_]; x == 1").is_empty());
        assert!(wanted("input.a == 1; print(1)").is_empty());
        assert_eq!(wanted("x := input.a; y := x; y == 1"), ["a is 1", "a"]);
        assert_eq!(wanted("x := 5; y := input.a; y == x"), ["a", "a"]);
        assert!(wanted("[x, [1]] = input.a; x > 0").is_empty());
        assert_eq!(wanted("x := input.a; x[_] == 1"), ["a"]);
        assert!(wanted("count([x | x := input.a; x > 1]) == 0").is_empty());
    }

    /// Whether the first of these bodies is ruled out for an input.
    fn is_ruled_out(bodies: &[&str], input: &Value) -> bool {
        let rules: Vec<String> = bodies.iter().map(|body| format!("r if {{ {body} }}")).collect();
        let text = format!("package p\n{}", rules.join("\n"));
        let text = Text {
            text: &text,
            dialect: Dialect::V1,
        };
        let program = Program::compile(&[text], Options::default()).expect("it is sound");
        let clauses = &program.plan().rules[0].clauses;
        let look = |source: &Source<'_>| match source {
            Source::Input(path) => path.iter().try_fold(input, |at, step| at.get(step)).cloned(),
            Source::Data(_) | Source::Operand(_) => None,
        };
        let first = &clauses[0];
        Wants::of(clauses).rule_out(&first.branches[0], first.locals.len(), look)
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
