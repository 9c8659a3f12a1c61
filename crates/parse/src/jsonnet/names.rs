//! What is wrong with the names of a tree, found before it is evaluated: variables that nothing binds, and `self`,
//! `super` and `$` outside of an object.

use super::parser::Symbols;
use super::tree::{Clause, E, FieldName, Kind, ObjectBody, Symbol};
use crate::ParseError;

/// Checks a tree in which these names are bound already.
pub(super) fn check(root: &E, symbols: &Symbols, bound: &[Symbol]) -> Result<(), ParseError> {
    let mut scope = Scope {
        symbols,
        bound: bound.to_vec(),
        objects: 0,
    };
    scope.expression(root)
}

struct Scope<'a> {
    symbols: &'a Symbols,
    bound: Vec<Symbol>,
    /// How many objects are around.
    objects: usize,
}

type Checked = Result<(), ParseError>;

impl Scope<'_> {
    /// Runs `inner` and forgets what was bound in it.
    fn within(&mut self, inner: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let (bound, objects) = (self.bound.len(), self.objects);
        let checked = inner(self);
        self.bound.truncate(bound);
        self.objects = objects;
        checked
    }

    fn all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e E>) -> Checked {
        expressions.into_iter().try_for_each(|inner| self.expression(inner))
    }

    fn expression(&mut self, expression: &E) -> Checked {
        match &expression.kind {
            Kind::Variable(name) if !self.bound.contains(name) => {
                let message = format!("unknown variable: {}", self.symbols.name(*name));
                Err(ParseError::new(message, expression.at.span))
            }
            Kind::SelfObject | Kind::Dollar | Kind::SuperIndex(_) | Kind::InSuper(_) if self.objects == 0 => {
                let message = "`self`, `super` and `$` have no meaning outside of an object";
                Err(ParseError::new(message, expression.at.span))
            }
            Kind::ArrayComprehension(item, clauses) => self.within(|scope| {
                scope.clauses(clauses)?;
                scope.expression(item)
            }),
            Kind::Object(body) => self.object(body),
            Kind::Local(binds, body) => self.within(|scope| {
                scope.bound.extend(binds.iter().map(|bind| bind.name));
                scope.all(binds.iter().map(|bind| &bind.value))?;
                scope.expression(body)
            }),
            Kind::Function(lambda) => self.within(|scope| {
                scope
                    .bound
                    .extend(lambda.parameters.iter().map(|parameter| parameter.name));
                scope.all(
                    lambda
                        .parameters
                        .iter()
                        .filter_map(|parameter| parameter.default.as_ref()),
                )?;
                scope.expression(&lambda.body)
            }),
            kind => {
                let mut checked = Ok(());
                super::parser::children(kind, &mut |child| {
                    if checked.is_ok() {
                        checked = self.expression(child);
                    }
                });
                checked
            }
        }
    }

    fn clauses(&mut self, clauses: &[Clause]) -> Checked {
        for clause in clauses {
            match clause {
                Clause::For(name, list) => {
                    self.expression(list)?;
                    self.bound.push(*name);
                }
                Clause::If(condition) => self.expression(condition)?,
            }
        }
        Ok(())
    }

    fn object(&mut self, body: &ObjectBody) -> Checked {
        self.within(|scope| {
            if let Some(clauses) = &body.clauses {
                scope.clauses(clauses)?;
            }
            for field in &body.fields {
                if let FieldName::Computed(name) = &field.name {
                    scope.expression(name)?;
                }
            }
            scope.objects += 1;
            scope.bound.extend(body.locals.iter().map(|bind| bind.name));
            scope.all(body.locals.iter().map(|bind| &bind.value))?;
            for assertion in &body.asserts {
                scope.expression(&assertion.condition)?;
                scope.all(&assertion.message)?;
            }
            scope.all(body.fields.iter().map(|field| &field.value))
        })
    }
}
