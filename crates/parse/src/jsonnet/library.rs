//! The part of the standard library that is not written in Jsonnet: the table of its functions, and their arguments.

use std::rc::Rc;

use super::machine::{Machine, Res, fault, unexpected};
use super::tree::{At, Symbol};
use super::value::{Function, ObjectId, ThunkId, Val};

mod arrays;
mod numbers;
mod objects;
mod strings;

/// The functions that are written in Jsonnet.
pub(super) const PRELUDE: &str = include_str!("prelude.jsonnet");

/// A function of the library.
pub(super) struct Builtin {
    name: &'static str,
    /// The names of its parameters; those that end in `?` may be left out.
    parameters: &'static [&'static str],
    pub(super) run: fn(&mut Machine<'_>, &Arguments) -> Res<Val>,
}

/// The arguments of a call, by parameter.
pub(super) struct Arguments {
    given: Vec<Option<ThunkId>>,
    /// Where the call is.
    pub(super) at: At,
    name: &'static str,
}

/// A row of the table.
const fn row(
    name: &'static str,
    parameters: &'static [&'static str],
    run: fn(&mut Machine<'_>, &Arguments) -> Res<Val>,
) -> Builtin {
    Builtin { name, parameters, run }
}

/// The functions by name.
pub(super) fn members() -> impl Iterator<Item = (&'static str, Val)> {
    let tables = [GENERAL, arrays::TABLE, numbers::TABLE, objects::TABLE, strings::TABLE];
    let rows = tables.into_iter().flatten();
    rows.map(|builtin| (builtin.name, Val::Function(Function::Builtin(builtin))))
}

const GENERAL: &[Builtin] = &[
    row("extVar", &["x"], |machine, arguments| {
        let name = arguments.string(machine, 0)?;
        fault(format!("undefined external variable: {name}"), arguments.at)
    }),
    row("native", &["x"], |machine, arguments| {
        arguments.string(machine, 0)?;
        Ok(Val::Null)
    }),
    row("trace", &["str", "rest"], |machine, arguments| {
        arguments.string(machine, 0)?;
        arguments.value(machine, 1)
    }),
    row("type", &["x"], |machine, arguments| {
        Ok(Val::string(arguments.value(machine, 0)?.type_name()))
    }),
    row("length", &["x"], |machine, arguments| {
        let length = match arguments.value(machine, 0)? {
            Val::String(text) => text.chars().count(),
            Val::Array(items) => items.len(),
            Val::Object(object) => machine.names(object, false, arguments.at)?.len(),
            Val::Function(Function::Closure(lambda, _)) => lambda.parameters.len(),
            Val::Function(Function::Builtin(builtin)) => builtin.parameters.len(),
            other => return unexpected(&other, "string, array, object or function", arguments.at),
        };
        Ok(Val::Number(length as f64))
    }),
    row("toString", &["a"], |machine, arguments| {
        let value = arguments.value(machine, 0)?;
        Ok(Val::String(machine.text_of(&value, arguments.at)?))
    }),
    row("equals", &["x", "y"], equals),
    row("primitiveEquals", &["x", "y"], equals),
];

fn equals(machine: &mut Machine<'_>, arguments: &Arguments) -> Res<Val> {
    let (left, right) = (arguments.value(machine, 0)?, arguments.value(machine, 1)?);
    Ok(Val::Bool(machine.equal(&left, &right, arguments.at)?))
}

