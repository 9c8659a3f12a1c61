//! Jsonnet: evaluated as go-jsonnet evaluates it, with the place of each value that is in the document.
//!
//! No crate gives the places of values and limits what an evaluation takes, so the evaluator is kpolicy's own. It runs
//! on a thread of its own, whose stack holds what the limits allow.

use crate::comments::{Code, Comments, Quote, SHELL_AND_C};
use crate::document::{Entry, Node, Span};
use crate::imports::{self, Folder, Imports};
use crate::{Meter, ParseError, Parsed, Row};
use kpolicy_value::{LineIndex, Number, Value};
use machine::{Fault, Limits, Machine, Res, fault};
use tree::At;
use value::{Function, ThunkId, Val};

mod format;
mod lexer;
mod library;
mod machine;
mod manifest;
mod names;
mod operators;
mod parser;
mod tree;
mod value;

/// The stack of an evaluation; what is not used takes no memory.
const STACK: usize = 256 << 20;

const LIMITS: Limits = Limits {
    steps: 50_000_000,
    bytes: 1 << 30,
};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "jsonnet",
    aliases: &[],
    files: &["*.jsonnet"],
    further: &[],
    about: "The value that the program evaluates to. Imports read files below the file's folder and those of `--jpath`. \
            External variables are not defined.",
    comments: Comments::Code(&Code {
        quotes: &[
            Quote::new("|||", "|||", false, true),
            Quote::new("@\"", "\"", false, true),
            Quote::new("@'", "'", false, true),
            Quote::new("\"", "\"", true, true),
            Quote::new("'", "'", true, true),
        ],
        ..SHELL_AND_C
    }),
    imports: imports::folders,
    example: (
        "pod.jsonnet",
        "local port(n) = { containerPort: n };\n{ ports: [port(p) for p in [80, 443]] }\n",
    ),
    parse: |text, context, meter| parse(text, &Folder::of(context), meter).map(Parsed::of),
};

/// The document of a text.
pub(super) fn parse(text: &str, imports: &dyn Imports, meter: Meter) -> Result<Node, ParseError> {
    within(text, imports, meter, LIMITS)
}

fn within(text: &str, imports: &dyn Imports, meter: Meter, limits: Limits) -> Result<Node, ParseError> {
    std::thread::scope(|scope| {
        let evaluation = std::thread::Builder::new()
            .name("jsonnet".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || document(text, imports, meter, limits));
        let Ok(evaluation) = evaluation else {
            let message = "the system has no thread left to evaluate it";
            return Err(ParseError::limit(message, Span::default()));
        };
        evaluation
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn document(text: &str, imports: &dyn Imports, meter: Meter, limits: Limits) -> Result<Node, ParseError> {
    let mut machine = Machine::new(imports, limits);
    let found = machine.load("", text, At::default()).and_then(|root| {
        let value = machine.force(root, At::default())?;
        let at = machine.place(root);
        let value = match value {
            Val::Function(function @ Function::Closure(..)) => machine.call(&function, &[], at)?,
            value => value,
        };
        let mut writer = Writer {
            machine: &mut machine,
            meter,
            exceeded: None,
        };
        let node = writer.node(&value, at, at.span);
        let exceeded = writer.exceeded.take();
        Ok((node, exceeded))
    });
    match found {
        Ok((_, Some(error))) => Err(error),
        Ok((Ok(node), None)) => Ok(node),
        Ok((Err(fault), None)) | Err(fault) => Err(located(&machine, &fault)),
    }
}

/// The error in the document: of a fault in an imported file at its import, with the place in that file.
fn located(machine: &Machine<'_>, fault: &Fault) -> ParseError {
    let (mut at, mut message) = (fault.at, fault.message.clone());
    if at.file != 0
        && let Some(source) = machine.sources.get(at.file as usize)
    {
        let (line, column) = LineIndex::new(&source.text).position(at.span.start as usize);
        message = format!("{}:{line}:{column}: {message}", source.name);
    }
    while at.file != 0 {
        at = machine
            .sources
            .get(at.file as usize)
            .map_or(At::default(), |source| source.imported);
    }
    let mut error = ParseError::new(message, at.span);
    error.is_limit = fault.is_limit;
    error
}

/// Makes the document of an evaluated value.
struct Writer<'m, 'i> {
    machine: &'m mut Machine<'i>,
    meter: Meter,
    exceeded: Option<ParseError>,
}

impl Writer<'_, '_> {
    /// The node of a value at `at`; what is not written in the document has the span of what is around.
    fn node(&mut self, value: &Val, at: At, around: Span) -> Res<Node> {
        let span = self.span(at, around);
        if let Err(error) = self.meter.count(1, span) {
            let message = error.message.clone();
            self.exceeded = Some(error);
            return fault(message, at);
        }
        let scalar = match value {
            Val::Null => Value::Null,
            Val::Bool(flag) => Value::Bool(*flag),
            Val::Number(number) => Value::Number(self.number(*number, at)?),
            Val::String(text) => Value::string(&**text),
            Val::Function(_) => return fault("a function is not a value of a document: call it", at),
            Val::Array(items) => {
                let mut nodes = Vec::with_capacity(items.len());
                for item in items.iter() {
                    nodes.push(self.child(*item, at, span)?);
                }
                return Ok(Node::array(nodes, span));
            }
            Val::Object(object) => {
                self.machine.check_object(*object, at)?;
                let mut entries = Vec::new();
                for name in self.machine.names(*object, false, at)? {
                    let Some(place) = self.machine.field_at(*object, &name) else {
                        continue;
                    };
                    let thunk = self.machine.field_thunk(*object, place)?;
                    let key_span = self.span(self.machine.name_at(*object, place), span);
                    let node = self.child(thunk, at, span)?;
                    entries.push(Entry {
                        key: (*name).into(),
                        key_span,
                        node,
                    });
                }
                return Ok(Node::object(entries, span));
            }
        };
        Ok(Node::scalar(scalar, span))
    }

    fn child(&mut self, thunk: ThunkId, parent: At, around: Span) -> Res<Node> {
        let value = self.machine.force(thunk, parent)?;
        let at = self.machine.place(thunk);
        let at = if at == At::default() { parent } else { at };
        self.machine.nest(at)?;
        let node = self.node(&value, at, around);
        self.machine.unnest();
        node
    }

    fn span(&self, at: At, around: Span) -> Span {
        match at.file == 0 && at.span != Span::default() {
            true => at.span,
            false => around,
        }
    }

    fn number(&self, number: f64, at: At) -> Res<Number> {
        let text = match number {
            0.0 => "0".to_owned(),
            number if number.abs() < 1e21 => format!("{number}"),
            number => format!("{number:e}"),
        };
        Number::parse(&text).map_or_else(|| fault(format!("{text} is not a number of JSON"), at), Ok)
    }
}

#[cfg(test)]
mod tests;
