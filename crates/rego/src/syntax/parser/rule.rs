//! Rules: heads with bodies, `default`, `else`, v0's chained bodies, and what v1 demands of all of them.

use super::super::tree::{Body, Else, ExpressionKind, Head, Rule, Step, Term, TermKind};
use super::super::visit::{Node, walk_term};
use super::head::HeadDraft;
use super::module::{Draft, Notation};
use super::{Kind, Parser, Span};

impl Parser<'_> {
    /// The clauses of one rule; nothing, and no error, where the statement may still be a bare one.
    pub(super) fn rules(&mut self) -> Option<Vec<Draft>> {
        let start = self.start();
        self.keyword_as_name();
        let default = self.take(Kind::Default);
        if default {
            self.keyword_as_name();
        }
        if self.kind != Kind::Name {
            return None;
        }
        let mut head = self.head()?;
        if default {
            return self.default_rule(start, head).map(|draft| vec![draft]);
        }
        let has_if = self.kind == Kind::If;
        let mut notation = Notation {
            has_if,
            has_contains: head.has_contains,
            valueless: head.head.value.is_none() && !head.has_contains,
            ..Notation::default()
        };
        let member = is_member(&head, has_if);
        if member && !has_if && head.head.value.is_none() {
            head.head.key = head.head.path.pop().map(|step| step.term);
        }
        let body = match self.kind {
            Kind::If => self.if_body()?,
            Kind::LeftBrace => self.braced_body()?,
            _ if head.has_contains => {
                notation.bodiless = true;
                Vec::new()
            }
            _ => return None,
        };
        if notation.bodiless {
            return Some(vec![self.draft(start, head.head, body, notation)]);
        }
        let branches = self.branches(&head.head, member || head.has_contains, &mut notation)?;
        let mut first = self.draft(start, head.head, body, notation);
        first.rule.branches = branches;
        self.chained_bodies(first)
    }

    fn draft(&self, start: usize, head: Head, body: Body, notation: Notation) -> Draft {
        Draft {
            rule: Rule {
                default: false,
                head,
                has_if: notation.has_if,
                body,
                branches: Vec::new(),
                span: self.span_from(start),
            },
            notation,
        }
    }

    fn default_rule(&mut self, start: usize, head: HeadDraft) -> Option<Draft> {
        if head.has_contains || (head.has_one_step() && !head.is_function() && head.head.value.is_none()) {
            self.error_with_help(
                head.head.span,
                "a default rule has no value",
                "write it after `:=`; a set has no default",
            );
            return None;
        }
        if let Some(place) = head.head.value.as_ref().and_then(variable_part) {
            self.error_with_help(
                place,
                "a default value cannot contain a variable, a reference or a call",
                "write a constant; put computed values in a separate rule",
            );
            return None;
        }
        self.check_default_arguments(head.head.arguments.as_deref().unwrap_or_default())?;
        let notation = Notation {
            valueless: head.head.value.is_none(),
            ..Notation::default()
        };
        let mut draft = self.draft(start, head.head, Vec::new(), notation);
        draft.rule.default = true;
        Some(draft)
    }

    fn check_default_arguments(&mut self, arguments: &[Term]) -> Option<()> {
        let mut seen = Vec::new();
        for argument in arguments {
            let TermKind::Var(name) = &argument.kind else {
                self.error(argument.span, "an argument of a default function is a plain name");
                return None;
            };
            if &**name != "_" && seen.contains(&name) {
                self.error(argument.span, format!("duplicate argument `{name}`"));
                return None;
            }
            seen.push(name);
        }
        Some(())
    }

    /// What follows `if`: one statement, or a body in braces where these are not the statement's own.
    fn if_body(&mut self) -> Option<Body> {
        self.advance();
        if self.kind != Kind::LeftBrace {
            return Some(vec![self.literal()?]);
        }
        let brace = self.save();
        let is_set = |kind: &ExpressionKind| {
            matches!(
                kind,
                ExpressionKind::Term(Term {
                    kind: TermKind::Set(_),
                    ..
                })
            )
        };
        match self.literal() {
            Some(statement) if !is_set(&statement.kind) => Some(vec![statement]),
            _ => {
                self.restore(brace);
                self.braced_body()
            }
        }
    }

    /// `{ body }`
    pub(super) fn braced_body(&mut self) -> Option<Body> {
        self.advance();
        let body = self.body(Kind::RightBrace)?;
        self.advance();
        Some(body)
    }

    fn branches(&mut self, head: &Head, is_member: bool, notation: &mut Notation) -> Option<Vec<Else>> {
        let mut branches = Vec::new();
        if self.kind != Kind::Else || self.keyword_as_name() {
            return Some(branches);
        }
        if is_member || head.path.len() > 1 && !head.path[1..].iter().all(is_ground) {
            self.error(self.span(), "`else` cannot follow a multi-value rule");
            return None;
        }
        while self.kind == Kind::Else {
            let branch = self.branch(notation)?;
            let last = branch.body.is_empty();
            branches.push(branch);
            if last {
                break;
            }
        }
        Some(branches)
    }

    fn branch(&mut self, notation: &mut Notation) -> Option<Else> {
        let start = self.start();
        self.advance();
        let assigned = self.kind == Kind::Assign;
        let value = match self.kind {
            Kind::LeftBrace | Kind::If => None,
            Kind::Assign | Kind::Unify => {
                self.advance();
                Some(self.infix()?)
            }
            _ => return self.expected("`:=` and a value, or a body, after `else`"),
        };
        let has_if = self.take(Kind::If);
        let body = match self.kind {
            Kind::LeftBrace => {
                if !has_if && notation.else_without_if.is_none() {
                    notation.else_without_if = Some(self.span());
                }
                self.braced_body()?
            }
            _ if has_if => vec![self.literal()?],
            _ => Vec::new(),
        };
        Some(Else {
            value,
            assigned,
            body,
            span: self.span_from(start),
        })
    }

    /// v0's `{ … } { … }`: each body is a clause with the same head.
    fn chained_bodies(&mut self, first: Draft) -> Option<Vec<Draft>> {
        let mut drafts = vec![first];
        while self.kind == Kind::LeftBrace {
            if !drafts[0].rule.branches.is_empty() {
                return self.expected("`else`, or the next rule");
            }
            let start = self.start();
            let body = self.braced_body()?;
            let span = self.span_from(start);
            let head = drafts[0].rule.head.clone();
            let notation = drafts[0].notation;
            drafts.push(Draft {
                rule: Rule {
                    default: false,
                    head,
                    has_if: notation.has_if,
                    body,
                    branches: Vec::new(),
                    span,
                },
                notation,
            });
        }
        Some(drafts)
    }

    /// What v1 demands of a rule beyond the grammar.
    pub(super) fn check_v1(&mut self, draft: &Draft) {
        let (rule, notation) = (&draft.rule, &draft.notation);
        let head = &rule.head;
        let kind = if head.arguments.is_some() { "function" } else { "rule" };
        if let ([Step { term, .. }], true) = (&head.path[..], head.path.len() == 1)
            && let TermKind::String(name) = &term.kind
            && is_v1_keyword(name)
        {
            let message = format!("the keyword `{name}` cannot be a rule's name");
            self.error_with_help(term.span, message, "choose another name");
        }
        if notation.bodiless && notation.valueless && head.key.is_none() {
            let help = format!(
                "write its value after `:=`, or its body after `if`: `{} if {{ … }}`",
                self.text_of(head.span)
            );
            self.error_with_help(head.span, format!("this {kind} has neither value nor body"), help);
        }
        if !notation.bodiless && !rule.default && !notation.has_if {
            let help = format!("write `{} if {{ … }}`", self.v1_head(head, notation));
            self.error_with_help(head.span, format!("`if` is missing before the {kind}'s body"), help);
        } else if head.key.is_some() && !notation.has_contains {
            let help = format!("write `{}`", self.v1_head(head, notation));
            self.error_with_help(head.span, "`contains` is missing in the head of a set", help);
        }
        if let Some(span) = notation.else_without_if {
            self.error_with_help(
                span,
                "`if` is missing before the body of `else`",
                "write `else := value if { … }`",
            );
        }
    }

    fn text_of(&self, span: Span) -> &str {
        span.of(self.text)
    }

    /// The head as v1 has it, for a help: of v0's `name[member]`, `name contains member`.
    fn v1_head(&self, head: &Head, notation: &Notation) -> String {
        match &head.key {
            Some(key) if !notation.has_contains => {
                let name = head.path.first().map_or("", |step| self.text_of(step.term.span));
                format!("{name} contains {}", self.text_of(key.span))
            }
            _ => self.text_of(head.span).to_owned(),
        }
    }
}