/// The arguments of a call of a function of the library.
pub(super) fn arguments(
    machine: &Machine<'_>,
    builtin: &'static Builtin,
    positional: &[ThunkId],
    named: &[(Symbol, ThunkId)],
    at: At,
) -> Res<Arguments> {
    let parameters = builtin.parameters;
    let name = builtin.name;
    if positional.len() > parameters.len() {
        let message = format!(
            "std.{name} takes {} arguments, not {}",
            parameters.len(),
            positional.len()
        );
        return fault(message, at);
    }
    let mut given: Vec<_> = positional.iter().copied().map(Some).collect();
    given.resize(parameters.len(), None);
    for (symbol, thunk) in named {
        let text = machine.symbols.name(*symbol);
        let place = parameters
            .iter()
            .position(|parameter| parameter.trim_end_matches('?') == &**text);
        match place.map(|place| &mut given[place]) {
            Some(slot @ None) => *slot = Some(*thunk),
            Some(_) => return fault(format!("std.{name}: the argument `{text}` is given twice"), at),
            None => return fault(format!("std.{name} has no parameter `{text}`"), at),
        }
    }
    for (parameter, given) in parameters.iter().zip(&given) {
        if given.is_none() && !parameter.ends_with('?') {
            return fault(format!("missing argument: {parameter} of std.{name}"), at);
        }
    }
    Ok(Arguments { given, at, name })
}

impl Arguments {
    /// The thunk of an argument.
    fn thunk(&self, place: usize) -> Option<ThunkId> {
        self.given[place]
    }

    fn value(&self, machine: &mut Machine<'_>, place: usize) -> Res<Val> {
        match self.given[place] {
            Some(thunk) => machine.force(thunk, self.at),
            None => Ok(Val::Null),
        }
    }

    fn string(&self, machine: &mut Machine<'_>, place: usize) -> Res<Rc<str>> {
        match self.value(machine, place)? {
            Val::String(text) => Ok(text),
            other => self.wrong(&other, "string"),
        }
    }

    fn number(&self, machine: &mut Machine<'_>, place: usize) -> Res<f64> {
        match self.value(machine, place)? {
            Val::Number(number) => Ok(number),
            other => self.wrong(&other, "number"),
        }
    }

    /// A whole number from 0 on.
    fn count(&self, machine: &mut Machine<'_>, place: usize) -> Res<usize> {
        let number = self.number(machine, place)?;
        match number >= 0.0 && number.fract() == 0.0 && number <= 1e12 {
            true => Ok(number as usize),
            false => self.fail(format!("{number} is not a count")),
        }
    }

    fn boolean(&self, machine: &mut Machine<'_>, place: usize, default: bool) -> Res<bool> {
        match self.given[place] {
            None => Ok(default),
            Some(thunk) => match machine.force(thunk, self.at)? {
                Val::Bool(flag) => Ok(flag),
                other => self.wrong(&other, "boolean"),
            },
        }
    }

    fn array(&self, machine: &mut Machine<'_>, place: usize) -> Res<Rc<[ThunkId]>> {
        match self.value(machine, place)? {
            Val::Array(items) => Ok(items),
            other => self.wrong(&other, "array"),
        }
    }

    fn object(&self, machine: &mut Machine<'_>, place: usize) -> Res<ObjectId> {
        match self.value(machine, place)? {
            Val::Object(object) => Ok(object),
            other => self.wrong(&other, "object"),
        }
    }

    fn function(&self, machine: &mut Machine<'_>, place: usize) -> Res<Function> {
        match self.value(machine, place)? {
            Val::Function(function) => Ok(function),
            other => self.wrong(&other, "function"),
        }
    }

    /// The items of an array, or the characters of a string.
    fn sequence(&self, machine: &mut Machine<'_>, place: usize) -> Res<Rc<[ThunkId]>> {
        match self.value(machine, place)? {
            Val::Array(items) => Ok(items),
            Val::String(text) => {
                let chars = text.chars().map(|char| Val::string(String::from(char))).collect();
                match machine.array_of(chars, self.at)? {
                    Val::Array(items) => Ok(items),
                    other => self.wrong(&other, "array"),
                }
            }
            other => self.wrong(&other, "array or string"),
        }
    }

    fn wrong<T>(&self, found: &Val, wanted: &str) -> Res<T> {
        self.fail(format!("unexpected type {}, expected {wanted}", found.type_name()))
    }

    fn fail<T>(&self, message: impl AsRef<str>) -> Res<T> {
        fault(format!("std.{}: {}", self.name, message.as_ref()), self.at)
    }
}
