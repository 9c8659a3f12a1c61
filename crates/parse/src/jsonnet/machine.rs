//! The evaluator: expressions become values, as go-jsonnet evaluates them.

use std::collections::HashMap;
use std::rc::Rc;

use super::library;
use super::parser::Symbols;
use super::tree::{
    Assertion, At, Bind, Call, Clause, E, FieldName, Import, Kind, Lambda, ObjectBody, Symbol, Visibility,
};
use super::value::{Body, Env, Field, Function, Layer, Object, ObjectId, State, Thunk, ThunkId, Val};
use crate::ParseError;
use crate::imports::Imports;

/// How many calls, fields and thunks may be under evaluation inside each other, as in go-jsonnet.
const MAX_FRAMES: usize = 500;
/// How many expressions may be, which bounds the stack.
const MAX_NESTED: usize = 20_000;

/// What an evaluation may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many expressions are evaluated.
    pub(super) steps: u64,
    /// How many bytes all values that are built take, also those that are not needed any more.
    pub(super) bytes: u64,
}

/// Why an evaluation failed.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) at: At,
    pub(super) is_limit: bool,
}

pub(super) type Res<T> = Result<T, Box<Fault>>;

pub(super) fn fault<T>(message: impl Into<String>, at: At) -> Res<T> {
    Err(Box::new(Fault {
        message: message.into(),
        at,
        is_limit: false,
    }))
}

/// A file that was read.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: Rc<str>,
    /// Where it was imported first.
    pub(super) imported: At,
    root: Option<ThunkId>,
}

pub(super) struct Machine<'i> {
    pub(super) thunks: Vec<Thunk>,
    pub(super) objects: Vec<Object>,
    pub(super) symbols: Symbols,
    pub(super) sources: Vec<Source>,
    imports: &'i dyn Imports,
    limits: Limits,
    std: Symbol,
    /// Layers of `std` that do not depend on the file.
    library: Option<[Rc<Layer>; 2]>,
    /// The number of the file that the library is written in.
    prelude: Option<u32>,
    frames: usize,
    nested: usize,
    steps: u64,
    bytes: u64,
}

impl<'i> Machine<'i> {
    pub(super) fn new(imports: &'i dyn Imports, limits: Limits) -> Self {
        let mut symbols = Symbols::default();
        let std = symbols.of("std");
        Self {
            thunks: Vec::new(),
            objects: Vec::new(),
            symbols,
            sources: Vec::new(),
            imports,
            limits,
            std,
            library: None,
            prelude: None,
            frames: 0,
            nested: 0,
            steps: 0,
            bytes: 0,
        }
    }

    /// The thunk of a new file; an error names its place in that file.
    pub(super) fn load(&mut self, name: &str, text: &str, imported: At) -> Res<ThunkId> {
        let file = u32::try_from(self.sources.len()).expect("files are limited by the bytes that they take");
        self.spend(text.len() as u64 * 16, imported)?;
        self.sources.push(Source {
            name: name.to_owned(),
            text: text.into(),
            imported,
            root: None,
        });
        let read = |machine: &mut Self| -> Result<E, ParseError> {
            let root = super::parser::parse(text, file, &mut machine.symbols)?;
            super::names::check(&root, &machine.symbols, &[machine.std])?;
            Ok(root)
        };
        let root = read(self).map_err(|error| Fault {
            message: error.message,
            at: At { file, span: error.span },
            is_limit: error.is_limit,
        })?;
        let at = root.at;
        let library = self.library(name)?;
        let library = self.done(library, At::default())?;
        let env = Env {
            variables: vec![(self.std, library)],
            ..Env::default()
        };
        let thunk = self.thunk(State::Pending(root, Rc::new(env)), at)?;
        self.sources[file as usize].root = Some(thunk);
        Ok(thunk)
    }

