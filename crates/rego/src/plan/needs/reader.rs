//! What a body wants, read off its instructions statement by statement, as OPA builds its index.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};

use super::super::code::{At, Block, Op, Operand, Slot};
use super::found::Found;
use super::{Source, Wanted, is_flat, is_scalar};
use kpolicy_value::Value;

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

/// A value that was met, where, and how often that counts.
pub(super) struct Met<'b> {
    pub(super) source: Source<'b>,
    pub(super) start: u32,
    pub(super) times: usize,
}

/// A body as the index takes it in.
pub(super) struct Reader<'b> {
    block: &'b Block,
    /// The slots after these hold what has no name, a reference in an equation say.
    variables: usize,
    /// What the slots without a name hold.
    unnamed: HashMap<Slot, Side<'b>>,
    constants: HashMap<Slot, &'b Value>,
    /// The variables that are operands of the function.
    operands: HashMap<Slot, Slot>,
    /// What is wanted of which value.
    pub(super) found: Found<'b>,
    /// Every value that was met, as often as it was.
    pub(super) met: Vec<Met<'b>>,
    /// The instruction at hand.
    at: At,
}

impl<'b> Reader<'b> {
    /// All that a body wants. Of its slots the first are operands, so many after them variables.
    pub(super) fn of(block: &'b Block, locals: usize) -> Self {
        let mut reader = Self {
            block,
            variables: block.parameters as usize + locals,
            unnamed: HashMap::new(),
            constants: HashMap::new(),
            operands: (0..block.parameters).map(|slot| (slot, slot)).collect(),
            found: Found::default(),
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
            Op::Input { path, to } => self.fill(*to, Side::Document(Source::Input(Cow::Borrowed(path)))),
            Op::Data { path, to } => self.fill(*to, Side::Document(Source::Data(Cow::Borrowed(path)))),
            Op::Path { of, path, to, .. } => self.below(of, path, *to),
            Op::Get { of, key, to } | Op::Stored { of, key, to } => {
                if let Some(key) = self.constant_key(key) {
                    self.below(of, std::slice::from_ref(key), *to);
                }
            }
            Op::Move { from, to } => self.moved(from, *to),
            Op::Scan { of, to, .. } if !self.is_variable(*to) => {
                if let Some(source) = self.document(of) {
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
            } => {
                let held = |op: Option<&Op>| matches!(op, Some(Op::Truthy(Operand::Slot(held))) if held == to);
                if held(self.block.code.get(at as usize + 1)) {
                    self.holds(builtin.name, operands);
                }
            }
            Op::Collect { end, .. } | Op::Not { end } | Op::With { end, .. } => return *end,
            // Of several ways none is wanted by itself; what is after them all is.
            Op::Fork(_) => return self.after_alternatives(at),
            Op::Once => return self.behind_once(at),
            _ => {}
        }
        at + 1
    }

    /// Where it goes on after the ways that a `Fork` starts: each ends with a jump there.
    fn after_alternatives(&self, fork: At) -> At {
        let mut ops = self.block.code[fork as usize..].iter();
        let end = ops.find_map(|op| match op {
            Op::Jump(to) => Some(*to),
            _ => None,
        });
        end.unwrap_or(At::MAX)
    }

    /// Where it goes on after a `Once` and its end.
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

    /// What a reference from a variable or a document on comes to.
    fn below(&mut self, of: &'b Operand, path: &[Value], to: Slot) {
        if let Some(source) = self.document(of).and_then(|source| source.below(path)) {
            self.fill(to, Side::Document(source));
        }
    }

    /// The document that an operand is, or that was found in it as a variable.
    fn document(&self, operand: &'b Operand) -> Option<Source<'b>> {
        let source = match self.side(operand)? {
            Side::Variable(variable) => self.resolved(variable),
            Side::Document(source) => Some(source),
            Side::Constant(_) | Side::Member(_) => None,
        };
        source.filter(|source| !matches!(source, Source::Operand(_)))
    }

    /// The scalar that a variable in a reference is known to be.
    fn constant_key(&self, key: &Operand) -> Option<&'b Value> {
        match key {
            Operand::Slot(slot) => self.constants.get(slot).copied().filter(|value| is_scalar(value)),
            Operand::Const(_) => None,
        }
    }

    /// A call whose result has to be true.
    fn holds(&mut self, builtin: &str, operands: &'b [Operand]) {
        match (builtin, operands) {
            ("internal.member_2", [value, of]) => self.member(value, of),
            ("startswith", [of, start]) => self.affix(of, start, false, Wanted::Prefix),
            ("endswith", [of, end]) => self.affix(of, end, false, Wanted::Suffix),
            ("strings.any_prefix_match", [of, starts]) => self.affix(of, starts, true, Wanted::Prefix),
            ("strings.any_suffix_match", [of, ends]) => self.affix(of, ends, true, Wanted::Suffix),
            _ => {}
        }
    }

    /// A document that has to start or end with a text, or with one of several.
    ///
    /// Follows OPA v1.22 ast/index_affix.go: updateAffix, updateAnyAffixMatch
    fn affix(&mut self, of: &'b Operand, texts: &'b Operand, any: bool, wanted: fn(&'b str) -> Wanted<'b>) {
        let texts = match self.side(texts) {
            Some(Side::Constant(value)) => Some(value),
            Some(Side::Variable(variable)) => self.constants.get(&variable).copied(),
            _ => None,
        };
        let texts: Vec<&'b Value> = match texts {
            Some(Value::Array(items)) if any => items.iter().collect(),
            Some(Value::Set(members)) if any => members.iter().collect(),
            Some(text) => vec![text],
            None => return,
        };
        let texts: Option<Vec<&'b str>> = texts.into_iter().map(Value::as_str).collect();
        let (Some(source), Some(texts)) = (self.document(of), texts) else {
            return;
        };
        for (at, text) in texts.into_iter().enumerate() {
            let again = at == 0 && self.found.has(&source);
            self.want_times(source.clone(), wanted(text), usize::from(!again));
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
        let document = self.found.in_variable(variable).cloned();
        document.or_else(|| self.operands.get(&variable).map(|slot| Source::Operand(*slot)))
    }

    /// Notes that a value was met, and what is wanted of it. The index counts a value once for a body.
    fn want(&mut self, source: Source<'b>, wanted: Wanted<'b>) {
        let times = usize::from(!self.found.has(&source));
        self.want_times(source, wanted, times);
    }

    fn want_times(&mut self, source: Source<'b>, wanted: Wanted<'b>, times: usize) {
        let start = self.block.spans.get(self.at as usize).map_or(0, |span| span.start);
        self.met.push(Met {
            source: source.clone(),
            start,
            times,
        });
        self.found.want(source, wanted);
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
                self.want(source.clone(), Wanted::Member(value));
                true
            }
            _ => false,
        }
    }

