//! The outline of a module's text, from the syntax tree of the crate regorus.

use std::collections::{HashMap, HashSet};

use regorus::unstable::{Expr, Literal, Module, Parser, Query, Ref, Rule, RuleHead, Source, Span as Place};
use regorus::utils::limits::PolicyLengthConfig;

use super::annotation;
use super::{Call, Outline, RuleOutline, Shape, SyntaxError};
use crate::document::Span;
use crate::engine::EngineError;
use crate::locate::LineIndex;

/// How deep brackets may nest: the parser takes time that doubles with each level.
const DEEPEST: usize = 24;

impl Outline {
    /// The outline of a module's text, in Rego v0 or v1; or its first fault.
    pub(in crate::policy) fn of_text(
        text: &str,
        v0: bool,
        limits: PolicyLengthConfig,
    ) -> Result<Self, Vec<SyntaxError>> {
        if let Some(span) = too_deep(text) {
            return Err(vec![SyntaxError {
                message: format!("brackets nest deeper than {DEEPEST} here"),
                span,
                help: Some("take the inner parts out into rules of their own".to_owned()),
            }]);
        }
        let module = parse(text, v0, limits).map_err(|error| vec![of_error(text, &error)])?;
        Reader::new(text, &module).read(&module).map_err(|error| vec![error])
    }
}

fn parse(text: &str, v0: bool, limits: PolicyLengthConfig) -> anyhow::Result<Module> {
    let source = Source::from_contents_with_limits(
        "policy".to_owned(),
        text.to_owned(),
        limits.max_file_bytes,
        limits.max_lines,
    )?;
    let mut parser = Parser::new(&source)?;
    parser.set_max_col(limits.max_col);
    if !v0 {
        parser.enable_rego_v1()?;
    }
    parser.parse()
}

fn of_error(text: &str, error: &anyhow::Error) -> SyntaxError {
    let error = EngineError::of(error);
    let offset = error
        .place
        .map_or(0, |(_, line, column)| LineIndex::new(text).offset(line, column));
    SyntaxError {
        message: error.message,
        span: Span::new(offset, offset),
        help: None,
    }
}

/// Where brackets first nest too deep, outside strings and comments.
fn too_deep(text: &str) -> Option<Span> {
    let mut depth = 0usize;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '#' => {
                characters.by_ref().find(|(_, character)| *character == '\n');
            }
            '`' => {
                characters.by_ref().find(|(_, character)| *character == '`');
            }
            '"' => {
                let mut escaped = false;
                characters.by_ref().find(|(_, character)| {
                    let ends = !escaped && matches!(character, '"' | '\n');
                    escaped = !escaped && *character == '\\';
                    ends
                });
            }
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(Span::new(at, at + 1));
        }
    }
    None
}

