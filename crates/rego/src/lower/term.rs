//! Terms: names become variables and paths, calls are taken out.

use std::sync::Arc;

use super::scope::Occurrence;
use super::{Lowering, Support, append, names};
use crate::builtins::registry::{Signature, signature};
use crate::core::{Callee, Collected, Comprehension, Local, Root, Statement, StatementKind, Term, TermKind};
use crate::error::CompileErrorCode as Code;
use crate::syntax::tree::{self, TemplatePart};
use kpolicy_value::Span;
use kpolicy_value::Value;

/// What a name means.
pub(super) enum Meaning {
    /// A rule or a document.
    Path(Root, Vec<Arc<str>>),
    /// A variable.
    Local(Local),
}

impl Lowering<'_> {
    /// The core form of a term; what has to be evaluated before it is added to `support`.
    pub(super) fn term(&mut self, term: &tree::Term, support: &mut Support) -> Term {
        let span = term.span;
        let kind = match &term.kind {
            tree::TermKind::Null => TermKind::Const(Value::Null),
            tree::TermKind::Bool(flag) => TermKind::Const(Value::Bool(*flag)),
            tree::TermKind::Number(number) => TermKind::Const(Value::Number(number.clone())),
            tree::TermKind::String(text) => TermKind::Const(Value::string(text.clone())),
            tree::TermKind::Var(name) => self.name(name, span),
            tree::TermKind::Ref { head, steps } => self.reference(head, steps, support),
            tree::TermKind::Array(items) => array(self.terms(items, support)),
            tree::TermKind::Set(items) => set(self.members(items, support)),
            tree::TermKind::Object(entries) => object(self.entries(entries, support)),
            tree::TermKind::ArrayComprehension(head, body) => self.comprehension(&[head], body),
            tree::TermKind::SetComprehension(head, body) => match self.comprehension(&[head], body) {
                TermKind::Comprehension(mut comprehension) => {
                    if let Collected::Array(term) = comprehension.head {
                        comprehension.head = Collected::Set(term);
                    }
                    TermKind::Comprehension(comprehension)
                }
                other => other,
            },
            tree::TermKind::ObjectComprehension(key, value, body) => self.comprehension(&[key, value], body),
            tree::TermKind::Call {
                function, arguments, ..
            } => self.call_term(function, arguments, span, support),
            tree::TermKind::Template(parts) => self.template(parts, span, support),
        };
        Term { kind, span }
    }

    fn terms(&mut self, items: &[tree::Term], support: &mut Support) -> Vec<Term> {
        items.iter().map(|item| self.term(item, support)).collect()
    }

    fn members(&mut self, items: &[tree::Term], support: &mut Support) -> Vec<Term> {
        if items.iter().all(tree::Term::is_scalar) {
            return self.terms(items, support);
        }
        let mut sorted: Vec<&tree::Term> = items.iter().collect();
        sorted.sort_by(|a, b| self.compare(a, b));
        sorted.into_iter().map(|item| self.term(item, support)).collect()
    }

    /// Constant keys come first, so that where a variable has the same key its value counts.
    fn entries(&mut self, entries: &[(tree::Term, tree::Term)], support: &mut Support) -> Vec<(Term, Term)> {
        let mut sorted: Vec<&(tree::Term, tree::Term)> = entries.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| self.compare(a, b));
        sorted
            .into_iter()
            .map(|(key, value)| (self.term(key, support), self.term(value, support)))
            .collect()
    }

    /// The meaning of a name that stands where a value does.
    fn name(&mut self, name: &Arc<str>, span: Span) -> TermKind {
        match self.meaning(name, span) {
            Meaning::Local(local) => TermKind::Local(local),
            Meaning::Path(root, path) => {
                if !path.is_empty() {
                    self.scopes.root(root);
                }
                TermKind::Ref(root, constants(path, span))
            }
        }
    }

    /// What a name means here: a variable of the clause, a rule or an import, or one of the two roots.
    pub(super) fn meaning(&mut self, name: &Arc<str>, span: Span) -> Meaning {
        if &**name == "_" {
            return Meaning::Local(self.scopes.wildcard(span));
        }
        if !self.scopes.is_ignored(name)
            && let Some(path) = self.globals.path(name)
        {
            return path_of(path);
        }
        let root = match &**name {
            "input" => Root::Input,
            "data" => Root::Data,
            _ => return Meaning::Local(self.scopes.resolve(name, span)),
        };
        if self.scopes.shadows(name) {
            return Meaning::Local(self.scopes.resolve(name, span));
        }
        Meaning::Path(root, Vec::new())
    }

    fn reference(&mut self, head: &tree::Term, steps: &[tree::Step], support: &mut Support) -> TermKind {
        let (root, mut path) = match &head.kind {
            tree::TermKind::Var(name) => match self.meaning(name, head.span) {
                Meaning::Local(local) => (Root::Local(local), Vec::new()),
                Meaning::Path(root, path) => {
                    self.scopes.root(root);
                    (root, constants(path, head.span))
                }
            },
            _ => {
                let term = self.term(head, support);
                match self.named(term, support).kind {
                    TermKind::Local(local) => (Root::Local(local), Vec::new()),
                    _ => unreachable!("a named term is a variable"),
                }
            }
        };
        for step in steps {
            let step = self.term(&step.term, support);
            path.push(step);
        }
        TermKind::Ref(root, path)
    }

    /// A variable equal to the term, unless it is one already.
    pub(super) fn named(&mut self, term: Term, support: &mut Support) -> Term {
        if matches!(term.kind, TermKind::Local(_)) {
            return term;
        }
        let span = term.span;
        let local = Term {
            kind: TermKind::Local(self.scopes.generate(span)),
            span,
        };
        support.push(statement(StatementKind::Equal(local.clone(), term), span));
        local
    }

    /// The term, or a variable equal to it where it holds a reference or a comprehension.
    pub(super) fn evaluated(&mut self, term: Term, support: &mut Support) -> Term {
        if requires_evaluation(&term) {
            self.named(term, support)
        } else {
            term
        }
    }

    /// A comprehension; of two heads an object's, of one an array's.
    fn comprehension(&mut self, heads: &[&tree::Term], body: &[tree::Expression]) -> TermKind {
        self.scopes.ignore(names::declared_names(body));
        self.scopes.push();
        let before = self.errors.len();
        let mut statements = self.statements(body);
        let mut support = Support::new();
        let mut heads = heads
            .iter()
            .map(|head| self.term(head, &mut support))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|head| self.evaluated(head, &mut support))
            .collect::<Vec<_>>()
            .into_iter();
        append(&mut statements, body, &mut support);
        if self.errors.len() == before {
            self.unused();
        }
        self.scopes.pop();
        self.scopes.unignore();
        let head = match (heads.next(), heads.next()) {
            (Some(key), Some(value)) => Collected::Object(key, value),
            (Some(term), None) => Collected::Array(term),
            _ => unreachable!("a comprehension has one head or two"),
        };
        TermKind::Comprehension(Box::new(Comprehension {
            head,
            body: statements,
            capture: false,
        }))
    }

    /// A call inside a term: it stands before the term, and a variable for its result in it.
    fn call_term(
        &mut self,
        function: &tree::Term,
        arguments: &[tree::Term],
        span: Span,
        support: &mut Support,
    ) -> TermKind {
        let Some(callee) = self.callee(function, span) else {
            // What is called is unknown, and yet its operands are used.
            self.terms(arguments, support);
            return TermKind::Const(Value::Null);
        };
        let mut operands = self.terms(arguments, support);
        self.check_arity(&callee, operands.len(), span, true);
        if let Callee::Builtin(Signature { result: None, name, .. }) = &callee {
            self.error(Code::Type, span, format!("{name}(...) used as value"));
        }
        let local = self.scopes.generate(span);
        operands.push(Term {
            kind: TermKind::Local(local),
            span,
        });
        support.push(statement(StatementKind::Call(callee, operands), span));
        TermKind::Local(local)
    }

    /// What a call's name means.
    pub(super) fn callee(&mut self, function: &tree::Term, span: Span) -> Option<Callee> {
        let names = dotted(function).unwrap_or_default();
        let Some((first, rest)) = names.split_first() else {
            self.error(Code::Type, span, "undefined function: only a name can be called");
            return None;
        };
        if self.scopes.shadows(first) || self.scopes.is_captured(first) {
            let message = format!("called function {} shadowed", names.join("."));
            self.error(Code::Compile, span, message);
            return None;
        }
        let global = if self.scopes.is_ignored(first) {
            None
        } else {
            self.globals.path(first).map(<[Arc<str>]>::to_vec)
        };
        let mut path = global.unwrap_or_else(|| vec![first.clone()]);
        path.extend(rest.iter().cloned());
        self.callee_of(&path, span)
    }

    /// What a path names as a function: one of the program where it starts with `data`, else a builtin.
    fn callee_of(&mut self, path: &[Arc<str>], span: Span) -> Option<Callee> {
        let dotted = path.join(".");
        if let ("data", rest) = (&*path[0], &path[1..]) {
            self.scopes.root(Root::Data);
            if let Some(arity) = self.definitions.arity(rest) {
                let path = rest.into();
                return Some(Callee::Function { path, arity });
            }
        } else if let Some(signature) = self.options.builtins.find(&dotted) {
            self.scopes.named(&path[0]);
            return Some(Callee::Builtin(signature));
        }
        self.error(Code::Type, span, format!("undefined function {dotted}"));
        None
    }

    /// Refuses a call with another number of operands than the function takes; inside a term there is no room for
    /// the one that matches the result.
    pub(super) fn check_arity(&mut self, callee: &Callee, operands: usize, span: Span, inside: bool) {
        let (name, arity) = match callee {
            Callee::Builtin(Signature { variadic: Some(_), .. }) => return,
            Callee::Builtin(signature) => (signature.name.to_owned(), signature.operands.len()),
            Callee::Function { path, arity } => (format!("data.{}", path.join(".")), *arity),
        };
        if operands == arity || (!inside && operands == arity + 1) {
            return;
        }
        let plural = if operands == 1 { "" } else { "s" };
        let message = format!("function {name} has arity {arity}, got {operands} argument{plural}");
        self.error(Code::Type, span, message);
    }

    /// `$"text {term}"`: a call that takes a set for each part in braces, empty where the part is undefined.
    ///
    /// A variable, and a rule that always has a value, are the members of their sets: the call needs the variable, and
    /// its type may be any from there on.
    fn template(&mut self, parts: &[TemplatePart], span: Span, support: &mut Support) -> TermKind {
        let mut items = Vec::new();
        for part in parts {
            items.push(match part {
                TemplatePart::Text(text) => Term {
                    kind: TermKind::Const(Value::string(text.clone())),
                    span,
                },
                TemplatePart::Expression(expression) => {
                    let part = self.always_defined(expression);
                    part.unwrap_or_else(|| self.captured_expression(expression))
                }
            });
        }
        if items.is_empty() {
            items.push(Term {
                kind: TermKind::Const(Value::from("")),
                span,
            });
        }
        let local = self.scopes.generate(span);
        let operands = vec![
            Term {
                kind: array(items),
                span,
            },
            Term {
                kind: TermKind::Local(local),
                span,
            },
        ];
        let callee = Callee::Builtin(signature("internal.template_string").expect("OPA has it"));
        support.push(statement(StatementKind::Call(callee, operands), span));
        TermKind::Local(local)
    }

    /// The set of a part that is a variable, or a rule that always has a value.
    fn always_defined(&mut self, expression: &tree::Expression) -> Option<Term> {
        let tree::ExpressionKind::Term(term) = &expression.kind else {
            return None;
        };
        if !matches!(term.kind, tree::TermKind::Var(_) | tree::TermKind::Ref { .. }) {
            return None;
        }
        let (head, rest) = (dotted(term)?, term.span);
        let member = match self.meaning(&head[0], rest) {
            Meaning::Local(local) if head.len() == 1 => TermKind::Local(local),
            Meaning::Path(Root::Data, mut path) => {
                path.extend(head[1..].iter().cloned());
                if !self.definitions.is_always_defined(&path) {
                    return None;
                }
                self.scopes.root(Root::Data);
                TermKind::Ref(Root::Data, constants(path, term.span))
            }
            _ => return None,
        };
        Some(Term {
            kind: TermKind::Set(vec![Term {
                kind: member,
                span: term.span,
            }]),
            span: term.span,
        })
    }

    fn captured_expression(&mut self, expression: &tree::Expression) -> Term {
        let span = expression.span;
        let tree::ExpressionKind::Term(term) = &expression.kind else {
            self.error(
                Code::Compile,
                span,
                "unexpected statement in a template string: write a value",
            );
            return Term {
                kind: TermKind::Const(Value::Null),
                span,
            };
        };
        if let tree::TermKind::Call { function, .. } = &term.kind {
            let relation = dotted(function)
                .and_then(|names| self.options.builtins.find(&names.join(".")))
                .is_some_and(|signature| signature.row.relation);
            if relation {
                self.error(
                    Code::Compile,
                    span,
                    "illegal call to relation built-in 'walk' that may cause multiple outputs",
                );
            }
        }
        self.captured(term, &expression.with)
    }

    /// A set of the term's value, empty where it is undefined.
    pub(super) fn captured(&mut self, term: &tree::Term, with: &[tree::With]) -> Term {
        let span = term.span;
        let mut statements = Support::new();
        let with = self.withs(with, &mut statements);
        let mut support = Support::new();
        let value = self.term(term, &mut support);
        let local = Term {
            kind: TermKind::Local(self.scopes.generate(span)),
            span,
        };
        support.push(statement(StatementKind::Equal(local.clone(), value), span));
        for statement in &mut support {
            statement.with = with.clone();
        }
        statements.append(&mut support);
        let comprehension = Comprehension {
            head: Collected::Set(local),
            body: statements,
            capture: true,
        };
        Term {
            kind: TermKind::Comprehension(Box::new(comprehension)),
            span,
        }
    }

    /// Declares the variables of a pattern that is assigned to, and gives its core form.
    pub(super) fn pattern(&mut self, term: &tree::Term, occurrence: Occurrence, support: &mut Support) -> Term {
        self.declare_pattern(term, occurrence);
        self.term(term, support)
    }

    fn declare_pattern(&mut self, term: &tree::Term, occurrence: Occurrence) {
        match &term.kind {
            tree::TermKind::Var(name) => self.declare(name, term.span, occurrence),
            tree::TermKind::Array(items) => items.iter().for_each(|item| self.declare_pattern(item, occurrence)),
            tree::TermKind::Object(entries) => {
                entries
                    .iter()
                    .for_each(|(_, value)| self.declare_pattern(value, occurrence));
            }
            _ => {
                let message = format!("cannot assign to {}", kind_name(term));
                self.error(Code::Compile, term.span, message);
            }
        }
    }

    /// Declares a name, or says why it cannot be.
    pub(super) fn declare(&mut self, name: &Arc<str>, span: Span, occurrence: Occurrence) {
        if &**name == "_" {
            return;
        }
        if let Err(known) = self.scopes.declare(name, span, occurrence) {
            let message = match known {
                Occurrence::Seen => format!("var {name} referenced above"),
                Occurrence::Assigned => format!("var {name} assigned above"),
                Occurrence::Declared => format!("var {name} declared above"),
                Occurrence::Argument => format!("arg {name} redeclared"),
            };
            self.error(Code::Compile, span, message);
        }
    }
}

