//! Statements: what calls take, what can be equal, and what `with` replaces.

use std::cell::RefCell;
use std::rc::Rc;

use super::documents::Documents;
use super::infer::{Inference, of_function};
use super::unify::unifies;
use super::{Layers, message, path_of};
use crate::core::{Callee, Operand, Replacement, Root, Statement, StatementKind, Target, Term, TermKind, With};
use crate::error::{CompileError, CompileErrorCode as Code};
use crate::types::Type;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// What is wrong with a statement, and whether it may only follow from another error.
struct Found {
    error: CompileError,
    follows: bool,
}

impl Inference<'_, '_, '_> {
    /// Checks the statements of a body.
    pub(super) fn body(&mut self, layers: &Layers, statements: &[Statement]) {
        for each in statements {
            match self.replacing(layers, each) {
                Some(replacing) => self.statement(&replacing, each),
                None => self.statement(layers, each),
            }
        }
    }

    fn statement(&mut self, layers: &Layers, statement: &Statement) {
        let before = self.errors.len();
        self.closures(layers, statement);
        self.references(layers, statement);
        let faulty = self.errors.len() > before;
        if let Some(found) = self.fitting(layers, statement)
            && !(faulty && found.follows)
        {
            self.errors.push(found.error);
        }
    }

    fn error(&mut self, span: Span, message: String) -> CompileError {
        CompileError::new(Code::Type, self.clause.module, span, message)
    }

    /// Checks the comprehensions of a statement.
    fn closures(&mut self, layers: &Layers, statement: &Statement) {
        match &statement.kind {
            StatementKind::Holds(term) => self.term_closures(layers, term),
            StatementKind::Equal(left, right) => {
                self.term_closures(layers, left);
                self.term_closures(layers, right);
            }
            StatementKind::Call(_, operands) => operands.iter().for_each(|each| self.term_closures(layers, each)),
            StatementKind::Every { domain, body, .. } => {
                self.term_closures(layers, domain);
                body.iter().for_each(|each| self.closures(layers, each));
            }
            StatementKind::Not(operand) => self.operand_closures(layers, operand),
            StatementKind::And(left, right) | StatementKind::Or(left, right) => {
                self.operand_closures(layers, left);
                self.operand_closures(layers, right);
            }
        }
    }

    fn operand_closures(&mut self, layers: &Layers, operand: &Operand) {
        operand.body.iter().for_each(|each| self.closures(layers, each));
    }

    fn term_closures(&mut self, layers: &Layers, term: &Term) {
        match &term.kind {
            TermKind::Comprehension(comprehension) => {
                // OPA checks those inside once more, without what is known of variables by the body around them.
                if self.comprehension(layers, comprehension) && self.checks_again() {
                    self.check_again(|this| comprehension.body.iter().for_each(|each| this.closures(layers, each)));
                }
            }
            TermKind::Const(_) | TermKind::Local(_) => {}
            TermKind::Ref(_, items) | TermKind::Array(items) | TermKind::Set(items) => {
                items.iter().for_each(|each| self.term_closures(layers, each));
            }
            TermKind::Object(entries) => {
                for (key, value) in entries {
                    self.term_closures(layers, key);
                    self.term_closures(layers, value);
                }
            }
        }
    }

    /// Checks the references of a statement, those of bodies inside it too.
    fn references(&mut self, layers: &Layers, statement: &Statement) {
        statement.with.iter().for_each(|with| self.replacing_builtin(with));
        match &statement.kind {
            StatementKind::Holds(term) => self.term_references(layers, term),
            StatementKind::Equal(left, right) => {
                self.term_references(layers, left);
                self.term_references(layers, right);
            }
            StatementKind::Call(_, operands) => {
                operands.iter().for_each(|each| self.term_references(layers, each));
            }
            StatementKind::Every { domain, body, .. } => {
                self.term_references(layers, domain);
                body.iter().for_each(|each| self.references(layers, each));
                self.replaced_references(layers, &statement.with);
            }
            StatementKind::Not(operand) => operand.body.iter().for_each(|each| self.references(layers, each)),
            StatementKind::And(left, right) | StatementKind::Or(left, right) => {
                let both = left.body.iter().chain(&right.body);
                both.for_each(|each| self.references(layers, each));
                self.replaced_references(layers, &statement.with);
            }
        }
    }

    /// Checks that no document is replaced by a variable that OPA takes for a builtin.
    fn replacing_builtin(&mut self, with: &With) {
        let Replacement::Value(Term {
            kind: TermKind::Local(local),
            ..
        }) = &with.value
        else {
            return;
        };
        if let Some(builtin) = self.clause.locals[*local as usize].function
            && matches!(self.variable(*local), Type::Function(_))
        {
            let message = format!("function {} used as reference, not called", builtin.name);
            let error = self.error(with.span, message);
            self.errors.push(error);
        }
    }

    /// Checks what is replaced for `every`, `and` and `or`: OPA takes a function there for a reference.
    fn replaced_references(&mut self, layers: &Layers, all: &[With]) {
        for with in all {
            let target = match &with.target {
                Target::Builtin(builtin) => Some(Callee::Builtin(builtin)),
                Target::Data(path) => Some(Callee::Function {
                    path: path.as_slice().into(),
                    arity: 0,
                }),
                Target::Input(_) => None,
            };
            let value = match &with.value {
                Replacement::Function(callee) => Some(callee.clone()),
                Replacement::Value(_) | Replacement::Document(_) => None,
            };
            for callee in target.into_iter().chain(value) {
                if matches!(self.type_of_callee(layers, &callee), Type::Function(_)) {
                    let message = format!("function {} used as reference, not called", message::callee(&callee));
                    let error = self.error(with.span, message);
                    self.errors.push(error);
                }
            }
        }
    }

    fn term_references(&mut self, layers: &Layers, term: &Term) {
        match &term.kind {
            TermKind::Ref(root, path) => {
                if let Err(wrong) = self.check_ref(layers, *root, path) {
                    let message = message::reference(self.clause, *root, path, &wrong);
                    let undefined_step = message::undefined_step(path, &wrong);
                    let error = self.error(term.span, message);
                    self.errors.push(CompileError {
                        undefined_step,
                        ..error
                    });
                }
            }
            TermKind::Array(items) | TermKind::Set(items) => {
                items.iter().for_each(|each| self.term_references(layers, each));
            }
            TermKind::Object(entries) => {
                for (key, value) in entries {
                    self.term_references(layers, key);
                    self.term_references(layers, value);
                }
            }
            TermKind::Const(_) | TermKind::Local(_) | TermKind::Comprehension(_) => {}
        }
    }

    /// Checks whether the parts of a statement fit each other.
    fn fitting(&mut self, layers: &Layers, statement: &Statement) -> Option<Found> {
        if let Some(error) = self.replacements(layers, &statement.with) {
            return Some(Found { error, follows: false });
        }
        match &statement.kind {
            StatementKind::Equal(left, right) => {
                let (of_left, of_right) = (self.type_of(layers, left), self.type_of(layers, right));
                if self.equate(layers, left, &of_left, right, &of_right) {
                    return None;
                }
                let message = format!("match error\n    left : {of_left}\n    right: {of_right}");
                Some(Found {
                    error: self.error(statement.span, message),
                    follows: of_left.is_unknown() || of_right.is_unknown(),
                })
            }
            StatementKind::Call(callee, operands) => self.call(layers, callee, operands, statement.span),
            _ => None,
        }
    }

    /// Checks what `in` looks for: whether it can be in the collection at all.
    ///
    /// Follows OPA v1.22 ast/check.go: checkExprMember.
    fn membership(&mut self, layers: &Layers, callee: &Callee, operands: &[Term], span: Span) -> Option<Found> {
        let Callee::Builtin(builtin) = callee else { return None };
        let (key, member, collection) = match (builtin.name, operands) {
            ("internal.member_2", [member, collection, ..]) => (None, member, collection),
            ("internal.member_3", [key, member, collection, ..]) => (Some(key), member, collection),
            _ => return None,
        };
        let of = self.type_of(layers, collection);
        let values = of.values();
        // What cannot be gone through has no members, which is not an error.
        if !values.is_known() {
            return None;
        }
        let wrong = key.and_then(|key| self.is_in(layers, key, &of.keys(), span));
        wrong.or_else(|| self.is_in(layers, member, &values, span))
    }

    fn is_in(&mut self, layers: &Layers, term: &Term, of: &Type, span: Span) -> Option<Found> {
        if of.is_unknown() {
            return None;
        }
        let have = self.type_of(layers, term);
        if (have.is_unknown() || unifies(&have, of)) && self.fit(layers, term, of, false) {
            return None;
        }
        let message = format!("match error\n    left : {have}\n    right: {of}");
        Some(Found {
            error: self.error(span, message),
            follows: have.is_unknown(),
        })
    }

    fn call(&mut self, layers: &Layers, callee: &Callee, operands: &[Term], span: Span) -> Option<Found> {
        if let Some(found) = self.membership(layers, callee, operands, span) {
            return Some(found);
        }
        let name = message::callee(callee);
        let function = match self.type_of_callee(layers, callee) {
            Type::Any => return None,
            Type::Function(function) => function,
            _ => {
                let error = CompileError::undefined_function(self.clause.module, span, &name);
                return Some(Found { error, follows: false });
            }
        };
        let mut want = function.operands.clone();
        if function.result.is_known() {
            want.push(function.result.clone());
        }
        let have: Vec<Type> = operands.iter().map(|each| self.type_of(layers, each)).collect();
        let wrong = |this: &mut Self, span: Span, what: &str, have: &[Type]| {
            let message = message::operands(&name, what, have, &want, &function.variadic);
            Some(Found {
                error: this.error(span, message),
                follows: have.iter().any(Type::is_unknown),
            })
        };
        if operands.len() > want.len() && !function.variadic.is_known() {
            return wrong(self, span, "too many arguments", &have);
        }
        if operands.len() < function.operands.len() {
            return wrong(self, span, "too few arguments", &have);
        }
        for (at, operand) in operands.iter().enumerate() {
            let wanted = want.get(at).unwrap_or(&function.variadic);
            if !have[at].is_unknown() && !unifies(&have[at], wanted) {
                return wrong(self, operand.span, "invalid argument(s)", &have);
            }
            if !self.fit(layers, operand, wanted, false) {
                let have: Vec<Type> = operands.iter().map(|each| self.type_of(layers, each)).collect();
                return wrong(self, operand.span, "invalid argument(s)", &have);
            }
        }
        None
    }

    fn type_of_callee(&self, layers: &Layers, callee: &Callee) -> Type {
        match callee {
            Callee::Builtin(builtin) => self.shadow_of(builtin).unwrap_or_else(|| of_function(builtin)),
            Callee::Function { path, .. } => self.type_of_ref(layers, Root::Data, &names(path, Span::default())),
        }
    }

    /// Checks that functions are replaced by functions of as many operands.
    fn replacements(&mut self, layers: &Layers, all: &[With]) -> Option<CompileError> {
        all.iter().find_map(|with| {
            let target = match &with.target {
                Target::Builtin(builtin) => Callee::Builtin(builtin),
                Target::Data(path) => Callee::Function {
                    path: path.as_slice().into(),
                    arity: 0,
                },
                Target::Input(_) => return None,
            };
            let Replacement::Function(value) = &with.value else {
                return None;
            };
            let (replaced, by) = (self.type_of_callee(layers, &target), self.type_of_callee(layers, value));
            let (Type::Function(replaced_function), Type::Function(by_function)) = (&replaced, &by) else {
                return None;
            };
            if unifies(&replaced, &by) {
                return None;
            }
            let message = message::operands(
                &message::callee(&target),
                "arity mismatch",
                &by_function.operands,
                &replaced_function.operands,
                &Type::Unknown,
            );
            Some(self.error(with.span, message))
        })
    }

    /// The layers that a statement sees through its replacements; nothing where it sees what stands around it.
    fn replacing(&mut self, layers: &Layers, statement: &Statement) -> Option<Layers> {
        if statement.with.is_empty() {
            return None;
        }
        let mut seen = layers.clone();
        let mut replaced = Documents::new();
        let mut any = false;
        for with in statement.with.iter() {
            let (root, path) = match &with.target {
                Target::Input(path) => (Root::Input, path),
                Target::Data(path) => (Root::Data, path),
                Target::Builtin(_) => continue,
            };
            let of_target = self.type_of_ref(layers, root, &names(path, with.span));
            let function = matches!(of_target, Type::Function(_));
            if root == Root::Data && self.relaxed {
                seen.extend(self.replaced.reached(path, function));
            }
            if !function {
                let of = match &with.value {
                    Replacement::Value(value) => match self.type_of(layers, value) {
                        Type::Unknown => Type::Any,
                        of => of_target.or(&of),
                    },
                    Replacement::Document(_) | Replacement::Function(_) => Type::Any,
                };
                let name = if root == Root::Data { "data" } else { "input" };
                replaced.put(&path_of(name, path), if of.is_known() { of } else { Type::Any });
                any = true;
            }
        }
        if any {
            seen.push(Rc::new(RefCell::new(replaced)));
        }
        Some(seen)
    }
}

/// The steps of a path of names.
fn names(path: &[std::sync::Arc<str>], span: Span) -> Vec<Term> {
    path.iter()
        .map(|name| Term {
            kind: TermKind::Const(Value::string(name.clone())),
            span,
        })
        .collect()
}
