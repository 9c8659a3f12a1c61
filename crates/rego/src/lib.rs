#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

/// The version of OPA that the engine follows.
pub const OPA_VERSION: &str = include_str!("opa-version.txt");

pub mod analysis;
pub mod builtins;
mod check;
pub mod core;
mod error;
mod eval;
pub mod format;
mod lower;
mod number;
mod plan;
mod printable;
mod program;
mod schemas;
pub mod syntax;
pub mod template;
mod test_cases;
mod text;
pub mod trace;
pub mod types;

pub use error::{CompileError, CompileErrorCode, CompileErrors};
pub use eval::{ConflictingValue, EvalError, EvalErrorCode, Evaluation, Print, Query, Settings};
pub use kpolicy_value::{Number, Span, Value};
pub use program::{Options, Program, Source};
pub use schemas::Schemas;
pub use syntax::tree::Dialect;
pub use text::to_rego_text;
