//! Groovy: the concrete syntax tree of a Jenkinsfile, with conftest's kinds of nodes and tokens.
//!
//! The grammar follows the library of conftest, groovy-parser-go (2026-02, Groovy 2.4). It is that of Groovy as far as
//! pipelines use it; a syntax error is an error, and so is a string without an end.

use crate::comments::{Code, Comments, Quote, SHELL_AND_C};
use crate::document::{Node, Span};
use crate::{Meter, ParseError, Parsed, Row};
use builder::{Builder, Checkpoint, Document};
use kpolicy_value::LineIndex;
use token::{Kind, Token};

mod builder;
mod declaration;
mod expression;
mod lexer;
mod operator;
mod statement;
mod token;

/// How deep expressions and statements may nest.
const MAX_DEPTH: usize = 300;
/// How far the parser looks ahead to tell types from comparisons, and closures from blocks.
const LOOKAHEAD: usize = 1000;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "groovy",
    aliases: &["jenkinsfile"],
    files: &["jenkinsfile", "jenkinsfile.*", "*.groovy"],
    further: &["*.gradle"],
    about: "The concrete syntax tree: a node is `{kind, line, column, children}`, a token `{kind, text, line, column}`. \
            Comments are not part of it.",
    comments: Comments::Code(&Code {
        line: &["//"],
        quotes: &[Quote::TRIPLE, Quote::TRIPLE_SINGLE, Quote::DOUBLE, Quote::SINGLE],
        ..SHELL_AND_C
    }),
    imports: |_| Vec::new(),
    example: ("Jenkinsfile", "sh 'make'\n"),
    parse: |text, context, meter| parse(text, context.conftest, meter).map(Parsed::of),
};

/// The tree of a text; with `counts_bytes` columns count bytes, as conftest's do.
pub(super) fn parse(text: &str, counts_bytes: bool, mut meter: Meter) -> Result<Node, ParseError> {
    let tokens = lexer::tokens(text)?;
    meter.count(tokens.len(), Span::default())?;
    let mut parser = Parser {
        text,
        closes: closes(&tokens),
        tokens,
        at: 0,
        depth: 0,
        defaults: 0,
        builder: Builder::new("FileNode"),
    };
    parser.file()?;
    let lines = LineIndex::new(text);
    let document = Document {
        text,
        lines,
        counts_bytes,
    };
    Ok(document.node(&parser.builder.tree()))
}

/// For each `(` the position of the `)` that closes it.
fn closes(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut closes = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::LParen => open.push(at),
            Kind::RParen => {
                if let Some(start) = open.pop() {
                    closes[start] = Some(at);
                }
            }
            _ => {}
        }
    }
    closes
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    closes: Vec<Option<usize>>,
    at: usize,
    depth: usize,
    /// In how many defaults of closure parameters it is: `x = y -> z` has no lambda there.
    defaults: usize,
    builder: Builder,
}

type Parse = Result<(), ParseError>;

