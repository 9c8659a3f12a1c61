//! The parts of a parsed template. They print as Go shows them in errors.

use std::fmt::{self, Display, Formatter};

use super::functions::Function;
use crate::text::{Charset, quote};

/// A piece of a template, and where it begins in bytes.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) kind: NodeKind,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    Text(String),
    Action(Pipe),
    Break,
    Continue,
    If(Branch),
    Range(Branch),
    With(Branch),
    Template(String, Option<Pipe>),
}

/// A control structure.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) list: Vec<Node>,
    pub(super) otherwise: Option<Vec<Node>>,
}

/// Commands, each with the value of the one before, and the variables that get the last one's.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) at: usize,
    pub(super) assigns: bool,
    pub(super) variables: Vec<String>,
    pub(super) commands: Vec<Command>,
}

#[derive(Debug)]
pub(super) struct Command {
    pub(super) at: usize,
    /// At least one.
    pub(super) arguments: Vec<Argument>,
}

#[derive(Debug)]
pub(super) struct Argument {
    pub(super) at: usize,
    pub(super) kind: ArgumentKind,
}

#[derive(Debug)]
pub(super) enum ArgumentKind {
    Bool(bool),
    Dot,
    Nil,
    Field(Vec<String>),
    /// The name with its `$`, and fields.
    Variable(Vec<String>),
    Function(Function),
    Number(String, Constant),
    /// As it was written, and what that means.
    String(String, Vec<u8>),
    Pipe(Pipe),
    Chain(Box<Argument>, Vec<String>),
}

/// A number in a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constant {
    Int(i64),
    Float(f64),
    /// An integer beyond 63 bits.
    Overflow,
}

impl Display for Node {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let branch = |out: &mut Formatter<'_>, name: &str, branch: &Branch| {
            write!(out, "{{{{{name} {}}}}}", branch.pipe)?;
            branch.list.iter().try_for_each(|node| node.fmt(out))?;
            if let Some(otherwise) = &branch.otherwise {
                out.write_str("{{else}}")?;
                otherwise.iter().try_for_each(|node| node.fmt(out))?;
            }
            out.write_str("{{end}}")
        };
        match &self.kind {
            NodeKind::Text(text) => out.write_str(text),
            NodeKind::Action(pipe) => write!(out, "{{{{{pipe}}}}}"),
            NodeKind::Break => out.write_str("{{break}}"),
            NodeKind::Continue => out.write_str("{{continue}}"),
            NodeKind::If(parts) => branch(out, "if", parts),
            NodeKind::Range(parts) => branch(out, "range", parts),
            NodeKind::With(parts) => branch(out, "with", parts),
            NodeKind::Template(name, pipe) => {
                write!(out, "{{{{template {}", quote(name, Charset::Unicode))?;
                if let Some(pipe) = pipe {
                    write!(out, " {pipe}")?;
                }
                out.write_str("}}")
            }
        }
    }
}

impl Display for Pipe {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            let operator = if self.assigns { "=" } else { ":=" };
            write!(out, "{} {operator} ", self.variables.join(", "))?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                out.write_str(" | ")?;
            }
            command.fmt(out)?;
        }
        Ok(())
    }
}

impl Display for Command {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for (index, argument) in self.arguments.iter().enumerate() {
            if index > 0 {
                out.write_str(" ")?;
            }
            match &argument.kind {
                ArgumentKind::Pipe(pipe) => write!(out, "({pipe})")?,
                _ => argument.fmt(out)?,
            }
        }
        Ok(())
    }
}

impl Display for Argument {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ArgumentKind::Bool(flag) => write!(out, "{flag}"),
            ArgumentKind::Dot => out.write_str("."),
            ArgumentKind::Nil => out.write_str("nil"),
            ArgumentKind::Field(names) => names.iter().try_for_each(|name| write!(out, ".{name}")),
            ArgumentKind::Variable(names) => out.write_str(&names.join(".")),
            ArgumentKind::Function(function) => out.write_str(function.name()),
            ArgumentKind::Number(text, _) | ArgumentKind::String(text, _) => out.write_str(text),
            ArgumentKind::Pipe(pipe) => pipe.fmt(out),
            ArgumentKind::Chain(argument, names) => {
                match &argument.kind {
                    ArgumentKind::Pipe(pipe) => write!(out, "({pipe})")?,
                    _ => argument.fmt(out)?,
                }
                names.iter().try_for_each(|name| write!(out, ".{name}"))
            }
        }
    }
}
