//! Queries: the statements of `kpolicy eval`, evaluated beside policies and data.
//!
//! A query becomes a module of its own with one rule, which collects the values of the statements and of the variables
//! for each way in which all statements hold.

use std::collections::BTreeSet;
use std::time::Duration;

use super::compiled;
use super::config;
use super::engines;
use super::files::{self, PolicyFile};
use super::module::Parsed;
use super::suite;
use crate::finding::Problem;
use crate::problem;
use crate::settings::Allow;
use crate::tracing::events::{Detail, Events, Traced};
use kpolicy_rego::builtins::{Host, registry};
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Body, Dialect, Expression, ExpressionKind, Module, Term, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_body, walk_expression, walk_term};
use kpolicy_rego::{Options, Program, Settings, Span, Value};
use kpolicy_value::LineIndex;

/// What errors call the text of a query.
const PATH: &str = "query";
/// What the names of the variables that collect the values of statements start with.
const COLLECTED: &str = "kpolicy_value_";
/// What stands before a query that is parsed.
const HEAD: &str = "package kpolicy_query\n\nanswers if {\n";
/// The key of `data` under which a query reads all of `data`.
const WHOLE: &str = "kpolicy_whole_data";

/// What queries are evaluated with.
pub struct Session<'a> {
    files: Vec<PolicyFile>,
    /// The base document `data`.
    pub data: Value,
    /// The document `input`.
    pub input: Option<Value>,
    /// Whether modules are Rego v0 unless they say otherwise.
    pub v0: bool,
    /// What policies and queries are allowed.
    pub allow: &'a [Allow],
    /// The hosts that they may ask.
    pub allow_hosts: Option<&'a [Host]>,
    /// Whether a builtin that fails is an error.
    pub strict_builtins: bool,
    /// How long one query may take.
    pub timeout: Duration,
}

/// What a query gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// The statements.
    pub expressions: Vec<Statement>,
    /// The ways in which all of them hold.
    pub rows: Vec<Row>,
    /// What policies printed.
    pub prints: Vec<String>,
    /// How the query was evaluated, where that was asked for.
    pub trace: Vec<String>,
}

/// A statement of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub text: String,
    /// Its line.
    pub row: usize,
    /// Its column.
    pub column: usize,
}

/// One way in which all statements hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values of the statements.
    pub values: Vec<Value>,
    /// The values of the variables, by their names.
    pub bindings: Vec<(String, Value)>,
}

impl<'a> Session<'a> {
    /// A session without policies, data and input.
    pub fn new(allow: &'a [Allow], allow_hosts: Option<&'a [Host]>, timeout: Duration) -> Self {
        Self {
            files: Vec::new(),
            data: Value::object(Vec::new()),
            input: None,
            v0: false,
            allow,
            allow_hosts,
            strict_builtins: false,
            timeout,
        }
    }

    /// Adds the policies of these files and directories. What does not parse or compile is not added.
    pub fn load(&mut self, paths: &[std::path::PathBuf]) -> Result<(), Vec<Problem>> {
        let before = self.files.clone();
        self.files.retain(|file| !file.embedded);
        for file in files::with_manifests(paths)?.0 {
            self.files.retain(|known| known.path != file.path);
            self.files.push(file);
        }
        suite::with_helpers(&mut self.files);
        let checked = compiled::parse(&self.files, self.v0).and_then(|parsed| {
            let modules: Vec<&Parsed> = without_tests(&parsed);
            compiled::compile(&modules, options()).map(|_| ())
        });
        if checked.is_err() {
            self.files = before;
        }
        checked
    }

