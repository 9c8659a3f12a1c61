//! Random clauses: a head of the rule's kind, a body, branches of `else`.

use super::document::KEYS;
use super::{Kind, Rule, Start, Writer};

/// How deep the statements of a body nest.
const DEPTH: usize = 3;

impl Writer<'_, '_> {
    /// A clause of a rule; the first may be its default.
    pub(super) fn clause(&mut self, rule: &Rule, first: bool) -> String {
        self.bound.clear();
        self.closed = 0;
        self.named = 0;
        self.depth = DEPTH;
        let name = &rule.name;
        let valued = matches!(rule.kind, Kind::Complete | Kind::Function(_));
        if first && valued && self.choices.once_in(5) {
            let value = self.constant();
            return match rule.kind {
                Kind::Function(arity) => format!("default {name}({}) := {value}", vec!["_"; arity].join(", ")),
                _ => format!("default {name} := {value}"),
            };
        }
        let parameters = match rule.kind {
            Kind::Function(arity) => (0..arity).map(|_| self.parameter()).collect::<Vec<_>>().join(", "),
            _ => String::new(),
        };
        let body = self.started_body(!first && parameters.is_empty());
        match rule.kind {
            Kind::Complete => self.valued(name, &body),
            Kind::Function(_) => self.valued(&format!("{name}({parameters})"), &body),
            Kind::Set => {
                let member = self.expression();
                match self.keywords {
                    true => self.closed(&format!("{name} contains {member}"), &body),
                    false => format!("{name}[{member}] {{ {} }}", filled(&body)),
                }
            }
            Kind::Sets => {
                let (key, member) = (self.head_key(), self.expression());
                match self.keywords {
                    true => self.closed(&format!("{name}[{key}] contains {member}"), &body),
                    false => self.given(&format!("{name}[{key}]"), &member, &body),
                }
            }
            Kind::Object => {
                let (key, value) = (self.head_key(), self.expression());
                self.given(&format!("{name}[{key}]"), &value, &body)
            }
            Kind::Deep => {
                let (first, second, value) = (self.head_key(), self.head_key(), self.expression());
                let middle = self.choices.pick(&["", ".x"]);
                self.given(&format!("{name}[{first}]{middle}[{second}]"), &value, &body)
            }
            Kind::Path => {
                let path = self.choices.pick(&[".x", ".y", ".x.y", ".x[\"y\"]"]);
                if self.keywords && self.choices.once_in(4) {
                    let member = self.expression();
                    return self.closed(&format!("{name}.s contains {member}"), &body);
                }
                let value = self.expression();
                self.given(&format!("{name}{path}"), &value, &body)
            }
        }
    }

    /// A body; where it may, it often starts as the last clause did.
    fn started_body(&mut self, again: bool) -> String {
        let again = again && self.choices.once_in(2);
        let start = match self.start.take() {
            Some(start) if again => start,
            _ => {
                let statements = self.choices.among(3);
                let text = self.body(statements);
                let (bound, named) = (self.bound.clone(), self.named);
                Start { text, bound, named }
            }
        };
        self.bound.clone_from(&start.bound);
        self.named = start.named;
        let statements = self.choices.among(3);
        let rest = self.body(statements);
        let blank = if start.text.is_empty() || rest.is_empty() {
            ""
        } else {
            "; "
        };
        let body = format!("{}{blank}{rest}", start.text);
        self.start = Some(start);
        body
    }

    /// A step of a head: OPA has rules of their own behind constants that are no texts.
    fn head_key(&mut self) -> String {
        match self.choices.among(2) {
            1 if !self.bound.is_empty() => self.choices.pick(&self.bound.clone()).clone(),
            _ => format!("{:?}", self.choices.pick(&KEYS)),
        }
    }

    fn parameter(&mut self) -> String {
        match self.choices.among(8) {
            0..5 => {
                let name = self.fresh();
                self.bound.push(name.clone());
                name
            }
            5 => self.constant(),
            6 => "_".to_owned(),
            _ => self.pattern(),
        }
    }

    /// A complete rule or a function, with branches.
    fn valued(&mut self, head: &str, body: &str) -> String {
        let known = self.bound.len();
        let mut text = match self.choices.among(4) {
            0 if !body.is_empty() => self.closed(head, body),
            _ => {
                let value = self.expression();
                self.given(head, &value, body)
            }
        };
        self.bound.truncate(known);
        while !body.is_empty() && self.choices.once_in(4) {
            let statements = 1 + self.choices.among(2);
            let parameters: Vec<String> = self.bound.drain(..).collect();
            self.bound.extend(parameters.into_iter().filter(|name| {
                head.contains(&format!("{name},"))
                    || head.contains(&format!("{name})"))
                    || head.contains(&format!("{name}]"))
            }));
            let body = self.body(statements);
            let value = self.expression();
            text.push(' ');
            text.push_str(&self.given("else", &value, &body));
        }
        text
    }

    fn given(&mut self, head: &str, value: &str, body: &str) -> String {
        let sign = if self.choices.once_in(6) && head != "else" {
            "="
        } else {
            ":="
        };
        let sign = if self.v0 && head == "else" { "=" } else { sign };
        let head = format!("{head} {sign} {value}");
        match body {
            "" => head,
            _ => self.closed(&head, body),
        }
    }

    fn closed(&mut self, head: &str, body: &str) -> String {
        let keyword = if self.keywords { " if" } else { "" };
        format!("{head}{keyword} {{ {} }}", filled(body))
    }
}

/// A body that has a statement.
fn filled(body: &str) -> &str {
    if body.is_empty() { "true" } else { body }
}
