//! References: what they lead to, and which lead nowhere.

use super::documents::Documents;
use super::infer::{Inference, of_function};
use super::unify::unifies;
use super::{Layers, is_collection};
use crate::core::{Local, Root, Term, TermKind};
use crate::types::Type;
use kpolicy_value::Value;

/// Why a reference leads nowhere.
pub(super) enum Wrong {
    /// What stands before this step has no parts.
    NoParts(Type),
    /// Nothing is at this step.
    NoSuch {
        /// The step, by its place.
        at: usize,
        /// The type of the step, where it is not a constant.
        have: Option<Type>,
        /// The type that it would have to be of.
        want: Type,
        /// The constants that it could be.
        one_of: Vec<Value>,
    },
}

/// The name of a root among the documents; nothing for a variable.
fn root_name(root: Root) -> Option<Value> {
    match root {
        Root::Input => Some(Value::from("input")),
        Root::Data => Some(Value::from("data")),
        Root::Local(_) => None,
    }
}

/// The variable that a step is.
fn step_variable(step: &Term) -> Option<Local> {
    match step.kind {
        TermKind::Local(local) => Some(local),
        _ => None,
    }
}

fn child(documents: &Documents, node: usize, step: &Term) -> Option<usize> {
    match &step.kind {
        TermKind::Const(value) => documents.child(node, value),
        _ => None,
    }
}

/// The type at the end of a way into a value of this type.
fn select(of: Type, path: &[Term]) -> Type {
    let mut of = of;
    for step in path {
        of = match &step.kind {
            TermKind::Const(key) if !is_collection(step) => of.select(key),
            // What is gone through and holds nothing has members of any type.
            _ if of.is_empty_collection() => return Type::Any,
            _ => of.values(),
        };
    }
    of
}

/// The type of `input` or of `data`, all of it.
pub(super) fn whole(layers: &Layers, root: &Value) -> Type {
    let mut layers = layers.iter().rev();
    let found = layers.find_map(|layer| in_documents(&mut layer.borrow_mut(), root, &[]));
    found.unwrap_or(Type::Any)
}

impl Inference<'_, '_, '_> {
    /// The type of what a reference leads to.
    pub(super) fn type_of_ref(&self, layers: &Layers, root: Root, path: &[Term]) -> Type {
        let name = match (root, root_name(root)) {
            (_, Some(name)) => name,
            (Root::Local(local), _) => return select(self.variable(local).clone(), path),
            _ => unreachable!("only variables have no name"),
        };
        let found = layers
            .iter()
            .rev()
            .find_map(|layer| in_documents(&mut layer.borrow_mut(), &name, path));
        found.unwrap_or(Type::Any)
    }

    /// Checks a reference, and infers its steps' variables.
    pub(super) fn check_ref(&mut self, layers: &Layers, root: Root, path: &[Term]) -> Result<(), Wrong> {
        let whole = self.type_of_ref(layers, root, path);
        if matches!(whole, Type::Function(_)) {
            return Err(Wrong::NoParts(whole));
        }
        let name = match (root, root_name(root)) {
            (_, Some(name)) => name,
            (Root::Local(local), _) => {
                // Whatever such a variable was compared with: a reference starts from the builtin.
                if let Some(builtin) = self.clause.locals[local as usize].function {
                    return Err(Wrong::NoParts(of_function(builtin)));
                }
                if !self.variable(local).is_known() {
                    self.set(local, Type::Any);
                }
                let of = self.variable(local).clone();
                return self.check_path(layers, of, path, 0);
            }
            _ => unreachable!("only variables have no name"),
        };
        for layer in layers.iter().rev() {
            let mut documents = layer.borrow_mut();
            if let Some(end) = self.check_documents(&mut documents, &name, path)? {
                drop(documents);
                return match end {
                    End::Typed(of, at) => self.check_path(layers, of, path, at),
                    End::Whole => Ok(()),
                };
            }
        }
        // Base data, or the document that is evaluated.
        self.check_path(layers, Type::Any, path, 0)
    }

    /// Follows a reference through documents that are known by their parts.
    fn check_documents(
        &mut self,
        documents: &mut Documents,
        root: &Value,
        path: &[Term],
    ) -> Result<Option<End>, Wrong> {
        let Some(mut node) = documents.child(0, root) else {
            return Ok(None);
        };
        let mut at = 0;
        loop {
            if documents.node(node).of.is_known() {
                return Ok(Some(End::Typed(documents.node(node).of.clone(), at)));
            }
            let Some(step) = path.get(at) else {
                return Ok(Some(End::Whole));
            };
            self.check_step(documents, node, step, at)?;
            match child(documents, node, step) {
                Some(child) => (node, at) = (child, at + 1),
                None => return Ok(None),
            }
        }
    }

    /// Checks a step below a document that is known by its parts.
    fn check_step(&mut self, documents: &mut Documents, node: usize, step: &Term, at: usize) -> Result<(), Wrong> {
        let one_of = |documents: &Documents| documents.node(node).children.keys().cloned().collect();
        let Some(local) = step_variable(step) else {
            // No package has steps that are no strings.
            return match &step.kind {
                TermKind::Const(Value::String(_)) => Ok(()),
                _ if at >= 2 => Ok(()),
                TermKind::Const(value) => Err(Wrong::NoSuch {
                    at,
                    have: Some(Type::of(value)),
                    want: Type::String,
                    one_of: one_of(documents),
                }),
                _ => Err(Wrong::NoSuch {
                    at,
                    have: None,
                    want: Type::String,
                    one_of: one_of(documents),
                }),
            };
        };
        let keys = documents.extent(node).keys();
        let known = self.variable(local).clone();
        if !known.is_known() {
            self.set(local, keys);
        } else if !unifies(&keys, &known) {
            return Err(Wrong::NoSuch {
                at,
                have: Some(known),
                want: keys,
                one_of: one_of(documents),
            });
        }
        Ok(())
    }

    /// Follows a way into a value of this type, from a step on.
    fn check_path(&mut self, layers: &Layers, mut of: Type, path: &[Term], from: usize) -> Result<(), Wrong> {
        for (at, step) in path.iter().enumerate().skip(from) {
            if of.is_empty_collection() {
                return self.check_into_nothing(&of, step, at);
            }
            let keys = of.keys();
            if !keys.is_known() {
                return Err(Wrong::NoParts(of));
            }
            let wrong = |have: Option<Type>, of: &Type| Wrong::NoSuch {
                at,
                have,
                want: keys.clone(),
                one_of: one_of(of),
            };
            of = match &step.kind {
                TermKind::Local(local) => {
                    let known = self.variable(*local).clone();
                    if !known.is_known() {
                        self.set(*local, keys.clone());
                    } else if !unifies(&known, &keys) {
                        return Err(wrong(Some(known), &of));
                    }
                    of.values()
                }
                TermKind::Const(key) if !is_collection(step) => match of.select(key) {
                    Type::Unknown => return Err(wrong(None, &of)),
                    found => found,
                },
                _ => {
                    if !self.fit(layers, step, &keys, false) {
                        return Err(wrong(Some(self.type_of(layers, step)), &of));
                    }
                    of.values()
                }
            };
        }
        Ok(())
    }
}