fn path_of(path: &[Arc<str>]) -> Meaning {
    let root = if &*path[0] == "input" { Root::Input } else { Root::Data };
    Meaning::Path(root, path[1..].to_vec())
}

/// The names of a function: a variable, or a reference of strings alone.
pub(super) fn dotted(function: &tree::Term) -> Option<Vec<Arc<str>>> {
    match &function.kind {
        tree::TermKind::Var(name) => Some(vec![name.clone()]),
        tree::TermKind::Ref { head, steps } => {
            let mut names = dotted(head)?;
            for step in steps {
                match &step.term.kind {
                    tree::TermKind::String(name) => names.push(name.clone()),
                    _ => return None,
                }
            }
            Some(names)
        }
        _ => None,
    }
}

fn constants(path: Vec<Arc<str>>, span: Span) -> Vec<Term> {
    path.into_iter()
        .map(|name| Term {
            kind: TermKind::Const(Value::string(name)),
            span,
        })
        .collect()
}

/// A statement that the lowering makes.
pub(super) fn statement(kind: StatementKind, span: Span) -> Statement {
    Statement {
        kind,
        negated: false,
        with: Arc::default(),
        generated: true,
        assignment: false,
        span,
    }
}

/// Whether a term holds a reference or a comprehension.
pub(super) fn requires_evaluation(term: &Term) -> bool {
    match &term.kind {
        TermKind::Const(_) | TermKind::Local(_) => false,
        TermKind::Ref(..) | TermKind::Comprehension(_) => true,
        TermKind::Array(items) | TermKind::Set(items) => items.iter().any(requires_evaluation),
        TermKind::Object(entries) => entries
            .iter()
            .any(|(key, value)| requires_evaluation(key) || requires_evaluation(value)),
    }
}