    /// The object `std` of a file.
    fn library(&mut self, name: &str) -> Res<Val> {
        let [layer, prelude] = match &self.library {
            Some(layers) => layers.clone(),
            None => {
                let mut fields = Vec::new();
                for (name, value) in library::members() {
                    let value = self.done(value, At::default())?;
                    fields.push((name.into(), value));
                }
                let layer = self.layer_of(fields, Visibility::Hidden);
                let prelude = self.prelude(&layer)?;
                self.library.insert([layer, prelude]).clone()
            }
        };
        let this_file = self.done(Val::string(name), At::default())?;
        let own = self.layer_of(vec![("thisFile".into(), this_file)], Visibility::Hidden);
        Ok(Val::Object(self.object(Rc::new([layer, prelude, own]), At::default())?))
    }

    /// The layer of the functions that are written in Jsonnet, which see each other and those of `native`.
    fn prelude(&mut self, native: &Rc<Layer>) -> Res<Rc<Layer>> {
        let file = u32::try_from(self.sources.len()).expect("it follows the document");
        self.prelude = Some(file);
        self.sources.push(Source {
            name: "std".to_owned(),
            text: library::PRELUDE.into(),
            imported: At::default(),
            root: None,
        });
        let root = super::parser::parse(library::PRELUDE, file, &mut self.symbols).expect("the prelude is Jsonnet");
        let std = self.thunk(State::Running, At::default())?;
        let env = Rc::new(Env {
            variables: vec![(self.std, std)],
            ..Env::default()
        });
        let Val::Object(object) = self.evaluate(&root, &env)? else {
            unreachable!("the prelude is an object");
        };
        let layer = Rc::clone(&self.objects[object.0 as usize].layers[0]);
        let whole = self.object(Rc::new([Rc::clone(native), Rc::clone(&layer)]), At::default())?;
        self.thunks[std.0 as usize].state = State::Done(Val::Object(whole));
        Ok(layer)
    }

    // Values

