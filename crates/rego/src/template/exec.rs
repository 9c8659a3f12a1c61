//! Executes templates.
//!
//! Follows Go 1.26 text/template/exec.go

use std::fmt::Display;

use super::functions::{Function, Parameter, Trouble};
use super::node::{Argument, ArgumentKind, Branch, Command, Constant, Node, NodeKind, Pipe};
use super::value::Val;
use super::{DEEPEST, MissingKey, Template};
use crate::builtins::{Context, Failure};
use crate::text::{Charset, quote};

/// What the template makes of the data.
pub(super) fn execute(template: &Template, context: &mut Context, data: Val) -> Result<Vec<u8>, Failure> {
    let mut state = State {
        template,
        context,
        out: Vec::new(),
        name: &template.name,
        variables: vec![("$".to_owned(), data.clone())],
        at: None,
        depth: 0,
    };
    let root = template.trees.get(&template.name).map(Vec::as_slice);
    state.list(&Operand::bare(data), root.unwrap_or_default())?;
    Ok(state.out)
}

/// A value, and whether it is an element of a collection, which Go holds in an interface.
#[derive(Clone)]
struct Operand {
    value: Val,
    boxed: bool,
}

impl Operand {
    fn bare(value: Val) -> Self {
        Self { value, boxed: false }
    }

    fn element(value: Val) -> Self {
        let boxed = !matches!(value, Val::Record(_) | Val::Slice(..));
        Self { value, boxed }
    }

    /// The value without its interface: a nil in one is no value.
    fn unboxed(self) -> Val {
        match self.value {
            Val::Nil => Val::Invalid,
            value => value,
        }
    }

    fn type_name(&self) -> &'static str {
        if self.boxed {
            "interface {}"
        } else {
            self.value.type_name()
        }
    }
}

/// How a list goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

struct State<'t, 'c> {
    template: &'t Template,
    context: &'c mut Context,
    out: Vec<u8>,
    /// The name of the template that is executed.
    name: &'t str,
    variables: Vec<(String, Val)>,
    /// What was evaluated last, for errors that have no place of their own.
    at: Option<At<'t>>,
    depth: usize,
}

/// What is executed, for errors.
#[derive(Clone, Copy)]
struct At<'t>(usize, &'t dyn Display);

impl<'t> From<&'t Node> for At<'t> {
    fn from(node: &'t Node) -> Self {
        Self(node.at, node)
    }
}

impl<'t> From<&'t Pipe> for At<'t> {
    fn from(pipe: &'t Pipe) -> Self {
        Self(pipe.at, pipe)
    }
}

impl<'t> From<&'t Command> for At<'t> {
    fn from(command: &'t Command) -> Self {
        Self(command.at, command)
    }
}

impl<'t> From<&'t Argument> for At<'t> {
    fn from(argument: &'t Argument) -> Self {
        Self(argument.at, argument)
    }
}