    /// An equation of a variable or a document with something else. Says whether the index has taken it.
    fn equates(&mut self, one: &Side<'b>, other: &Side<'b>) -> bool {
        if let Side::Variable(variable) = one {
            let value = match other {
                Side::Constant(value) => Some(*value),
                Side::Variable(other) => self.constants.get(other).copied(),
                _ => None,
            };
            self.constants.extend(value.map(|value| (*variable, value)));
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
            Side::Constant(value) if is_scalar(value) => Wanted::Member(value),
            Side::Variable(variable) => match self.constants.get(&variable) {
                Some(value) if is_scalar(value) => Wanted::Member(value),
                Some(_) => return,
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
        for (at, value) in values.into_iter().enumerate() {
            let again = at == 0 && self.found.has(source);
            self.want_times(source.clone(), Wanted::Value(value), usize::from(!again));
        }
    }
}

fn same(a: &Operand, b: &Operand) -> bool {
    matches!((a, b), (Operand::Slot(a), Operand::Slot(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Options, Program, Source as Text};
    use crate::syntax::tree::Dialect;

    /// What the body of the first rule wants, in words.
    fn wanted(body: &str) -> Vec<String> {
        let text = format!("package p\nr if {{ {body} }}");
        let text = Text {
            text: &text,
            dialect: Dialect::V1,
        };
        let program = Program::compile(&[text], Options::default()).expect("it is sound");
        let clause = &program.plan().rules[0].clauses[0];
        let found = Reader::of(&clause.branches[0], clause.locals.len()).found.into_body();
        let path = |path: &[Value]| {
            path.iter()
                .map(|step| step.as_str().unwrap_or("?").to_owned())
                .collect()
        };
        let words = found.iter().flat_map(|(source, wanted)| {
            let path: Vec<String> = match source {
                Source::Input(steps) | Source::Data(steps) => path(steps),
                Source::Operand(slot) => vec![slot.to_string()],
            };
            wanted.iter().map(move |wanted| match wanted {
                Wanted::Defined(_) => path.join("."),
                Wanted::Value(value) => format!("{} is {}", path.join("."), value.key_text()),
                Wanted::Member(value) => format!("{} has {}", path.join("."), value.key_text()),
                Wanted::Prefix(text) => format!("{} starts with {text}", path.join(".")),
                Wanted::Suffix(text) => format!("{} ends with {text}", path.join(".")),
                Wanted::Items(items) => format!("{} with {}", path.join("."), items.len()),
            })
        });
        words.collect()
    }

    #[test]
    fn statements_outside_of_blocks_want_what_they_read() {
        assert_eq!(wanted("input.a.b"), ["a.b"]);
        assert_eq!(wanted("x := data.d; startswith(input.s, x)"), ["d", "s"]);
        assert_eq!(wanted("x := \"a\"; startswith(input.s, x)"), ["s starts with a"]);
        assert_eq!(wanted("endswith(input.s, \"a\")"), ["s ends with a"]);
        assert_eq!(
            wanted("input.a == 1; input.b in {1, 2}"),
            ["a is 1", "b is 1", "b is 2"]
        );
        assert_eq!(wanted("[x, 1] = input.a; x > 0"), ["a with 2"]);
        assert_eq!(wanted("input.a[_] == 1"), ["a has 1"]);
        assert_eq!(wanted("x := input.a; x.b == 1"), ["a", "a.b is 1"]);
        assert_eq!(wanted("x := 2 + 1; input.a == x; x == 3"), ["a is 3"]);
    }

    #[test]
    fn a_constant_takes_the_place_of_one_variable() {
        assert_eq!(wanted("x := input.a; x == 1"), ["a is 1"]);
        assert_eq!(wanted("x := input.a; input.a == 1"), ["a is 1"]);
        assert_eq!(wanted("x := input.a; 1 in input.a; x != 2"), ["a has 1"]);
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
        assert_eq!(wanted("x := input.a; y := x; y == 1"), ["a is 1"]);
        assert_eq!(wanted("x := 5; y := input.a; y == x"), ["a", "a"]);
        assert!(wanted("[x, [1]] = input.a; x > 0").is_empty());
        assert_eq!(wanted("x := input.a; x[_] == 1"), ["a has 1"]);
        assert!(wanted("count([x | x := input.a; x > 1]) == 0").is_empty());
    }
}
