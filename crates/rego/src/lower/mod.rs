//! From syntax trees to the core form: names are resolved, scopes checked, nesting taken apart.
//!
//! The rewriting is that of OPA's compiler, in its order, since that order decides what a policy means: what is taken
//! out of a statement is evaluated before it, under its `with`, and outside its `not`.

use std::sync::Arc;

use foldhash::HashMap;

use super::core::{Branch, Clause, Kind, Program, StatementKind, Term, TermKind};
use super::error::{CompileError, CompileErrorCode as Code};
use super::syntax::tree::{self, Module};
use super::syntax::visit;
use crate::builtins::Available;
use kpolicy_value::Span;
use kpolicy_value::Value;

mod body;
mod dynamic;
mod globals;
mod members;
pub(crate) mod metadata;
mod names;
mod order;
mod renamed;
mod scope;
mod term;
mod with;

use globals::{Definitions, Globals};
use metadata::{Asking, Metadata};
use scope::{Occurrence, Scopes};

/// How modules are lowered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// Whether variables and arguments that nothing uses are errors, as `opa check --strict` has it.
    pub strict: bool,
    /// The builtins that modules may call.
    pub builtins: Available,
}

/// The core form of these modules, statements in the order they were written; or every error of names and scopes.
pub(crate) fn lower(modules: &[Module], options: &Options) -> Result<Program, Vec<CompileError>> {
    let definitions = Definitions::of(modules);
    let metadata = Metadata::of(modules);
    let mut errors = Vec::new();
    let mut clauses = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        let globals = Globals::of(module, &definitions);
        for (place, rule) in module.rules.iter().enumerate() {
            let mut lowering = Lowering {
                module: at,
                asking: Asking {
                    module: at,
                    rule: place,
                    is_else: false,
                },
                metadata: &metadata,
                options,
                globals: &globals,
                definitions: &definitions,
                scopes: Scopes::default(),
                errors: Vec::new(),
            };
            clauses.push(lowering.clause(module, rule));
            errors.append(&mut lowering.errors);
        }
        if options.strict {
            errors.extend(globals.unused(module, at));
        }
    }
    if errors.is_empty() {
        let packages = modules.iter().map(|module| module.package.path.clone()).collect();
        let directories = modules.iter().map(|module| module.directory.clone()).collect();
        Ok(Program {
            packages,
            directories,
            clauses,
        })
    } else {
        Err(errors)
    }
}

/// Takes references and comprehensions out of other terms; to be called once statements are in their final order.
pub(crate) fn flatten(program: &mut Program) {
    for clause in &mut program.clauses {
        let Clause { branches, locals, .. } = clause;
        for branch in branches {
            let body = std::mem::take(&mut branch.body);
            branch.body = dynamic::flatten(body, locals);
        }
    }
}

/// The lowering of one clause.
struct Lowering<'a> {
    module: usize,
    /// The rule, for its metadata.
    asking: Asking,
    metadata: &'a Metadata<'a>,
    options: &'a Options,
    globals: &'a Globals,
    definitions: &'a Definitions<'a>,
    scopes: Scopes,
    errors: Vec<CompileError>,
}

/// A branch of a rule as it was written: its value or its set's member, and its body.
struct Written<'a> {
    value: Option<&'a tree::Term>,
    body: &'a tree::Body,
    span: Span,
}

impl<'a> Written<'a> {
    /// A rule's own branch, and those after `else`.
    fn of(rule: &'a tree::Rule) -> Vec<Self> {
        let first = Self {
            value: rule.head.key.as_ref().or(rule.head.value.as_ref()),
            body: &rule.body,
            span: rule.span,
        };
        let others = rule.branches.iter().map(|branch| Self {
            value: branch.value.as_ref(),
            body: &branch.body,
            span: branch.span,
        });
        std::iter::once(first).chain(others).collect()
    }

