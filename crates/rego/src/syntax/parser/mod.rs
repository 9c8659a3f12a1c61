//! The parser: OPA's grammar by recursive descent, one file for each part of the language.
//!
//! Every function of the grammar starts at the current token, moves after what it read and gives it, or notes what is
//! wrong and gives nothing. The grammar is ambiguous in places (`{a | b}`); there the reading that OPA prefers is tried
//! first, and the place where it failed is remembered, so that no reading is tried twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::SyntaxError;
use super::lexer::{Lexed, lex};
use super::token::{Kind, Token};
use super::tree::{Dialect, ExpressionKind, Module, Term, TermKind};
use kpolicy_value::Span;

mod bare;
mod body;
mod collection;
mod head;
mod import;
mod literal;
mod logical;
mod module;
mod operator;
mod recovery;
mod rule;
mod template;
mod term;

/// How deep a tree may be: brackets, operators and bodies within each other.
const DEEPEST: usize = 400;

/// The module that `text` holds, or its errors in their order.
pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Module, Vec<SyntaxError>> {
    let lexed = lex(text);
    Parser::new(text, &lexed, dialect).module(&lexed, true)
}

/// The same without the METADATA blocks, which are comments alone then.
pub(super) fn parse_without_annotations(text: &str, dialect: Dialect) -> Result<Module, Vec<SyntaxError>> {
    let lexed = lex(text);
    Parser::new(text, &lexed, dialect).module(&lexed, false)
}

/// The term that `text` is, where it is one and nothing else: a path in a METADATA block.
pub(crate) fn parse_term(text: &str) -> Option<Term> {
    let lexed = lex(text);
    let mut parser = Parser::new(text, &lexed, Dialect::V1);
    let statement = parser.literal()?;
    let whole = parser.kind == Kind::End && parser.errors.is_empty() && lexed.lexical.is_empty();
    match statement.kind {
        ExpressionKind::Term(term) if whole && !statement.negated && statement.with.is_empty() => Some(term),
        _ => None,
    }
}

/// A reading that was tried in vain at a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Attempt {
    /// The rest of a collection after `|` as a comprehension's body.
    Comprehension,
    /// `, value in collection` after a key.
    KeyedMembership,
    /// `{ body }` before `and` or `or`.
    BracedOperand,
    /// `(operand and …)`
    Group,
}

/// A place to go back to.
#[derive(Clone, Copy)]
struct State {
    at: usize,
    kind: Kind,
    errors: usize,
}

/// Which words are keywords in this file.
#[derive(Clone, Copy, Default)]
struct Keywords {
    r#in: bool,
    every: bool,
    contains: bool,
    r#if: bool,
    and: bool,
    or: bool,
    /// Whether `not` takes a body.
    not: bool,
}

impl Keywords {
    /// All of them.
    fn all() -> Self {
        Self {
            r#in: true,
            every: true,
            contains: true,
            r#if: true,
            and: true,
            or: true,
            not: true,
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    dialect: Dialect,
    keywords: Keywords,
    /// Whether the path of an import is read, in which no word of the future is a keyword.
    in_import: bool,
    /// The index of the current token, and its kind: a keyword can be taken for a name.
    at: usize,
    kind: Kind,
    errors: Vec<SyntaxError>,
    attempts: HashSet<(Attempt, usize)>,
    names: HashMap<&'a str, Arc<str>>,
    /// The objects that repeat a key.
    repeating: BTreeMap<u32, Vec<(Term, Term)>>,
    /// How many terms and bodies are open.
    depth: usize,
    /// The height of the tallest tree read within the innermost of these.
    height: usize,
    /// Whether the statement is given up: it is too deep.
    given_up: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, lexed: &'a Lexed, dialect: Dialect) -> Self {
        let v1 = dialect == Dialect::V1;
        let mut parser = Self {
            text,
            tokens: &lexed.tokens,
            dialect,
            keywords: Keywords {
                r#in: v1,
                every: v1,
                contains: v1,
                r#if: v1,
                ..Keywords::default()
            },
            in_import: false,
            at: 0,
            kind: Kind::End,
            errors: Vec::new(),
            attempts: HashSet::new(),
            names: HashMap::new(),
            repeating: BTreeMap::new(),
            depth: 0,
            height: 0,
            given_up: false,
        };
        parser.move_to(0);
        parser
    }

    /// The current token.
    fn token(&self) -> Token {
        self.tokens[self.at]
    }

    /// The text of the current token.
    fn lexeme(&self) -> &'a str {
        let token = self.token();
        &self.text[token.start..token.end]
    }

