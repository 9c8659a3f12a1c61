//! The types that METADATA gives documents with `schemas`, and the schema of `input`.
//!
//! Follows OPA v1.22 ast/check.go: checkRule, getRuleAnnotation, processAnnotation, override.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Layers;
use super::documents::Documents;
use super::reference::whole;
use crate::builtins::type_of_schema;
use crate::core::Program;
use crate::error::{CompileError, CompileErrorCode as Code};
use crate::lower::metadata::{Asking, Metadata};
use crate::schemas::Schemas;
use crate::syntax::parse_term;
use crate::syntax::tree::{Module, Term, TermKind};
use crate::types::Type;
use kpolicy_value::Value;

/// What is declared of documents.
pub(super) struct Declared<'s> {
    modules: &'s [Module],
    schemas: &'s Schemas,
    metadata: Metadata<'s>,
    /// The rule of each clause by its place in its module.
    rules: Vec<usize>,
    /// The types that were asked for, by what names or is the schema.
    types: RefCell<BTreeMap<Value, Option<Type>>>,
}

impl<'s> Declared<'s> {
    pub(super) fn new(program: &Program, modules: &'s [Module], schemas: &'s Schemas) -> Self {
        // The clauses of a program are in the order of their modules' rules.
        let mut rules: Vec<usize> = Vec::new();
        for (at, clause) in program.clauses.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .filter(|before| program.clauses[*before].module == clause.module);
            rules.push(before.map_or(0, |before| rules[before] + 1));
        }
        Self {
            modules,
            schemas,
            metadata: Metadata::of(modules),
            rules,
            types: RefCell::default(),
        }
    }

    /// What is declared for a branch, before everything else that is known.
    pub(super) fn layer(
        &self,
        program: &Program,
        (place, branch): (usize, usize),
        layers: &Layers,
        errors: &mut Vec<CompileError>,
    ) -> Option<Rc<RefCell<Documents>>> {
        let clause = &program.clauses[place];
        let asking = Asking {
            module: clause.module,
            rule: self.rules[place],
            is_else: branch > 0,
        };
        let module = &self.modules[clause.module];
        if !self.schemas.are_for(&module.package.path) {
            return None;
        }
        let own = Rc::new(RefCell::new(Documents::new()));
        if let Some(of) = self.schemas.input() {
            own.borrow_mut().put(&[Value::from("input")], of.clone());
        }
        let layers: Layers = layers.iter().cloned().chain([own.clone()]).collect();
        for annotations in self.metadata.around(asking) {
            let items = annotations.fields.field("schemas").and_then(Value::as_array);
            for declaration in items.unwrap_or_default().iter().filter_map(Declaration::of) {
                match self.type_of(&declaration) {
                    Ok(Some(of)) => {
                        let of = overridden(&declaration.path, &whole(&layers, &declaration.root), of);
                        own.borrow_mut().put(&[declaration.root], of);
                    }
                    Ok(None) => {}
                    Err(message) => {
                        let error = CompileError::new(Code::Type, clause.module, clause.head, message);
                        errors.push(error.help("name a file below the directory of --schema, without its extension"));
                    }
                }
            }
        }
        Some(own)
    }

    /// The type that a declaration gives; nothing where it names a schema and none were given.
    fn type_of(&self, declaration: &Declaration) -> Result<Option<Type>, String> {
        if let Some(known) = self.types.borrow().get(&declaration.written) {
            return Ok(known.clone());
        }
        let of = match &declaration.named {
            Some(path) => self.schemas.type_of(path)?,
            None => Some(type_of_schema(&declaration.written)?),
        };
        self.types.borrow_mut().insert(declaration.written.clone(), of.clone());
        Ok(of)
    }
}

/// An item of `schemas`.
struct Declaration {
    /// `input` or `data`.
    root: Value,
    /// The way to the document from there.
    path: Vec<Value>,
    /// The schema, or its name.
    written: Value,
    /// The path below `schema` that is named.
    named: Option<Vec<String>>,
}

impl Declaration {
    /// What the item says; nothing where it is malformed, which is an error of the parser.
    fn of(item: &Value) -> Option<Self> {
        let (document, schema) = item.as_object()?.iter().next()?;
        let (root, path) = way(&parse_term(document.as_str()?)?)?;
        let named = match schema.as_str() {
            None => None,
            Some(name) => {
                let (_, path) = way(&parse_term(name)?)?;
                let steps = path.iter().map(|step| step.as_str().map(str::to_owned));
                Some(steps.collect::<Option<_>>()?)
            }
        };
        Some(Self {
            root,
            path,
            written: schema.clone(),
            named,
        })
    }
}

/// The root of a reference, and the constant steps after it.
fn way(term: &Term) -> Option<(Value, Vec<Value>)> {
    let (head, steps) = match &term.kind {
        TermKind::Ref { head, steps } => (&**head, steps.as_slice()),
        _ => (term, [].as_slice()),
    };
    let TermKind::Var(root) = &head.kind else { return None };
    let steps = steps.iter().map(|step| match &step.term.kind {
        TermKind::String(text) => Some(Value::string(text.clone())),
        TermKind::Number(number) => Some(Value::Number(number.clone())),
        TermKind::Bool(value) => Some(Value::Bool(*value)),
        _ => None,
    });
    Some((Value::from(&**root), steps.collect::<Option<_>>()?))
}

/// A type in which what is at a path is of another type.
fn overridden(path: &[Value], of: &Type, part: Type) -> Type {
    let Some((first, rest)) = path.split_first() else {
        return part;
    };
    let (known, others) = match of {
        Type::Object(object) => (object.known.as_slice(), object.others.clone()),
        _ => ([].as_slice(), Some((Type::Any, Type::Any))),
    };
    let before = known.iter().find(|(key, _)| key == first);
    let inside = match before {
        Some((_, before)) => overridden(rest, before, part),
        None => built(rest, part, others.as_ref()),
    };
    let kept = known.iter().filter(|(key, _)| key != first).cloned();
    Type::object(kept.chain([(first.clone(), inside)]).collect(), others)
}

/// The type of an object that has this type at a path.
fn built(path: &[Value], part: Type, others: Option<&(Type, Type)>) -> Type {
    path.iter().rev().fold(part, |part, key| {
        Type::object(vec![(key.clone(), part)], others.cloned())
    })
}
