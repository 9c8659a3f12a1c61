//! `with`: what is replaced, and by what.

use std::sync::Arc;

use super::term::{Meaning, constant, dotted};
use super::{Lowering, Support};
use crate::builtins::registry::Signature;
use crate::core::{Callee, Replacement, Root, Target, Term, TermKind, With};
use crate::error::CompileErrorCode as Code;
use crate::syntax::tree;
use kpolicy_value::Span;
use kpolicy_value::Value;

impl Lowering<'_> {
    /// The replacements of a statement. Their values are evaluated before it, outside all replacements; but not a
    /// document in the place of a function.
    pub(super) fn withs(&mut self, withs: &[tree::With], out: &mut Support) -> Arc<[With]> {
        if withs.is_empty() {
            return Arc::default();
        }
        let mut read: Vec<With> = withs.iter().filter_map(|with| self.with(with, out)).collect();
        // The calls in all values come before what else is taken out of them.
        for with in &mut read {
            if let Replacement::Value(value) = &mut with.value {
                *value = self.evaluated(value.clone(), out);
            }
        }
        read.into()
    }

    fn with(&mut self, with: &tree::With, out: &mut Support) -> Option<With> {
        let target = self.target(&with.target)?;
        let replaces_function = match &target {
            Target::Builtin(_) => true,
            Target::Data(path) => self.definitions.is_function(path),
            Target::Input(_) => false,
        };
        let value = match self.function_value(&with.value) {
            Some(callee) if replaces_function => Replacement::Function(callee),
            _ => {
                let value = self.term(&with.value, out);
                if replaces_function && self.is_document_of_rules(&value) {
                    Replacement::Document(value)
                } else {
                    Replacement::Value(value)
                }
            }
        };
        Some(With {
            target,
            value,
            span: with.span,
        })
    }

    /// Whether a term is a reference to what rules define, whole and not below a rule's own path.
    fn is_document_of_rules(&self, value: &Term) -> bool {
        let TermKind::Ref(Root::Data, steps) = &value.kind else {
            return false;
        };
        let path: Option<Vec<Value>> = steps.iter().map(constant).collect();
        path.is_some_and(|path| self.definitions.is_in_tree(&path))
    }

    fn target(&mut self, target: &tree::Term) -> Option<Target> {
        let span = target.span;
        if let Some(names) = dotted(target)
            && let Some(signature) = self.options.builtins.find(&names.join("."))
            && !self.scopes.shadows(&names[0])
        {
            self.scopes.named(&names[0]);
            return self.builtin_target(signature, span);
        }
        let (root, path) = self.target_path(target)?;
        if !path.is_empty() {
            self.scopes.root(root);
        }
        match root {
            Root::Input => Some(Target::Input(path)),
            Root::Data => {
                let hides_part = (1..path.len()).any(|end| self.definitions.is_rule(&path[..end]));
                if hides_part {
                    let message = "with keyword cannot partially replace virtual document(s)";
                    self.error(Code::Compile, span, message);
                    return None;
                }
                Some(Target::Data(path))
            }
            Root::Local(_) => {
                let message = "with keyword target must reference existing input, data, or a function";
                self.error(Code::Type, span, message);
                None
            }
        }
    }

    fn builtin_target(&mut self, signature: &'static Signature, span: Span) -> Option<Target> {
        let refused = match signature.name {
            name @ ("eq" | "rego.metadata.chain" | "rego.metadata.rule") => {
                format!("replacement of {name:?} invalid")
            }
            name if name.starts_with("internal.") => format!("replacement of internal function {name:?} invalid"),
            _ if signature.row.relation => "target must not be a relation".to_owned(),
            _ if signature.result.is_none() => "target must not be a void function".to_owned(),
            _ => return Some(Target::Builtin(signature)),
        };
        let message = format!("with keyword replacing built-in function: {refused}");
        self.error(Code::Compile, span, message);
        None
    }

    /// The root and the path of a target; `input` is the document even where a variable has its name.
    fn target_path(&mut self, target: &tree::Term) -> Option<(Root, Vec<Arc<str>>)> {
        let (head, steps) = match &target.kind {
            tree::TermKind::Var(_) => (target, [].as_slice()),
            tree::TermKind::Ref { head, steps } => (&**head, steps.as_slice()),
            _ => (target, [].as_slice()),
        };
        let (root, mut path) = match &head.kind {
            tree::TermKind::Var(name) if &**name == "input" => (Root::Input, Vec::new()),
            tree::TermKind::Var(name) => match self.meaning(name, head.span) {
                Meaning::Path(root, path) => (root, path),
                Meaning::Local(local) => (Root::Local(local), Vec::new()),
            },
            _ => {
                let message = "with keyword target must reference existing input, data, or a function";
                self.error(Code::Type, target.span, message);
                return None;
            }
        };
        for step in steps {
            match &step.term.kind {
                tree::TermKind::String(name) => path.push(name.clone()),
                _ => {
                    let message = "with keyword target must be a path of strings";
                    self.error(Code::Compile, step.term.span, message);
                    return None;
                }
            }
        }
        Some((root, path))
    }

    /// The function that a value names without calling it.
    fn function_value(&mut self, value: &tree::Term) -> Option<Callee> {
        let names = dotted(value)?;
        let (first, rest) = names.split_first()?;
        if self.scopes.shadows(first) {
            return None;
        }
        let mut path = match self.globals.path(first) {
            Some(path) if !self.scopes.is_ignored(first) => path.to_vec(),
            _ => vec![first.clone()],
        };
        path.extend(rest.iter().cloned());
        match (&*path[0], &path[1..]) {
            ("data", rest) if self.definitions.is_function(rest) => {
                self.scopes.root(Root::Data);
                let arity = self.definitions.arity(rest)?;
                let path = rest.into();
                Some(Callee::Function { path, arity })
            }
            ("data", _) => None,
            _ => {
                let signature = self.options.builtins.find(&path.join("."))?;
                self.scopes.named(&path[0]);
                Some(Callee::Builtin(signature))
            }
        }
    }
}
