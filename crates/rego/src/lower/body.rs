//! Bodies: statements in their order, what is taken out of each before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashSet;

use super::members::Members;
use super::names::{assigned_names, assignment, collect_names};
use super::renamed::names_of;
use super::scope::Occurrence;
use super::term::{dotted, of_value, statement};
use super::{Lowering, Support};
use crate::builtins::registry::signature;
use crate::core::{Callee, Operand, Root, Statement, StatementKind, Term, TermKind};
use crate::error::CompileErrorCode as Code;
use crate::syntax::tree::{self, Expression, ExpressionKind};
use kpolicy_value::{Span, Value};

impl Lowering<'_> {
    /// The statements of a body, in order.
    pub(super) fn statements(&mut self, body: &[Expression]) -> Support {
        let mut statements = Support::new();
        for expression in body {
            self.expression(expression, &mut statements);
        }
        statements
    }

    fn expression(&mut self, expression: &Expression, out: &mut Support) {
        let span = expression.span;
        // A rule of the operator's name takes its place, as with any operator: OPA refuses what comes of that.
        if let Some((left, right)) = assignment(expression)
            && self.globals.path("assign").is_none()
        {
            return self.assignment(expression, left, right, out);
        }
        if let ExpressionKind::SomeIn { key, value, collection } = &expression.kind {
            let key = key.as_ref();
            let members = Members { key, value, collection };
            if !self.declare_members(members, &expression.with, span) {
                return;
            }
        }
        let inside = match &expression.kind {
            ExpressionKind::Every { .. } => true,
            ExpressionKind::Not(block) => block.braces,
            _ => false,
        };
        let is_print = self.is_print(expression);
        // What `every` and `not { … }` replace is read among the names of their bodies.
        let mut with = if inside {
            Arc::default()
        } else if is_print {
            for with in &expression.with {
                self.term(&with.value, &mut Support::new());
            }
            Arc::default()
        } else {
            self.withs(&expression.with, out)
        };
        let mut support = Support::new();
        let mut read = |lowering: &mut Self| with = lowering.withs(&expression.with, out);
        let kind = match &expression.kind {
            ExpressionKind::Term(term) => self.term_statement(term, &mut support),
            ExpressionKind::Some(names) => {
                for name in names {
                    self.declare(&name.text, name.span, Occurrence::Declared);
                }
                return;
            }
            ExpressionKind::SomeIn { key, value, collection } => {
                Some(self.some_in(key.as_ref(), value, collection, span, &mut support))
            }
            ExpressionKind::Every {
                key,
                value,
                domain,
                body,
            } => self.every(key.as_ref(), value, domain, body, &mut support, &mut read),
            ExpressionKind::Not(block) => Some(StatementKind::Not(self.negated(block, &mut read))),
            ExpressionKind::And(left, right) => {
                let words = "cannot assign vars inside implicit and operand";
                Some(StatementKind::And(
                    self.logical(left, words),
                    self.logical(right, words),
                ))
            }
            ExpressionKind::Or(left, right) => {
                let words = "cannot assign vars inside implicit or operand";
                Some(StatementKind::Or(self.logical(left, words), self.logical(right, words)))
            }
        };
        let Some(kind) = kind else { return };
        support.push(Statement {
            kind,
            negated: expression.negated && !is_print,
            with: Arc::default(),
            generated: false,
            assignment: false,
            span,
        });
        for statement in &mut support {
            statement.with = with.clone();
        }
        out.append(&mut support);
    }

    /// `left := right`: the right side is read before the names on the left are known.
    fn assignment(&mut self, expression: &Expression, left: &tree::Term, right: &tree::Term, out: &mut Support) {
        let span = expression.span;
        if expression.negated {
            self.error(Code::Compile, span, "cannot assign vars inside negated expression");
            return;
        }
        if self.scopes.hides_assignments() {
            self.error(Code::Compile, span, "called function eq shadowed");
        }
        let with = self.withs(&expression.with, out);
        let mut support = Support::new();
        let around = self.scopes.set_assigned(assigned_names(left));
        let right = self.term(right, &mut support);
        self.scopes.set_assigned(around);
        let left = self.pattern(left, Occurrence::Assigned, &mut support);
        self.unuse(&left);
        let mut equal = statement(StatementKind::Equal(left, right), span);
        equal.generated = false;
        equal.assignment = true;
        support.push(equal);
        for statement in &mut support {
            statement.with = with.clone();
        }
        out.append(&mut support);
    }

    /// A term as a statement: a call and an equation stand for themselves.
    fn term_statement(&mut self, term: &tree::Term, support: &mut Support) -> Option<StatementKind> {
        let tree::TermKind::Call {
            function, arguments, ..
        } = &term.kind
        else {
            return Some(StatementKind::Holds(self.term(term, support)));
        };
        let Some(callee) = self.callee(function, term.span) else {
            // What is called is unknown, and yet its operands are used.
            arguments.iter().for_each(|argument| _ = self.term(argument, support));
            return None;
        };
        if let Callee::Builtin(signature) = &callee {
            if signature.name == "print" {
                return Some(self.print(arguments, term.span));
            }
            if let ("eq", [left, right]) = (signature.name, arguments.as_slice()) {
                let left = self.term(left, support);
                return Some(StatementKind::Equal(left, self.term(right, support)));
            }
        }
        let mut operands: Vec<Term> = arguments.iter().map(|argument| self.term(argument, support)).collect();
        self.check_arity(&callee, operands.len(), term.span, false);
        if let Some(value) = self.metadata.value(&callee, self.asking) {
            let value = of_value(value, term.span);
            return Some(match operands.pop() {
                Some(result) => StatementKind::Equal(result, value),
                None => StatementKind::Holds(value),
            });
        }
        Some(StatementKind::Call(callee, operands))
    }

    /// Whether a statement is a call of `print`. OPA makes a new statement of it, without the `not` and the `with` that
    /// were written.
    ///
    /// Follows OPA v1.22 ast/compile.go: rewritePrintCalls.
    fn is_print(&self, expression: &Expression) -> bool {
        let ExpressionKind::Term(term) = &expression.kind else {
            return false;
        };
        let tree::TermKind::Call { function, .. } = &term.kind else {
            return false;
        };
        let names = dotted(function);
        names.is_some_and(|names| matches!(&*names, [name] if &**name == "print" && self.globals.path(name).is_none()))
    }

    /// `print(a, b)`: a call that takes a set for each operand, empty where the operand is undefined.
    fn print(&mut self, arguments: &[tree::Term], span: Span) -> StatementKind {
        let captured = arguments.iter().map(|argument| self.captured(argument, &[])).collect();
        let operand = Term {
            kind: TermKind::Array(captured),
            span,
        };
        let callee = signature("internal.print").expect("OPA has it");
        StatementKind::Call(Callee::Builtin(callee), vec![operand])
    }

    /// `some key, value in collection`: an equation between the value and what the key leads to.
    fn some_in(
        &mut self,
        key: Option<&tree::Term>,
        value: &tree::Term,
        collection: &tree::Term,
        span: Span,
        support: &mut Support,
    ) -> StatementKind {
        let equals = tree::Term {
            kind: tree::TermKind::Var("eq".into()),
            span,
        };
        self.callee(&equals, span);
        let collection = self.term(collection, support);
        let step = match key {
            Some(key) => self.term(key, support),
            None => Term {
                kind: TermKind::Local(self.scopes.generate(span)),
                span,
            },
        };
        let value = self.term(value, support);
        let (root, mut path) = match collection.kind {
            TermKind::Ref(root, path) => (root, path),
            TermKind::Local(local) => (Root::Local(local), Vec::new()),
            kind => {
                let kind = match is_scalar(&kind) {
                    // It has no members, to the type checker either, and nothing but a variable fits what it lacks.
                    true => {
                        if !matches!(value.kind, TermKind::Local(_)) {
                            self.error(Code::Type, span, "match error: a scalar has no members");
                        }
                        TermKind::Const(Value::array(Vec::new()))
                    }
                    false => kind,
                };
                let term = Term {
                    kind,
                    span: collection.span,
                };
                match self.named(term, support).kind {
                    TermKind::Local(local) => (Root::Local(local), Vec::new()),
                    _ => unreachable!("a named term is a variable"),
                }
            }
        };
        path.push(step);
        let member = Term {
            kind: TermKind::Ref(root, path),
            span: collection.span,
        };
        StatementKind::Equal(value, member)
    }

    /// Refuses `every x in input.xs { input := x }` (v0): to OPA the domain is part of what the braces declare.
    fn roots_in_domain(&mut self, domain: &tree::Term, own: &HashSet<Arc<str>>) {
        let mut names = BTreeSet::new();
        names_of(domain, &mut names);
        for root in ["input", "data"] {
            if own.contains(root) && names.contains(root) {
                self.error(Code::UnsafeVar, domain.span, format!("var {root} is unsafe"));
            }
        }
    }

    fn every(
        &mut self,
        key: Option<&tree::Term>,
        value: &tree::Term,
        domain: &tree::Term,
        body: &[Expression],
        support: &mut Support,
        read_with: &mut dyn FnMut(&mut Self),
    ) -> Option<StatementKind> {
        let mut names = BTreeMap::new();
        for term in key.into_iter().chain([value]) {
            collect_names(term, &mut names);
        }
        let own: HashSet<Arc<str>> = names.keys().cloned().chain(self.names_in_braces(body)).collect();
        self.roots_in_domain(domain, &own);
        self.scopes.enter_region(own);
        self.scopes.ignore(names.into_keys());
        let term = self.term(domain, support);
        let span = term.span;
        let named = Term {
            kind: TermKind::Local(self.scopes.generate(span)),
            span,
        };
        support.push(statement(StatementKind::Equal(named.clone(), term), span));
        self.scopes.push();
        let mut variable = |term: Option<&tree::Term>| match term.map(|term| (&term.kind, term.span)) {
            Some((tree::TermKind::Var(name), span)) if &**name != "_" => {
                match self.scopes.declare(name, span, Occurrence::Declared) {
                    Ok(local) => Some(local),
                    Err(_) => {
                        self.error(Code::Compile, span, format!("var {name} declared above"));
                        None
                    }
                }
            }
            _ => Some(self.scopes.generate(span)),
        };
        let (key, value) = (variable(key), variable(Some(value)));
        let before = self.errors.len();
        let statements = self.statements(body);
        if self.errors.len() == before {
            self.unused();
        }
        self.scopes.unignore();
        read_with(self);
        self.scopes.pop();
        self.scopes.leave_region();
        Some(StatementKind::Every {
            key: key?,
            value: value?,
            domain: named,
            body: statements,
        })
    }

    /// The operand of `not`, with what `with` replaces read after it.
    fn negated(&mut self, block: &tree::Block, read_with: &mut dyn FnMut(&mut Self)) -> Operand {
        let words = "cannot assign vars inside negated expression";
        if !block.braces {
            return self.operand(block, words, read_with);
        }
        let own = self.names_in_braces(&block.body);
        self.scopes.enter_region(own);
        let operand = self.operand(block, words, read_with);
        self.scopes.leave_region();
        operand
    }

    /// An operand of `and` or `or`.
    fn logical(&mut self, block: &tree::Block, words: &str) -> Operand {
        if !block.braces {
            return self.operand(block, words, &mut |_| ());
        }
        self.scopes.enter_plain_region();
        let operand = self.operand(block, words, &mut |_| ());
        self.scopes.leave_region();
        operand
    }

    /// An operand of `not`, `and` or `or`: only in braces it has variables of its own.
    fn operand(&mut self, block: &tree::Block, words: &str, read_with: &mut dyn FnMut(&mut Self)) -> Operand {
        if block.braces {
            self.scopes.push();
        } else {
            for expression in &block.body {
                if assignment(expression).is_some() {
                    self.error(Code::Compile, expression.span, words);
                }
            }
        }
        let before = self.errors.len();
        let body = self.statements(&block.body);
        if block.braces {
            if self.errors.len() == before {
                self.unused();
            }
            read_with(self);
            self.scopes.pop();
        }
        Operand {
            body,
            braces: block.braces,
        }
    }

    /// Refuses names that the innermost scope declares and nothing uses.
    pub(super) fn unused(&mut self) {
        for (name, span) in self.scopes.unused(Occurrence::Declared) {
            self.error(Code::Compile, span, format!("declared var {name} unused"));
        }
        if self.options.strict {
            for (name, span) in self.scopes.unused(Occurrence::Assigned) {
                self.error(Code::Compile, span, format!("assigned var {name} unused"));
            }
        }
    }

    /// A pattern that is assigned to does not use its own names.
    fn unuse(&mut self, pattern: &Term) {
        match &pattern.kind {
            TermKind::Local(local) => self.scopes.unuse(*local),
            TermKind::Array(items) => items.iter().for_each(|item| self.unuse(item)),
            TermKind::Object(entries) => entries.iter().for_each(|(_, value)| self.unuse(value)),
            _ => {}
        }
    }
}

/// Whether it is a value that is written out, and no collection.
fn is_scalar(kind: &TermKind) -> bool {
    matches!(
        kind,
        TermKind::Const(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_))
    )
}