    /// Counts bytes that a value takes.
    pub(super) fn spend(&mut self, bytes: u64, at: At) -> Res<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= self.limits.bytes {
            return Ok(());
        }
        Err(Box::new(Fault {
            message: format!(
                "the evaluation builds values of more than {} MiB",
                self.limits.bytes >> 20
            ),
            at,
            is_limit: true,
        }))
    }

    /// Counts an expression or an item of a loop.
    pub(super) fn step(&mut self, at: At) -> Res<()> {
        self.steps += 1;
        if self.steps <= self.limits.steps {
            return Ok(());
        }
        Err(Box::new(Fault {
            message: format!("the evaluation takes more than {} steps", self.limits.steps),
            at,
            is_limit: true,
        }))
    }

    pub(super) fn thunk(&mut self, state: State, at: At) -> Res<ThunkId> {
        self.spend(64, at)?;
        let id = u32::try_from(self.thunks.len()).expect("the bytes of thunks are limited");
        self.thunks.push(Thunk { state, at });
        Ok(ThunkId(id))
    }

    pub(super) fn done(&mut self, value: Val, at: At) -> Res<ThunkId> {
        self.thunk(State::Done(value), at)
    }

    /// An array of computed values.
    pub(super) fn array_of(&mut self, values: Vec<Val>, at: At) -> Res<Val> {
        let mut items = Vec::with_capacity(values.len());
        for value in values {
            items.push(self.done(value, At::default())?);
        }
        self.array(items, at)
    }

    pub(super) fn array(&mut self, items: Vec<ThunkId>, at: At) -> Res<Val> {
        self.spend(items.len() as u64 * 4, at)?;
        Ok(Val::Array(items.into()))
    }

    /// A string of the library.
    pub(super) fn text(&mut self, text: String, at: At) -> Res<Val> {
        self.spend(text.len() as u64, at)?;
        Ok(Val::String(text.into()))
    }

    pub(super) fn object(&mut self, layers: Rc<[Rc<Layer>]>, at: At) -> Res<ObjectId> {
        self.spend(128 + layers.len() as u64 * 8, at)?;
        let id = u32::try_from(self.objects.len()).expect("the bytes of objects are limited");
        self.objects.push(Object {
            are_asserts_run: layers.iter().all(|layer| layer.asserts.is_empty()),
            layers,
            scopes: HashMap::new(),
            fields: HashMap::new(),
        });
        Ok(ObjectId(id))
    }

    /// A layer of computed fields; of two with one name the last wins.
    pub(super) fn layer_of(&mut self, fields: Vec<(Rc<str>, ThunkId)>, visibility: Visibility) -> Rc<Layer> {
        let fields = fields.into_iter().map(|(name, thunk)| Field {
            name,
            name_at: self.thunks[thunk.0 as usize].at,
            is_plus: false,
            visibility,
            body: Body::Thunk(thunk),
        });
        let fields: Vec<_> = fields.collect();
        Rc::new(Layer {
            positions: positions(&fields),
            fields,
            asserts: Vec::new(),
            locals: Rc::new([]),
            env: Rc::default(),
        })
    }

    /// An object of computed fields.
    pub(super) fn object_of(&mut self, fields: Vec<(Rc<str>, ThunkId)>, at: At) -> Res<Val> {
        self.spend(fields.len() as u64 * 96, at)?;
        let layer = self.layer_of(fields, Visibility::Inherited);
        Ok(Val::Object(self.object(Rc::new([layer]), at)?))
    }

    // Thunks

    /// Where a thunk is written.
    pub(super) fn place(&self, thunk: ThunkId) -> At {
        self.thunks[thunk.0 as usize].at
    }

    /// The value of a thunk; an error of a cycle is at `at`.
    pub(super) fn force(&mut self, thunk: ThunkId, at: At) -> Res<Val> {
        let slot = &mut self.thunks[thunk.0 as usize];
        if let State::Done(value) = &slot.state {
            return Ok(value.clone());
        }
        let state = std::mem::replace(&mut slot.state, State::Running);
        let kept = state.clone();
        let value = self.frame(at, |machine| match state {
            State::Done(value) => Ok(value),
            State::Pending(expression, env) => machine.evaluate(&expression, &env),
            State::Call(function, arguments) => machine.call(&function, &arguments, at),
            State::Field(object, layer, field) => machine.field_value(object, layer, field, at),
            State::Running => fault("infinite recursion: the value depends on itself", at),
        });
        self.thunks[thunk.0 as usize].state = match &value {
            Ok(value) => State::Done(value.clone()),
            Err(_) => kept,
        };
        value
    }

    /// Runs something that counts as a frame.
    fn frame<T>(&mut self, at: At, run: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        if self.frames == MAX_FRAMES {
            return Err(Box::new(Fault {
                message: format!("max stack frames exceeded: calls nest deeper than {MAX_FRAMES}"),
                at,
                is_limit: true,
            }));
        }
        self.frames += 1;
        let mut result = run(self);
        self.frames -= 1;
        // A fault within the library is reported where it was called.
        if let Err(fault) = &mut result
            && Some(fault.at.file) == self.prelude
        {
            fault.at = at;
        }
        result
    }

    /// Goes a level deeper into a value.
    pub(super) fn nest(&mut self, at: At) -> Res<()> {
        if self.frames == MAX_FRAMES {
            return Err(Box::new(Fault {
                message: format!("values nest deeper than {MAX_FRAMES} levels"),
                at,
                is_limit: true,
            }));
        }
        self.frames += 1;
        Ok(())
    }

    /// Leaves the level that [`Self::nest`] entered.
    pub(super) fn unnest(&mut self) {
        self.frames -= 1;
    }

    /// Runs something a level deeper in a value.
    pub(super) fn deeper<T>(&mut self, at: At, run: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        self.nest(at)?;
        let result = run(self);
        self.unnest();
        result
    }

    // Expressions

    /// The value of an expression.
    pub(super) fn evaluate(&mut self, expression: &E, env: &Rc<Env>) -> Res<Val> {
        if self.nested == MAX_NESTED {
            return Err(Box::new(Fault {
                message: "the evaluation nests too deep".to_owned(),
                at: expression.at,
                is_limit: true,
            }));
        }
        self.nested += 1;
        let value = self.run(Rc::clone(expression), Rc::clone(env));
        self.nested -= 1;
        value
    }

    /// Evaluates without recursion what stands in tail position: bodies of locals, branches and tailstrict calls.
    fn run(&mut self, mut expression: E, mut env: Rc<Env>) -> Res<Val> {
        loop {
            self.step(expression.at)?;
            (expression, env) = match &expression.kind {
                Kind::Local(binds, body) => (Rc::clone(body), self.bind(binds, &env)?),
                Kind::If(condition, then, otherwise) => {
                    let branch = match self.condition(condition, &env)? {
                        true => Some(then),
                        false => otherwise.as_ref(),
                    };
                    match branch {
                        Some(branch) => (Rc::clone(branch), env),
                        None => return Ok(Val::Null),
                    }
                }
                Kind::Assert(assertion, rest) => {
                    self.assert(assertion, &env)?;
                    (Rc::clone(rest), env)
                }
                Kind::Call(call) => match self.called(call, &env, expression.at)? {
                    Called::Value(value) => return Ok(value),
                    Called::Tail(lambda, env) => (Rc::clone(&lambda.body), env),
                },
                _ => return self.plain(&expression, &env),
            }
        }
    }

    /// The value of an expression that nothing follows in tail position.
    #[inline(never)]
    fn plain(&mut self, expression: &E, env: &Rc<Env>) -> Res<Val> {
        let at = expression.at;
        match &expression.kind {
            Kind::Null => Ok(Val::Null),
            Kind::Bool(flag) => Ok(Val::Bool(*flag)),
            Kind::Number(number) => Ok(Val::Number(*number)),
            Kind::String(text) => Ok(Val::String(Rc::clone(text))),
            Kind::SelfObject => Ok(Val::Object(self.own_object(env, at)?.0)),
            Kind::Dollar => env
                .outermost
                .map_or_else(|| fault("`$` has no object", at), |object| Ok(Val::Object(object))),
            Kind::Variable(name) => match env.find(*name) {
                Some(thunk) => self.force(thunk, at),
                None => fault(format!("unknown variable: {}", self.symbols.name(*name)), at),
            },
            Kind::Array(items) => {
                let items: Res<Vec<_>> = items.iter().map(|item| self.delayed(item, env)).collect();
                self.array(items?, at)
            }
            Kind::ArrayComprehension(item, clauses) => {
                let mut items = Vec::new();
                self.comprehend(clauses, env, &mut |machine, env| {
                    items.push(machine.thunk(State::Pending(Rc::clone(item), Rc::clone(env)), item.at)?);
                    Ok(())
                })?;
                self.array(items, at)
            }
            Kind::Object(body) => self.object_literal(body, env, at),
            Kind::Index(target, index) => {
                let target = self.evaluate(target, env)?;
                let index = self.evaluate(index, env)?;
                self.index(&target, &index, at)
            }
            Kind::Slice(target, parts) => self.sliced(target, parts, env, at),
            Kind::SuperIndex(index) => {
                let (object, layer) = self.own_object(env, at)?;
                let index = self.evaluate(index, env)?;
                let Val::String(name) = index else {
                    return fault("a field of `super` is named by a string", at);
                };
                match self.field_below(object, layer, &name) {
                    Some(field) => self.field(object, field, at),
                    None => fault(format!("field does not exist: {name}"), at),
                }
            }
            Kind::InSuper(name) => {
                let (object, layer) = self.own_object(env, at)?;
                match self.evaluate(name, env)? {
                    Val::String(name) => Ok(Val::Bool(self.field_below(object, layer, &name).is_some())),
                    other => unexpected(&other, "string", at),
                }
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, env, at),
            Kind::Unary(operator, operand) => {
                let operand = self.evaluate(operand, env)?;
                super::operators::unary(*operator, &operand, at)
            }
            Kind::Function(lambda) => Ok(Val::Function(Function::Closure(Rc::clone(lambda), Rc::clone(env)))),
            Kind::Import(import, path) => self.import(*import, path, at),
            Kind::Error(message) => {
                let message = self.evaluate(message, env)?;
                let message = self.text_of(&message, at)?;
                fault(&*message, at)
            }
            Kind::Local(..) | Kind::If(..) | Kind::Assert(..) | Kind::Call(_) => self.evaluate(expression, env),
        }
    }

    fn condition(&mut self, condition: &E, env: &Rc<Env>) -> Res<bool> {
        match self.evaluate(condition, env)? {
            Val::Bool(flag) => Ok(flag),
            other => unexpected(&other, "boolean", condition.at),
        }
    }

    fn assert(&mut self, assertion: &Assertion, env: &Rc<Env>) -> Res<()> {
        if self.condition(&assertion.condition, env)? {
            return Ok(());
        }
        let at = assertion.condition.at;
        let Some(message) = &assertion.message else {
            return fault("assertion failed", at);
        };
        let message = self.evaluate(message, env)?;
        let message = self.text_of(&message, at)?;
        fault(&*message, at)
    }

    fn own_object(&self, env: &Rc<Env>, at: At) -> Res<(ObjectId, usize)> {
        env.object.map_or_else(|| fault("there is no object around", at), Ok)
    }

    /// The thunk of an expression; of a variable its own.
    pub(super) fn delayed(&mut self, expression: &E, env: &Rc<Env>) -> Res<ThunkId> {
        let at = expression.at;
        match &expression.kind {
            Kind::Null => self.done(Val::Null, at),
            Kind::Bool(flag) => self.done(Val::Bool(*flag), at),
            Kind::Number(number) => self.done(Val::Number(*number), at),
            Kind::String(text) => self.done(Val::String(Rc::clone(text)), at),
            _ => self.thunk(State::Pending(Rc::clone(expression), Rc::clone(env)), at),
        }
    }

    /// The scope of local variables, which see each other.
    fn bind(&mut self, binds: &[Bind], env: &Rc<Env>) -> Res<Rc<Env>> {
        let mut variables = Vec::with_capacity(binds.len());
        for bind in binds {
            variables.push((bind.name, self.thunk(State::Running, bind.value.at)?));
        }
        self.spend(80, env_at(binds))?;
        let scope = env.with(variables);
        for (bind, (_, thunk)) in binds.iter().zip(&scope.variables) {
            self.thunks[thunk.0 as usize].state = State::Pending(Rc::clone(&bind.value), Rc::clone(&scope));
        }
        Ok(scope)
    }

    /// Calls `each` with the scope of every combination that the clauses give.
    fn comprehend(
        &mut self,
        clauses: &[Clause],
        env: &Rc<Env>,
        each: &mut dyn FnMut(&mut Self, &Rc<Env>) -> Res<()>,
    ) -> Res<()> {
        let Some((clause, rest)) = clauses.split_first() else {
            return each(self, env);
        };
        match clause {
            Clause::If(condition) => match self.condition(condition, env)? {
                true => self.comprehend(rest, env, each),
                false => Ok(()),
            },
            Clause::For(name, list) => {
                let items = match self.evaluate(list, env)? {
                    Val::Array(items) => items,
                    other => return unexpected(&other, "array", list.at),
                };
                for item in items.iter() {
                    self.step(list.at)?;
                    self.spend(64, list.at)?;
                    self.comprehend(rest, &env.with(vec![(*name, *item)]), each)?;
                }
                Ok(())
            }
        }
    }

    fn import(&mut self, import: Import, path: &str, at: At) -> Res<Val> {
        let from = self.sources[at.file as usize].name.clone();
        let (name, bytes) = match self.imports.read(&from, path) {
            Ok(found) => found,
            Err(reason) => return fault(format!("could not import {path:?}: {reason}"), at),
        };
        match import {
            Import::Code => {
                let known = self
                    .sources
                    .iter()
                    .find(|source| source.name == name && source.root.is_some());
                let root = match known.and_then(|source| source.root) {
                    Some(root) => root,
                    None => {
                        let text = crate::text::decode(bytes);
                        let text = text.map_err(|error| Fault {
                            message: format!("could not import {path:?}: {}", error.message),
                            at,
                            is_limit: false,
                        })?;
                        self.load(&name, &text, at)?
                    }
                };
                self.force(root, at)
            }
            Import::String => self.text(String::from_utf8_lossy(&bytes).into_owned(), at),
            Import::Bytes => {
                self.spend(bytes.len() as u64 * 64, at)?;
                let values = bytes.into_iter().map(|byte| Val::Number(byte.into())).collect();
                self.array_of(values, at)
            }
        }
    }

    // Calls

    fn called(&mut self, call: &Call, env: &Rc<Env>, at: At) -> Res<Called> {
        let target = self.evaluate(&call.target, env)?;
        let Val::Function(function) = target else {
            return unexpected(&target, "function", at);
        };
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        for (name, argument) in &call.arguments {
            let thunk = self.delayed(argument, env)?;
            match name {
                Some(name) => named.push((*name, thunk)),
                None => positional.push(thunk),
            }
            if call.is_tailstrict {
                self.force(thunk, at)?;
            }
        }
        match function {
            Function::Closure(lambda, env) => {
                let scope = self.arguments(&lambda, &env, &positional, &named, at)?;
                if call.is_tailstrict {
                    return Ok(Called::Tail(lambda, scope));
                }
                let value = self.frame(at, |machine| machine.evaluate(&lambda.body, &scope))?;
                Ok(Called::Value(value))
            }
            Function::Builtin(builtin) => {
                let arguments = library::arguments(self, builtin, &positional, &named, at)?;
                let value = self.frame(at, |machine| (builtin.run)(machine, &arguments))?;
                Ok(Called::Value(value))
            }
        }
    }

    /// Calls a function with positional arguments.
    pub(super) fn call(&mut self, function: &Function, positional: &[ThunkId], at: At) -> Res<Val> {
        self.step(at)?;
        match function {
            Function::Closure(lambda, env) => {
                let scope = self.arguments(lambda, env, positional, &[], at)?;
                self.frame(at, |machine| machine.evaluate(&lambda.body, &scope))
            }
            Function::Builtin(builtin) => {
                let arguments = library::arguments(self, builtin, positional, &[], at)?;
                self.frame(at, |machine| (builtin.run)(machine, &arguments))
            }
        }
    }

    /// The scope of a call.
    fn arguments(
        &mut self,
        lambda: &Lambda,
        env: &Rc<Env>,
        positional: &[ThunkId],
        named: &[(Symbol, ThunkId)],
        at: At,
    ) -> Res<Rc<Env>> {
        let parameters = &lambda.parameters;
        if positional.len() > parameters.len() {
            let message = format!(
                "the function takes {} arguments, not {}",
                parameters.len(),
                positional.len()
            );
            return fault(message, at);
        }
        for (index, (name, _)) in named.iter().enumerate() {
            let text = self.symbols.name(*name);
            match parameters.iter().position(|parameter| parameter.name == *name) {
                None => return fault(format!("the function has no parameter `{text}`"), at),
                Some(place) if place < positional.len() || named[..index].iter().any(|(other, _)| other == name) => {
                    return fault(format!("the argument `{text}` is given twice"), at);
                }
                Some(_) => {}
            }
        }
        let mut variables = Vec::with_capacity(parameters.len());
        let mut defaults = Vec::new();
        for (place, parameter) in parameters.iter().enumerate() {
            let given = positional.get(place).copied();
            let given = given.or_else(|| {
                named
                    .iter()
                    .find(|(name, _)| *name == parameter.name)
                    .map(|(_, thunk)| *thunk)
            });
            let thunk = match (given, &parameter.default) {
                (Some(thunk), _) => thunk,
                (None, Some(default)) => {
                    let thunk = self.thunk(State::Running, default.at)?;
                    defaults.push((thunk, default));
                    thunk
                }
                (None, None) => return fault(format!("missing argument: {}", parameter.text), at),
            };
            variables.push((parameter.name, thunk));
        }
        self.spend(64 + 12 * variables.len() as u64, at)?;
        let scope = env.with(variables);
        for (thunk, default) in defaults {
            self.thunks[thunk.0 as usize].state = State::Pending(Rc::clone(default), Rc::clone(&scope));
        }
        Ok(scope)
    }

    // Objects

    fn object_literal(&mut self, body: &ObjectBody, env: &Rc<Env>, at: At) -> Res<Val> {
        let mut fields = Vec::new();
        let tree = &body.fields;
        match &body.clauses {
            None => {
                for field in tree {
                    let name = match &field.name {
                        FieldName::Fixed(name) => Some(Rc::clone(name)),
                        FieldName::Computed(name) => self.computed_name(name, env)?,
                    };
                    fields.extend(name.map(|name| Field {
                        name,
                        name_at: field.name_at,
                        is_plus: field.is_plus,
                        visibility: field.visibility,
                        body: Body::Layer(Rc::clone(&field.value)),
                    }));
                }
            }
            Some(clauses) => {
                let [field] = tree.as_slice() else {
                    return fault("an object comprehension has one field", at);
                };
                let FieldName::Computed(name) = &field.name else {
                    return fault("the field of an object comprehension is written `[name]`", at);
                };
                self.comprehend(clauses, env, &mut |machine, env| {
                    let name = machine.computed_name(name, env)?;
                    fields.extend(name.map(|name| Field {
                        name,
                        name_at: field.name_at,
                        is_plus: field.is_plus,
                        visibility: field.visibility,
                        body: Body::Own(Rc::clone(&field.value), Rc::clone(env)),
                    }));
                    Ok(())
                })?;
            }
        }
        self.spend(fields.len() as u64 * 96, at)?;
        let positions = positions(&fields);
        if positions.len() < fields.len() {
            let twice = fields
                .iter()
                .enumerate()
                .find(|(place, field)| positions.get(&field.name) != Some(place));
            let name = twice.map_or("", |(_, field)| &field.name);
            return fault(format!("the field `{name}` is in the object twice"), at);
        }
        let layer = Layer {
            positions,
            fields,
            asserts: body.asserts.clone(),
            locals: Rc::clone(&body.locals),
            env: Rc::clone(env),
        };
        Ok(Val::Object(self.object(Rc::new([Rc::new(layer)]), at)?))
    }

    /// The name that an expression computes; no field for null.
    fn computed_name(&mut self, name: &E, env: &Rc<Env>) -> Res<Option<Rc<str>>> {
        match self.evaluate(name, env)? {
            Val::String(name) => Ok(Some(name)),
            Val::Null => Ok(None),
            other => unexpected(&other, "string", name.at),
        }
    }

    /// The layer and position of a field below a layer.
    pub(super) fn field_below(&self, object: ObjectId, layer: usize, name: &str) -> Option<(usize, usize)> {
        let layers = &self.objects[object.0 as usize].layers;
        let below = layers[..layer].iter().enumerate().rev();
        below
            .into_iter()
            .find_map(|(at, layer)| Some((at, *layer.positions.get(name)?)))
    }

    pub(super) fn field_at(&self, object: ObjectId, name: &str) -> Option<(usize, usize)> {
        let layers = self.objects[object.0 as usize].layers.len();
        self.field_below(object, layers, name)
    }

    /// Whether a field is in the output.
    pub(super) fn is_visible(&self, object: ObjectId, name: &str) -> bool {
        let layers = &self.objects[object.0 as usize].layers;
        for layer in layers.iter().rev() {
            if let Some(position) = layer.positions.get(name) {
                match layer.fields[*position].visibility {
                    Visibility::Hidden => return false,
                    Visibility::Forced => return true,
                    Visibility::Inherited => {}
                }
            }
        }
        true
    }

    /// The names of an object's fields, sorted.
    pub(super) fn names(&mut self, object: ObjectId, with_hidden: bool, at: At) -> Res<Vec<Rc<str>>> {
        let layers = Rc::clone(&self.objects[object.0 as usize].layers);
        let mut names = Vec::new();
        for field in layers.iter().flat_map(|layer| &layer.fields) {
            self.step(at)?;
            names.push(Rc::clone(&field.name));
        }
        names.sort();
        names.dedup();
        names.retain(|name| with_hidden || self.is_visible(object, name));
        Ok(names)
    }

    /// Where the name of a field is written.
    pub(super) fn name_at(&self, object: ObjectId, (layer, field): (usize, usize)) -> At {
        self.objects[object.0 as usize].layers[layer].fields[field].name_at
    }

    /// The thunk of a field.
    pub(super) fn field_thunk(&mut self, object: ObjectId, place: (usize, usize)) -> Res<ThunkId> {
        let known = &self.objects[object.0 as usize];
        if let Some(thunk) = known.fields.get(&place) {
            return Ok(*thunk);
        }
        let field = &known.layers[place.0].fields[place.1];
        let at = match &field.body {
            Body::Layer(value) | Body::Own(value, _) => value.at,
            Body::Thunk(thunk) if !field.is_plus => return Ok(*thunk),
            Body::Thunk(thunk) => self.place(*thunk),
        };
        let thunk = self.thunk(State::Field(object, place.0, place.1), at)?;
        self.spend(32, at)?;
        self.objects[object.0 as usize].fields.insert(place, thunk);
        Ok(thunk)
    }

    /// The value of a field; the assertions of its object hold.
    pub(super) fn field(&mut self, object: ObjectId, place: (usize, usize), at: At) -> Res<Val> {
        self.check_object(object, at)?;
        let thunk = self.field_thunk(object, place)?;
        self.force(thunk, at)
    }

    /// Runs the assertions of an object once.
    pub(super) fn check_object(&mut self, object: ObjectId, at: At) -> Res<()> {
        let known = &mut self.objects[object.0 as usize];
        if known.are_asserts_run {
            return Ok(());
        }
        known.are_asserts_run = true;
        let layers = Rc::clone(&known.layers);
        for (place, layer) in layers.iter().enumerate() {
            for assertion in &layer.asserts {
                let scope = self.scope(object, place)?;
                self.frame(at, |machine| machine.assert(assertion, &scope))?;
            }
        }
        Ok(())
    }

    /// The scope of the fields of a layer.
    fn scope(&mut self, object: ObjectId, place: usize) -> Res<Rc<Env>> {
        if let Some(scope) = self.objects[object.0 as usize].scopes.get(&place) {
            return Ok(Rc::clone(scope));
        }
        let layer = Rc::clone(&self.objects[object.0 as usize].layers[place]);
        let scope = self.bind_object(object, place, &layer.locals, &layer.env)?;
        self.objects[object.0 as usize].scopes.insert(place, Rc::clone(&scope));
        Ok(scope)
    }

    /// A scope with `self` and the locals of an object.
    fn bind_object(&mut self, object: ObjectId, place: usize, locals: &[Bind], env: &Rc<Env>) -> Res<Rc<Env>> {
        let scope = Rc::new(Env {
            parent: Some(Rc::clone(env)),
            variables: Vec::new(),
            object: Some((object, place)),
            outermost: env.outermost.or(Some(object)),
        });
        match locals {
            [] => Ok(scope),
            _ => self.bind(locals, &scope),
        }
    }

    fn field_value(&mut self, object: ObjectId, place: usize, position: usize, at: At) -> Res<Val> {
        let layer = Rc::clone(&self.objects[object.0 as usize].layers[place]);
        let field = &layer.fields[position];
        let value = match &field.body {
            Body::Layer(value) => {
                let scope = self.scope(object, place)?;
                self.evaluate(value, &scope)?
            }
            Body::Own(value, env) => {
                let scope = self.bind_object(object, place, &layer.locals, env)?;
                self.evaluate(value, &scope)?
            }
            Body::Thunk(thunk) => self.force(*thunk, at)?,
        };
        if field.is_plus
            && let Some(below) = self.field_below(object, place, &field.name)
        {
            let below = self.field(object, below, at)?;
            return self.add(&below, &value, at);
        }
        Ok(value)
    }
}

/// Where variables are bound.
fn env_at(binds: &[Bind]) -> At {
    binds.first().map_or(At::default(), |bind| bind.at)
}

/// What a call gives: a value, or a body that takes the place of the call.
enum Called {
    Value(Val),
    Tail(Rc<Lambda>, Rc<Env>),
}

fn positions(fields: &[Field]) -> HashMap<Rc<str>, usize> {
    let places = fields.iter().enumerate();
    places.map(|(place, field)| (Rc::clone(&field.name), place)).collect()
}

/// The error of a value of another type than is needed.
pub(super) fn unexpected<T>(found: &Val, wanted: &str, at: At) -> Res<T> {
    fault(format!("unexpected type {}, expected {wanted}", found.type_name()), at)
}
