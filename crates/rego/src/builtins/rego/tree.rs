//! A syntax tree as OPA writes it in JSON.
//!
//! Follows OPA v1.22 ast/policy.go and ast/term.go: the MarshalJSON methods.

use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::syntax::tree::{
    Block, Comment, Else, Expression, ExpressionKind, Head, Import, Module, Rule, Step, TemplatePart, Term, TermKind,
    With,
};
use kpolicy_value::{LineIndex, Value};

/// What is known while a module is written.
struct Writer<'a> {
    source: &'a str,
    /// How many variables `_` there were: OPA gives each a name of its own.
    wildcards: Cell<usize>,
}

/// The JSON of a module that is in a file of this name.
pub(super) fn written(module: &Module, file: &str, source: &str) -> Value {
    let writer = Writer {
        source,
        wildcards: Cell::new(0),
    };
    let data = typed("var", "data".into());
    let names = module.package.path.iter().map(string);
    let path = [data].into_iter().chain(names).collect();
    let mut fields = vec![("package", object([("path", Value::array(path))]))];
    fields.extend(list("imports", module.imports.iter().map(import)));
    fields.extend(list("rules", module.rules.iter().map(|rule| writer.rule(rule))));
    let lines = LineIndex::new(source);
    let comments = module.comments.iter().map(|each| comment(each, file, &lines));
    fields.extend(list("comments", comments));
    object(fields)
}

fn list(name: &'static str, items: impl Iterator<Item = Value>) -> Option<(&'static str, Value)> {
    let items: Vec<Value> = items.collect();
    (!items.is_empty()).then(|| (name, Value::array(items)))
}

fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn typed(name: &str, value: Value) -> Value {
    object([("type", name.into()), ("value", value)])
}

fn string(text: &Arc<str>) -> Value {
    typed("string", Value::string(text.clone()))
}

fn number(at: usize) -> Value {
    Value::from(at)
}

/// A reference: a variable and strings.
fn reference(names: &[Arc<str>]) -> Value {
    let first = names
        .iter()
        .take(1)
        .map(|name| typed("var", Value::string(name.clone())));
    let rest = names.iter().skip(1).map(string);
    typed("ref", Value::array(first.chain(rest).collect()))
}

fn import(import: &Import) -> Value {
    let alias = import.alias.as_ref();
    let alias = alias.map(|alias| ("alias", Value::string(alias.text.clone())));
    object([("path", reference(&import.path))].into_iter().chain(alias))
}

fn comment(comment: &Comment, file: &str, lines: &LineIndex) -> Value {
    let (row, column) = lines.position(comment.span.start as usize);
    let location = object([("file", file.into()), ("row", number(row)), ("col", number(column))]);
    let text = STANDARD.encode(&*comment.text);
    object([("Location", location), ("Text", text.as_str().into())])
}

/// The body of a rule that has none.
fn generated() -> Value {
    let terms = typed("boolean", Value::Bool(true));
    let statement = object([("generated", Value::Bool(true)), ("index", number(0)), ("terms", terms)]);
    Value::array(vec![statement])
}

