//! Bodies and their statements: terms, `some`, `every`, `with`.

use super::super::tree::{Body, Expression, ExpressionKind, Name, Term, TermKind, With};
use super::bare::called_name;
use super::{Kind, Parser};

impl Parser<'_> {
    /// Statements up to `end`, which stays the current token.
    pub(super) fn body(&mut self, end: Kind) -> Option<Body> {
        let outer = self.enter()?;
        let body = self.statements(end);
        self.leave(outer);
        body
    }

    fn statements(&mut self, end: Kind) -> Option<Body> {
        if self.kind == end {
            return self.expected_with_help("a statement", "a body cannot be empty; `true` always holds");
        }
        let errors = self.errors.len();
        let mut body = Vec::new();
        loop {
            body.push(self.literal()?);
            if self.take(Kind::Semicolon) {
                continue;
            }
            if self.kind == end {
                return Some(body);
            }
            if !self.token().on_new_line {
                if self.errors.len() == errors {
                    self.expected_separator(end);
                }
                return None;
            }
        }
    }

    fn expected_separator(&mut self, end: Kind) {
        let expected = match end {
            Kind::RightBracket => "a new line, `;` or `]`",
            _ => "a new line, `;` or `}`",
        };
        let help = match self.kind {
            Kind::Colon => "`:=` binds a variable",
            Kind::LeftBrace => "a body in braces follows `if`, `else` or `every`",
            Kind::LeftBracket | Kind::LeftParenthesis => {
                "no space is allowed before the bracket of a reference or call"
            }
            _ => "put each statement on a line of its own",
        };
        let _: Option<()> = self.expected_with_help(expected, help);
    }

    /// One statement.
    pub(super) fn literal(&mut self) -> Option<Expression> {
        let start = self.start();
        let outer = self.enter()?;
        let statement = self.unplaced_literal();
        self.leave(outer);
        let mut statement = statement?;
        statement.span = self.span_from(start);
        Some(statement)
    }

    fn unplaced_literal(&mut self) -> Option<Expression> {
        if self.kind == Kind::LeftBrace
            && self.has_logic()
            && let Some(outcome) = self.braced_operand_first()
        {
            return outcome;
        }
        if self.kind == Kind::LeftParenthesis
            && self.has_logic()
            && let Some(outcome) = self.group_first()
        {
            return outcome;
        }
        if self.keyword_as_name() {
            return self.term_statement(None);
        }
        let negation = (self.kind == Kind::Not).then(|| self.start());
        if negation.is_some() {
            self.advance();
        }
        if let (Some(start), Kind::LeftBrace, true) = (negation, self.kind, self.keywords.not) {
            let not = self.not_body(start)?;
            return self.logic_behind(Self::block_of(not));
        }
        match self.kind {
            Kind::Some | Kind::Every if negation.is_some() => {
                self.expected_with_help("what is negated", "put it into a rule of its own, and negate that rule")
            }
            Kind::Some => self.some(),
            Kind::Every => self.every(),
            _ => self.term_statement(negation),
        }
    }

    /// The `with`s after a statement.
    pub(super) fn attach_with(&mut self, mut statement: Expression) -> Option<Expression> {
        if self.kind == Kind::With {
            statement.with = self.with()?;
        }
        Some(statement)
    }

    pub(super) fn with(&mut self) -> Option<Vec<With>> {
        let mut replacements = Vec::new();
        while self.kind == Kind::With {
            let start = self.start();
            self.advance();
            if self.kind != Kind::Name {
                return self.expected_with_help("what `with` replaces", "such as `input`, `input.spec` or `data.lib`");
            }
            let target = self.term()?;
            if !matches!(target.kind, TermKind::Var(_) | TermKind::Ref { .. }) {
                self.error(target.span, "`with` replaces a reference, not a value");
                return None;
            }
            if !self.take(Kind::As) {
                return self.expected("`as` and a value");
            }
            let value = self.infix()?;
            let span = self.span_from(start);
            replacements.push(With { target, value, span });
        }
        Some(replacements)
    }

    fn some(&mut self) -> Option<Expression> {
        let some = self.save();
        self.advance();
        if let Some(Term {
            kind: TermKind::Call {
                function, arguments, ..
            },
            span,
        }) = self.infix()
        {
            let Some([key, value, collection]) = membership_parts(&function, arguments) else {
                let help = "write `some value in collection` or `some key, value in collection`";
                self.error_with_help(span, "expected `in` after `some` and its names", help);
                return None;
            };
            let statement = Expression {
                negated: false,
                kind: ExpressionKind::SomeIn {
                    key,
                    value: value?,
                    collection: collection?,
                },
                with: Vec::new(),
                span,
            };
            return self.attach_with(statement);
        }
        self.restore(some);
        self.some_names()
    }

    /// `some x, y`
    fn some_names(&mut self) -> Option<Expression> {
        let mut names = Vec::new();
        loop {
            self.advance();
            if self.kind != Kind::Name {
                return self.expected("a variable after `some`");
            }
            let text = self.name(self.lexeme());
            names.push(Name {
                text,
                span: self.span(),
            });
            self.advance();
            if self.kind != Kind::Comma {
                return Some(statement(ExpressionKind::Some(names)));
            }
        }
    }

    fn every(&mut self) -> Option<Expression> {
        const FORM: &str = "write `every value in collection { … }` or `every key, value in collection { … }`";
        self.advance();
        let term = self.infix()?;
        let span = term.span;
        let parts = match term.kind {
            TermKind::Call {
                function, arguments, ..
            } => membership_parts(&function, arguments),
            _ => None,
        };
        let Some([key, Some(value), Some(domain)]) = parts else {
            self.error_with_help(span, "expected `in` after `every` and its names", FORM);
            return None;
        };
        if !key.iter().chain([&value]).all(is_variable) {
            self.error_with_help(span, "`every` binds names, not patterns", FORM);
            return None;
        }
        if self.kind != Kind::LeftBrace {
            return self.expected_with_help("the body of `every` in braces", FORM);
        }
        let body = self.braced_body()?;
        self.attach_with(statement(ExpressionKind::Every {
            key,
            value,
            domain,
            body,
        }))
    }
}

/// A statement whose place is yet to be set.
pub(super) fn statement(kind: ExpressionKind) -> Expression {
    Expression {
        negated: false,
        kind,
        with: Vec::new(),
        span: super::Span::default(),
    }
}

fn is_variable(term: &Term) -> bool {
    matches!(&term.kind, TermKind::Var(name) if !matches!(&**name, "data" | "input"))
}

/// Key, member and collection of a call of `in`; nothing for another call.
fn membership_parts(function: &Term, arguments: Vec<Term>) -> Option<[Option<Term>; 3]> {
    let name = called_name(function)?;
    let mut arguments = arguments.into_iter();
    match (name.as_str(), arguments.len()) {
        ("internal.member_2", 2) => Some([None, arguments.next(), arguments.next()]),
        ("internal.member_3", 3) => Some([arguments.next(), arguments.next(), arguments.next()]),
        _ => None,
    }
}