impl Parser<'_> {
    /// The kind of the token so many after the current one.
    fn peek(&self, ahead: usize) -> Kind {
        self.tokens.get(self.at + ahead).map_or(Kind::Eof, |token| token.kind)
    }

    fn kind(&self) -> Kind {
        self.peek(0)
    }

    fn at(&self, kind: Kind) -> bool {
        self.kind() == kind
    }

    fn here(&self) -> Span {
        let last = self.tokens.last().map_or(Span::default(), |token| token.span);
        self.tokens.get(self.at).map_or(last, |token| token.span)
    }

    fn advance(&mut self) -> Parse {
        if let Some(token) = self.tokens.get(self.at) {
            self.builder.token(*token)?;
            self.at += usize::from(token.kind != Kind::Eof);
        }
        Ok(())
    }

    fn eat(&mut self, kind: Kind) -> Result<bool, ParseError> {
        let found = self.at(kind);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, kind: Kind, wanted: &str) -> Parse {
        match self.eat(kind)? {
            true => Ok(()),
            false => Err(self.unexpected(wanted)),
        }
    }

    /// A name, or an error that says what it names.
    fn name(&mut self, wanted: &str) -> Parse {
        match self.kind().is_name() {
            true => self.advance(),
            false => Err(self.unexpected(wanted)),
        }
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let span = self.here();
        let found = match self.kind() {
            Kind::Eof => "the end of the file".to_owned(),
            Kind::Semicolon => "the end of the line".to_owned(),
            _ => format!("`{}`", span.of(self.text)),
        };
        ParseError::new(format!("expected {wanted}, found {found}"), span)
    }

    fn start(&mut self, kind: &'static str) -> Parse {
        let here = self.here();
        self.builder.start(kind, here)
    }

    fn start_at(&mut self, at: &Checkpoint, kind: &'static str) -> Parse {
        let here = self.here();
        self.builder.start_at(at, kind, here)
    }

    fn finish(&mut self) -> Parse {
        let here = self.here();
        self.builder.finish(here)
    }

    /// Runs `parse` within a node.
    fn node(&mut self, kind: &'static str, parse: impl FnOnce(&mut Self) -> Parse) -> Parse {
        self.start(kind)?;
        parse(self)?;
        self.finish()
    }

    /// Runs `parse` within a node that begins at a checkpoint.
    fn node_at(&mut self, at: &Checkpoint, kind: &'static str, parse: impl FnOnce(&mut Self) -> Parse) -> Parse {
        self.start_at(at, kind)?;
        parse(self)?;
        self.finish()
    }

    /// Runs `parse` a level deeper.
    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Parse) -> Parse {
        if self.depth == MAX_DEPTH {
            let message = format!("expressions and statements nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, self.here()));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn skip_separators(&mut self) -> Parse {
        while self.kind().is_separator() {
            self.advance()?;
        }
        Ok(())
    }

    /// How many tokens ahead the next one is that is not a separator.
    fn after_separators(&self, mut ahead: usize) -> usize {
        while self.peek(ahead).is_separator() {
            ahead += 1;
        }
        ahead
    }

    /// The position after the `>` that closes a `<` before `ahead`; none if the tokens are no list of types.
    fn after_types(&self, mut ahead: usize) -> Option<usize> {
        let limit = ahead + LOOKAHEAD;
        let mut depth = 1i32;
        while depth > 0 && ahead < limit {
            match self.peek(ahead) {
                Kind::Eof => return None,
                Kind::Lt => depth += 1,
                Kind::Gt => depth -= 1,
                Kind::RightShift => depth -= 2,
                Kind::UnsignedRightShift => depth -= 3,
                _ => {}
            }
            ahead += 1;
        }
        (depth <= 0).then_some(ahead)
    }

    /// The position after `[]`, as often as it is there.
    fn after_brackets(&self, mut ahead: usize) -> usize {
        while self.peek(ahead) == Kind::LBrack && self.peek(ahead + 1) == Kind::RBrack {
            ahead += 2;
        }
        ahead
    }

    /// The position after a dotted name; none if it ends with a dot.
    fn after_dotted(&self, mut ahead: usize) -> Option<usize> {
        loop {
            if !self.peek(ahead).is_name() {
                return None;
            }
            ahead += 1;
            if self.peek(ahead) != Kind::Dot {
                return Some(ahead);
            }
            ahead += 1;
        }
    }

    /// The position after a type such as `a.b.C<D>[]`, if one begins here that is not a lone lower-case name.
    fn after_type(&self) -> Option<usize> {
        let is_dotted = self.at(Kind::Identifier) && self.peek(1) == Kind::Dot;
        if !self.at(Kind::CapitalizedIdentifier) && !is_dotted {
            return None;
        }
        let mut ahead = self.after_dotted(0)?;
        if self.peek(ahead) == Kind::Lt {
            ahead = self.after_types(ahead + 1)?;
        }
        Some(self.after_brackets(ahead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kpolicy_value::Value;

    /// The kinds of a tree with the texts of its tokens.
    fn shown(value: &Value) -> String {
        let kind = value.field("kind").and_then(Value::as_str).unwrap_or("?");
        if let Some(text) = value.field("text").and_then(Value::as_str) {
            return text.to_owned();
        }
        let children = value.field("children").and_then(Value::as_array).unwrap_or_default();
        let children: Vec<_> = children.iter().map(shown).collect();
        format!("{kind}({})", children.join(" "))
    }

    fn tree(text: &str) -> String {
        match parse(text, false, Meter::new(crate::MAX_NODES)) {
            Ok(node) => shown(&node.value),
            Err(error) => format!("error at `{}`: {}", error.span.of(text), error.message),
        }
    }

    #[test]
    fn statements_and_expressions_have_conftests_kinds() {
        for (text, expected) in [
            (
                "pipeline { agent any\n sh \"make ${x}\" }",
                "FileNode(ExpressionStmt(CallExpr(IdentExpr(pipeline) ClosureExpr({ ExpressionStmt(CallExpr(IdentExpr(agent) \
                 IdentExpr(any))) ExpressionStmt(CallExpr(IdentExpr(sh) GStringExpr(\"make $ { \
                 ExpressionStmt(IdentExpr(x)) } \"))) }))))",
            ),
            ("", "FileNode()"),
            (
                "def f(int a, b = 1) { return a ?: b }",
                "FileNode(MethodDecl(def f ( int a , b = LiteralExpr(1) ) BlockStmt({ ReturnStmt(return \
                 ElvisExpr(IdentExpr(a) ?: IdentExpr(b))) })))",
            ),
            (
                "x = [a: 1, 'b': 2]; List<String> y = (String) z",
                "FileNode(ExpressionStmt(AssignExpr(IdentExpr(x) = MapExpr([ MapEntry(IdentExpr(a) : LiteralExpr(1)) , \
                 MapEntry(LiteralExpr('b') : LiteralExpr(2)) ]))) ; VariableDecl(List < String > y = CastExpr(( String ) \
                 IdentExpr(z))))",
            ),
            (
                "if (a) b()\nelse { c }",
                "FileNode(IfStmt(if ( IdentExpr(a) ) ExpressionStmt(CallExpr(IdentExpr(b) ( ))) else BlockStmt({ \
                 ExpressionStmt(IdentExpr(c)) })))",
            ),
        ] {
            assert_eq!(tree(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            ("pipeline {", "error at ``: expected `}`, found the end of the file"),
            ("a = \"x\nb", "error at `\"`: this string is never closed"),
            ("a = 'x", "error at `'`: this string is never closed"),
            ("/* x", "error at `/*`: this comment is never closed"),
            ("def = 1", "error at `=`: expected a variable name, found `=`"),
            ("a = )", "error at `)`: expected an expression, found `)`"),
            ("\"${a", "error at `\"`: this string is never closed"),
        ] {
            assert_eq!(tree(text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_end_with_an_error() {
        for text in [
            "(".repeat(200_000),
            "{".repeat(200_000),
            "[".repeat(200_000),
            "a.b { ".repeat(20_000),
            "if (a) ".repeat(20_000),
            format!("a{}", " + a".repeat(20_000)),
            format!("a{}", ".b".repeat(20_000)),
            "\"${".repeat(20_000),
            "A < ".repeat(20_000),
            "new A[]{".repeat(20_000),
            "x = y -> ".repeat(20_000),
        ] {
            assert!(tree(&text).starts_with("error"), "{}", &text[..10]);
        }
    }

    #[test]
    fn a_token_has_its_place() {
        let text = "é = 'x'";
        let columns = |counts_bytes| {
            let root = parse(text, counts_bytes, Meter::new(100)).expect("valid");
            let statement = root
                .value
                .field("children")
                .and_then(Value::as_array)
                .expect("children")[0]
                .clone();
            let assign = statement.field("children").and_then(Value::as_array).expect("children")[0].clone();
            let sign = assign.field("children").and_then(Value::as_array).expect("children")[1].clone();
            sign.field("column").map(|column| column.to_json().to_string())
        };
        assert_eq!(
            (columns(false), columns(true)),
            (Some("3".to_owned()), Some("4".to_owned()))
        );
    }
}