struct Reader<'a> {
    text: &'a str,
    imports: HashMap<String, Vec<String>>,
    package: Vec<String>,
    calls: Vec<Call>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, module: &Module) -> Self {
        let imports = module.imports.iter().filter_map(|import| {
            let path = static_path(&import.refr);
            let name = match &import.r#as {
                Some(alias) => alias.text().to_owned(),
                None => path.last()?.clone(),
            };
            Some((name, path))
        });
        Self {
            text,
            imports: imports.collect(),
            package: static_path(&module.package.refr),
            calls: Vec::new(),
        }
    }

    fn read(mut self, module: &Module) -> Result<Outline, SyntaxError> {
        let annotations = annotation::above(self.text, module.package.span.start as usize)?;
        let mut rules = Vec::new();
        for rule in &module.policy {
            rules.push(self.rule(rule)?);
        }
        Ok(Outline {
            package: self.package,
            rules,
            calls: self.calls,
            annotations,
        })
    }

    fn rule(&mut self, rule: &Rule) -> Result<RuleOutline, SyntaxError> {
        let mut walk = Walk::default();
        let (head, shape) = match rule {
            Rule::Default { refr, args, value, .. } => {
                walk.expressions(args);
                walk.expression(value);
                let literal = literal_type(value);
                (
                    refr,
                    if args.is_empty() {
                        Shape::Complete(literal)
                    } else {
                        Shape::Function
                    },
                )
            }
            Rule::Spec { head, bodies, .. } => {
                for body in bodies {
                    walk.assigned(body.assign.as_ref().map(|assign| &assign.value));
                    walk.query(&body.query);
                }
                self.head(head, !bodies.is_empty(), &mut walk)
            }
        };
        let annotations = annotation::above(self.text, rule.span().start as usize)?;
        let references = walk
            .references
            .iter()
            .filter_map(|path| self.resolve(path, &walk.declared))
            .collect();
        let calls: Vec<Call> = walk
            .calls
            .iter()
            .map(|(path, arguments, place)| self.call(path, *arguments, place))
            .collect();
        self.calls.extend(calls);
        Ok(RuleOutline {
            path: static_path(head),
            span: span(head.span()),
            shape,
            annotations,
            references,
        })
    }

    fn head<'e>(&self, head: &'e RuleHead, has_body: bool, walk: &mut Walk<'e>) -> (&'e Ref<Expr>, Shape) {
        match head {
            RuleHead::Set { refr, key, .. } => {
                walk.assigned(key.as_ref());
                (refr, Shape::Set)
            }
            RuleHead::Func { refr, args, assign, .. } => {
                args.iter().for_each(|arg| walk.declare(arg));
                walk.expressions(args);
                walk.assigned(assign.as_ref().map(|assign| &assign.value));
                (refr, Shape::Function)
            }
            RuleHead::Compr { refr, assign, .. } => {
                walk.assigned(assign.as_ref().map(|assign| &assign.value));
                let computed = matches!(refr.as_ref(), Expr::RefBrack { .. });
                match assign {
                    // `deny[msg] { … }` of v0 and `deny[key] := value` both have brackets in their head.
                    None if computed => (refr, Shape::Set),
                    Some(_) if computed => (refr, Shape::Object),
                    Some(assign) => (refr, Shape::Complete(literal_type(&assign.value))),
                    None if has_body => (refr, Shape::Complete(Some("boolean"))),
                    None => (refr, Shape::Complete(None)),
                }
            }
        }
    }

    /// The path from `data` on that a reference has, unless it starts at a variable of the clause or at the input.
    fn resolve(&self, path: &[String], declared: &HashSet<String>) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        if declared.contains(first) || first == "input" {
            return None;
        }
        if first == "data" {
            return Some(path.to_vec());
        }
        let base = match self.imports.get(first) {
            Some(imported) => imported.clone(),
            None => {
                let own = ["data"]
                    .into_iter()
                    .map(str::to_owned)
                    .chain(self.package.iter().cloned());
                own.chain([first.clone()]).collect()
            }
        };
        Some(base.into_iter().chain(rest.iter().cloned()).collect())
    }

    fn call(&self, path: &[String], arguments: usize, place: &Place) -> Call {
        let imported = path.split_first().and_then(|(first, rest)| {
            let base = self.imports.get(first)?;
            Some(base.iter().chain(rest).cloned().collect::<Vec<_>>().join("."))
        });
        let own = ["data"].into_iter().chain(self.package.iter().map(String::as_str));
        let local = own.chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
        Call {
            name: imported.unwrap_or_else(|| path.join(".")),
            local,
            arguments,
            span: span(place),
        }
    }
}

/// What one clause declares, refers to and calls.
#[derive(Default)]
struct Walk<'e> {
    declared: HashSet<String>,
    references: Vec<Vec<String>>,
    calls: Vec<(Vec<String>, usize, &'e Place)>,
}

