//! Builds the tree while the text is parsed, and makes the document of it.

use super::token::Token;
use crate::ParseError;
use crate::document::{Entry, Node, Span};
use kpolicy_value::{LineIndex, Value};

/// How deep a tree may be, and how many nodes it may have: conftest's limits.
const MAX_DEPTH: usize = 256;
const MAX_NODES: usize = 100_000;

pub(super) enum Tree {
    Token(Token),
    /// A node, its parts, and how deep it is.
    Node(&'static str, Vec<Tree>, usize),
}

/// A position among the parts of the current node.
pub(super) struct Checkpoint(usize);

pub(super) struct Builder {
    stack: Vec<(&'static str, Vec<Tree>)>,
    nodes: usize,
}

impl Builder {
    pub(super) fn new(root: &'static str) -> Self {
        Self {
            stack: vec![(root, Vec::new())],
            nodes: 1,
        }
    }

    fn limit(what: &str, at: Span) -> ParseError {
        ParseError::limit(format!("the syntax tree {what}"), at)
    }

    pub(super) fn start(&mut self, kind: &'static str, at: Span) -> Result<(), ParseError> {
        self.start_with(kind, Vec::new(), at)
    }

    fn start_with(&mut self, kind: &'static str, parts: Vec<Tree>, at: Span) -> Result<(), ParseError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Self::limit(&format!("has more than {MAX_NODES} nodes"), at));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(Self::limit(&format!("nests deeper than {MAX_DEPTH} levels"), at));
        }
        self.stack.push((kind, parts));
        Ok(())
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.stack.last().map_or(0, |(_, parts)| parts.len()))
    }

    /// Starts a node that what follows the checkpoint belongs to.
    pub(super) fn start_at(&mut self, at: &Checkpoint, kind: &'static str, here: Span) -> Result<(), ParseError> {
        let top = self.stack.last_mut();
        let parts = top.map(|(_, parts)| parts.split_off(at.0)).unwrap_or_default();
        self.start_with(kind, parts, here)
    }

    pub(super) fn token(&mut self, token: Token) -> Result<(), ParseError> {
        if token.span.start == token.span.end {
            return Ok(());
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Self::limit(&format!("has more than {MAX_NODES} nodes"), token.span));
        }
        if let Some((_, parts)) = self.stack.last_mut() {
            parts.push(Tree::Token(token));
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, at: Span) -> Result<(), ParseError> {
        let Some((kind, parts)) = self.stack.pop() else {
            return Ok(());
        };
        let below = parts.iter().map(|part| match part {
            Tree::Token(_) => 1,
            Tree::Node(_, _, depth) => *depth,
        });
        let depth = below.max().unwrap_or(0) + 1;
        if depth > MAX_DEPTH {
            return Err(Self::limit(&format!("nests deeper than {MAX_DEPTH} levels"), at));
        }
        let node = Tree::Node(kind, parts, depth);
        match self.stack.last_mut() {
            Some((_, parts)) => parts.push(node),
            None => self.stack.push(("", vec![node])),
        }
        Ok(())
    }

    /// The tree once its root is finished.
    pub(super) fn tree(mut self) -> Tree {
        let root = self.stack.pop().and_then(|(_, mut parts)| parts.pop());
        root.unwrap_or(Tree::Node("FileNode", Vec::new(), 1))
    }
}

/// Makes nodes of the document.
pub(super) struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) lines: LineIndex<'a>,
    /// Whether columns count bytes, as conftest's do.
    pub(super) counts_bytes: bool,
}

impl Document<'_> {
    /// The node of a tree: `{kind, line, column}` with the text of a token or the children of a node.
    pub(super) fn node(&self, tree: &Tree) -> Node {
        match tree {
            Tree::Token(token) => {
                let text = Node::scalar(Value::string(token.span.of(self.text)), token.span);
                self.object(token.kind.name(), token.span, ("text", text))
            }
            Tree::Node(kind, parts, _) => {
                let children: Vec<_> = parts.iter().map(|part| self.node(part)).collect();
                let first = children.first().map_or(Span::default(), |child| child.spans.value);
                let span = first.to(children.last().map_or(first, |child| child.spans.value));
                match children.is_empty() {
                    true => self.plain(kind, span, None),
                    false => self.object(kind, span, ("children", Node::array(children, span))),
                }
            }
        }
    }

    fn object(&self, kind: &str, span: Span, last: (&'static str, Node)) -> Node {
        self.plain(kind, span, Some(last))
    }

    fn plain(&self, kind: &str, span: Span, last: Option<(&'static str, Node)>) -> Node {
        let (line, mut column) = self.lines.position(span.start as usize);
        if self.counts_bytes {
            column = span.start as usize - self.lines.start(line) + 1;
        }
        let number = |number: usize| Node::scalar(Value::from(number as i64), span);
        let fields = [
            ("kind", Node::scalar(Value::string(kind), span)),
            ("line", number(line)),
            ("column", number(column)),
        ];
        let entries = fields.into_iter().chain(last).map(|(key, node)| Entry {
            key: key.into(),
            key_span: span,
            node,
        });
        Node::object(entries.collect(), span)
    }
}
