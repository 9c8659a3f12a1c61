//! Rules without a body: a statement that reads as a head, such as `p := 1`.

use super::super::tree::{Expression, ExpressionKind, Head, Rule, Step, Term, TermKind};
use super::module::{Draft, Notation};
use super::{Kind, Parser};
use crate::builtins::registry::builtin;

impl Parser<'_> {
    pub(super) fn bare_rule(&mut self) -> Option<Draft> {
        let start = self.start();
        let statement = self.literal()?;
        if self.kind == Kind::Semicolon {
            self.error_with_help(
                self.span(),
                "statements outside a rule",
                "put them into the body of a rule: `name if { … }`",
            );
            return None;
        }
        let (head, valueless) = self.head_of(statement)?;
        let notation = Notation {
            bodiless: true,
            valueless,
            ..Notation::default()
        };
        let span = self.span_from(start);
        Some(Draft {
            rule: Rule {
                default: false,
                head: Head { span, ..head },
                has_if: false,
                body: Vec::new(),
                branches: Vec::new(),
                span,
            },
            notation,
        })
    }

    /// The head that the statement is, and whether v1 misses a value or body.
    fn head_of(&mut self, statement: Expression) -> Option<(Head, bool)> {
        let span = statement.span;
        let ExpressionKind::Term(term) = statement.kind else {
            return self.no_rule(span);
        };
        if !statement.with.is_empty() || statement.negated {
            return self.no_rule(span);
        }
        match term.kind {
            TermKind::Call {
                function, arguments, ..
            } => self.head_of_call(*function, arguments, span),
            TermKind::Ref { .. } => {
                let mut path = self.rule_path(term)?;
                let key = if path.len() == 2 {
                    path.pop().map(|step| step.term)
                } else {
                    None
                };
                let valueless = key.is_none();
                Some((head(path, None, key, None, false), valueless))
            }
            TermKind::Var(name) => {
                self.error_with_help(
                    span,
                    format!("`{name}` alone is not a rule"),
                    format!("write `{name} := value`, or `{name} if {{ … }}`"),
                );
                None
            }
            _ => self.no_rule(span),
        }
    }

    fn no_rule<T>(&mut self, span: super::Span) -> Option<T> {
        self.error_with_help(
            span,
            "expected a rule, found a statement outside a rule's body",
            "write `name := value`, `name if { … }` or `name contains member if { … }`",
        );
        None
    }

    fn head_of_call(&mut self, function: Term, arguments: Vec<Term>, span: super::Span) -> Option<(Head, bool)> {
        let name = called_name(&function);
        match name.as_deref() {
            Some("eq" | "assign") => {
                let mut operands = arguments.into_iter();
                let (Some(left), Some(value)) = (operands.next(), operands.next()) else {
                    return self.no_rule(span);
                };
                let assigned = name.as_deref() == Some("assign");
                return Some((self.assigned_head(left, value, assigned)?, false));
            }
            Some(name) if name == "in" || builtin(name).is_some() => {
                let help = "write `name := value`, or `name if { … }` with the statement in its body";
                let message = format!("expected a rule, found a call of the builtin `{name}`");
                self.error_with_help(span, message, help);
                return None;
            }
            _ => {}
        }
        if arguments.is_empty() {
            self.error_with_help(span, "a function has no arguments", "write `name := value` for a rule");
            return None;
        }
        let path = self.rule_path(function)?;
        Some((head(path, Some(arguments), None, None, false), false))
    }

    /// The head of `left := value` and `left = value`.
    fn assigned_head(&mut self, left: Term, value: Term, assigned: bool) -> Option<Head> {
        if let TermKind::Call {
            function, arguments, ..
        } = left.kind
        {
            let path = self.rule_path(*function)?;
            let arguments = (!arguments.is_empty()).then_some(arguments);
            return Some(head(path, arguments, None, Some(value), assigned));
        }
        let path = self.rule_path(left)?;
        Some(head(path, None, None, Some(value), assigned))
    }
}

fn head(path: Vec<Step>, arguments: Option<Vec<Term>>, key: Option<Term>, value: Option<Term>, assigned: bool) -> Head {
    Head {
        path,
        arguments,
        key,
        value,
        assigned,
        span: super::Span::default(),
    }
}

/// The name of a called function, its parts joined with dots.
pub(super) fn called_name(function: &Term) -> Option<String> {
    let TermKind::Ref { head, steps } = &function.kind else {
        return match &function.kind {
            TermKind::Var(name) => Some(name.to_string()),
            _ => None,
        };
    };
    let mut name = called_name(head)?;
    for step in steps {
        let TermKind::String(part) = &step.term.kind else {
            return None;
        };
        name.push('.');
        name.push_str(part);
    }
    Some(name)
}