impl<'t> State<'t, '_> {
    fn error<T>(&self, at: impl Into<At<'t>>, message: impl Display) -> Result<T, Failure> {
        let At(offset, shown) = at.into();
        let before = &self.template.text[..offset];
        let line = 1 + before.matches('\n').count();
        let column = offset - before.rfind('\n').map_or(0, |newline| newline + 1);
        Err(Failure::Builtin(format!(
            "template: {}:{line}:{column}: executing {} at <{shown}>: {message}",
            self.template.name,
            quote(self.name, Charset::Unicode),
        )))
    }

    /// An error at what was evaluated last.
    fn last_error<T>(&self, message: impl Display) -> Result<T, Failure> {
        match self.at {
            Some(at) => self.error(at, message),
            None => Err(Failure::Builtin(format!("template: {}: {message}", self.template.name))),
        }
    }

    /// Runs a step one level deeper.
    fn nested<T>(&mut self, step: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.depth == DEEPEST {
            return Err(Failure::Limit(format!(
                "the template nests deeper than {DEEPEST} levels"
            )));
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    fn list(&mut self, dot: &Operand, nodes: &'t [Node]) -> Result<Flow, Failure> {
        for node in nodes {
            self.context.step()?;
            let flow = self.node(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Operand, node: &'t Node) -> Result<Flow, Failure> {
        match &node.kind {
            NodeKind::Text(text) => {
                self.context.check_size(self.out.len() + text.len())?;
                self.out.extend_from_slice(text.as_bytes());
            }
            NodeKind::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.print(&value)?;
                }
            }
            NodeKind::Break => return Ok(Flow::Break),
            NodeKind::Continue => return Ok(Flow::Continue),
            NodeKind::If(branch) => return self.scoped(|state| state.choose(dot, branch, false)),
            NodeKind::With(branch) => return self.scoped(|state| state.choose(dot, branch, true)),
            NodeKind::Range(branch) => {
                self.scoped(|state| state.range(dot, branch).map(|()| Flow::Next))?;
            }
            NodeKind::Template(name, pipe) => self.call_template(dot, node, name, pipe.as_ref())?,
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, value: &Val) -> Result<(), Failure> {
        self.context.check_size(self.out.len() + value.weight())?;
        match value {
            Val::Invalid => self.out.extend_from_slice(b"<no value>"),
            value => value.print_plain(&mut self.out),
        }
        self.context.check_size(self.out.len())
    }

    /// Runs a step whose variables end with it.
    fn scoped(&mut self, step: impl FnOnce(&mut Self) -> Result<Flow, Failure>) -> Result<Flow, Failure> {
        let visible = self.variables.len();
        let flow = self.nested(step);
        self.variables.truncate(visible);
        flow
    }

    fn choose(&mut self, dot: &Operand, branch: &'t Branch, sets_dot: bool) -> Result<Flow, Failure> {
        let value = self.pipe(dot, &branch.pipe)?;
        if value.is_true() {
            let inner = if sets_dot { &Operand::bare(value) } else { dot };
            return self.list(inner, &branch.list);
        }
        match &branch.otherwise {
            Some(otherwise) => self.list(dot, otherwise),
            None => Ok(Flow::Next),
        }
    }

    fn range(&mut self, dot: &Operand, branch: &'t Branch) -> Result<(), Failure> {
        let value = self.pipe(dot, &branch.pipe)?;
        let mark = self.variables.len();
        let mut any = false;
        let mut once = |state: &mut Self, index: Val, element: Operand| {
            any = true;
            let flow = state.iteration(&branch.pipe, index, &element, &branch.list);
            state.variables.truncate(mark);
            flow
        };
        match &value {
            Val::Int(_) | Val::Byte(_) if branch.pipe.variables.len() > 1 => {
                let shown = value.plain();
                return self.last_error(format_args!("can't use {shown} to iterate over more than one variable"));
            }
            Val::Int(count) => {
                for number in 0..*count {
                    if once(self, Val::Invalid, Operand::bare(Val::Int(number)))? == Flow::Break {
                        break;
                    }
                }
            }
            Val::Byte(count) => {
                for number in 0..*count {
                    if once(self, Val::Invalid, Operand::bare(Val::Byte(number)))? == Flow::Break {
                        break;
                    }
                }
            }
            Val::Map(object) => {
                for (key, value) in object.iter() {
                    if once(self, Val::of(key), Operand::element(Val::of(value)))? == Flow::Break {
                        break;
                    }
                }
            }
            Val::Invalid | Val::Nil => {}
            other => {
                let Some(elements) = other.elements() else {
                    let shown = other.plain();
                    return self.last_error(format_args!("range can't iterate over {shown}"));
                };
                for at in 0..elements.len() {
                    let index = Val::Int(i64::try_from(at).unwrap_or(i64::MAX));
                    let element = elements.get(at).unwrap_or(Val::Invalid);
                    if once(self, index, Operand::element(element))? == Flow::Break {
                        break;
                    }
                }
            }
        }
        if !any && let Some(otherwise) = &branch.otherwise {
            self.list(dot, otherwise)?;
        }
        Ok(())
    }

    fn iteration(&mut self, pipe: &'t Pipe, index: Val, element: &Operand, list: &'t [Node]) -> Result<Flow, Failure> {
        self.context.step()?;
        let values = match pipe.variables.len() {
            2 => vec![index, element.value.clone()],
            1 => vec![element.value.clone()],
            _ => Vec::new(),
        };
        // The pipeline has declared them already, each with the whole.
        for (name, value) in pipe.variables.iter().zip(values) {
            self.set(name, value)?;
        }
        self.list(element, list)
    }

    fn call_template(
        &mut self,
        dot: &Operand,
        node: &'t Node,
        name: &'t str,
        pipe: Option<&'t Pipe>,
    ) -> Result<(), Failure> {
        let Some((name, tree)) = self.template.trees.get_key_value(name) else {
            let shown = quote(name, Charset::Unicode);
            return self.error(node, format_args!("template {shown} not defined"));
        };
        let data = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Val::Invalid,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$".to_owned(), data.clone())]);
        let caller = std::mem::replace(&mut self.name, name);
        self.nested(|state| state.list(&Operand::bare(data), tree))?;
        self.variables = variables;
        self.name = caller;
        Ok(())
    }

    /// Overwrites the variable of that name that was declared last.
    fn set(&mut self, name: &str, value: Val) -> Result<(), Failure> {
        match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            Some(variable) => variable.1 = value,
            None => return self.last_error(format_args!("undefined variable: {name}")),
        }
        Ok(())
    }

    fn pipe(&mut self, dot: &Operand, pipe: &'t Pipe) -> Result<Val, Failure> {
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?.unboxed());
        }
        let value = value.unwrap_or(Val::Invalid);
        for name in &pipe.variables {
            if pipe.assigns {
                self.set(name, value.clone())?;
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    fn command(&mut self, dot: &Operand, command: &'t Command, last: Option<Val>) -> Result<Operand, Failure> {
        let first = &command.arguments[0];
        self.at = Some(At::from(first));
        let has_arguments = command.arguments.len() > 1 || last.is_some();
        match &first.kind {
            ArgumentKind::Field(names) => self.fields(dot.clone(), names, has_arguments),
            ArgumentKind::Chain(inner, names) => {
                let receiver = self.chained(dot, first, inner)?;
                self.fields(receiver, names, has_arguments)
            }
            ArgumentKind::Function(function) => {
                let arguments = &command.arguments[1..];
                self.call(dot, *function, (At::from(first), At::from(command)), arguments, last)
            }
            ArgumentKind::Variable(names) if names.len() > 1 => {
                let receiver = Operand::bare(self.variable(&names[0]));
                self.fields(receiver, &names[1..], has_arguments)
            }
            _ if has_arguments => self.error(first, format_args!("can't give argument to non-function {first}")),
            ArgumentKind::Pipe(pipe) => self.nested(|state| state.pipe(dot, pipe)).map(Operand::bare),
            ArgumentKind::Variable(names) => Ok(Operand::bare(self.variable(&names[0]))),
            ArgumentKind::Bool(flag) => Ok(Operand::bare(Val::Bool(*flag))),
            ArgumentKind::Dot => Ok(dot.clone()),
            ArgumentKind::Nil => self.error(first, "nil is not a command"),
            ArgumentKind::Number(text, constant) => self.constant(first, text, *constant).map(Operand::bare),
            ArgumentKind::String(_, bytes) => Ok(Operand::bare(bytes.as_slice().into())),
        }
    }

    fn variable(&self, name: &str) -> Val {
        let variable = self.variables.iter().rev().find(|(known, _)| known == name);
        variable.map_or(Val::Invalid, |(_, value)| value.clone())
    }

    fn constant(&self, at: &'t Argument, text: &str, constant: Constant) -> Result<Val, Failure> {
        match constant {
            Constant::Int(number) => Ok(Val::Int(number)),
            Constant::Float(number) => Ok(Val::Float(number)),
            Constant::Overflow => self.error(at, format_args!("{text} overflows int")),
        }
    }

    /// The value that the fields of a chain are read from.
    fn chained(&mut self, dot: &Operand, chain: &'t Argument, inner: &'t Argument) -> Result<Operand, Failure> {
        if matches!(inner.kind, ArgumentKind::Nil) {
            return self.error(chain, format_args!("indirection through explicit nil in {chain}"));
        }
        self.argument(dot, inner, Parameter::Value)
    }

    /// Reads fields. An error is shown at what was evaluated last, which is not always their own chain.
    fn fields(&mut self, receiver: Operand, names: &'t [String], has_arguments: bool) -> Result<Operand, Failure> {
        let mut receiver = receiver;
        for (index, name) in names.iter().enumerate() {
            receiver = self.field(&receiver, name, has_arguments && index + 1 == names.len())?;
        }
        Ok(receiver)
    }

    fn field(&self, receiver: &Operand, name: &str, has_arguments: bool) -> Result<Operand, Failure> {
        let strict = self.template.missing_key == MissingKey::Error;
        match &receiver.value {
            Val::Invalid if strict => {
                let shown = quote(name, Charset::Unicode);
                self.last_error(format_args!("nil data; no entry for key {shown}"))
            }
            Val::Invalid => Ok(Operand::bare(Val::Invalid)),
            Val::Nil => {
                let kind = receiver.type_name();
                self.last_error(format_args!("nil pointer evaluating {kind}.{name}"))
            }
            Val::Map(_) if has_arguments => self.last_error(format_args!("{name} is not a method but has arguments")),
            Val::Map(object) => match (object.under(name.as_bytes()), self.template.missing_key) {
                (Some(value), _) => Ok(Operand::element(Val::of(value))),
                (None, MissingKey::Invalid) => Ok(Operand::bare(Val::Invalid)),
                (None, MissingKey::Zero) => Ok(Operand::element(Val::Nil)),
                (None, MissingKey::Error) => {
                    let shown = quote(name, Charset::Unicode);
                    self.last_error(format_args!("map has no entry for key {shown}"))
                }
            },
            Val::Record(record) => match record.fields.iter().find(|(known, _)| *known == name) {
                Some(_) if has_arguments => {
                    self.last_error(format_args!("{name} has arguments but cannot be invoked as function"))
                }
                Some((_, value)) => Ok(Operand::bare(value.clone())),
                None => self.no_field(receiver, name),
            },
            _ => self.no_field(receiver, name),
        }
    }

    fn no_field(&self, receiver: &Operand, name: &str) -> Result<Operand, Failure> {
        let kind = receiver.type_name();
        self.last_error(format_args!("can't evaluate field {name} in type {kind}"))
    }

    /// Calls a function; its own name and the whole command are what errors show.
    fn call(
        &mut self,
        dot: &Operand,
        function: Function,
        (at, whole): (At<'t>, At<'t>),
        arguments: &'t [Argument],
        last: Option<Val>,
    ) -> Result<Operand, Failure> {
        let count = arguments.len() + usize::from(last.is_some());
        let name = function.name();
        match function.arity() {
            (fixed, true) if count < fixed => {
                let given = arguments.len();
                let message = format_args!("wrong number of args for {name}: want at least {fixed} got {given}");
                return self.error(at, message);
            }
            (fixed, false) if count != fixed => {
                return self.error(
                    at,
                    format_args!("wrong number of args for {name}: want {fixed} got {count}"),
                );
            }
            _ => {}
        }
        if matches!(function, Function::And | Function::Or) {
            return self.lazy(dot, function, arguments, last);
        }
        let mut values = Vec::with_capacity(count);
        let callee = arguments.first().map(ToString::to_string);
        for (index, argument) in arguments.iter().enumerate() {
            values.push(self.argument(dot, argument, function.parameter(index))?.value);
        }
        if let Some(last) = last {
            let last = Operand::bare(last);
            let parameter = function.parameter(arguments.len());
            let at = arguments.last().map_or(at, At::from);
            values.push(self.fit(last, parameter, at)?.value);
        }
        let callee = callee.unwrap_or_else(|| values.first().map_or_else(String::new, Val::plain));
        match function.call(self.context, &callee, &values) {
            Ok(value) => Ok(Operand::bare(value)),
            Err(Trouble::Limit(failure)) => Err(failure),
            Err(Trouble::Error(message)) => self.error(whole, format_args!("error calling {name}: {message}")),
        }
    }

    /// `and` and `or` evaluate no more arguments than they need.
    fn lazy(
        &mut self,
        dot: &Operand,
        function: Function,
        arguments: &'t [Argument],
        last: Option<Val>,
    ) -> Result<Operand, Failure> {
        let mut value = Operand::bare(Val::Invalid);
        for argument in arguments {
            value = self.argument(dot, argument, Parameter::Value)?;
            if value.value.is_true() == (function == Function::Or) {
                return Ok(value);
            }
        }
        Ok(last.map_or(value, Operand::bare))
    }

    /// Makes a value fit its parameter.
    fn fit(&self, operand: Operand, parameter: Parameter, at: At<'t>) -> Result<Operand, Failure> {
        match (parameter, &operand.value) {
            (Parameter::Value, _) => Ok(operand),
            (Parameter::Any, Val::Invalid) => Ok(Operand::bare(Val::Nil)),
            (Parameter::Any, _) | (Parameter::String, Val::Str(_)) => Ok(operand),
            (Parameter::String, Val::Invalid) => self.error(at, "invalid value; expected string"),
            (Parameter::String, other) => {
                let kind = other.type_name();
                self.error(at, format_args!("wrong type for value; expected string; got {kind}"))
            }
        }
    }

    fn argument(&mut self, dot: &Operand, argument: &'t Argument, parameter: Parameter) -> Result<Operand, Failure> {
        let at = At::from(argument);
        self.at = Some(at);
        let value = match &argument.kind {
            ArgumentKind::Dot => dot.clone(),
            ArgumentKind::Nil if parameter == Parameter::String => {
                return self.error(at, "cannot assign nil to string");
            }
            ArgumentKind::Nil => Operand::bare(Val::Invalid),
            ArgumentKind::Field(names) => self.fields(dot.clone(), names, false)?,
            ArgumentKind::Variable(names) => {
                let value = Operand::bare(self.variable(&names[0]));
                self.fields(value, &names[1..], false)?
            }
            ArgumentKind::Pipe(pipe) => Operand::bare(self.nested(|state| state.pipe(dot, pipe))?),
            ArgumentKind::Function(function) => self.call(dot, *function, (at, at), &[], None)?,
            ArgumentKind::Chain(inner, names) => {
                let receiver = self.chained(dot, argument, inner)?;
                self.fields(receiver, names, false)?
            }
            ArgumentKind::String(_, bytes) => Operand::bare(bytes.as_slice().into()),
            ArgumentKind::Bool(_) | ArgumentKind::Number(..) if parameter == Parameter::String => {
                return self.error(at, format_args!("expected string; found {argument}"));
            }
            ArgumentKind::Bool(flag) => Operand::bare(Val::Bool(*flag)),
            ArgumentKind::Number(text, constant) => Operand::bare(self.constant(argument, text, *constant)?),
        };
        self.fit(value, parameter, at)
    }
}