    /// The names that a query can use: rules, and builtins.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = config::builtins()
            .all()
            .filter(|builtin| builtin.infix.is_none() && !builtin.name.starts_with("internal."))
            .map(|builtin| builtin.name.to_owned())
            .collect();
        for module in compiled::parse(&self.files, self.v0).unwrap_or_default() {
            names.extend(module.tree.rules.iter().map(|rule| module.full_path(rule)));
        }
        names
    }

    /// What a query gives, and how where it is `traced`; or every error in it.
    pub fn ask(&self, text: &str, traced: bool) -> Result<Answers, Vec<Problem>> {
        let question = Question::read(text)?;
        let parsed = compiled::parse(&self.files, self.v0)?;
        let modules = without_tests(&parsed);
        let data = match question.reads_whole_data {
            true => self.with_whole_data(&modules)?,
            false => self.data.clone(),
        };
        let mut trees: Vec<Module> = modules.iter().map(|module| module.tree.clone()).collect();
        trees.push(question.tree.clone());
        let program = Program::of_modules(&trees, options()).map_err(|errors| {
            let describe = |error: kpolicy_rego::CompileError| {
                let message = format!("{}: {}", error.code.name(), error.message);
                match modules.get(error.module) {
                    Some(module) => module.error(error.span, message, error.help),
                    None => question.problem(error.span, message, error.help),
                }
            };
            // The variables that collect values are no part of the query: what is wrong with one is wrong with its value.
            let is_of_query = |error: &kpolicy_rego::CompileError| !error.message.contains(COLLECTED);
            errors.into_iter().filter(is_of_query).map(describe).collect::<Vec<_>>()
        })?;
        let refused = self.refused(&program, &modules, &question);
        if !refused.is_empty() {
            return Err(refused);
        }
        let mut evaluation = program.evaluation(data, self.settings());
        evaluation.allow(engines::allowed(self.allow, self.allow_hosts));
        evaluation.set_input(self.input.clone());
        let path = ["kpolicy_query", "answers"];
        let value = evaluation.evaluate(&path).map_err(|error| {
            let message = format!("{}: {}", error.code.name(), error.message);
            vec![match modules.get(error.module) {
                Some(module) => module.error(error.span, message, None),
                None => question.problem(error.span, message, None),
            }]
        })?;
        let prints = evaluation.take_prints().into_iter();
        let prints = prints.map(|print| match modules.get(print.module) {
            Some(module) => {
                let line = module.lines().position(print.span.start as usize).0;
                format!("{}:{line}: {}", module.file.path, print.text)
            }
            None => print.text,
        });
        let prints = prints.collect();
        let trace = if traced {
            self.trace(&evaluation, &modules, &question, text)
        } else {
            Vec::new()
        };
        Ok(Answers {
            rows: question.rows(value.as_ref()),
            expressions: question.statements,
            prints,
            trace,
        })
    }

    fn trace(
        &self,
        evaluation: &kpolicy_rego::Evaluation,
        modules: &[&Parsed],
        question: &Question,
        text: &str,
    ) -> Vec<String> {
        let own = Traced {
            path: PATH,
            text: &question.module,
            tree: &question.tree,
        };
        let traced: Vec<Traced> = modules
            .iter()
            .map(|module| Traced {
                path: &module.file.path,
                text: &module.file.text,
                tree: &module.tree,
            })
            .chain([own])
            .collect();
        let mut tracing = evaluation.traced(Events::of(traced.iter().copied()), self.settings());
        // What was traced before an error is shown; the error is reported by the evaluation itself.
        let _ = tracing.evaluate(&["kpolicy_query", "answers"]);
        tracing.tracer().lines(text.trim(), &traced, Detail::Full)
    }

    fn settings(&self) -> Settings {
        Settings {
            time: Some(self.timeout),
            strict_builtins: self.strict_builtins,
            now: self.allow.contains(&Allow::Clock).then(engines::now),
            ..Settings::default()
        }
    }

    /// The calls that are not allowed.
    fn refused(&self, program: &Program, modules: &[&Parsed], question: &Question) -> Vec<Problem> {
        let mut problems = Vec::new();
        for used in kpolicy_rego::analysis::used_builtins(program.core()) {
            let Some(needed) = used.builtin.row.needed().map(Allow::of) else {
                continue;
            };
            if self.allow.contains(&needed) {
                continue;
            }
            let message = format!("{} is not allowed", used.builtin.name);
            let help = Some(format!("allow it with --allow {}", needed.name()));
            problems.push(match modules.get(used.module) {
                Some(module) => module.error(used.span, message, help),
                None => question.problem(used.span, message, help),
            });
        }
        problems
    }

    /// The base document with all of `data`, rules included, under a key of its own.
    fn with_whole_data(&self, modules: &[&Parsed]) -> Result<Value, Vec<Problem>> {
        let program = compiled::compile(modules, options())?;
        let mut evaluation = program.evaluation(self.data.clone(), self.settings());
        evaluation.allow(engines::allowed(self.allow, self.allow_hosts));
        evaluation.set_input(self.input.clone());
        let whole = evaluation.evaluate(&[]).map_err(|error| {
            let message = format!("{}: {}", error.code.name(), error.message);
            vec![match modules.get(error.module) {
                Some(module) => module.error(error.span, message, None),
                None => problem::of_place(PATH, message, None),
            }]
        })?;
        let whole = whole.unwrap_or_else(|| Value::object(Vec::new()));
        let entries = self
            .data
            .as_object()
            .into_iter()
            .flat_map(|object| object.iter().cloned());
        Ok(Value::object(entries.chain([(Value::from(WHOLE), whole)]).collect()))
    }
}