    /// The place of the current token.
    fn span(&self) -> Span {
        let token = self.token();
        Span::new(token.start, token.end)
    }

    /// The offset that the current token starts at.
    fn start(&self) -> usize {
        self.token().start
    }

    /// The offset that the token before the current one ends at.
    fn last_end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].end)
    }

    /// From `start` to the end of what was read.
    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.last_end().max(start))
    }

    /// Moves to the next token.
    fn advance(&mut self) {
        if !self.given_up && self.at + 1 < self.tokens.len() {
            self.move_to(self.at + 1);
        }
    }

    /// Moves to a token; words that are no keywords here are names.
    fn move_to(&mut self, at: usize) {
        self.at = at;
        self.kind = self.kind_of(self.tokens[at].kind);
    }

    fn kind_of(&self, kind: Kind) -> Kind {
        let keywords = &self.keywords;
        let is_keyword = match kind {
            Kind::In => keywords.r#in,
            Kind::Every => keywords.every,
            Kind::Contains => keywords.contains,
            Kind::If => keywords.r#if,
            Kind::And => keywords.and,
            Kind::Or => keywords.or,
            // OPA takes it for a name in an import, and right after one.
            Kind::Not => true,
            _ => return kind,
        };
        if is_keyword && !self.in_import {
            kind
        } else {
            Kind::Name
        }
    }

    /// Whether the current token is of this kind; moves after it if so.
    fn take(&mut self, kind: Kind) -> bool {
        let found = self.kind == kind;
        if found {
            self.advance();
        }
        found
    }

    /// Whether the next token is one of these, without a blank before it.
    fn is_glued_to(&self, kinds: &[Kind]) -> bool {
        self.tokens
            .get(self.at + 1)
            .is_some_and(|next| !next.spaced && kinds.contains(&next.kind))
    }

    /// Takes the current keyword for a name where a path goes on after it: `input.if`, `if.x`.
    fn keyword_as_name(&mut self) -> bool {
        let is_path = self.kind.is_keyword() && self.is_glued_to(&[Kind::Dot, Kind::LeftBracket]);
        if is_path {
            self.kind = Kind::Name;
        }
        is_path
    }

    fn save(&self) -> State {
        State {
            at: self.at,
            kind: self.kind,
            errors: self.errors.len(),
        }
    }

    /// Goes back to a place, and forgets the errors noted since; stays where the statement was given up.
    fn restore(&mut self, state: State) {
        if !self.given_up {
            (self.at, self.kind) = (state.at, state.kind);
            self.errors.truncate(state.errors);
        }
    }

    /// Whether this reading is yet to be tried at this token.
    fn may_try(&self, attempt: Attempt, at: usize) -> bool {
        !self.attempts.contains(&(attempt, at))
    }

    fn failed(&mut self, attempt: Attempt, at: usize) {
        self.attempts.insert((attempt, at));
    }

    /// Opens a term or body; gives what [`leave`](Self::leave) needs, or nothing where it is too deep.
    fn enter(&mut self) -> Option<usize> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.depth -= 1;
            return self.give_up();
        }
        Some(std::mem::take(&mut self.height))
    }

    fn leave(&mut self, outer: usize) {
        self.depth -= 1;
        self.height = outer.max(self.height + 1);
    }

    /// Counts what was just read as an operand of what is read next.
    fn grow(&mut self) -> Option<()> {
        self.height += 1;
        if self.depth + self.height > 2 * DEEPEST {
            return self.give_up();
        }
        Some(())
    }

    fn give_up<T>(&mut self) -> Option<T> {
        if !self.given_up {
            let message = "this is nested too deeply";
            let help = "split it into several rules";
            self.errors.push(SyntaxError::new(message, self.span()).with_help(help));
            self.given_up = true;
            self.kind = Kind::Illegal;
        }
        None
    }

    /// The shared text of a name.
    fn name(&mut self, text: &'a str) -> Arc<str> {
        self.names.entry(text).or_insert_with(|| Arc::from(text)).clone()
    }

    /// The current token as a variable.
    fn variable(&mut self) -> Term {
        Term {
            kind: TermKind::Var(self.name(self.lexeme())),
            span: self.span(),
        }
    }
}
