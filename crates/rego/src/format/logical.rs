//! Chains of `and` and `or`.

use super::body::{infix_lead, is_union};
use super::comments::Comments;
use super::infix::infix;
use super::layout::{Block, Body, Expression, Kind, Logic, Term, Value};
use super::source::{Location, Source};
use super::writer::{Outcome, Writer};

/// An operand of a chain.
pub(super) struct Operand<'c> {
    pub(super) body: &'c Body,
    pub(super) braces: bool,
    /// Whether it needs parentheses to be read as the same again.
    pub(super) parentheses: bool,
    /// Where its brace is.
    brace: Location,
}

/// An operator of a chain and the operand after it.
pub(super) struct Step<'c> {
    operator: &'static str,
    right: Operand<'c>,
    /// The row that everything before the operator ends on.
    row: i64,
}

impl<'c> Writer<'c> {
    /// Follows OPA v1.22 format/format.go: writeLogical.
    pub(super) fn logic(&mut self, expression: &'c Expression, comments: Comments<'c>) -> Outcome<'c> {
        let (first, steps) = chain(expression, Some(self.source));
        let mut comments = carry_on(self.operand(&first, comments))?;
        let level = self.level;
        for step in &steps {
            self.write(" ");
            self.write(step.operator);
            if step.is_below() {
                self.level = level + 1;
                self.end_line();
                self.start_line();
            } else {
                self.write(" ");
            }
            match carry_on(self.operand(&step.right, comments)) {
                Ok(left) => comments = left,
                Err(failure) => {
                    self.level = level;
                    return Err(failure);
                }
            }
        }
        self.level = level;
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: writeLogicalOperand.
    fn operand(&mut self, operand: &Operand<'c>, comments: Comments<'c>) -> Outcome<'c> {
        let (Some(first), Some(last)) = (operand.body.first(), operand.body.last()) else {
            self.write("{}");
            return Ok(comments);
        };
        if !operand.braces {
            if operand.parentheses {
                self.write("(");
            }
            let written = self.expression(first, comments);
            if operand.parentheses {
                self.write(")");
            }
            return written;
        }
        if is_union(first) {
            self.grouped = Some(first);
        }
        self.write("{");
        let comments = carry_on(self.inner_body((b'{', b'}'), operand.body, operand.brace, operand.brace, comments))?;
        if last.location.row == operand.brace.row {
            self.write(" ");
        }
        self.write("}");
        Ok(comments)
    }
}

/// What goes on after a comment without a place.
fn carry_on(outcome: Outcome<'_>) -> Outcome<'_> {
    match outcome {
        Err(failure) if failure.is_comment() => Ok(failure.comments),
        outcome => outcome,
    }
}

impl Step<'_> {
    fn is_below(&self) -> bool {
        let start = match self.right.braces {
            true => Some(self.right.brace),
            false => self.right.body.first().map(|first| first.location),
        };
        start.is_some_and(|start| start.row > self.row)
    }
}

/// The first operand of a chain and the steps after it.
/// Follows OPA v1.22 format/format.go: flattenLogical.
pub(super) fn chain<'c>(expression: &'c Expression, source: Option<&Source<'_>>) -> (Operand<'c>, Vec<Step<'c>>) {
    let mut steps = Vec::new();
    let mut expression = expression;
    loop {
        let Kind::Logic(logic) = &expression.kind else {
            unreachable!("only chains are taken apart");
        };
        let whole = expression.location;
        let mut step = Step {
            operator: logic.operator,
            right: operand(&logic.right, logic.operator, true, whole, source),
            row: 0,
        };
        if let Some(inner) = left_chain(logic) {
            step.row = source.map_or(0, |source| end_row(&logic.left.body, source));
            steps.push(step);
            expression = inner;
            continue;
        }
        let first = operand(&logic.left, logic.operator, false, whole, source);
        step.row = source.map_or(0, |source| operand_end_row(&first, source));
        steps.push(step);
        steps.reverse();
        return (first, steps);
    }
}

/// The left side, where it is a chain that needs no parentheses.
fn left_chain(logic: &Logic) -> Option<&Expression> {
    let [inner] = &logic.left.body[..] else { return None };
    let is_chain = !logic.left.braces && inner.is_logic() && !needs_parentheses(inner, logic.operator, false);
    is_chain.then_some(inner)
}

fn operand<'c>(
    block: &'c Block,
    operator: &str,
    is_right: bool,
    whole: Location,
    source: Option<&Source<'_>>,
) -> Operand<'c> {
    let braces = block.braces || block.body.len() != 1;
    Operand {
        body: &block.body,
        braces,
        parentheses: !braces && needs_parentheses(&block.body[0], operator, is_right),
        brace: source.map_or(whole, |source| brace(&block.body, whole, source)),
    }
}

/// Where the brace before a body is, within the statement that it is in.
/// Follows OPA v1.22 format/format.go: operandBraceLoc.
fn brace(body: &Body, whole: Location, source: &Source<'_>) -> Location {
    let Some(first) = body.first() else { return whole };
    let text = source.of(whole).as_bytes();
    let until = first.location.offset.saturating_sub(whole.offset).min(text.len());
    match memchr::memrchr(b'{', &text[..until]) {
        Some(at) => Location {
            row: whole.row + source.newlines(whole.start, whole.start + at),
            offset: whole.offset + at,
            start: whole.start + at,
            end: whole.end,
        },
        None => whole,
    }
}

fn operand_end_row(operand: &Operand<'_>, source: &Source<'_>) -> i64 {
    let closing = source.closing(None, b'{', b'}', operand.brace).row;
    if operand.braces && closing > 0 {
        return closing;
    }
    end_row(operand.body, source)
}

fn end_row(body: &Body, source: &Source<'_>) -> i64 {
    let Some(last) = body.last() else { return 0 };
    let location = last.location;
    let text = source.of(location).trim_end_matches([' ', '\t', '\r', '\n']);
    source.end_row(location.until(location.start + text.len()))
}

/// Whether an operand without braces needs parentheses to be read as the same again.
/// Follows OPA v1.22 format/format.go: logicalOperandNeedsParens.
fn needs_parentheses(expression: &Expression, operator: &str, is_right: bool) -> bool {
    if !expression.with.is_empty() {
        return true;
    }
    match &expression.kind {
        Kind::Logic(logic) if logic.operator == "or" => operator == "and" || is_right,
        Kind::Logic(_) => operator == "and" && is_right,
        _ => starts_with_brace(expression),
    }
}

/// Whether the statement is written with a brace first.
/// Follows OPA v1.22 format/format.go: exprRendersBraceLead.
pub(super) fn starts_with_brace(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Term(term) => term_starts_with_brace(term),
        Kind::Call(terms) => infix_lead(terms).is_some_and(term_starts_with_brace),
        _ => false,
    }
}

fn term_starts_with_brace(term: &Term) -> bool {
    match &term.value {
        Value::Set(members) => !members.is_empty(),
        Value::Object(_) | Value::SetComprehension(..) | Value::ObjectComprehension(..) => true,
        Value::Ref(path) => path.first().is_some_and(term_starts_with_brace),
        Value::Call(terms) => {
            let operands = terms.first().and_then(infix).map(|infix| infix.arity);
            operands == Some(terms.len() - 1) && term_starts_with_brace(&terms[1])
        }
        _ => false,
    }
}
