//! The evaluator: each field is a vertex that unifies the expressions that are written for it, as cue evaluates them.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::tree::{Clause, Comprehension, Declaration, E, Item, Kind, Label, Need, Part, Struct};
use super::value::{Num, Types, Val, VertexId};
use crate::ParseError;
use crate::document::Span;

/// How many steps an evaluation may take, how many vertices it may have, and how deep it may nest.
const MAX_STEPS: usize = 2_000_000;
const MAX_VERTICES: usize = 500_000;
const MAX_DEPTH: usize = 600;
/// How many bytes all strings that are built may take.
const MAX_BYTES: usize = 64 << 20;

/// Why an evaluation failed.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) error: ParseError,
    /// Whether a value is only not known yet: more conjuncts could give it.
    is_incomplete: bool,
}

pub(super) type Res<T> = Result<T, Box<Fault>>;

pub(super) fn fault<T>(message: impl Into<String>, span: Span) -> Res<T> {
    Err(Box::new(Fault {
        error: ParseError::new(message, span),
        is_incomplete: false,
    }))
}

fn incomplete<T>(message: impl Into<String>, span: Span) -> Res<T> {
    Err(Box::new(Fault {
        error: ParseError::new(message, span),
        is_incomplete: true,
    }))
}

fn limit<T>(message: impl Into<String>, span: Span) -> Res<T> {
    Err(Box::new(Fault {
        error: ParseError::limit(message, span),
        is_incomplete: false,
    }))
}

/// A scope: the struct literal or the variables that names may refer to.
pub(super) struct Env {
    parent: Option<Rc<Env>>,
    scope: Scope,
}

enum Scope {
    /// A struct literal and the vertex that it is part of.
    Struct(Rc<Struct>, VertexId),
    Variables(Vec<(Rc<str>, VertexId)>),
}

/// An expression that a vertex has to be.
#[derive(Clone)]
pub(super) struct Conjunct {
    expression: E,
    env: Rc<Env>,
    /// The definitions that it is part of, which close the struct.
    closed: Rc<[usize]>,
    /// Whether a struct embeds it, which then is closed with it.
    is_embedded: bool,
    /// Of a struct literal: whether what it embeds is among the conjuncts already.
    is_expanded: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Busy,
    Done,
}

/// A field of a vertex.
#[derive(Clone)]
pub(super) struct Arc {
    pub(super) vertex: VertexId,
    pub(super) need: Need,
    pub(super) key_span: Span,
    /// Whether it is a label of the data, and neither hidden nor a definition.
    pub(super) is_data: bool,
}

/// What a field, a list item or an operand is.
pub(super) struct Vertex {
    pub(super) conjuncts: Vec<Conjunct>,
    pub(super) span: Span,
    state: State,
    pub(super) value: Val,
    pub(super) arcs: BTreeMap<Rc<str>, Arc>,
    pub(super) items: Vec<VertexId>,
    /// Patterns with what they add, and the definition that declares them.
    patterns: Vec<(E, Conjunct)>,
    lets: HashMap<(usize, Rc<str>), VertexId>,
    /// Whether it has fields, and not only what a struct literal embeds.
    has_struct: bool,
}

/// A struct literal of a vertex.
struct Literal {
    tree: Rc<Struct>,
    env: Rc<Env>,
    closed: Vec<usize>,
}

pub(super) struct Machine {
    pub(super) vertices: Vec<Vertex>,
    pub(super) packages: HashMap<Rc<str>, Rc<str>>,
    steps: usize,
    pub(super) depth: usize,
    bytes: usize,
    definitions: usize,
}

/// Whether a label is of the data.
fn is_data(label: &str) -> bool {
    !label.starts_with(['_', '#'])
}

fn is_definition(label: &str) -> bool {
    label.starts_with('#') || label.starts_with("_#")
}

impl Machine {
    pub(super) fn new(packages: HashMap<Rc<str>, Rc<str>>) -> Self {
        Self {
            vertices: Vec::new(),
            packages,
            steps: 0,
            depth: 0,
            bytes: 0,
            definitions: 0,
        }
    }

    /// The vertex of a file.
    pub(super) fn root(&mut self, expression: &E) -> Res<VertexId> {
        let env = Rc::new(Env {
            parent: None,
            scope: Scope::Variables(Vec::new()),
        });
        self.vertex_of(expression, &env)
    }

    pub(super) fn step(&mut self, span: Span) -> Res<()> {
        self.steps += 1;
        match self.steps <= MAX_STEPS {
            true => Ok(()),
            false => limit(format!("the evaluation takes more than {MAX_STEPS} steps"), span),
        }
    }