fn options() -> Options {
    Options {
        builtins: config::builtins(),
        ..Options::default()
    }
}

fn without_tests<'p, 'f>(parsed: &'p [Parsed<'f>]) -> Vec<&'p Parsed<'f>> {
    parsed.iter().filter(|module| !module.file.is_test()).collect()
}

/// A query as a module.
struct Question {
    /// The query.
    text: String,
    /// The module.
    module: String,
    tree: Module,
    /// The statements that have a value: all but `some`.
    statements: Vec<Statement>,
    /// The variables, in order.
    names: Vec<String>,
    /// Where parts of the module stand in the query: the start and end in the module, and the start in the query.
    places: Vec<(usize, usize, usize)>,
    reads_whole_data: bool,
}

impl Question {
    /// Reads the statements of a query.
    fn read(text: &str) -> Result<Self, Vec<Problem>> {
        if text.trim().is_empty() {
            let help = "write an expression, such as input.kind or data.main.deny";
            return Err(vec![problem::of_run("the query is empty", help)]);
        }
        let lines = LineIndex::new(text);
        let at = |span: Span| {
            let within = |offset: u32| (offset as usize).saturating_sub(HEAD.len()).min(text.trim_end().len());
            Span::new(within(span.start), within(span.end))
        };
        let wrapped = format!("{HEAD}{text}\n}}\n");
        let tree = parse(&wrapped, Dialect::V1).map_err(|errors| {
            let describe = |error: kpolicy_rego::syntax::SyntaxError| {
                let message = format!("rego_parse_error: {}", error.message);
                problem::of_span(PATH, &lines, at(error.span), message, error.help)
            };
            errors.into_iter().map(describe).collect::<Vec<_>>()
        })?;
        let body = match &tree.rules[..] {
            [rule] if rule.branches.is_empty() && tree.imports.is_empty() => &rule.body,
            _ => {
                let message = "rego_parse_error: a query is statements, not a module";
                return Err(vec![problem::of_span(PATH, &lines, Span::new(0, 0), message, None)]);
            }
        };
        Self::of_body(text, &wrapped, body)
    }

