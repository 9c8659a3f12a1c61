//! kpolicy judges configuration files against Rego policies.

pub mod document;
pub mod parse;
pub mod value;
