//! `not`, `and` and `or` as `future.keywords` has them: operands are bodies in braces, groups in parentheses or single
//! statements.

use super::super::tree::{Block, Body, Expression, ExpressionKind, Term, TermKind};
use super::bare::called_name;
use super::body::statement;
use super::{Attempt, Kind, Parser, Span};
use crate::builtins::registry::{Builtin, builtin};

/// An operand and where it stands.
pub(super) struct Operand {
    block: Block,
    span: Span,
}

/// What came of reading a parenthesis as a group.
enum Group {
    Operand(Operand),
    /// It is none; the current token is the parenthesis again.
    None,
}

impl Parser<'_> {
    /// Whether `and` or `or` is a keyword here.
    pub(super) fn has_logic(&self) -> bool {
        self.keywords.and || self.keywords.or
    }

    fn at_operator(&self) -> bool {
        matches!(self.kind, Kind::And | Kind::Or)
    }

    /// An operand of one statement.
    pub(super) fn block_of(statement: Expression) -> Operand {
        let span = statement.span;
        Operand {
            block: Block {
                body: vec![statement],
                braces: false,
            },
            span,
        }
    }

    /// `{ body } and …` at the start of a statement; nothing where the brace starts a value.
    pub(super) fn braced_operand_first(&mut self) -> Option<Option<Expression>> {
        let brace = self.save();
        if !self.may_try(Attempt::BracedOperand, brace.at) {
            return None;
        }
        let start = self.start();
        if let Some(body) = self.braced_body()
            && self.at_operator()
        {
            let span = self.span_from(start);
            if self.is_ambiguous_union(&body) {
                self.ambiguous_union(span);
                return Some(None);
            }
            let block = Block { body, braces: true };
            return Some(self.logic_behind(Operand { block, span }));
        }
        if self.given_up {
            return Some(None);
        }
        self.failed(Attempt::BracedOperand, brace.at);
        self.restore(brace);
        None
    }

    /// `(operand and …)` at the start of a statement; nothing where the parenthesis holds a value.
    pub(super) fn group_first(&mut self) -> Option<Option<Expression>> {
        match self.group(false) {
            Some(Group::Operand(operand)) => Some(self.logic_behind(operand)),
            Some(Group::None) => None,
            None => Some(None),
        }
    }

    /// A statement that is a term, perhaps negated, perhaps the first operand of `and` or `or`.
    pub(super) fn term_statement(&mut self, negation: Option<usize>) -> Option<Expression> {
        let start = self.start();
        if let (Some(not), true, Kind::LeftParenthesis) = (negation, self.keywords.not, self.kind)
            && let Group::Operand(operand) = self.group(true)?
        {
            let not = self.negate(operand.block, not);
            return self.logic_behind(Self::block_of(not));
        }
        let term = self.expression()?;
        let mut expression = statement(ExpressionKind::Term(term));
        expression.span = self.span_from(start);
        let with = self.span();
        let has_with = self.kind == Kind::With;
        let replacements = if has_with { self.with()? } else { Vec::new() };
        if let (Some(not), true) = (negation, self.keywords.not) {
            expression = self.negate(Self::block_of(expression).block, not);
        } else {
            expression.negated = negation.is_some();
        }
        expression.with = replacements;
        if !self.at_operator() {
            return Some(expression);
        }
        if has_with {
            return self.with_on_operand(with);
        }
        if negation.is_none() && self.text[expression.span.start as usize..].starts_with('{') {
            return self.brace_led_operand(expression.span);
        }
        self.logic_behind(Self::block_of(expression))
    }

    fn negate(&self, block: Block, start: usize) -> Expression {
        let mut not = statement(ExpressionKind::Not(block));
        not.span = self.span_from(start);
        not
    }

    /// `not { body }`, the brace being the current token.
    pub(super) fn not_body(&mut self, start: usize) -> Option<Expression> {
        let brace = self.start();
        let body = self.braced_body()?;
        if self.is_ambiguous_union(&body) {
            self.ambiguous_union(self.span_from(brace));
            return None;
        }
        Some(self.negate(Block { body, braces: true }, start))
    }

    /// The `and`s and `or`s after an operand, and the `with`s after all of it.
    pub(super) fn logic_behind(&mut self, operand: Operand) -> Option<Expression> {
        let whole = if self.at_operator() {
            self.or_chain(operand)?
        } else {
            operand
        };
        let mut body = whole.block.body;
        let expression = body.pop().filter(|_| body.is_empty() && !whole.block.braces)?;
        self.attach_with(expression)
    }

    fn or_chain(&mut self, first: Operand) -> Option<Operand> {
        let outer = self.enter()?;
        let chain = self.and_chain(first).and_then(|left| self.or_operands(left));
        self.leave(outer);
        chain
    }

    fn or_operands(&mut self, mut left: Operand) -> Option<Operand> {
        while self.take(Kind::Or) {
            let right = self.operand_of("or")?;
            let right = self.and_chain(right)?;
            left = self.join(left, right, "or", ExpressionKind::Or)?;
        }
        Some(left)
    }

    fn and_chain(&mut self, mut left: Operand) -> Option<Operand> {
        while self.take(Kind::And) {
            let right = self.operand_of("and")?;
            left = self.join(left, right, "and", ExpressionKind::And)?;
        }
        Some(left)
    }

    fn join(
        &mut self,
        left: Operand,
        right: Operand,
        operator: &str,
        kind: fn(Block, Block) -> ExpressionKind,
    ) -> Option<Operand> {
        self.grow()?;
        for operand in [&left, &right] {
            if is_void_body(&operand.block.body) {
                let message = format!("an operand of `{operator}` only prints");
                self.error_with_help(operand.span, message, "it always holds: move it out of the operand");
            }
        }
        let mut expression = statement(kind(left.block, right.block));
        expression.span = self.span_from(left.span.start as usize);
        Some(Self::block_of(expression))
    }

    /// An operand of `and` or `or`; `operator` is empty where it is yet to be seen.
    fn operand_of(&mut self, operator: &str) -> Option<Operand> {
        let outer = self.enter()?;
        let operand = self.any_operand(operator);
        self.leave(outer);
        operand
    }

    fn any_operand(&mut self, operator: &str) -> Option<Operand> {
        if self.kind == Kind::LeftBrace {
            return self.braced_operand(operator);
        }
        let start = self.start();
        let negated = self.kind == Kind::Not && !self.is_glued_to(&[Kind::Dot, Kind::LeftBracket]);
        if negated {
            self.advance();
        }
        if negated && self.keywords.not && self.kind == Kind::LeftBrace {
            return Some(Self::block_of(self.not_body(start)?));
        }
        if self.kind == Kind::LeftParenthesis
            && self.has_logic()
            && (!negated || self.keywords.not)
            && let Group::Operand(operand) = self.group(true)?
        {
            return Some(match negated {
                true => Self::block_of(self.negate(operand.block, start)),
                false => operand,
            });
        }
        let operand_start = self.start();
        let term = self.expression()?;
        let mut expression = statement(ExpressionKind::Term(term));
        expression.span = self.span_from(operand_start);
        if negated && self.keywords.not {
            expression = self.negate(Self::block_of(expression).block, start);
        } else {
            expression.negated = negated;
        }
        Some(Self::block_of(expression))
    }

    fn braced_operand(&mut self, operator: &str) -> Option<Operand> {
        let brace = self.save();
        let start = self.start();
        let Some(body) = self.braced_body() else {
            return self.explain_braced_value(brace, operator);
        };
        let span = self.span_from(start);
        if self.is_ambiguous_union(&body) {
            self.ambiguous_union(span);
        }
        let block = Block { body, braces: true };
        Some(Operand { block, span })
    }

    /// Where the braces of an operand hold a value, that is what is wrong.
    fn explain_braced_value<T>(&mut self, brace: super::State, operator: &str) -> Option<T> {
        if operator.is_empty() || self.given_up {
            return None;
        }
        let failed = self.errors.split_off(brace.errors);
        self.restore(brace);
        let start = self.start();
        if self.infix().is_some() {
            let span = self.span_from(start);
            return self.brace_led_operand(span);
        }
        self.errors.truncate(brace.errors);
        self.errors.extend(failed);
        None
    }

    /// A parenthesis that groups operands; `is_operand` where `and`, `or` or `not` stands before it.
    fn group(&mut self, is_operand: bool) -> Option<Group> {
        let outer = self.enter()?;
        let group = self.group_within(is_operand);
        self.leave(outer);
        group
    }

    fn group_within(&mut self, is_operand: bool) -> Option<Group> {
        let open = self.save();
        let start = self.start();
        if !self.may_try(Attempt::Group, open.at) {
            return Some(Group::None);
        }
        self.advance();
        if self.kind == Kind::RightParenthesis && is_operand {
            return self.expected("an operand");
        }
        let operand = match self.kind {
            Kind::RightParenthesis => None,
            _ => self.operand_of(""),
        };
        let Some(operand) = operand else {
            return self.no_group(open);
        };
        if self.at_operator() {
            let whole = self.or_chain(operand)?;
            let mut body = whole.block.body;
            let expression = self.attach_with(body.pop()?)?;
            self.close_group()?;
            return Some(Group::Operand(self.grouped(vec![expression], start)));
        }
        if self.kind == Kind::With && !operand.block.braces {
            return self.group_with(open, operand, is_operand, start);
        }
        if operand.block.braces {
            return self.braces_in_group(open);
        }
        if is_logic(&operand.block.body) {
            self.close_group()?;
            return Some(Group::Operand(self.grouped(operand.block.body, start)));
        }
        self.no_group(open)
    }

    fn grouped(&self, body: Body, start: usize) -> Operand {
        Operand {
            block: Block { body, braces: false },
            span: self.span_from(start),
        }
    }

    fn no_group(&mut self, open: super::State) -> Option<Group> {
        if self.given_up {
            return None;
        }
        self.failed(Attempt::Group, open.at);
        self.restore(open);
        Some(Group::None)
    }

    fn close_group(&mut self) -> Option<()> {
        if !self.take(Kind::RightParenthesis) {
            return self.expected("`)`");
        }
        Some(())
    }

    /// `(operand with …)`
    fn group_with(
        &mut self,
        open: super::State,
        mut operand: Operand,
        is_operand: bool,
        start: usize,
    ) -> Option<Group> {
        let with = self.span();
        let expression = self.attach_with(operand.block.body.pop()?)?;
        if self.at_operator() {
            return self.with_on_operand(with);
        }
        self.close_group()?;
        if is_operand || self.at_operator() {
            return Some(Group::Operand(self.grouped(vec![expression], start)));
        }
        self.restore(open);
        Some(Group::None)
    }

    /// `({ … })` holds a value, or is wrong.
    fn braces_in_group(&mut self, open: super::State) -> Option<Group> {
        self.restore(open);
        self.advance();
        let is_value = self.term().is_some();
        if self.given_up {
            return None;
        }
        self.restore(open);
        if is_value {
            self.failed(Attempt::Group, open.at);
            return Some(Group::None);
        }
        self.error_with_help(
            self.span(),
            "parentheses cannot contain a body",
            "remove them: braces alone delimit a body",
        );
        None
    }

    fn with_on_operand<T>(&mut self, with: Span) -> Option<T> {
        self.error_with_help(
            with,
            "`with` is not allowed on an operand of `and` or `or`",
            "wrap the operand in parentheses, or put `with` after the whole statement",
        );
        None
    }

    fn brace_led_operand<T>(&mut self, span: Span) -> Option<T> {
        self.error_with_help(
            span,
            "an operand of `and` or `or` in braces contains statements, not a value",
            "put the value into parentheses",
        );
        None
    }

    fn ambiguous_union(&mut self, span: Span) {
        self.error_with_help(
            span,
            "braces with `|` can be read as a body or as a comprehension",
            "put parentheses around the union `(a | b)`, or around the comprehension `({a | b})`",
        );
    }

    /// Whether the body starts with a union that is written `a | b`.
    fn is_ambiguous_union(&self, body: &Body) -> bool {
        let Some(ExpressionKind::Term(Term {
            kind: TermKind::Call {
                function, infix: true, ..
            },
            ..
        })) = body.first().map(|first| &first.kind)
        else {
            return false;
        };
        let is_union = matches!(&function.kind, TermKind::Var(name) if &**name == "or");
        is_union && !self.text[body[0].span.start as usize..].starts_with('(')
    }
}

/// Whether the body is one `and`, `or` or negation.
fn is_logic(body: &Body) -> bool {
    let [expression] = &body[..] else {
        return false;
    };
    expression.negated
        || matches!(
            expression.kind,
            ExpressionKind::Not(_) | ExpressionKind::And(..) | ExpressionKind::Or(..)
        )
}

/// Whether the body only calls what gives no value.
fn is_void_body(body: &Body) -> bool {
    body.iter().all(|expression| {
        !expression.negated
            && match &expression.kind {
                ExpressionKind::Term(Term {
                    kind: TermKind::Call { function, .. },
                    ..
                }) => called_name(function)
                    .and_then(|name| builtin(&name))
                    .is_some_and(Builtin::is_void),
                _ => false,
            }
    })
}