    /// The module of statements, in which each value is a variable.
    ///
    /// Follows OPA v1.22 v1/rego/rego.go: rewriteQueryToCaptureValue
    fn of_body(text: &str, wrapped: &str, body: &Body) -> Result<Self, Vec<Problem>> {
        let whole = whole_data(body);
        let must_hold = body.len() > 1 || iterates(body);
        let lines = LineIndex::new(text);
        let (mut statements, mut values) = (Vec::new(), Vec::new());
        let mut places = Vec::new();
        let mut conditions = String::new();
        for (index, expression) in body.iter().enumerate() {
            let offset = expression.span.start as usize - HEAD.len();
            let captured = has_value(expression);
            let name = format!("{COLLECTED}{index}");
            if captured {
                conditions += &format!("\t{name} := ");
            }
            let start = conditions.len();
            conditions += &with_whole(wrapped, expression.span, &whole);
            places.push((start, conditions.len(), offset));
            conditions.push('\n');
            if captured && must_hold {
                conditions += &format!("\t{name}\n");
            }
            if matches!(expression.kind, ExpressionKind::Some(_)) {
                continue;
            }
            values.push(if captured { name } else { "true".to_owned() });
            let (row, column) = lines.position(offset);
            statements.push(Statement {
                text: expression.span.of(wrapped).to_owned(),
                row,
                column,
            });
        }
        let names: Vec<String> = variables(body).into_iter().collect();
        let bindings = names
            .iter()
            .map(|name| format!("{name:?}: {name}"))
            .collect::<Vec<_>>()
            .join(", ");
        let head = format!(
            "package kpolicy_query\n\nanswers := [[[{}], {{{bindings}}}] |\n",
            values.join(", ")
        );
        for place in &mut places {
            place.0 += head.len();
            place.1 += head.len();
        }
        let module = format!("{head}{conditions}]\n");
        let tree = parse(&module, Dialect::V1).map_err(|errors| {
            let describe = |error: kpolicy_rego::syntax::SyntaxError| {
                let message = format!("rego_parse_error: {}", error.message);
                problem::of_place(PATH, message, error.help)
            };
            errors.into_iter().map(describe).collect::<Vec<_>>()
        })?;
        Ok(Self {
            text: text.to_owned(),
            module,
            tree,
            statements,
            names,
            places,
            reads_whole_data: !whole.is_empty(),
        })
    }

    /// A problem of a part of the module, at its place in the query.
    fn problem(&self, span: Span, message: String, help: Option<String>) -> Problem {
        let (start, end) = (span.start as usize, span.end as usize);
        let place = self.places.iter().find(|place| place.0 <= start && start <= place.1);
        let place = place.or_else(|| self.places.iter().find(|place| start < place.0));
        let span = place.map_or(Span::new(0, 0), |(from, to, at)| {
            let within = |offset: usize| (at + offset.clamp(*from, *to) - from).min(self.text.len());
            Span::new(within(start), within(end))
        });
        problem::of_span(PATH, &LineIndex::new(&self.text), span, message, help)
    }

    /// The rows in the value of the module's rule.
    fn rows(&self, value: Option<&Value>) -> Vec<Row> {
        let items = value.and_then(Value::as_array).unwrap_or_default();
        let row = |item: &Value| {
            let [values, bindings] = item.as_array()? else {
                return None;
            };
            let named = |name: &String| Some((name.clone(), bindings.field(name)?.clone()));
            Some(Row {
                values: values.as_array()?.to_vec(),
                bindings: self.names.iter().filter_map(named).collect(),
            })
        };
        items.iter().filter_map(row).collect()
    }
}

/// Whether a statement has a value of its own: not one that only binds or negates.
fn has_value(expression: &Expression) -> bool {
    let ExpressionKind::Term(term) = &expression.kind else {
        return false;
    };
    if expression.negated {
        return false;
    }
    let TermKind::Call {
        function, arguments, ..
    } = &term.kind
    else {
        return true;
    };
    let Some(signature) = called(function).and_then(|name| registry::signature(&name)) else {
        return true;
    };
    let binds = matches!(signature.name, "assign" | "eq");
    !binds && signature.result.is_some() && arguments.len() == signature.operands.len()
}

fn called(function: &Term) -> Option<String> {
    match &function.kind {
        TermKind::Var(name) => Some(name.to_string()),
        TermKind::Ref { head, steps } => {
            let mut name = called(head)?;
            for step in steps {
                let TermKind::String(part) = &step.term.kind else {
                    return None;
                };
                name = format!("{name}.{part}");
            }
            Some(name)
        }
        _ => None,
    }
}

