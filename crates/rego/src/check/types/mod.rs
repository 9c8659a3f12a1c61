//! OPA's type checker: the type of every rule, in the order that they need each other, and what can never fit.
//!
//! What `input` and base data hold is any value, unless a schema says more. The types of variables are inferred statement by statement; a
//! comprehension sees those of the body around it and keeps its own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::graph::Graph;
use super::tree;
use super::walk::{self, Found};
use crate::core::{Clause, Kind, Program, Target, Term, TermKind};
use crate::error::CompileError;
use crate::schemas::Schemas;
use crate::syntax::tree::Module;
use crate::types::Type;
use kpolicy_value::Value;

mod declared;
mod documents;
mod infer;
mod message;
mod reference;
mod statement;
mod unify;

use declared::Declared;
use documents::Documents;
use infer::Inference;

/// The trees of types that a statement sees: the rules' first, then what `with` puts before it.
type Layers = Vec<Rc<RefCell<Documents>>>;

/// An error for everything that can never fit.
pub(super) fn check(
    program: &Program,
    graph: &mut Graph<'_>,
    schemas: Option<(&[Module], &Schemas)>,
) -> Vec<CompileError> {
    let mut errors = Vec::new();
    let layers: Layers = vec![Rc::new(RefCell::new(Documents::new()))];
    let declared = schemas.map(|(modules, schemas)| Declared::new(program, modules, schemas));
    let reversed = graph.reversed();
    let order = graph.order(program);
    let mut replaced = Replaced {
        program,
        graph,
        reversed,
        known: HashMap::new(),
        targets: None,
    };
    for (clause, branch) in order {
        let own = declared
            .as_ref()
            .and_then(|declared| declared.layer(program, (clause, branch), &layers, &mut errors));
        check_branch((clause, branch), &layers, own, &mut replaced, &mut errors);
    }
    errors
}

/// Checks one branch, and adds the type of what it gives to the rules' types. It alone sees what is declared for it.
fn check_branch(
    (place, at): (usize, usize),
    rules: &Layers,
    declared: Shared,
    replaced: &mut Replaced<'_, '_>,
    errors: &mut Vec<CompileError>,
) {
    let layers = &rules.iter().cloned().chain(declared).collect();
    let clause = &replaced.program.clauses[place];
    let path = document_path(clause);
    let before = errors.len();
    let branch = &clause.branches[at];
    let mut inference = Inference::new(clause, replaced, errors);
    inference.body(layers, &branch.body);
    if inference.errors.len() > before {
        rules[0].borrow_mut().put(&path, Type::Any);
        return;
    }
    let of = match &clause.kind {
        Kind::Function(parameters) => {
            inference.default_parameters(parameters);
            let operands = parameters.iter().map(|each| inference.type_of(layers, each)).collect();
            Type::function(operands, Type::Unknown, inference.type_of(layers, &branch.value))
        }
        Kind::Complete => {
            let value = inference.type_of(layers, &branch.value);
            nested(&mut inference, layers, tree::dynamic_keys(clause), value)
        }
        Kind::Set => match inference.type_of(layers, &branch.value) {
            Type::Unknown => Type::Unknown,
            member => nested(&mut inference, layers, tree::dynamic_keys(clause), Type::set(member)),
        },
    };
    if of.is_known() {
        // A document that is replaced somewhere, such as `default x := {}` in a test, is not always empty. OPA does not
        // find what follows `else`.
        let of = match at == 0 && replaced.is_target(place) {
            true => of.relaxed(),
            false => of,
        };
        rules[0].borrow_mut().insert(&path, &of);
    }
}