impl Inference<'_, '_, '_> {
    /// Checks a step into what holds nothing: no constant is a key of it, and going through it gives nothing.
    ///
    /// Follows OPA v1.22 ast/check.go: checkRefLeaf.
    fn check_into_nothing(&mut self, of: &Type, step: &Term, at: usize) -> Result<(), Wrong> {
        let wrong = |have, want| Wrong::NoSuch {
            at,
            have,
            want,
            one_of: Vec::new(),
        };
        match &step.kind {
            TermKind::Const(_) if !is_collection(step) => Err(wrong(None, Type::Unknown)),
            TermKind::Local(local) => {
                let (known, keys) = (self.variable(*local).clone(), of.keys());
                if !known.is_known() {
                    self.set(*local, Type::Any);
                } else if keys.is_known() && !unifies(&known, &keys) {
                    return Err(wrong(Some(known), keys));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Where a reference leaves the documents that are known by their parts.
enum End {
    /// At a document of this type, from this step on.
    Typed(Type, usize),
    /// It ends among them.
    Whole,
}

/// The type of what a way leads to among documents; nothing where they say nothing of it.
fn in_documents(documents: &mut Documents, root: &Value, path: &[Term]) -> Option<Type> {
    let mut node = documents.child(0, root)?;
    for (at, step) in path.iter().enumerate() {
        let next = child(documents, node, step);
        let of = &documents.node(node).of;
        match next {
            Some(next) => node = next,
            None if of.is_known() => return Some(select(of.clone(), &path[at..])),
            None if matches!(step.kind, TermKind::Const(_)) => return None,
            None => return Some(select(documents.extent(node), &path[at..])),
        }
    }
    Some(documents.extent(node))
}

/// The known keys of a type.
fn one_of(of: &Type) -> Vec<Value> {
    let mut keys: Vec<Value> = match of {
        Type::Object(object) => object.known.iter().map(|(key, _)| key.clone()).collect(),
        Type::OneOf(one_of) => one_of.types.iter().flat_map(self::one_of).collect(),
        _ => Vec::new(),
    };
    keys.sort();
    keys.dedup();
    keys
}
