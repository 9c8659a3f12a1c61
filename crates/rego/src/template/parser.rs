//! From tokens to the parts of a template.
//!
//! Follows Go 1.26 text/template/parse/parse.go

use std::collections::BTreeMap;

use super::DEEPEST;
use super::functions::Function;
use super::lexer::{Keyword, Kind, Lexer, Token};
use super::node::{Argument, ArgumentKind, Branch, Command, Node, NodeKind, Pipe};
use super::unquote;
use crate::text::{Charset, quote};

type Result<T> = std::result::Result<T, String>;

/// Every template of a text by its name, the whole text under `name`.
pub(super) fn parse(name: &str, text: &str) -> Result<BTreeMap<String, Vec<Node>>> {
    let mut parser = Parser {
        name,
        lexer: Lexer::new(text),
        ahead: Vec::new(),
        line: 1,
        action_line: 0,
        variables: vec!["$".to_owned()],
        range_depth: 0,
        depth: 0,
        trees: BTreeMap::new(),
    };
    let root = parser.root()?;
    parser.add(name.to_owned(), root)?;
    Ok(parser.trees)
}

struct Parser<'t> {
    name: &'t str,
    lexer: Lexer<'t>,
    /// Tokens that were put back, the next one last.
    ahead: Vec<Token<'t>>,
    /// The line of the last token that was read.
    line: usize,
    /// The line of the action that is being parsed; 0 outside.
    action_line: usize,
    variables: Vec<String>,
    range_depth: usize,
    depth: usize,
    trees: BTreeMap<String, Vec<Node>>,
}

/// What ends a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    Else,
}

