//! The Rego language: what its values look like as text, its numbers, and its builtin functions.

pub mod builtins;
pub mod number;
mod printable;
pub mod syntax;
pub mod text;
