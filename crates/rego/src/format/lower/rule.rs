//! Rules, in the shapes that OPA's parser gives them.

use std::sync::Arc;

use super::super::layout::{Body, Expression, Head, Kind, Rule, Term, Value};
use super::super::source::Location;
use super::super::variables::in_term;
use super::{Lowering, relocate};
use crate::syntax::tree;

impl Lowering<'_> {
    pub(super) fn rules(&mut self, rules: &[tree::Rule]) -> Vec<Rule> {
        let mut lowered: Vec<Rule> = Vec::with_capacity(rules.len());
        for rule in rules {
            let is_chained = rule.span.start > rule.head.span.start && !rule.default;
            let next = match lowered.last().filter(|_| is_chained) {
                Some(last) => {
                    let head = last.head.clone();
                    self.chained(head, rule)
                }
                None => self.rule(rule),
            };
            lowered.push(next);
        }
        lowered
    }

    /// A further body of the rule before it, with a copy of its head.
    fn chained(&mut self, mut head: Head, rule: &tree::Rule) -> Rule {
        let location = self.source.location(rule.span);
        let body = self.body(&rule.body);
        self.share(&head, true);
        head.location = location;
        head.implied = true;
        for argument in &mut head.arguments {
            if matches!(argument.value, Value::Wildcard(_)) {
                argument.value = Value::Wildcard(self.wildcards);
                self.wildcards += 1;
            }
        }
        let parts = head.arguments.iter_mut().chain(&mut head.key).chain(&mut head.value);
        for term in parts {
            relocate::term(term, location);
        }
        Rule {
            default: false,
            head,
            body,
            branch: None,
            location,
        }
    }

    /// Notes the wildcards that a copy of the head shares with it.
    fn share(&mut self, head: &Head, all: bool) {
        let arguments = head
            .arguments
            .iter()
            .filter(|argument| !matches!(argument.value, Value::Wildcard(_)));
        let others = head.key.iter().chain(&head.value).filter(|_| all);
        for term in arguments.chain(others) {
            in_term(term, &mut |value| {
                if let Value::Wildcard(number) = value {
                    self.shared.insert(*number);
                }
            });
        }
    }

    fn rule(&mut self, rule: &tree::Rule) -> Rule {
        let mut head = self.rule_head(rule);
        let whole = self.source.location(rule.span);
        let location = match (rule.default, rule.body.is_empty()) {
            (true, _) => whole.until(whole.start + "default".len()),
            (false, true) => head.location,
            (false, false) => whole,
        };
        let body = match rule.body.is_empty() {
            true => always(head.location),
            false => self.body(&rule.body),
        };
        let branch = self.branches(&rule.branches, &head);
        if branch.is_some() {
            self.share(&head, false);
        }
        let is_bare = rule.body.is_empty() && !rule.default;
        if is_bare && head.arguments.is_empty() && rule.head.value.is_some() && head.path.len() == 2 {
            head.key = head.path.get(1).cloned();
        }
        Rule {
            default: rule.default,
            head,
            body,
            branch,
            location,
        }
    }

    fn rule_head(&mut self, rule: &tree::Rule) -> Head {
        let head = &rule.head;
        let location = self.source.location(head.span);
        let path: Vec<Term> = head
            .path
            .iter()
            .enumerate()
            .map(|(at, step)| self.step(at, &step.term))
            .collect();
        let arguments = self.terms(head.arguments.as_deref().unwrap_or_default());
        let key = head.key.as_ref().map(|key| self.term(key));
        let value = head.value.as_ref().map(|value| self.term(value));
        let is_generated = value.is_none() && key.is_none();
        let is_bare = rule.body.is_empty() && !rule.default;
        let mut lowered = Head {
            is_else: false,
            path,
            arguments,
            key,
            value,
            assigned: head.assigned,
            implied: is_generated && is_bare,
            location,
        };
        if is_generated {
            lowered.value = Some(truth(location));
        }
        if is_bare && is_generated && !lowered.arguments.is_empty() {
            // `f(x)` has the location of its name.
            let end = lowered.path.last().map_or(location.end, |step| step.location.end);
            lowered.location = location.until(end);
        }
        self.member(rule, &mut lowered, is_generated);
        lowered
    }

    /// What of `p[x]` and `p[x] = y` is a key.
    fn member(&mut self, rule: &tree::Rule, head: &mut Head, is_generated: bool) {
        if rule.default || rule.body.is_empty() || head.key.is_some() {
            return;
        }
        let [_, step] = &head.path[..] else { return };
        let is_function = !head.arguments.is_empty();
        if rule.has_if {
            if !is_function && (!step.is_ground() || matches!(step.value, Value::Ref(_))) {
                head.key = Some(step.clone());
            }
            head.implied = is_generated && !is_function;
        } else if !is_function {
            head.key = Some(step.clone());
        }
    }

    fn step(&mut self, at: usize, term: &tree::Term) -> Term {
        let lowered = self.term(term);
        match lowered.value {
            Value::String(name) if at == 0 => Term {
                value: Value::Var(name),
                location: lowered.location,
            },
            _ => lowered,
        }
    }

    /// The branches of a rule, each in the one before it.
    fn branches(&mut self, branches: &[tree::Else], head: &Head) -> Option<Box<Rule>> {
        let (branch, rest) = branches.split_first()?;
        let end = rest.last().map_or(branch.span.end, |last| last.span.end) as usize;
        let start = self.source.location(branch.span);
        let location = start.until(end);
        let is_wildcard = |term: &&Term| matches!(term.value, Value::Wildcard(_));
        self.wildcards += u32::try_from(head.arguments.iter().filter(is_wildcard).count()).unwrap_or(u32::MAX);
        let value = branch.value.as_ref().map(|value| self.term(value));
        let head_end = branch
            .value
            .as_ref()
            .map_or(start.start + "else".len(), |value| value.span.end as usize);
        let head_location = start.until(head_end);
        let mut value = value.unwrap_or_else(|| truth(head_location));
        value.location = head_location;
        let mut body = self.body(&branch.body);
        let last = branch.body.last().map(|last| last.span.end);
        if last == Some(branch.span.end) {
            relocate::body(&mut body, location);
        }
        if body.is_empty() {
            body = always(location);
        }
        let name = Term {
            value: Value::Var(Arc::from("else")),
            location: head_location,
        };
        Some(Box::new(Rule {
            default: false,
            head: Head {
                is_else: true,
                path: vec![name],
                arguments: Vec::new(),
                key: None,
                value: Some(value),
                assigned: if branch.value.is_some() {
                    branch.assigned
                } else {
                    head.assigned
                },
                implied: false,
                location: head_location,
            },
            body,
            branch: self.branches(rest, head),
            location,
        }))
    }
}

/// The body of a rule that has none.
fn always(location: Location) -> Body {
    vec![Expression {
        negated: false,
        kind: Kind::Term(truth(location)),
        with: Vec::new(),
        location,
    }]
}

fn truth(location: Location) -> Term {
    Term {
        value: Value::Scalar(Arc::from("true")),
        location,
    }
}