impl Stop {
    fn shown(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// A part of a list, or what ends it.
enum Item {
    Node(Node),
    Stop(Stop),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    Range,
    With,
}

impl Control {
    fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Range => "range",
            Self::With => "with",
        }
    }
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Token<'t> {
        if let Some(token) = self.ahead.pop() {
            return token;
        }
        let token = self.lexer.next();
        self.line = token.line;
        token
    }

    fn back(&mut self, token: Token<'t>) {
        self.ahead.push(token);
    }

    fn peek(&mut self) -> Token<'t> {
        let token = self.next();
        self.back(token.clone());
        token
    }

    fn next_word(&mut self) -> Token<'t> {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_word(&mut self) -> Token<'t> {
        let token = self.next_word();
        self.back(token.clone());
        token
    }

    fn error<T>(&self, message: impl std::fmt::Display) -> Result<T> {
        Err(format!("template: {}:{}: {message}", self.name, self.line))
    }

    fn unexpected<T>(&self, token: &Token<'_>, context: &str) -> Result<T> {
        if token.kind != Kind::Error {
            return self.error(format_args!("unexpected {} in {context}", token.shown()));
        }
        if self.action_line == 0 || self.action_line == token.line {
            return self.error(token.shown());
        }
        let action = if token.text.ends_with(" action") {
            ""
        } else {
            " in action"
        };
        let started = format!("{action} started at {}:{}", self.name, self.action_line);
        self.error(format_args!("{}{started}", token.shown()))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token<'t>> {
        let token = self.next_word();
        if token.kind == kind {
            Ok(token)
        } else {
            self.unexpected(&token, context)
        }
    }

    /// Runs a step one level deeper.
    fn nested<T>(&mut self, step: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEEPEST {
            return self.error(format_args!("the template nests deeper than {DEEPEST} levels"));
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    fn add(&mut self, name: String, nodes: Vec<Node>) -> Result<()> {
        let known = self.trees.get(&name).is_some_and(|tree| !is_empty(tree));
        if !known {
            self.trees.insert(name, nodes);
        } else if !is_empty(&nodes) {
            let shown = quote(&name, Charset::Unicode);
            return self.error(format_args!("template: multiple definition of template {shown}"));
        }
        Ok(())
    }

    fn root(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            let token = self.next();
            match token.kind {
                Kind::Eof => return Ok(nodes),
                Kind::LeftDelim => {
                    let inner = self.next_word();
                    if inner.kind == Kind::Keyword(Keyword::Define) {
                        self.definition()?;
                        continue;
                    }
                    self.back(inner);
                }
                _ => {}
            }
            self.back(token);
            match self.item()? {
                Item::Node(node) => nodes.push(node),
                Item::Stop(stop) => return self.error(format_args!("unexpected {}", stop.shown())),
            }
        }
    }

    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        let list = self.template_body(CONTEXT)?;
        self.add(name, list)
    }

    /// The list of a template of its own, which sees no variables of the one around it.
    fn template_body(&mut self, context: &str) -> Result<Vec<Node>> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let range_depth = std::mem::take(&mut self.range_depth);
        let action_line = std::mem::take(&mut self.action_line);
        let (list, stop) = self.nested(Self::list)?;
        if stop != Stop::End {
            return self.error(format_args!("unexpected {} in {context}", stop.shown()));
        }
        (self.variables, self.range_depth, self.action_line) = (variables, range_depth, action_line);
        Ok(list)
    }

    fn template_name(&mut self, token: &Token<'_>, context: &str) -> Result<String> {
        match token.kind {
            Kind::String | Kind::RawString => {
                let bytes = unquote::string(&token.text).or_else(|message| self.error(message))?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => self.unexpected(token, context),
        }
    }

    fn list(&mut self) -> Result<(Vec<Node>, Stop)> {
        let mut nodes = Vec::new();
        while self.peek_word().kind != Kind::Eof {
            match self.item()? {
                Item::Node(node) => nodes.push(node),
                Item::Stop(stop) => return Ok((nodes, stop)),
            }
        }
        self.error("unexpected EOF")
    }

    fn item(&mut self) -> Result<Item> {
        let token = self.next_word();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node {
                at: token.at,
                kind: NodeKind::Text(token.text.into_owned()),
            })),
            Kind::LeftDelim => {
                self.action_line = token.line;
                let item = self.action()?;
                self.action_line = 0;
                Ok(item)
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Result<Item> {
        let token = self.next_word();
        let at = token.at;
        let node = |at, kind| Ok(Item::Node(Node { at, kind }));
        let Kind::Keyword(keyword) = token.kind else {
            self.back(token);
            let pipe = self.pipeline("command", Kind::RightDelim)?;
            return node(at, NodeKind::Action(pipe));
        };
        match keyword {
            Keyword::Block => self.block(),
            Keyword::Break => {
                self.loop_control("{{break}}")?;
                node(at, NodeKind::Break)
            }
            Keyword::Continue => {
                self.loop_control("{{continue}}")?;
                node(at, NodeKind::Continue)
            }
            Keyword::Else => {
                let next = self.peek_word();
                if !matches!(next.kind, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                Ok(Item::Stop(Stop::Else))
            }
            Keyword::End => {
                self.expect(Kind::RightDelim, "end")?;
                Ok(Item::Stop(Stop::End))
            }
            Keyword::If => self.control(Control::If).map(Item::Node),
            Keyword::Range => self.control(Control::Range).map(Item::Node),
            Keyword::With => self.control(Control::With).map(Item::Node),
            Keyword::Template => self.template(),
            Keyword::Define => {
                self.back(token);
                let token = self.next();
                self.unexpected(&token, "command")
            }
        }
    }

    fn loop_control(&mut self, context: &str) -> Result<()> {
        self.expect(Kind::RightDelim, context)?;
        if self.range_depth == 0 {
            return self.error(format_args!("{context} outside {{{{range}}}}"));
        }
        Ok(())
    }

    fn block(&mut self) -> Result<Item> {
        const CONTEXT: &str = "block clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let list = self.template_body(CONTEXT)?;
        self.add(name.clone(), list)?;
        Ok(Item::Node(Node {
            at: token.at,
            kind: NodeKind::Template(name, Some(pipe)),
        }))
    }

    fn template(&mut self) -> Result<Item> {
        const CONTEXT: &str = "template clause";
        let token = self.next_word();
        let name = self.template_name(&token, CONTEXT)?;
        let next = self.next_word();
        let pipe = if next.kind == Kind::RightDelim {
            None
        } else {
            self.back(next);
            Some(self.pipeline(CONTEXT, Kind::RightDelim)?)
        };
        Ok(Item::Node(Node {
            at: token.at,
            kind: NodeKind::Template(name, pipe),
        }))
    }

    fn control(&mut self, control: Control) -> Result<Node> {
        let visible = self.variables.len();
        let node = self.nested(|parser| parser.branch(control));
        self.variables.truncate(visible);
        node
    }

    fn branch(&mut self, control: Control) -> Result<Node> {
        let pipe = self.pipeline(control.name(), Kind::RightDelim)?;
        self.range_depth += usize::from(control == Control::Range);
        let (list, stop) = self.list()?;
        self.range_depth -= usize::from(control == Control::Range);
        let otherwise = match stop {
            Stop::End => None,
            Stop::Else => Some(self.otherwise(control)?),
        };
        let at = pipe.at;
        let branch = Branch { pipe, list, otherwise };
        let kind = match control {
            Control::If => NodeKind::If(branch),
            Control::Range => NodeKind::Range(branch),
            Control::With => NodeKind::With(branch),
        };
        Ok(Node { at, kind })
    }

    /// What follows `else`; `{{else if}}` needs no end of its own.
    fn otherwise(&mut self, control: Control) -> Result<Vec<Node>> {
        let next = self.peek();
        let chained = match next.kind {
            Kind::Keyword(Keyword::If) => control == Control::If,
            Kind::Keyword(Keyword::With) => control == Control::With,
            _ => false,
        };
        if chained {
            self.next();
            return Ok(vec![self.control(control)?]);
        }
        let (list, stop) = self.list()?;
        if stop != Stop::End {
            return self.error(format_args!("expected end; found {}", stop.shown()));
        }
        Ok(list)
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe> {
        let mut pipe = Pipe {
            at: self.peek_word().at,
            assigns: false,
            variables: Vec::new(),
            commands: Vec::new(),
        };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_word();
            match token.kind {
                kind if kind == end => {
                    self.check(&pipe, context)?;
                    return Ok(pipe);
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.back(token);
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(&token, context),
            }
        }
    }

    /// The variables before `:=` or `=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<()> {
        while self.peek_word().kind == Kind::Variable {
            let variable = self.next_word();
            let after = self.next();
            let next = if after.kind == Kind::Space {
                self.peek_word()
            } else {
                after.clone()
            };
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    if after.kind == Kind::Space {
                        self.next_word();
                    }
                    pipe.assigns = next.kind == Kind::Assign;
                    self.variables.push(variable.text.to_string());
                    pipe.variables.push(variable.text.into_owned());
                    return Ok(());
                }
                Kind::Char if next.text == "," => {
                    if after.kind == Kind::Space {
                        self.next_word();
                    }
                    self.variables.push(variable.text.to_string());
                    pipe.variables.push(variable.text.into_owned());
                    if context != "range" || pipe.variables.len() >= 2 {
                        return self.error(format_args!("too many declarations in {context}"));
                    }
                    if !matches!(
                        self.peek_word().kind,
                        Kind::Variable | Kind::RightDelim | Kind::RightParen
                    ) {
                        return self.error("range can only initialize variables");
                    }
                }
                _ => {
                    self.back(after);
                    self.back(variable);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Result<()> {
        if pipe.commands.is_empty() {
            return self.error(format_args!("missing value for {context}"));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            if let ArgumentKind::Bool(_)
            | ArgumentKind::Dot
            | ArgumentKind::Nil
            | ArgumentKind::Number(..)
            | ArgumentKind::String(..) = command.arguments[0].kind
            {
                return self.error(format_args!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Command> {
        let mut command = Command {
            at: self.peek_word().at,
            arguments: Vec::new(),
        };
        loop {
            self.peek_word();
            if let Some(argument) = self.operand()? {
                command.arguments.push(argument);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::RightDelim | Kind::RightParen => {
                    self.back(token);
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "operand"),
            }
        }
        if command.arguments.is_empty() {
            return self.error("empty command");
        }
        Ok(command)
    }

    /// A term with the fields that follow it.
    fn operand(&mut self) -> Result<Option<Argument>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(term));
        }
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            fields.push(self.next().text[1..].to_owned());
        }
        let kind = match term.kind {
            ArgumentKind::Field(mut names) => {
                names.append(&mut fields);
                ArgumentKind::Field(names)
            }
            ArgumentKind::Variable(mut names) => {
                names.append(&mut fields);
                ArgumentKind::Variable(names)
            }
            ArgumentKind::Bool(_)
            | ArgumentKind::String(..)
            | ArgumentKind::Number(..)
            | ArgumentKind::Nil
            | ArgumentKind::Dot => {
                let shown = quote(&term.to_string(), Charset::Unicode);
                return self.error(format_args!("unexpected . after term {shown}"));
            }
            _ => ArgumentKind::Chain(Box::new(term), fields),
        };
        Ok(Some(Argument { at: first.at, kind }))
    }

    fn term(&mut self) -> Result<Option<Argument>> {
        let token = self.next_word();
        let kind = match token.kind {
            Kind::Identifier => match Function::named(&token.text) {
                Some(function) => ArgumentKind::Function(function),
                None => {
                    let shown = quote(&token.text, Charset::Unicode);
                    return self.error(format_args!("function {shown} not defined"));
                }
            },
            Kind::Dot => ArgumentKind::Dot,
            Kind::Nil => ArgumentKind::Nil,
            Kind::Variable if self.variables.iter().any(|known| *known == token.text) => {
                ArgumentKind::Variable(vec![token.text.to_string()])
            }
            Kind::Variable => {
                let shown = quote(&token.text, Charset::Unicode);
                return self.error(format_args!("undefined variable {shown}"));
            }
            Kind::Field => ArgumentKind::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => ArgumentKind::Bool(token.text == "true"),
            Kind::CharConstant => {
                let number = unquote::character_constant(&token.text).or_else(|message| self.error(message))?;
                ArgumentKind::Number(token.text.to_string(), number)
            }
            Kind::Complex | Kind::Number => {
                let number = unquote::number(&token.text).or_else(|message| self.error(message))?;
                ArgumentKind::Number(token.text.to_string(), number)
            }
            Kind::LeftParen => {
                let pipe = self.nested(|parser| parser.pipeline("parenthesized pipeline", Kind::RightParen))?;
                return Ok(Some(Argument {
                    at: pipe.at,
                    kind: ArgumentKind::Pipe(pipe),
                }));
            }
            Kind::String | Kind::RawString => {
                let bytes = unquote::string(&token.text).or_else(|message| self.error(message))?;
                ArgumentKind::String(token.text.to_string(), bytes)
            }
            _ => {
                self.back(token);
                return Ok(None);
            }
        };
        Ok(Some(Argument { at: token.at, kind }))
    }
}

/// Whether a template is nothing but space.
fn is_empty(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match &node.kind {
        NodeKind::Text(text) => text.trim().is_empty(),
        _ => false,
    })
}