/// Whether a query may hold in several ways.
///
/// Follows OPA v1.22 v1/rego/rego.go: iteration
fn iterates(body: &Body) -> bool {
    let mut found = false;
    walk_body(body, &mut |node| {
        if let Node::Term(term) = node {
            match &term.kind {
                TermKind::ArrayComprehension(..)
                | TermKind::SetComprehension(..)
                | TermKind::ObjectComprehension(..) => {
                    return false;
                }
                TermKind::Ref { steps, .. } => {
                    found |= steps.iter().any(|step| matches!(step.term.kind, TermKind::Var(_)));
                }
                TermKind::Call { function, .. } => {
                    let signature = called(function).and_then(|name| registry::signature(&name));
                    found |= signature.is_some_and(|signature| signature.row.relation);
                }
                _ => {}
            }
        }
        !found
    });
    found
}

/// The names of the variables that a query gives values.
fn variables(body: &Body) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for expression in body {
        match &expression.kind {
            ExpressionKind::Some(declared) => names.extend(declared.iter().map(|name| name.text.to_string())),
            ExpressionKind::Every { domain, .. } => add_variables(domain, &mut names),
            ExpressionKind::Term(term) if !expression.negated => add_variables(term, &mut names),
            ExpressionKind::SomeIn { key, value, collection } => {
                for term in key.iter().chain([value, collection]) {
                    add_variables(term, &mut names);
                }
            }
            _ => {}
        }
    }
    names
}

fn add_variables(term: &Term, names: &mut BTreeSet<String>) {
    walk_term(term, &mut |node| {
        let Node::Term(term) = node else { return false };
        match &term.kind {
            TermKind::Var(name) if !matches!(&**name, "_" | "input" | "data") => {
                names.insert(name.to_string());
                false
            }
            TermKind::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| add_variables(argument, names));
                false
            }
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {
                false
            }
            _ => true,
        }
    });
}

/// Where a query reads `data` without the name of a document below it.
fn whole_data(body: &Body) -> Vec<Span> {
    let mut spans = Vec::new();
    for expression in body {
        walk_expression(expression, &mut |node| match node {
            Node::Term(Term {
                kind: TermKind::Ref { head, steps },
                ..
            }) => {
                let named = steps
                    .first()
                    .is_some_and(|step| matches!(step.term.kind, TermKind::String(_)));
                if named && matches!(&head.kind, TermKind::Var(name) if &**name == "data") {
                    for step in steps {
                        spans.extend(whole_in(&step.term));
                    }
                    return false;
                }
                true
            }
            Node::Term(Term {
                kind: TermKind::Var(name),
                span,
            }) if &**name == "data" => {
                spans.push(*span);
                false
            }
            Node::Term(Term {
                kind: TermKind::Call {
                    function, arguments, ..
                },
                ..
            }) if called(function).is_some_and(|name| name.starts_with("data.")) => {
                spans.extend(arguments.iter().flat_map(whole_in));
                false
            }
            _ => true,
        });
    }
    spans.sort();
    spans.dedup();
    spans
}

fn whole_in(term: &Term) -> Vec<Span> {
    let expression = Expression {
        negated: false,
        kind: ExpressionKind::Term(term.clone()),
        with: Vec::new(),
        span: term.span,
    };
    whole_data(&vec![expression])
}

/// The text of a statement, with all of `data` where it reads that.
fn with_whole(text: &str, statement: Span, whole: &[Span]) -> String {
    let mut written = String::new();
    let mut from = statement.start;
    for span in whole
        .iter()
        .filter(|span| statement.start <= span.start && span.end <= statement.end)
    {
        written += Span {
            start: from,
            end: span.start,
        }
        .of(text);
        written += "data.";
        written += WHOLE;
        from = span.end;
    }
    written
        + Span {
            start: from,
            end: statement.end,
        }
        .of(text)
}