/// The value of a term that is constant.
pub(super) fn constant(term: &Term) -> Option<Value> {
    match &term.kind {
        TermKind::Const(value) => Some(value.clone()),
        _ => None,
    }
}

fn array(items: Vec<Term>) -> TermKind {
    match items.iter().map(constant).collect() {
        Some(values) => TermKind::Const(Value::array(values)),
        None => TermKind::Array(items),
    }
}

fn set(items: Vec<Term>) -> TermKind {
    match items.iter().map(constant).collect() {
        Some(values) => TermKind::Const(Value::set(values)),
        None => TermKind::Set(items),
    }
}

fn object(entries: Vec<(Term, Term)>) -> TermKind {
    let constants = entries
        .iter()
        .map(|(key, value)| Some((constant(key)?, constant(value)?)));
    match constants.collect() {
        Some(values) => TermKind::Const(Value::object(values)),
        None => TermKind::Object(entries),
    }
}

/// What a term is called in messages.
fn kind_name(term: &tree::Term) -> &'static str {
    match &term.kind {
        tree::TermKind::Null => "null",
        tree::TermKind::Bool(_) => "boolean",
        tree::TermKind::Number(_) => "number",
        tree::TermKind::String(_) => "string",
        tree::TermKind::Var(_) => "var",
        tree::TermKind::Ref { .. } => "ref",
        tree::TermKind::Array(_) => "array",
        tree::TermKind::Set(_) => "set",
        tree::TermKind::Object(_) => "object",
        tree::TermKind::ArrayComprehension(..) => "arraycomprehension",
        tree::TermKind::SetComprehension(..) => "setcomprehension",
        tree::TermKind::ObjectComprehension(..) => "objectcomprehension",
        tree::TermKind::Call { .. } => "call",
        tree::TermKind::Template(_) => "templatestring",
    }
}
