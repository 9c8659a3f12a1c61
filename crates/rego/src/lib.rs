//! The Rego language: from a module's text to the values of its rules.
//!
//! The stages, in order: [`syntax`] reads text into a tree, [`lower`] resolves names and takes nesting apart into the
//! [`core`] form, [`check`] refuses what OPA's compiler refuses, [`plan`] numbers what is left into instructions, and
//! [`eval`] runs them. [`builtins`], [`number`], [`text`] and [`types`] are what they share.

/// The version of OPA that the engine follows.
pub const OPA_VERSION: &str = "1.22.3";

pub mod builtins;
pub mod check;
pub mod core;
pub mod error;
pub mod eval;
pub mod lower;
pub mod number;
pub mod plan;
mod printable;
pub mod program;
pub mod syntax;
pub mod template;
mod test_cases;
pub mod text;
pub mod trace;
pub mod types;
