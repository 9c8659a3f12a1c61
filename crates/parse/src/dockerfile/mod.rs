//! Dockerfiles, in conftest's shape: a list of one list of instructions, `{Cmd, Flags, JSON, Stage, SubCmd, Value}`,
//! with comments as instructions of their own. Lines, flags and arguments are read as BuildKit reads them.

use super::{Meter, ParseError, Parsed, Row};
use std::sync::{Arc, LazyLock};

use crate::comments::Comments;
use crate::document::{Entry, Node, Span};
use kpolicy_value::Value;

mod arguments;
mod check;
mod line;

use line::{Line, Lines, Part};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "dockerfile",
    aliases: &["containerfile"],
    files: &["dockerfile", "dockerfile.*", "*.dockerfile"],
    further: &["containerfile", "containerfile.*", "*.containerfile"],
    about: "The instructions in their order, comments included.",
    comments: Comments::Lines(&["#"]),
    imports: |_| Vec::new(),
    example: ("Dockerfile", "FROM alpine:3.20\nRUN apk add curl\n"),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The document of a text.
pub(super) fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let mut reader = Reader {
        stage: None,
        nodes: Vec::new(),
    };
    let mut lines = Lines::new(text);
    while let Some(line) = lines.next_line()? {
        let before = reader.nodes.len();
        reader.instruction(&line, lines.escape)?;
        for node in &reader.nodes[before..] {
            meter.count(node.value.extent().parts as usize, node.spans.value)?;
        }
        lines.skip_heredocs(&line, &reader.heredoc_words(&line))?;
    }
    if reader.nodes.is_empty() {
        return Err(ParseError::new(
            "the file contains no instructions",
            Span::new(0, text.len()),
        ));
    }
    let whole = Span::new(0, text.len());
    Ok(Node::array(vec![Node::array(reader.nodes, whole)], whole))
}

struct Reader {
    stage: Option<i64>,
    nodes: Vec<Node>,
}

/// An instruction, read.
struct Instruction {
    /// The keyword as it was written.
    name: Part,
    /// Its flags; none at all where there is nothing after the keyword.
    flags: Option<Vec<Part>>,
    /// What follows the flags.
    rest: Line,
    /// Its arguments.
    arguments: arguments::Arguments,
    /// The instruction that ONBUILD triggers.
    trigger: Option<Box<Instruction>>,
}

impl Reader {
    fn instruction(&mut self, line: &Line, escape: char) -> Result<(), ParseError> {
        let instruction = read(line, escape)?;
        check::check(&instruction)?;
        let command = instruction.name.text.to_lowercase();
        if command == "from" {
            self.stage = Some(self.stage.map_or(0, |stage| stage + 1));
        }
        let stage = self.stage.unwrap_or(0);
        for comment in &line.comments {
            let values = vec![comment.node()];
            let parts = Shape {
                command: "comment",
                at: comment.span,
                flags: None,
                json: false,
                trigger: None,
            };
            self.nodes.push(parts.node(Some(values), stage));
        }
        let inner = instruction.trigger.as_deref();
        let arguments = &inner.unwrap_or(&instruction).arguments;
        let values = arguments
            .parts
            .as_ref()
            .map(|parts| parts.iter().map(Part::node).collect());
        let shape = Shape {
            command: &command,
            at: instruction.name.span,
            flags: instruction.flags.as_deref(),
            json: arguments.json,
            trigger: inner.map(|inner| &inner.name),
        };
        self.nodes.push(shape.node(values, stage));
        Ok(())
    }

    /// The words of an instruction that may open heredocs: those of RUN, ADD and COPY in their shell form.
    fn heredoc_words(&self, line: &Line) -> Vec<String> {
        let mut words = line.text.split_whitespace().map(str::to_lowercase);
        let mut command = words.next().unwrap_or_default();
        if command == "onbuild" {
            command = words.next().unwrap_or_default();
        }
        let json = self
            .nodes
            .last()
            .is_some_and(|node| node.value.field("JSON") == Some(&Value::Bool(true)));
        if json || !matches!(command.as_str(), "run" | "add" | "copy") {
            return Vec::new();
        }
        line::shell_words(&line.text)
    }
}

/// Splits a logical line into keyword, flags and arguments.
fn read(line: &Line, escape: char) -> Result<Instruction, ParseError> {
    let line = line.trimmed();
    let (name, after) = line.split_first_word();
    let (flags, rest) = match after {
        Some(after) => {
            let (flags, rest) = arguments::flags(&after, escape);
            (Some(flags), rest.trimmed())
        }
        None => (None, line.end()),
    };
    let command = name.text.to_lowercase();
    let (arguments, trigger) = if command == "onbuild" && !rest.text.is_empty() {
        (arguments::Arguments::default(), Some(Box::new(read(&rest, escape)?)))
    } else {
        (arguments::read(&command, &rest, escape)?, None)
    };
    Ok(Instruction {
        name,
        flags,
        rest,
        arguments,
        trigger,
    })
}

/// The fixed parts of an instruction's object.
/// The fields of an instruction, shared by all of them: in a long file they would take as much memory as the values.
static FIELDS: LazyLock<[Arc<str>; 6]> =
    LazyLock::new(|| ["Cmd", "Flags", "JSON", "Stage", "SubCmd", "Value"].map(Arc::from));

struct Shape<'a> {
    command: &'a str,
    at: Span,
    flags: Option<&'a [Part]>,
    json: bool,
    trigger: Option<&'a Part>,
}

impl Shape<'_> {
    fn node(&self, values: Option<Vec<Node>>, stage: i64) -> Node {
        let list = |nodes: Option<Vec<Node>>| match nodes {
            Some(nodes) => {
                let all = nodes.iter().map(|node| node.spans.value).reduce(Span::to);
                Node::array(nodes, all.unwrap_or(self.at))
            }
            None => Node::scalar(Value::Null, self.at),
        };
        let flags = self.flags.map(|flags| flags.iter().map(Part::node).collect());
        let (trigger, place) = self
            .trigger
            .map_or(("", self.at), |part| (part.text.as_str(), part.span));
        let values = [
            Node::scalar(self.command.into(), self.at),
            list(flags),
            Node::scalar(self.json.into(), self.at),
            Node::scalar(stage.into(), self.at),
            Node::scalar(trigger.into(), place),
            list(values),
        ];
        let entry = |(key, node): (&Arc<str>, Node)| Entry {
            key: Arc::clone(key),
            // Nobody wrote these keys.
            key_span: Span::default(),
            node,
        };
        Node::object(FIELDS.iter().zip(values).map(entry).collect(), self.at)
    }
}