/// Whether OPA takes the head for a set's or object's member, which can have no `else`.
fn is_member(head: &HeadDraft, has_if: bool) -> bool {
    if head.has_contains || head.is_function() || !head.has_one_step() {
        return false;
    }
    let step = &head.head.path[1];
    !has_if || !is_ground(step) || matches!(step.term.kind, TermKind::Ref { .. }) || is_root(&step.term)
}

fn is_root(term: &Term) -> bool {
    matches!(&term.kind, TermKind::Var(name) if matches!(&**name, "data" | "input"))
}

fn is_v1_keyword(name: &str) -> bool {
    !matches!(Kind::of_word(name), Kind::Name | Kind::And | Kind::Or)
}

/// Whether no variable is in the step.
fn is_ground(step: &Step) -> bool {
    let mut ground = true;
    walk_term(&step.term, &mut |node| {
        if let Node::Term(term) = node {
            let is_variable = matches!(&term.kind, TermKind::Var(_)) && !is_root(term);
            ground &= !is_variable;
        }
        true
    });
    ground
}

/// The first part of a default's value that is not constant; comprehensions are not looked into.
fn variable_part(value: &Term) -> Option<Span> {
    let mut found = None;
    walk_term(value, &mut |node| {
        let Node::Term(term) = node else {
            return true;
        };
        match term.kind {
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {
                false
            }
            TermKind::Var(_) | TermKind::Ref { .. } | TermKind::Call { .. } => {
                found.get_or_insert(term.span);
                false
            }
            _ => true,
        }
    });
    found
}
