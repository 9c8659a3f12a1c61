//! Which builtins the modules of a program may call.

use std::collections::HashSet;
use std::sync::Arc;

use super::registry::{self, Builtin, Signature, signature_of};

/// The builtins that modules may call: all of OPA's unless they are restricted, and the caller's own.
///
/// ```
/// use kpolicy_rego::builtins::Available;
/// use kpolicy_rego::builtins::registry::{Builtin, pure};
///
/// static OWN: &[Builtin] = &[pure("greet", "(string) -> string", "A greeting.", |_, operands| {
///     Ok(operands[0].as_str().map(|name| format!("hello {name}").as_str().into()))
/// })];
/// let builtins = Available::default().with(OWN);
/// assert!(builtins.find("greet").is_some() && builtins.find("count").is_some());
/// assert!(builtins.only(["greet"]).find("count").is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Available {
    own: Vec<&'static Builtin>,
    /// The names that may be called; all where there is nothing.
    only: Option<Arc<HashSet<String>>>,
}

impl Available {
    /// Adds builtins of the caller. One with the name of a builtin of OPA takes its place.
    #[must_use]
    pub fn with(mut self, own: &'static [Builtin]) -> Self {
        self.own.extend(own);
        self
    }

    /// Withholds all builtins but these: a call of another one is that of an undefined function.
    ///
    /// Follows OPA v1.22 ast/capabilities.go: Capabilities.
    #[must_use]
    pub fn only(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.only = Some(Arc::new(names.into_iter().map(Into::into).collect()));
        self
    }

    /// What the builtin of this name takes and gives, if modules may call it.
    pub fn find(&self, name: &str) -> Option<&'static Signature> {
        if !self.allows(name) {
            return None;
        }
        match self.own.iter().rev().find(|builtin| builtin.name == name) {
            Some(own) => Some(signature_of(own)),
            None => registry::signature(name),
        }
    }

    /// The builtins that modules may call.
    pub fn all(&self) -> impl Iterator<Item = &'static Builtin> {
        let is_own = |name: &str| self.own.iter().any(|own| own.name == name);
        let of_opa = registry::all().filter(move |builtin| !is_own(builtin.name));
        let all = self.own.iter().copied().chain(of_opa);
        all.filter(|builtin| self.allows(builtin.name))
    }

    fn allows(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(name))
    }
}
