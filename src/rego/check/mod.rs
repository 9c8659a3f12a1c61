//! What OPA's compiler refuses, on the core form.

pub mod safety;
mod variables;
pub(crate) mod walk;
