//! The syntax of Rego: its tree, and how text becomes one.

pub mod tree;