impl Writer<'_> {
    fn rule(&self, rule: &Rule) -> Value {
        let head = self.head(&rule.head, rule.head.value.as_ref(), rule.head.assigned);
        let mut fields = vec![("head", head), ("body", self.rule_body(&rule.body))];
        if rule.default {
            fields.push(("default", Value::Bool(true)));
        }
        fields.extend(self.otherwise(&rule.head, &rule.branches));
        object(fields)
    }

    /// The first `else`, with those after it inside it: each has the head of the rule again.
    fn otherwise(&self, head: &Head, branches: &[Else]) -> Option<(&'static str, Value)> {
        let (first, rest) = branches.split_first()?;
        let written = self.head(head, first.value.as_ref(), first.value.is_some());
        let fields = [("head", written), ("body", self.rule_body(&first.body))];
        Some(("else", object(fields.into_iter().chain(self.otherwise(head, rest)))))
    }

    fn head(&self, head: &Head, value: Option<&Term>, assigned: bool) -> Value {
        let mut fields = Vec::new();
        let steps: Vec<Value> = self.path(&head.path);
        let is_entry = head.path.len() == 2 && head.key.is_none() && head.arguments.is_none();
        if let (Some(TermKind::String(name)), true) = (
            head.path.first().map(|step| &step.term.kind),
            head.path.len() == 1 || (is_entry && value.is_some()),
        ) {
            fields.push(("name", Value::string(name.clone())));
        }
        if let Some(arguments) = &head.arguments {
            fields.push(("args", self.terms(arguments)));
        }
        if is_entry {
            fields.extend(steps.get(1).map(|key| ("key", key.clone())));
        }
        fields.extend(head.key.as_ref().map(|key| ("key", self.term(key))));
        fields.push(("ref", Value::array(steps)));
        match value {
            Some(value) => fields.push(("value", self.term(value))),
            None if head.key.is_none() => fields.push(("value", typed("boolean", Value::Bool(true)))),
            None => {}
        }
        if assigned {
            fields.push(("assign", Value::Bool(true)));
        }
        object(fields)
    }

    /// The path of a rule: a variable first.
    fn path(&self, steps: &[Step]) -> Vec<Value> {
        let step = |(at, step): (usize, &Step)| match &step.term.kind {
            TermKind::String(name) if at == 0 => typed("var", Value::string(name.clone())),
            _ => self.term(&step.term),
        };
        steps.iter().enumerate().map(step).collect()
    }

    fn rule_body(&self, body: &[Expression]) -> Value {
        if body.is_empty() { generated() } else { self.body(body) }
    }

    fn body(&self, body: &[Expression]) -> Value {
        let statements = body.iter().enumerate();
        Value::array(
            statements
                .map(|(at, statement)| self.statement(at, statement))
                .collect(),
        )
    }

    fn statement(&self, at: usize, statement: &Expression) -> Value {
        let mut fields = vec![("index", number(at)), ("terms", self.said(&statement.kind))];
        if statement.negated {
            fields.push(("negated", Value::Bool(true)));
        }
        fields.extend(list("with", statement.with.iter().map(|with| self.with(with))));
        object(fields)
    }

    fn with(&self, with: &With) -> Value {
        let target = match &with.target.kind {
            TermKind::Var(name) => reference(std::slice::from_ref(name)),
            _ => self.term(&with.target),
        };
        object([("target", target), ("value", self.term(&with.value))])
    }

    fn said(&self, kind: &ExpressionKind) -> Value {
        match kind {
            ExpressionKind::Term(term) => match &term.kind {
                TermKind::Call {
                    function, arguments, ..
                } => self.call(function, arguments),
                _ => self.term(term),
            },
            ExpressionKind::Some(names) => {
                let names = names.iter().map(|name| self.variable(&name.text)).collect();
                object([("symbols", Value::array(names))])
            }
            ExpressionKind::SomeIn { key, value, collection } => {
                let name = if key.is_some() { "member_3" } else { "member_2" };
                let operator = reference(&["internal".into(), name.into()]);
                let operands = key.iter().chain([value, collection]).map(|term| self.term(term));
                let call = typed("call", Value::array([operator].into_iter().chain(operands).collect()));
                object([("symbols", Value::array(vec![call]))])
            }
            ExpressionKind::Every {
                key,
                value,
                domain,
                body,
            } => object([
                ("key", key.as_ref().map_or(Value::Null, |key| self.term(key))),
                ("value", self.term(value)),
                ("domain", self.term(domain)),
                ("body", self.body(body)),
            ]),
            ExpressionKind::Not(Block { body, braces }) => object([
                ("type", "not".into()),
                ("explicit_body", Value::Bool(*braces)),
                ("body", self.body(body)),
            ]),
            ExpressionKind::And(left, right) => self.logical("and", left, right),
            ExpressionKind::Or(left, right) => self.logical("or", left, right),
        }
    }

    fn logical(&self, name: &str, left: &Block, right: &Block) -> Value {
        let mut fields = vec![
            ("type", name.into()),
            ("lhs", self.body(&left.body)),
            ("rhs", self.body(&right.body)),
        ];
        let explicit = [("explicit_lhs", left.braces), ("explicit_rhs", right.braces)];
        fields.extend(
            explicit
                .into_iter()
                .filter(|(_, braces)| *braces)
                .map(|(name, _)| (name, Value::Bool(true))),
        );
        object(fields)
    }

    /// The operator and the operands.
    fn call(&self, function: &Term, arguments: &[Term]) -> Value {
        let operator = match &function.kind {
            TermKind::Var(name) => reference(&name.split('.').map(Arc::from).collect::<Vec<_>>()),
            _ => self.term(function),
        };
        let operands = arguments.iter().map(|argument| self.term(argument));
        Value::array([operator].into_iter().chain(operands).collect())
    }

    fn variable(&self, name: &str) -> Value {
        if name != "_" {
            return typed("var", name.into());
        }
        let at = self.wildcards.get();
        self.wildcards.set(at + 1);
        typed("var", format!("${at}").as_str().into())
    }

    fn terms(&self, terms: &[Term]) -> Value {
        Value::array(terms.iter().map(|term| self.term(term)).collect())
    }

    fn term(&self, term: &Term) -> Value {
        match &term.kind {
            TermKind::Null => typed("null", Value::object(Vec::new())),
            TermKind::Bool(value) => typed("boolean", Value::Bool(*value)),
            TermKind::Number(value) => typed("number", Value::Number(value.clone())),
            TermKind::String(text) => string(text),
            TermKind::Var(name) => self.variable(name),
            TermKind::Ref { head, steps } => {
                let head = self.term(head);
                let steps = steps.iter().map(|step| self.term(&step.term));
                typed("ref", Value::array([head].into_iter().chain(steps).collect()))
            }
            TermKind::Array(items) => typed("array", self.terms(items)),
            TermKind::Set(members) => {
                let mut members: Vec<Value> = members.iter().map(|member| self.term(member)).collect();
                members.sort_by(order);
                members.dedup();
                typed("set", Value::array(members))
            }
            TermKind::Object(entries) => {
                let mut entries: Vec<[Value; 2]> = entries
                    .iter()
                    .map(|(key, value)| [self.term(key), self.term(value)])
                    .collect();
                entries.sort_by(|a, b| order(&a[0], &b[0]));
                let entries = entries.into_iter().map(|entry| Value::array(entry.to_vec())).collect();
                typed("object", Value::array(entries))
            }
            TermKind::ArrayComprehension(head, body) => self.comprehension("array", head, body),
            TermKind::SetComprehension(head, body) => self.comprehension("set", head, body),
            TermKind::ObjectComprehension(key, value, body) => {
                let fields = [
                    ("key", self.term(key)),
                    ("value", self.term(value)),
                    ("body", self.body(body)),
                ];
                typed("objectcomprehension", object(fields))
            }
            TermKind::Call {
                function, arguments, ..
            } => typed("call", self.call(function, arguments)),
            TermKind::Template(parts) => {
                let raw = term.span.of(self.source).starts_with("$`");
                let parts = parts.iter().map(|part| self.part(part)).collect();
                let fields = [("multi_line", Value::Bool(raw)), ("parts", Value::array(parts))];
                typed("templatestring", object(fields))
            }
        }
    }

    fn comprehension(&self, of: &str, head: &Term, body: &[Expression]) -> Value {
        let fields = [("term", self.term(head)), ("body", self.body(body))];
        typed(&format!("{of}comprehension"), object(fields))
    }

    fn part(&self, part: &TemplatePart) -> Value {
        match part {
            TemplatePart::Text(text) => string(text),
            TemplatePart::Expression(expression) => match &expression.kind {
                ExpressionKind::Term(term) if term.is_scalar() && expression.with.is_empty() => self.term(term),
                _ => self.statement(0, expression),
            },
        }
    }
}

/// The order of terms: by their type, and scalars and names by their value. What is written alike is alike.
///
/// Follows OPA v1.22 ast/compare.go: Compare.
fn order(a: &Value, b: &Value) -> Ordering {
    const TYPES: [&str; 8] = ["null", "boolean", "number", "string", "var", "ref", "array", "object"];
    let rank = |value: &Value| {
        let name = value.field("type").and_then(Value::as_str);
        let rank = TYPES.iter().position(|known| Some(*known) == name);
        rank.unwrap_or(TYPES.len())
    };
    let parts = |value: &Value| value.field("value").and_then(Value::as_array).map(<[Value]>::to_vec);
    rank(a).cmp(&rank(b)).then_with(|| match (parts(a), parts(b)) {
        (Some(a), Some(b)) => {
            let pairs = a.iter().zip(&b).map(|(a, b)| order(a, b));
            pairs.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
        }
        _ => a.field("value").cmp(&b.field("value")),
    })
}
