//! A rule's head: its path, arguments, member or value.

use super::super::tree::{Head, Step, Term, TermKind};
use super::{DEEPEST, Kind, Parser, Span};

/// A head, and what its text alone tells.
pub(super) struct HeadDraft {
    pub(super) head: Head,
    /// Whether `contains` is in it.
    pub(super) has_contains: bool,
    /// Whether parentheses follow its name.
    pub(super) is_call: bool,
}

impl HeadDraft {
    /// Whether the path is a name and one step: `p[x]`, which v0 reads as a set's member.
    pub(super) fn has_one_step(&self) -> bool {
        self.head.path.len() == 2
    }

    pub(super) fn is_function(&self) -> bool {
        self.head.arguments.is_some()
    }
}

impl Parser<'_> {
    pub(super) fn head(&mut self) -> Option<HeadDraft> {
        let start = self.start();
        let name = self.variable();
        let term = self.head_path(name)?;
        let (path, arguments, is_call) = self.head_parts(term)?;
        let mut draft = HeadDraft {
            head: Head {
                path,
                arguments,
                key: None,
                value: None,
                assigned: false,
                span: Span::default(),
            },
            has_contains: false,
            is_call,
        };
        match self.kind {
            Kind::Contains => self.head_member(&mut draft)?,
            Kind::Unify | Kind::Assign => self.head_value(&mut draft.head)?,
            _ => {}
        }
        draft.head.span = self.span_from(start);
        Some(draft)
    }

    /// The name and what follows it; a blank may stand before the first bracket.
    fn head_path(&mut self, name: Term) -> Option<Term> {
        self.advance();
        let token = self.token();
        if !token.spaced && self.kind.operator().is_some() {
            return self.expected("a rule's value or body");
        }
        if matches!(self.kind, Kind::LeftParenthesis | Kind::Dot | Kind::LeftBracket) {
            return self.reference(name, false);
        }
        Some(name)
    }

    fn head_parts(&mut self, term: Term) -> Option<(Vec<Step>, Option<Vec<Term>>, bool)> {
        match term.kind {
            TermKind::Call {
                function, arguments, ..
            } => {
                let path = self.rule_path(*function)?;
                let is_function = !arguments.is_empty();
                Some((path, is_function.then_some(arguments), true))
            }
            TermKind::Var(_) | TermKind::Ref { .. } => Some((self.rule_path(term)?, None, false)),
            _ => None,
        }
    }

    /// The steps of a rule's path, its name the first.
    pub(super) fn rule_path(&mut self, term: Term) -> Option<Vec<Step>> {
        let (head, steps) = match term.kind {
            TermKind::Ref { head, steps } => (*head, steps),
            kind => (Term { kind, span: term.span }, Vec::new()),
        };
        let TermKind::Var(name) = head.kind else {
            self.error(head.span, "a rule's path starts with its name");
            return None;
        };
        if steps.len() > DEEPEST {
            return self.give_up();
        }
        let mut path = Vec::with_capacity(steps.len() + 1);
        path.push(Step {
            term: Term {
                kind: TermKind::String(name),
                span: head.span,
            },
            dot: true,
        });
        path.extend(steps);
        Some(path)
    }

    fn head_member(&mut self, draft: &mut HeadDraft) -> Option<()> {
        if draft.is_call {
            return self.expected_with_help(
                "a function's value or body",
                "only a rule without arguments can be a set: `name contains member if { … }`",
            );
        }
        self.advance();
        draft.has_contains = true;
        draft.head.key = Some(self.infix()?);
        Some(())
    }

    fn head_value(&mut self, head: &mut Head) -> Option<()> {
        head.assigned = self.kind == Kind::Assign;
        self.advance();
        head.value = Some(self.infix()?);
        Some(())
    }
}
