//! Rego's builtin functions, one file for each family.

pub mod sprintf;
