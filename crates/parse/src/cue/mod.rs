//! CUE: the concrete value of a file, as `cue export` gives it.
//!
//! Of the language there are structs, lists, scalars, types and bounds, defaults, references, definitions, hidden and
//! optional fields, `let`, comprehensions, interpolation, and a few packages. What is not there, such as aliases and
//! imports of modules, is refused by name.

use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::comments::{Code, Comments, Quote, SHELL_AND_C};
use crate::document::{Entry, Node, Span};
use crate::{Meter, ParseError, Parsed, Row};
use kpolicy_value::{Number, Value};
use machine::{Machine, Res, fault};
use tree::Need;
use value::{Num, Val, VertexId};

mod builtin;
mod lexer;
mod machine;
mod parser;
mod tree;
mod value;

/// The stack of an evaluation; what is not used takes no memory.
const STACK: usize = 256 << 20;

/// How deep values may nest.
const MAX_DEPTH: usize = 250;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "cue",
    aliases: &[],
    files: &["*.cue"],
    further: &[],
    about: "The concrete value of the file. Structs, lists, types, bounds, defaults, references, definitions, hidden and \
            optional fields, `let`, comprehensions, interpolation and the packages list, math, strconv and strings are \
            evaluated; aliases, slices and other imports are errors that name the construct.",
    comments: Comments::Code(&Code {
        line: &["//"],
        block: &[],
        quotes: &[Quote::TRIPLE, Quote::TRIPLE_SINGLE, Quote::DOUBLE, Quote::SINGLE],
        ..SHELL_AND_C
    }),
    imports: |_| Vec::new(),
    example: (
        "app.cue",
        "#App: {name: string, replicas: *1 | int}\napp: #App & {name: \"web\"}\n",
    ),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The document of a text.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Node, ParseError> {
    std::thread::scope(|scope| {
        let evaluation = std::thread::Builder::new()
            .name("cue".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || document(text, meter));
        let Ok(evaluation) = evaluation else {
            let message = "the system has no thread left to evaluate it";
            return Err(ParseError::limit(message, Span::default()));
        };
        evaluation
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn document(text: &str, meter: Meter) -> Result<Node, ParseError> {
    let file = parser::parse(text)?;
    let mut packages = HashMap::<Rc<str>, Rc<str>>::new();
    for tree::Import { name, path, span } in &file.imports {
        if !builtin::PACKAGES.contains(&&**path) {
            let message = format!("the package {path:?} cannot be imported");
            let help = "evaluate the file with `cue export` first, and test the JSON";
            return Err(ParseError::new(message, *span).with_help(help));
        }
        packages.insert(Rc::clone(name), Rc::clone(path));
    }
    let mut machine = Machine::new(packages);
    let mut writer = Writer { meter, depth: 0 };
    let root = machine
        .root(&file.root)
        .and_then(|root| writer.node(&mut machine, root));
    root.map_err(|fault| fault.error)
}

/// Makes the document of evaluated values.
struct Writer {
    meter: Meter,
    depth: usize,
}

impl Writer {
    fn node(&mut self, machine: &mut Machine, vertex: VertexId) -> Res<Node> {
        let span = machine.vertices[vertex].span;
        machine.step(span)?;
        machine.evaluate(vertex)?;
        if self.meter.count(1, span).is_err() {
            return fault("the file has more values than --max-nodes allows", span);
        }
        if self.depth == MAX_DEPTH {
            return fault(
                format!("values nest deeper than {MAX_DEPTH} levels, or contain themselves"),
                span,
            );
        }
        self.depth += 1;
        let node = self.written(machine, vertex, span);
        self.depth -= 1;
        node
    }

    fn written(&mut self, machine: &mut Machine, vertex: VertexId, span: Span) -> Res<Node> {
        let chosen = machine.default(vertex, span)?;
        let scalar = match machine.vertices[chosen].value.clone() {
            Val::Null => Value::Null,
            Val::Bool(flag) => Value::Bool(flag),
            Val::Number(number) => Value::Number(of_number(number, span)?),
            Val::String(text) => Value::string(&*text),
            Val::Bytes(bytes) => Value::string(BASE64.encode(bytes)),
            Val::List => {
                let mut nodes = Vec::new();
                for item in machine.vertices[chosen].items.clone() {
                    nodes.push(self.node(machine, item)?);
                }
                return Ok(Node::array(nodes, span));
            }
            Val::Struct => return self.object(machine, chosen, span),
            other => return fault(format!("the value is not concrete: it is {}", other.shown()), span),
        };
        Ok(Node::scalar(scalar, span))
    }

    fn object(&mut self, machine: &mut Machine, vertex: VertexId, span: Span) -> Res<Node> {
        let mut entries = Vec::new();
        for (key, arc) in machine.vertices[vertex].arcs.clone() {
            match arc.need {
                Need::Regular if arc.is_data => entries.push(Entry {
                    key: (*key).into(),
                    key_span: arc.key_span,
                    node: self.node(machine, arc.vertex)?,
                }),
                Need::Required if arc.is_data => {
                    return fault(format!("the field `{key}` is required but not set"), arc.key_span);
                }
                _ => {}
            }
        }
        Ok(Node::object(entries, span))
    }
}

fn of_number(number: Num, span: Span) -> Res<Number> {
    let text = match number {
        Num::Int(number) => number.to_string(),
        Num::Float(number) if number.abs() < 1e21 => format!("{number}"),
        Num::Float(number) => format!("{number:e}"),
    };
    Number::parse(&text).map_or_else(|| fault(format!("{text} is not a number of JSON"), span), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        match parse(text, Meter::new(crate::MAX_NODES)) {
            Ok(node) => node.value.to_json().to_string(),
            Err(error) => format!("error at `{}`: {}", error.span.of(text), error.message),
        }
    }

    #[test]
    fn values_are_those_of_cue() {
        for (text, expected) in [
            ("#A: {x: int, y: x + 1}\na: #A & {x: 1}", r#"{"a":{"x":1,"y":2}}"#),
            ("a: *1 | int\nb: a + 1\nc: a & 3", r#"{"a":1,"b":2,"c":3}"#),
            (
                "x: {k: \"a\", v: 1} | {k: \"b\", v: 2}\nx: k: \"b\"",
                r#"{"x":{"k":"b","v":2}}"#,
            ),
            ("#D: {[string]: int, ...}\nd: #D & {a: 1}", r#"{"d":{"a":1}}"#),
            (
                "l: [for k, v in {a: 1, b: 2} if v > 1 {\"\\(k)=\\(v)\"}]",
                r#"{"l":["b=2"]}"#,
            ),
            (
                "_x: [1, 2]\nlet y = _x[1]\nz: y\nif z > 1 {w: len(_x)}",
                r#"{"w":2,"z":2}"#,
            ),
            (
                "import \"strings\"\na: strings.ToUpper(strings.Join([\"a\", \"b\"], \"-\"))",
                r#"{"a":"A-B"}"#,
            ),
            ("a: {b: 1}\nc: a & {d: 2}", r#"{"a":{"b":1},"c":{"b":1,"d":2}}"#),
            ("a: >0 & <10 & int\na: 5\ns: =~\"^x\"\ns: \"xy\"", r#"{"a":5,"s":"xy"}"#),
            ("a: [...int]\na: [1, 2]\nb: [_, 2] & [1, _]", r#"{"a":[1,2],"b":[1,2]}"#),
            ("a: \"\"\"\n  x\n    y\n  \"\"\"", r#"{"a":"x\n  y"}"#),
            (
                "#Base: {kind: string}\n#S: {#Base, port: int}\ns: #S & {kind: \"s\", port: 1}",
                r#"{"s":{"kind":"s","port":1}}"#,
            ),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            ("a: int", "error at `int`: the value is not concrete: it is int"),
            ("#A: {x: int}\na: #A & {y: 1}", "error at `y`: field not allowed: `y`"),
            ("a: 1\na: 2", "error at `2`: conflicting values 1 and 2"),
            ("a: b", "error at `b`: nothing declares `b`"),
            ("a: {\n", "error at `{`: this `{` is never closed"),
            ("a: \"x\n", "error at `\"`: this string is never closed"),
            ("X=a: 1", "error at `X`: aliases of CUE are not supported"),
            (
                "import \"example.com/x\"",
                "error at `\"example.com/x\"`: the package \"example.com/x\" cannot be imported",
            ),
            ("a!: int", "error at `a`: the field `a` is required but not set"),
            (
                "a-b: 1",
                "error at `:`: expected `,`, a line break or the end of the file, found `:`",
            ),
            (
                "a: 1 | 2",
                "error at `1 | 2`: several values are possible, and none of them is the default",
            ),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_end_with_an_error() {
        let doubled = (0..60).fold("a0: \"ab\"\n".to_owned(), |text, index| {
            format!("{text}a{}: a{index} + a{index}\n", index + 1)
        });
        let choices = (0..40).map(|index| format!("a: {{b{index}: 1 | 2 | 3}}\na: {{c: 1}} | {{d: 1}}\n"));
        for text in [
            "a: [".repeat(50_000),
            "a: {".repeat(50_000),
            format!("a: 1{}", " + 1".repeat(50_000)),
            format!("{}1", "a: ".repeat(50_000)),
            format!("a: {}1", "-".repeat(50_000)),
            format!("a: {}\"x\"", "\"\\(".repeat(5_000)),
            doubled,
            choices.collect(),
            "import \"list\"\na: list.Range(0, 1000000000000, 1)".to_owned(),
            "#A: {a: #A}\nb: #A & {a: a: a: {}}".to_owned(),
            "a: b\nb: a".to_owned(),
            "a: {b: a}".to_owned(),
            "a: a + 1".to_owned(),
        ] {
            let found = json(&text);
            assert!(found.starts_with("error"), "{}: {found}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn values_and_keys_have_their_place() {
        let text = "#A: {x: int}\na: #A & {x: 1}";
        let root = parse(text, Meter::new(100)).expect("valid");
        let a = &root.spans.children.expect("a struct")[0];
        let x = &a.children.as_ref().expect("a struct")[0];
        assert_eq!((a.key.of(text), a.value.of(text)), ("a", "#A & {x: 1}"));
        assert_eq!((x.key.of(text), x.value.of(text)), ("x", "1"));
    }
}