/// The type in objects under keys that are only known when the rule is evaluated.
fn nested(inference: &mut Inference<'_, '_, '_>, layers: &Layers, keys: &[Term], value: Type) -> Type {
    keys.iter()
        .rev()
        .fold(value, |value, key| match (inference.type_of(layers, key), value) {
            (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
            (key, value) => Type::object(Vec::new(), Some((key, value))),
        })
}

fn document_path(clause: &Clause) -> Vec<Value> {
    std::iter::once(Value::from("data"))
        .chain(tree::ground_path(clause))
        .collect()
}

/// The path of a document, from its root on.
fn path_of(root: &str, names: &[Arc<str>]) -> Vec<Value> {
    let names = names.iter().map(|name| Value::string(name.clone()));
    std::iter::once(Value::from(root)).chain(names).collect()
}

/// Documents that several parts share, or that there are none.
type Shared = Option<Rc<RefCell<Documents>>>;

/// What else may change where `with` replaces a document: the rules that need it.
struct Replaced<'p, 'g> {
    program: &'p Program,
    graph: &'p mut Graph<'g>,
    reversed: Vec<Vec<usize>>,
    known: HashMap<(Vec<Value>, bool), Shared>,
    /// The clauses that some `with` can replace, once they were asked for.
    targets: Option<HashSet<usize>>,
}

impl Replaced<'_, '_> {
    /// Whether some `with` can replace what a clause defines.
    ///
    /// Follows OPA v1.22 ast/compile.go: replacedRules.
    fn is_target(&mut self, clause: usize) -> bool {
        if self.targets.is_none() {
            let mut paths = HashSet::new();
            for clause in &self.program.clauses {
                walk::clause(clause, &mut |found| {
                    if let Found::Target(Target::Data(path)) = found {
                        paths.insert(path.as_slice());
                    }
                });
            }
            self.targets = Some(paths.into_iter().flat_map(|path| self.resolve(path)).collect());
        }
        let targets = self.targets.as_ref();
        targets.is_some_and(|targets| targets.contains(&clause))
    }

    /// The rules that a replacement of this document or function reaches, each of any type.
    fn reached(&mut self, names: &[Arc<str>], function: bool) -> Option<Rc<RefCell<Documents>>> {
        let target = path_of("data", names);
        if let Some(known) = self.known.get(&(target.clone(), function)) {
            return known.clone();
        }
        let mut documents = Documents::new();
        let mut any = false;
        for at in self.dependents(names) {
            let path = document_path(&self.program.clauses[at]);
            if !(function && path == target) {
                documents.put(&path, Type::Any);
                any = true;
            }
        }
        let found = any.then(|| Rc::new(RefCell::new(documents)));
        self.known.insert((target, function), found.clone());
        found
    }

    /// The clauses that a path can mean.
    fn resolve(&mut self, names: &[Arc<str>]) -> Vec<usize> {
        let mut seen = HashSet::new();
        let mut open = self.graph.resolve(names);
        let mut starts = Vec::new();
        while let Some(vertex) = open.pop() {
            if !seen.insert(vertex) {
                continue;
            }
            match self.graph.is_clause(vertex) {
                true => starts.push(vertex),
                false => open.extend(self.graph.needs(vertex)),
            }
        }
        starts
    }

    /// The clauses that a path can mean, and those that need them.
    fn dependents(&mut self, names: &[Arc<str>]) -> Vec<usize> {
        let starts = self.resolve(names);
        let mut seen: HashSet<usize> = starts.iter().copied().collect();
        let mut open = starts;
        let mut found = Vec::new();
        while let Some(vertex) = open.pop() {
            if self.graph.is_clause(vertex) {
                found.push(vertex);
            }
            let needing = self.reversed.get(vertex).into_iter().flatten();
            open.extend(needing.filter(|each| seen.insert(**each)));
        }
        found
    }
}

/// Whether a term is a constant that holds others.
fn is_collection(term: &Term) -> bool {
    matches!(
        term.kind,
        TermKind::Const(Value::Array(_) | Value::Object(_) | Value::Set(_))
            | TermKind::Array(_)
            | TermKind::Object(_)
            | TermKind::Set(_)
    )
}