    pub(super) fn spend(&mut self, bytes: usize, span: Span) -> Res<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        match self.bytes <= MAX_BYTES {
            true => Ok(()),
            false => limit(
                format!("the evaluation builds strings of more than {} MiB", MAX_BYTES >> 20),
                span,
            ),
        }
    }

    pub(super) fn vertex(&mut self, conjuncts: Vec<Conjunct>, span: Span) -> Res<VertexId> {
        if self.vertices.len() >= MAX_VERTICES {
            return limit(format!("the evaluation makes more than {MAX_VERTICES} values"), span);
        }
        self.vertices.push(Vertex {
            conjuncts,
            span,
            state: State::New,
            value: Val::Top,
            arcs: BTreeMap::new(),
            items: Vec::new(),
            patterns: Vec::new(),
            lets: HashMap::new(),
            has_struct: false,
        });
        Ok(self.vertices.len() - 1)
    }

    /// A vertex that is evaluated already.
    pub(super) fn done(&mut self, value: Val, span: Span) -> Res<VertexId> {
        let vertex = self.vertex(Vec::new(), span)?;
        self.vertices[vertex].value = value;
        self.vertices[vertex].state = State::Done;
        Ok(vertex)
    }

    pub(super) fn list(&mut self, items: Vec<VertexId>, span: Span) -> Res<VertexId> {
        let vertex = self.done(Val::List, span)?;
        self.vertices[vertex].items = items;
        Ok(vertex)
    }

    fn vertex_of(&mut self, expression: &E, env: &Rc<Env>) -> Res<VertexId> {
        let conjunct = Conjunct {
            expression: Rc::clone(expression),
            env: Rc::clone(env),
            closed: Rc::new([]),
            is_embedded: false,
            is_expanded: false,
        };
        self.vertex(vec![conjunct], expression.span)
    }

    /// The vertex that an expression is, evaluated, and of a choice its default.
    pub(super) fn operand(&mut self, expression: &E, env: &Rc<Env>) -> Res<VertexId> {
        let vertex = self.vertex_of(expression, env)?;
        self.evaluate(vertex)?;
        self.default(vertex, expression.span)
    }

    pub(super) fn value(&mut self, expression: &E, env: &Rc<Env>) -> Res<Val> {
        let vertex = self.operand(expression, env)?;
        Ok(self.vertices[vertex].value.clone())
    }

    /// A value that is concrete.
    pub(super) fn concrete(&mut self, expression: &E, env: &Rc<Env>) -> Res<Val> {
        let value = self.value(expression, env)?;
        match value.is_concrete() {
            true => Ok(value),
            false => incomplete(
                format!("the value is not known: it is {}", value.shown()),
                expression.span,
            ),
        }
    }

    /// A vertex itself, or of a choice the one that is the default.
    pub(super) fn default(&mut self, vertex: VertexId, span: Span) -> Res<VertexId> {
        let Val::Choice(choices) = self.vertices[vertex].value.clone() else {
            return Ok(vertex);
        };
        let mut chosen: Option<VertexId> = None;
        for (choice, _) in choices.iter().filter(|(_, is_default)| *is_default) {
            match chosen {
                None => chosen = Some(*choice),
                Some(known) if self.is_same(known, *choice) => {}
                Some(_) => return incomplete("several values are possible, and none of them is the default", span),
            }
        }
        match chosen {
            Some(choice) => self.default(choice, span),
            None => incomplete("several values are possible, and none of them is the default", span),
        }
    }

    /// Whether two vertices are the same scalar.
    fn is_same(&self, left: VertexId, right: VertexId) -> bool {
        let (a, b) = (&self.vertices[left].value, &self.vertices[right].value);
        a.types() == b.types() && a.equals(b)
    }

    // Names

    /// The vertex that a name refers to.
    fn named(&mut self, name: &Rc<str>, env: &Rc<Env>, span: Span) -> Res<Option<VertexId>> {
        let mut scope = Some(Rc::clone(env));
        while let Some(env) = scope {
            match &env.scope {
                Scope::Variables(variables) => {
                    if let Some((_, vertex)) = variables.iter().rev().find(|(known, _)| known == name) {
                        return Ok(Some(*vertex));
                    }
                }
                Scope::Struct(tree, vertex) => {
                    let binds = tree.declarations.iter().find_map(|declaration| match declaration {
                        Declaration::Let(known, value) if known == name => Some(Some(value)),
                        Declaration::Field(field) if matches!(&field.label, Label::Name(known) if known == name) => {
                            Some(None)
                        }
                        _ => None,
                    });
                    match binds {
                        Some(Some(value)) => {
                            let key = (Rc::as_ptr(tree) as usize, Rc::clone(name));
                            if let Some(known) = self.vertices[*vertex].lets.get(&key) {
                                return Ok(Some(*known));
                            }
                            let bound = self.vertex_of(value, &env)?;
                            self.vertices[*vertex].lets.insert(key, bound);
                            return Ok(Some(bound));
                        }
                        Some(None) => return self.arc(*vertex, name, span).map(Some),
                        None => {}
                    }
                }
            }
            scope = env.parent.clone();
        }
        Ok(None)
    }

    fn arc(&mut self, vertex: VertexId, name: &str, span: Span) -> Res<VertexId> {
        match self.vertices[vertex].arcs.get(name) {
            Some(arc) if arc.need == Need::Regular || !arc.is_data => Ok(arc.vertex),
            Some(_) => incomplete(format!("the field `{name}` is not set"), span),
            None => incomplete(format!("there is no field `{name}`"), span),
        }
    }

    /// The vertex that a reference leads to; none for an expression that is not one.
    fn referred(&mut self, expression: &E, env: &Rc<Env>) -> Res<Option<(VertexId, bool)>> {
        match &expression.kind {
            Kind::Name(name) => {
                let found = self.named(name, env, expression.span)?;
                Ok(found.map(|vertex| (vertex, is_definition(name))))
            }
            Kind::Select(target, name) => {
                if let Kind::Name(package) = &target.kind
                    && self.packages.contains_key(package)
                    && self.named(package, env, target.span)?.is_none()
                {
                    return Ok(None);
                }
                let target = match self.referred(target, env)? {
                    Some((vertex, _)) => vertex,
                    None => self.vertex_of(target, env)?,
                };
                self.evaluate(target)?;
                let target = self.default(target, expression.span)?;
                Ok(Some((self.arc(target, name, expression.span)?, is_definition(name))))
            }
            Kind::Index(target, index) => {
                let target = self.operand(target, env)?;
                let index = self.concrete(index, env)?;
                match (&self.vertices[target].value, index) {
                    (Val::List, Val::Number(Num::Int(index))) => {
                        let found = usize::try_from(index).ok();
                        match found.and_then(|index| self.vertices[target].items.get(index)) {
                            Some(item) => Ok(Some((*item, false))),
                            None => fault(format!("index {index} is out of range"), expression.span),
                        }
                    }
                    (Val::Struct, Val::String(name)) => Ok(Some((self.arc(target, &name, expression.span)?, false))),
                    (value, _) => fault(format!("{} has no such part", value.shown()), expression.span),
                }
            }
            _ => Ok(None),
        }
    }

    // Evaluation

    pub(super) fn evaluate(&mut self, vertex: VertexId) -> Res<()> {
        let span = self.vertices[vertex].span;
        if self.vertices[vertex].state != State::New {
            return Ok(());
        }
        if self.depth >= MAX_DEPTH {
            return limit(
                format!("values nest or refer to each other deeper than {MAX_DEPTH} levels"),
                span,
            );
        }
        self.depth += 1;
        self.vertices[vertex].state = State::Busy;
        let evaluated = self.unify(vertex);
        self.depth -= 1;
        self.vertices[vertex].state = if evaluated.is_ok() { State::Done } else { State::New };
        evaluated
    }

    /// Unifies the conjuncts of a vertex.
    fn unify(&mut self, vertex: VertexId) -> Res<()> {
        let mut gathered = Gathered {
            work: self.vertices[vertex].conjuncts.iter().rev().cloned().collect(),
            value: Val::Top,
            lists: Vec::new(),
        };
        let (mut seen, mut structs) = (Vec::new(), Vec::<Literal>::new());
        while let Some(conjunct) = gathered.work.pop() {
            let expression = Rc::clone(&conjunct.expression);
            self.step(expression.span)?;
            if seen.len() > MAX_DEPTH * 20 {
                return limit("the value has too many conjuncts", expression.span);
            }
            match &expression.kind {
                Kind::Binary("&", left, right) => {
                    for side in [right, left] {
                        gathered.work.push(Conjunct {
                            expression: Rc::clone(side),
                            ..conjunct.clone()
                        });
                    }
                    continue;
                }
                Kind::Binary("|", ..) | Kind::Unary("*", _) => {
                    let mut rest = seen;
                    rest.append(&mut gathered.work);
                    return self.choose(vertex, &conjunct, &rest);
                }
                Kind::Struct(tree) => {
                    let env = Rc::new(Env {
                        parent: Some(Rc::clone(&conjunct.env)),
                        scope: Scope::Struct(Rc::clone(tree), vertex),
                    });
                    let mut closed = conjunct.closed.to_vec();
                    let embeds = tree.declarations.iter().filter(|_| !conjunct.is_expanded);
                    for declaration in embeds.clone() {
                        if matches!(declaration, Declaration::Embedded(embedded) if names_definition(embedded)) {
                            self.definitions += 1;
                            closed.push(self.definitions);
                        }
                    }
                    for declaration in embeds.rev() {
                        if let Declaration::Embedded(embedded) = declaration {
                            gathered.work.push(Conjunct {
                                expression: Rc::clone(embedded),
                                env: Rc::clone(&env),
                                closed: closed.clone().into(),
                                is_embedded: true,
                                is_expanded: false,
                            });
                        }
                    }
                    let literal = Literal {
                        tree: Rc::clone(tree),
                        env,
                        closed,
                    };
                    self.static_fields(vertex, &literal)?;
                    seen.push(Conjunct {
                        closed: literal.closed.clone().into(),
                        is_expanded: true,
                        ..conjunct
                    });
                    structs.push(literal);
                    continue;
                }
                Kind::List(items) => gathered.lists.push((self.items(items, &conjunct)?, expression.span)),
                _ => match self.referred(&expression, &conjunct.env)? {
                    Some((target, closes)) => {
                        let mut closed = conjunct.closed.to_vec();
                        if closes && !conjunct.is_embedded {
                            self.definitions += 1;
                            closed.push(self.definitions);
                        }
                        let known = gathered.work.len();
                        self.follow(vertex, target, &closed, &mut gathered, expression.span)?;
                        // What it refers to takes its place.
                        if gathered.work.len() > known {
                            continue;
                        }
                    }
                    None => {
                        let found = self.computed(&expression, &conjunct.env)?;
                        match found {
                            Computed::Value(found) => {
                                gathered.value = self.both(&gathered.value, &found, expression.span)?
                            }
                            Computed::Vertex(found) => {
                                self.follow(vertex, found, &conjunct.closed, &mut gathered, expression.span)?;
                            }
                        }
                    }
                },
            }
            seen.push(conjunct);
        }
        self.finish(vertex, &structs, gathered)
    }

    fn both(&self, left: &Val, right: &Val, span: Span) -> Res<Val> {
        match left.unify(right) {
            Some(value) => Ok(value),
            None => fault(
                format!("conflicting values {} and {}", left.shown(), right.shown()),
                span,
            ),
        }
    }

    /// Adds what another vertex is to the conjuncts of this one.
    fn follow(
        &mut self,
        vertex: VertexId,
        target: VertexId,
        closed: &[usize],
        gathered: &mut Gathered,
        span: Span,
    ) -> Res<()> {
        if self.vertices[target].state == State::Busy || target == vertex {
            // A reference to itself says nothing more.
            return Ok(());
        }
        if !self.vertices[target].conjuncts.is_empty() {
            for conjunct in self.vertices[target].conjuncts.iter().rev() {
                let all = conjunct.closed.iter().chain(closed).copied().collect();
                gathered.work.push(Conjunct {
                    closed: all,
                    is_embedded: false,
                    is_expanded: false,
                    ..conjunct.clone()
                });
            }
            // A cycle of references is found where it is evaluated.
            return self.evaluate(target);
        }
        let found = self.vertices[target].value.clone();
        if matches!(found, Val::List) {
            let items = self.vertices[target]
                .items
                .iter()
                .copied()
                .map(Listed::Vertex)
                .collect();
            gathered.lists.push((items, span));
            return Ok(());
        }
        gathered.value = self.both(&gathered.value, &found, span)?;
        Ok(())
    }

    /// Evaluates a vertex as each of the alternatives of a disjunction, and keeps those that are possible.
    fn choose(&mut self, vertex: VertexId, conjunct: &Conjunct, rest: &[Conjunct]) -> Res<()> {
        let mut alternatives = Vec::new();
        flatten(&conjunct.expression, false, &mut alternatives);
        let has_default = alternatives.iter().any(|(_, marked)| *marked);
        let span = self.vertices[vertex].span;
        let (mut choices, mut first_fault) = (Vec::<(VertexId, bool)>::new(), None);
        for (expression, marked) in alternatives {
            let mut conjuncts = rest.to_vec();
            conjuncts.push(Conjunct {
                expression,
                ..conjunct.clone()
            });
            let choice = self.vertex(conjuncts, span)?;
            match self.whole(choice) {
                Ok(()) => {}
                Err(fault) if fault.error.is_limit => return Err(fault),
                Err(fault) if fault.is_incomplete => {}
                Err(fault) => {
                    first_fault.get_or_insert(fault);
                    continue;
                }
            }
            let is_default = marked || !has_default;
            match self.vertices[choice].value.clone() {
                Val::Choice(inner) => choices.extend(inner.iter().map(|(id, default)| (*id, *default && is_default))),
                _ => choices.push((choice, is_default)),
            }
        }
        let mut kept = Vec::<(VertexId, bool)>::new();
        for (choice, is_default) in choices {
            let known = kept.iter().position(|(known, _)| self.is_same(*known, choice));
            match known {
                Some(at) => kept[at].1 |= is_default,
                None => kept.push((choice, is_default)),
            }
        }
        if !kept.iter().any(|(_, is_default)| *is_default) {
            kept.iter_mut().for_each(|(_, is_default)| *is_default = true);
        }
        match kept.as_slice() {
            [] => match first_fault {
                Some(error) => Err(error),
                None => fault("no value is possible", span),
            },
            [(only, _)] => {
                let only = &self.vertices[*only];
                let (value, arcs, items) = (only.value.clone(), only.arcs.clone(), only.items.clone());
                let has_struct = only.has_struct;
                let known = &mut self.vertices[vertex];
                (known.value, known.arcs, known.items, known.has_struct) = (value, arcs, items, has_struct);
                Ok(())
            }
            _ => {
                self.vertices[vertex].value = Val::Choice(kept.into());
                Ok(())
            }
        }
    }

    /// Evaluates a vertex and all that is in it.
    pub(super) fn whole(&mut self, vertex: VertexId) -> Res<()> {
        self.evaluate(vertex)?;
        let known = &self.vertices[vertex];
        let mut parts: Vec<VertexId> = known.items.clone();
        parts.extend(
            known
                .arcs
                .values()
                .filter(|arc| arc.need == Need::Regular)
                .map(|arc| arc.vertex),
        );
        if matches!(known.value, Val::Choice(_)) {
            return Ok(());
        }
        if self.depth >= MAX_DEPTH {
            return limit(
                format!("values nest deeper than {MAX_DEPTH} levels"),
                self.vertices[vertex].span,
            );
        }
        self.depth += 1;
        let mut parts = parts
            .into_iter()
            .filter(|part| self.vertices[*part].state == State::New)
            .collect::<Vec<_>>();
        let evaluated = parts.drain(..).try_for_each(|part| self.whole(part));
        self.depth -= 1;
        evaluated
    }

    /// Puts the structs and lists of a vertex together.
    fn finish(&mut self, vertex: VertexId, structs: &[Literal], gathered: Gathered) -> Res<()> {
        let Gathered { lists, value, .. } = gathered;
        let span = self.vertices[vertex].span;
        for part in structs {
            self.dynamic_fields(vertex, part)?;
        }
        self.patterns(vertex)?;
        self.check_closed(vertex, structs)?;
        let mut value = value;
        // A struct literal without fields of the data that embeds a value is that value.
        let is_struct = |part: &Literal| {
            let embeds = |declaration: &Declaration| matches!(declaration, Declaration::Embedded(_));
            !part.tree.declarations.iter().any(embeds)
        };
        let has_data = self.vertices[vertex]
            .arcs
            .values()
            .any(|arc| arc.is_data && arc.need == Need::Regular);
        let is_scalar = !matches!(value, Val::Top | Val::Struct) || !lists.is_empty();
        if !structs.is_empty() && (has_data || structs.iter().any(is_struct) || !is_scalar) {
            value = self.both(&value, &Val::Struct, span)?;
            self.vertices[vertex].has_struct = true;
        }
        if !lists.is_empty() {
            value = self.both(&value, &Val::List, span)?;
            self.vertices[vertex].items = self.joined(lists)?;
        }
        self.vertices[vertex].value = value;
        Ok(())
    }

    fn add(&mut self, vertex: VertexId, name: &Rc<str>, need: Need, key_span: Span, conjunct: Conjunct) -> Res<()> {
        let span = conjunct.expression.span;
        if let Some(arc) = self.vertices[vertex].arcs.get_mut(name) {
            if need == Need::Regular && arc.need != Need::Regular {
                arc.key_span = key_span;
            }
            arc.need = match (arc.need, need) {
                (Need::Regular, _) | (_, Need::Regular) => Need::Regular,
                (Need::Required, _) | (_, Need::Required) => Need::Required,
                _ => Need::Optional,
            };
            let inner = arc.vertex;
            let known = &mut self.vertices[inner];
            // A literal says best where the value is.
            let is_literal = |expression: &E| {
                !matches!(
                    expression.kind,
                    Kind::Name(_) | Kind::Select(..) | Kind::Binary(..) | Kind::Unary(..)
                )
            };
            let is_better = known
                .conjuncts
                .first()
                .is_some_and(|first| !is_literal(&first.expression));
            if need == Need::Regular && is_better && is_literal(&conjunct.expression) {
                known.span = span;
            }
            known.conjuncts.push(conjunct);
            if known.state == State::Done {
                known.state = State::New;
                known.arcs.clear();
                known.items.clear();
            }
            return Ok(());
        }
        let inner = self.vertex(vec![conjunct], span)?;
        let arc = Arc {
            vertex: inner,
            need,
            key_span,
            is_data: is_data(name),
        };
        self.vertices[vertex].arcs.insert(Rc::clone(name), arc);
        Ok(())
    }

    fn static_fields(&mut self, vertex: VertexId, part: &Literal) -> Res<()> {
        let closed: Rc<[usize]> = part.closed.clone().into();
        for declaration in &part.tree.declarations {
            let Declaration::Field(field) = declaration else {
                continue;
            };
            let conjunct = Conjunct {
                expression: Rc::clone(&field.value),
                env: Rc::clone(&part.env),
                closed: Rc::clone(&closed),
                is_embedded: false,
                is_expanded: false,
            };
            match &field.label {
                Label::Name(name) => self.add(vertex, name, field.need, field.label_span, conjunct)?,
                Label::Fixed(name) => {
                    self.add(vertex, name, field.need, field.label_span, conjunct)?;
                    if let Some(arc) = self.vertices[vertex].arcs.get_mut(name) {
                        arc.is_data = true;
                    }
                }
                Label::Pattern(pattern) => self.vertices[vertex].patterns.push((Rc::clone(pattern), conjunct)),
                Label::Computed(_) => {}
            }
        }
        Ok(())
    }

    fn dynamic_fields(&mut self, vertex: VertexId, part: &Literal) -> Res<()> {
        let closed: Rc<[usize]> = part.closed.clone().into();
        for declaration in &part.tree.declarations {
            match declaration {
                Declaration::Field(field) => {
                    let Label::Computed(label) = &field.label else { continue };
                    let name = match self.concrete(label, &part.env)? {
                        Val::String(name) => name,
                        other => return fault(format!("a label is a string, not {}", other.shown()), label.span),
                    };
                    let conjunct = Conjunct {
                        expression: Rc::clone(&field.value),
                        env: Rc::clone(&part.env),
                        closed: Rc::clone(&closed),
                        is_embedded: false,
                        is_expanded: false,
                    };
                    self.add(vertex, &name, field.need, field.label_span, conjunct)?;
                }
                Declaration::Comprehension(comprehension) => {
                    for env in self.comprehend(comprehension, &part.env)? {
                        self.comprehended(vertex, &comprehension.value, &env, &closed)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds the fields of a struct that a comprehension gives.
    fn comprehended(&mut self, vertex: VertexId, value: &E, env: &Rc<Env>, closed: &Rc<[usize]>) -> Res<()> {
        let Kind::Struct(tree) = &value.kind else { return Ok(()) };
        let part = Literal {
            tree: Rc::clone(tree),
            env: Rc::new(Env {
                parent: Some(Rc::clone(env)),
                scope: Scope::Struct(Rc::clone(tree), vertex),
            }),
            closed: closed.to_vec(),
        };
        if tree
            .declarations
            .iter()
            .any(|declaration| matches!(declaration, Declaration::Embedded(_)))
        {
            return fault(
                "values that a comprehension embeds in a struct are not supported",
                value.span,
            );
        }
        self.static_fields(vertex, &part)?;
        self.dynamic_fields(vertex, &part)
    }

    /// Adds what patterns say to the fields that they match.
    fn patterns(&mut self, vertex: VertexId) -> Res<()> {
        let patterns = self.vertices[vertex].patterns.clone();
        let labels: Vec<(Rc<str>, Arc)> = self.vertices[vertex]
            .arcs
            .iter()
            .map(|(name, arc)| (Rc::clone(name), arc.clone()))
            .collect();
        for (pattern, conjunct) in patterns {
            let wanted = self.value(&pattern, &conjunct.env)?;
            for (label, arc) in &labels {
                self.step(pattern.span)?;
                if arc.is_data && wanted.unify(&Val::String(Rc::clone(label))).is_some() {
                    self.add(vertex, label, arc.need, arc.key_span, conjunct.clone())?;
                }
            }
        }
        Ok(())
    }

    /// Whether all fields are allowed by the definitions that close the struct.
    fn check_closed(&mut self, vertex: VertexId, structs: &[Literal]) -> Res<()> {
        let mut definitions: Vec<usize> = structs.iter().flat_map(|part| part.closed.iter().copied()).collect();
        definitions.sort_unstable();
        definitions.dedup();
        for definition in definitions {
            let of_definition: Vec<_> = structs
                .iter()
                .filter(|part| part.closed.contains(&definition))
                .collect();
            let is_open = |part: &&Literal| {
                part.tree
                    .declarations
                    .iter()
                    .any(|found| matches!(found, Declaration::Open))
            };
            if of_definition.iter().any(is_open) {
                continue;
            }
            let labels: Vec<(Rc<str>, Arc)> = self.vertices[vertex]
                .arcs
                .iter()
                .map(|(name, arc)| (Rc::clone(name), arc.clone()))
                .collect();
            for (label, arc) in labels {
                if !arc.is_data || arc.need != Need::Regular {
                    continue;
                }
                // A field is allowed if an expression for it is part of the definition.
                let is_part = self.vertices[arc.vertex]
                    .conjuncts
                    .iter()
                    .any(|known| known.closed.contains(&definition));
                if !is_part {
                    return fault(format!("field not allowed: `{label}`"), arc.key_span);
                }
            }
        }
        Ok(())
    }

    // Lists and comprehensions

    fn items(&mut self, items: &[Item], conjunct: &Conjunct) -> Res<Vec<Listed>> {
        let mut listed = Vec::new();
        for item in items {
            let of = |expression: &E, env: &Rc<Env>| Conjunct {
                expression: Rc::clone(expression),
                env: Rc::clone(env),
                closed: Rc::clone(&conjunct.closed),
                is_embedded: false,
                is_expanded: false,
            };
            match item {
                Item::Value(value) => listed.push(Listed::Item(of(value, &conjunct.env))),
                Item::Open(kind) => listed.push(Listed::Open(kind.as_ref().map(|kind| of(kind, &conjunct.env)))),
                Item::Comprehension(comprehension) => {
                    for env in self.comprehend(comprehension, &conjunct.env)? {
                        listed.push(Listed::Item(of(&comprehension.value, &env)));
                    }
                }
            }
        }
        Ok(listed)
    }

    /// The items of lists that are one.
    fn joined(&mut self, lists: Vec<(Vec<Listed>, Span)>) -> Res<Vec<VertexId>> {
        let is_open = |list: &[Listed]| matches!(list.last(), Some(Listed::Open(_)));
        let length = |list: &[Listed]| list.len() - usize::from(is_open(list));
        let longest = lists.iter().map(|(list, _)| length(list)).max().unwrap_or(0);
        let mut items = Vec::new();
        for index in 0..longest {
            let (mut conjuncts, mut vertices, mut at) = (Vec::new(), Vec::new(), None);
            for (list, span) in &lists {
                let listed = list.get(index).filter(|listed| !matches!(listed, Listed::Open(_)));
                match (listed, list.last()) {
                    (Some(Listed::Item(conjunct)), _) => {
                        at.get_or_insert(conjunct.expression.span);
                        conjuncts.push(conjunct.clone());
                    }
                    (Some(Listed::Vertex(vertex)), _) => vertices.push(*vertex),
                    (_, Some(Listed::Open(kind))) => conjuncts.extend(kind.clone()),
                    _ => return fault(format!("lists of {longest} and {} items conflict", length(list)), *span),
                }
            }
            for vertex in &vertices {
                conjuncts.extend(self.vertices[*vertex].conjuncts.iter().cloned());
            }
            items.push(match (vertices.as_slice(), conjuncts.is_empty()) {
                ([only], _) if lists.len() == 1 => *only,
                ([first, ..], true) => *first,
                _ => self.vertex(conjuncts, at.unwrap_or_default())?,
            });
        }
        Ok(items)
    }

    /// The scopes of what a comprehension gives.
    fn comprehend(&mut self, comprehension: &Comprehension, env: &Rc<Env>) -> Res<Vec<Rc<Env>>> {
        let mut scopes = vec![Rc::clone(env)];
        for clause in &comprehension.clauses {
            let mut next = Vec::new();
            for env in scopes {
                self.clause(clause, &env, &mut next)?;
            }
            scopes = next;
        }
        Ok(scopes)
    }

    fn clause(&mut self, clause: &Clause, env: &Rc<Env>, next: &mut Vec<Rc<Env>>) -> Res<()> {
        let scope = |variables| {
            Rc::new(Env {
                parent: Some(Rc::clone(env)),
                scope: Scope::Variables(variables),
            })
        };
        match clause {
            Clause::If(condition) => match self.concrete(condition, env)? {
                Val::Bool(true) => next.push(Rc::clone(env)),
                Val::Bool(false) => {}
                other => {
                    return fault(
                        format!("a condition is true or false, not {}", other.shown()),
                        condition.span,
                    );
                }
            },
            Clause::Let(name, value) => {
                let value = self.vertex_of(value, env)?;
                next.push(scope(vec![(Rc::clone(name), value)]));
            }
            Clause::For(key, name, list) => {
                let source = self.operand(list, env)?;
                let mut pairs = Vec::new();
                match &self.vertices[source].value {
                    Val::List => {
                        for (index, item) in self.vertices[source].items.clone().into_iter().enumerate() {
                            pairs.push((self.done(Val::Number(Num::Int(index as i128)), list.span)?, item));
                        }
                    }
                    Val::Struct => {
                        let arcs = self.vertices[source].arcs.clone();
                        for (label, arc) in arcs.iter().filter(|(_, arc)| arc.is_data && arc.need == Need::Regular) {
                            pairs.push((self.done(Val::String(Rc::clone(label)), list.span)?, arc.vertex));
                        }
                    }
                    other => return fault(format!("cannot range over {}", other.shown()), list.span),
                }
                for (label, value) in pairs {
                    self.step(list.span)?;
                    let mut variables = vec![(Rc::clone(name), value)];
                    if let Some(key) = key {
                        variables.push((Rc::clone(key), label));
                    }
                    next.push(scope(variables));
                }
            }
        }
        Ok(())
    }

    /// The text of a string with interpolations.
    pub(super) fn text(&mut self, parts: &[Part], env: &Rc<Env>) -> Res<Vec<u8>> {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Value(value) => match self.concrete(value, env)? {
                    Val::String(text) => out.extend_from_slice(text.as_bytes()),
                    Val::Bytes(bytes) => out.extend_from_slice(&bytes),
                    Val::Number(number) => out.extend_from_slice(number.text().as_bytes()),
                    Val::Bool(flag) => out.extend_from_slice(flag.to_string().as_bytes()),
                    Val::Null => out.extend_from_slice(b"null"),
                    other => return fault(format!("{} cannot be part of a string", other.shown()), value.span),
                },
            }
        }
        Ok(out)
    }
}

/// What the conjuncts of a vertex give, and those that are left.
struct Gathered {
    work: Vec<Conjunct>,
    value: Val,
    lists: Vec<(Vec<Listed>, Span)>,
}

/// The value of an expression that is computed.
pub(super) enum Computed {
    Value(Val),
    Vertex(VertexId),
}

/// An item of a list before lists are put together.
enum Listed {
    Item(Conjunct),
    Vertex(VertexId),
    Open(Option<Conjunct>),
}

/// Whether an expression is the name of a definition.
fn names_definition(expression: &E) -> bool {
    matches!(&expression.kind, Kind::Name(name) | Kind::Select(_, name) if is_definition(name))
}

/// The alternatives of a disjunction, with their marks.
fn flatten(expression: &E, marked: bool, out: &mut Vec<(E, bool)>) {
    match &expression.kind {
        Kind::Binary("|", left, right) => {
            flatten(left, marked, out);
            flatten(right, marked, out);
        }
        Kind::Unary("*", inner) => flatten(inner, true, out),
        _ => out.push((Rc::clone(expression), marked)),
    }
}

/// The type of a predeclared name.
pub(super) fn predeclared(name: &str) -> Option<(Types, Option<(i128, i128)>)> {
    let integer = |low, high| Some((Types::INT, Some((low, high))));
    let plain = |types| Some((types, None));
    match name {
        "string" => plain(Types::STRING),
        "bytes" => plain(Types::BYTES),
        "bool" => plain(Types::BOOL),
        "int" => plain(Types::INT),
        "float" => plain(Types::FLOAT),
        "number" => plain(Types::NUMBER),
        "float32" | "float64" => plain(Types::NUMBER),
        "uint" => integer(0, i128::MAX),
        "uint8" => integer(0, u8::MAX.into()),
        "uint16" => integer(0, u16::MAX.into()),
        "uint32" | "rune" => integer(0, u32::MAX.into()),
        "uint64" => integer(0, u64::MAX.into()),
        "int8" => integer(i8::MIN.into(), i8::MAX.into()),
        "int16" => integer(i16::MIN.into(), i16::MAX.into()),
        "int32" => integer(i32::MIN.into(), i32::MAX.into()),
        "int64" => integer(i64::MIN.into(), i64::MAX.into()),
        _ => None,
    }
}