    /// Visits everything in it.
    fn walk(&self, visit: &mut impl FnMut(visit::Node<'a>) -> bool) {
        if let Some(value) = self.value {
            visit::walk_term(value, visit);
        }
        visit::walk_body(self.body, visit);
    }
}

/// What is taken out of a term, to stand before it.
type Support = Vec<super::core::Statement>;

impl Lowering<'_> {
    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.errors.push(CompileError::new(code, self.module, span, message));
    }

    fn clause(&mut self, module: &Module, rule: &tree::Rule) -> Clause {
        let head = &rule.head;
        let mut parameter_support = Support::new();
        self.scopes
            .ignore(names::names_in(head.arguments.as_deref().unwrap_or_default()));
        self.scopes.push();
        let parameters = self.parameters(head.arguments.as_deref(), &mut parameter_support);
        let arguments = self.scopes.top_mark();
        let (path, steps) = head_path(module, head);
        let mut keys = Vec::new();
        let written = Written::of(rule);
        let mut branches = Vec::new();
        for at in 0..written.len() {
            self.scopes.reset(&arguments);
            self.asking.is_else = at > 0;
            let steps = if at == 0 { steps } else { &[] };
            let (branch, found) = self.branch(steps, &written[at], &parameter_support);
            self.builtins_names(steps, &written[at..]);
            if at == 0 {
                keys = found;
            }
            branches.push(branch);
        }
        if self.options.strict {
            self.unused_arguments(head.arguments.as_deref().unwrap_or_default());
        }
        Clause {
            module: self.module,
            dialect: module.dialect,
            path,
            keys,
            kind: match (parameters, &head.key) {
                (Some(parameters), _) => Kind::Function(parameters),
                (None, Some(_)) => Kind::Set,
                (None, None) => Kind::Complete,
            },
            default: rule.default,
            branches,
            locals: std::mem::take(&mut self.scopes).into_locals(),
            head: head.span,
            span: rule.span,
        }
    }

    /// The parameters of a function; nothing where the rule is none.
    fn parameters(&mut self, arguments: Option<&[tree::Term]>, support: &mut Support) -> Option<Vec<Term>> {
        let lowered = arguments?.iter().map(|argument| {
            self.declare_parameters(argument);
            let term = self.term(argument, support);
            self.evaluated(term, support)
        });
        Some(lowered.collect())
    }

    /// Declares the variables of a parameter, wherever a pattern can have them.
    fn declare_parameters(&mut self, argument: &tree::Term) {
        match &argument.kind {
            tree::TermKind::Var(name) if matches!(&**name, "input" | "data") => {
                let message = format!("args must not shadow {name} (use a different variable name)");
                self.error(Code::Compile, argument.span, message);
            }
            tree::TermKind::Var(name) if &**name != "_" && !self.scopes.is_declared(name) => {
                self.declare(name, argument.span, Occurrence::Argument);
            }
            tree::TermKind::Array(items) => items.iter().for_each(|item| self.declare_parameters(item)),
            tree::TermKind::Object(entries) => entries.iter().for_each(|(_, value)| self.declare_parameters(value)),
            tree::TermKind::Ref { head, steps } => {
                self.declare_parameters(head);
                steps.iter().for_each(|step| self.declare_parameters(&step.term));
            }
            tree::TermKind::Call { .. } => {
                self.error(Code::Compile, argument.span, "rule arguments cannot contain calls");
            }
            _ => {}
        }
    }

    /// One body with its value, and the steps of the head that its variables are in.
    fn branch(
        &mut self,
        steps: &[tree::Step],
        written: &Written<'_>,
        parameter_support: &Support,
    ) -> (Branch, Vec<Term>) {
        let Written { value, body, span } = *written;
        self.scopes.ignore(names::declared_names(body));
        let before = self.errors.len();
        let mut statements = self.statements(body);
        self.scopes.enter_head();
        self.scopes.enter_plain_region();
        let mut support = parameter_support.clone();
        let keys: Vec<Term> = steps
            .iter()
            .map(|step| {
                let key = self.term(&step.term, &mut support);
                match key.kind {
                    TermKind::Const(_) | TermKind::Local(_) => key,
                    _ => self.named(key, &mut support),
                }
            })
            .collect();
        let value = match value {
            Some(value) => {
                let value = self.term(value, &mut support);
                self.evaluated(value, &mut support)
            }
            None => Term {
                kind: TermKind::Const(Value::Bool(true)),
                span,
            },
        };
        self.scopes.leave_region();
        self.scopes.leave_head();
        // OPA takes calls out of heads before it looks for what rules need, and all else after.
        let has_calls = has_calls(&support);
        let mut replaced = append(&mut statements, body, &mut support);
        if has_calls {
            replaced.clear();
        }
        if self.errors.len() == before {
            self.unused();
        }
        self.scopes.unignore();
        let branch = Branch {
            value,
            body: statements,
            replaced,
            span,
        };
        (branch, keys)
    }

    fn unused_arguments(&mut self, arguments: &[tree::Term]) {
        for name in names::names_in(arguments) {
            if &*name != "_" && self.scopes.argument_uses(&name) == 0 {
                let span = arguments.first().map(|argument| argument.span).unwrap_or_default();
                self.error(
                    Code::Compile,
                    span,
                    format!("unused argument {name}. (hint: use _ (wildcard variable) instead)"),
                );
            }
        }
    }
}

/// Puts what a head needs after its body. As in OPA it takes the place of a body that is `true` alone, whatever stands
/// after its `with`; gives what it took the place of. Only a call does so where the `with` has calls too.
fn append(statements: &mut Support, body: &[tree::Expression], support: &mut Support) -> Support {
    let takes_place = !support.is_empty() && (has_calls(support) || !has_calls(statements));
    let replaced = if takes_place && is_unconditional(body) {
        std::mem::take(statements)
    } else {
        Support::new()
    };
    statements.append(support);
    replaced
}

fn has_calls(statements: &[super::core::Statement]) -> bool {
    let is_call = |kind: &StatementKind| matches!(kind, StatementKind::Call(..));
    statements.iter().any(|part| is_call(&part.kind))
}

/// Whether a body is empty but for declarations, or `true` alone.
fn is_unconditional(body: &[tree::Expression]) -> bool {
    let mut others = body
        .iter()
        .filter(|expression| !matches!(expression.kind, tree::ExpressionKind::Some(_)));
    match (others.next().map(|first| &first.kind), others.next()) {
        (None, _) => true,
        (Some(tree::ExpressionKind::Term(only)), None) => matches!(only.kind, tree::TermKind::Bool(true)),
        _ => false,
    }
}

/// The rule's path from `data` on as far as its steps are strings, and the steps after it.
fn head_path<'a>(module: &Module, head: &'a tree::Head) -> (Vec<Arc<str>>, &'a [tree::Step]) {
    let ground = head
        .path
        .iter()
        .take_while(|step| matches!(step.term.kind, tree::TermKind::String(_)))
        .count();
    let names = head.path[..ground].iter().filter_map(|step| match &step.term.kind {
        tree::TermKind::String(name) => Some(name.clone()),
        _ => None,
    });
    let path = module.package.path.iter().cloned().chain(names).collect();
    (path, &head.path[ground..])
}

/// A map from names, as scopes need it.
type Names<T> = HashMap<Arc<str>, T>;