impl<'e> Walk<'e> {
    fn query(&mut self, query: &'e Query) {
        for statement in &query.stmts {
            match &statement.literal {
                Literal::SomeVars { vars, .. } => self.declared.extend(vars.iter().map(|var| var.text().to_owned())),
                Literal::SomeIn {
                    key, value, collection, ..
                } => {
                    key.iter().for_each(|key| self.declare(key));
                    self.declare(value);
                    self.expression(value);
                    self.expression(collection);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expression(expr),
                Literal::Every {
                    key,
                    value,
                    domain,
                    query,
                    ..
                } => {
                    let names = key.iter().chain([value]).map(|name| name.text().to_owned());
                    self.declared.extend(names);
                    self.expression(domain);
                    self.query(query);
                }
            }
            for modifier in &statement.with_mods {
                self.expression(&modifier.r#as);
            }
        }
    }

    fn assigned(&mut self, value: Option<&'e Ref<Expr>>) {
        if let Some(value) = value {
            self.expression(value);
        }
    }

    fn expressions(&mut self, expressions: &'e [Ref<Expr>]) {
        expressions.iter().for_each(|expression| self.expression(expression));
    }

    /// The variables of a pattern are the clause's own.
    fn declare(&mut self, pattern: &Expr) {
        match pattern {
            Expr::Var { span, .. } => {
                self.declared.insert(span.text().to_owned());
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => items.iter().for_each(|item| self.declare(item)),
            Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| self.declare(value)),
            _ => {}
        }
    }

    fn expression(&mut self, expression: &'e Expr) {
        match expression {
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. } => {}
            Expr::Var { .. } => self.references.push(static_path(expression)),
            Expr::RefDot { refr, .. } => {
                self.references.push(static_path(expression));
                self.base(refr);
            }
            Expr::RefBrack { refr, index, .. } => {
                self.references.push(static_path(expression));
                self.base(refr);
                self.expression(index);
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => self.expressions(items),
            Expr::Object { fields, .. } => {
                for (_, key, value) in fields {
                    self.expression(key);
                    self.expression(value);
                }
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.query(query);
                self.expression(term);
            }
            Expr::ObjectCompr { key, value, query, .. } => {
                self.query(query);
                self.expression(key);
                self.expression(value);
            }
            Expr::Call { fcn, params, span, .. } => {
                let path = static_path(fcn);
                self.references.push(path.clone());
                self.calls.push((path, params.len(), span));
                self.expressions(params);
            }
            Expr::UnaryExpr { expr, .. } => self.expression(expr),
            Expr::BinExpr { lhs, rhs, .. } | Expr::BoolExpr { lhs, rhs, .. } | Expr::ArithExpr { lhs, rhs, .. } => {
                self.expression(lhs);
                self.expression(rhs);
            }
            Expr::AssignExpr { op, lhs, rhs, .. } => {
                if *op == regorus::unstable::AssignOp::ColEq {
                    self.declare(lhs);
                }
                self.expression(lhs);
                self.expression(rhs);
            }
            Expr::Membership {
                key, value, collection, ..
            } => {
                self.assigned(key.as_ref());
                self.expression(value);
                self.expression(collection);
            }
        }
    }

    /// The parts of a reference's base that are no names: calls, and what stands in brackets.
    fn base(&mut self, base: &'e Expr) {
        match base {
            Expr::Var { .. } => {}
            Expr::RefDot { refr, .. } => self.base(refr),
            Expr::RefBrack { refr, index, .. } => {
                self.base(refr);
                self.expression(index);
            }
            other => self.expression(other),
        }
    }
}

/// The names that a reference starts with, up to the first part that is computed.
fn static_path(reference: &Expr) -> Vec<String> {
    match reference {
        Expr::Var { span, .. } => vec![span.text().to_owned()],
        Expr::RefDot { refr, field, .. } => {
            let mut path = static_path(refr);
            if path.len() == steps(refr) {
                path.push(field.0.text().trim_matches('"').to_owned());
            }
            path
        }
        Expr::RefBrack { refr, index, .. } => {
            let mut path = static_path(refr);
            if let (Expr::String { span, .. }, true) = (index.as_ref(), path.len() == steps(refr)) {
                path.push(span.text().trim_matches('"').to_owned());
            }
            path
        }
        _ => Vec::new(),
    }
}

fn steps(reference: &Expr) -> usize {
    match reference {
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => steps(refr) + 1,
        _ => 1,
    }
}

/// The type of a value that cannot be a set of results, where the head states it.
fn literal_type(value: &Expr) -> Option<&'static str> {
    match value {
        Expr::String { .. } | Expr::RawString { .. } => Some("string"),
        Expr::Number { .. } => Some("number"),
        Expr::Bool { .. } => Some("boolean"),
        Expr::Null { .. } => Some("null"),
        Expr::Object { .. } | Expr::ObjectCompr { .. } => Some("object"),
        _ => None,
    }
}

fn span(place: &Place) -> Span {
    Span {
        start: place.start,
        end: place.end,
    }
}
