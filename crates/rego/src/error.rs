//! Errors of compilation, with OPA's codes.

use std::error::Error;
use std::fmt;
use std::ops::Deref;

use kpolicy_value::Span;

/// An error of a module. It displays as `rego_type_error: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// OPA's class of error.
    pub code: CompileErrorCode,
    /// What is wrong.
    pub message: String,
    /// The module, by its index among those compiled.
    pub module: usize,
    /// Where.
    pub span: Span,
    /// What to do, where that is known.
    pub help: Option<String>,
    /// The name of the function that does not exist, where that is what is wrong.
    pub undefined_function: Option<String>,
    /// The step of a reference that leads nowhere, and those that would lead somewhere, where that is what is wrong.
    pub undefined_step: Option<(String, Vec<String>)>,
}

impl fmt::Display for CompileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code.name(), self.message)
    }
}

impl Error for CompileError {}

/// All errors of the first stage of compilation that finds any; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileErrors(pub(crate) Vec<CompileError>);

impl Deref for CompileErrors {
    type Target = [CompileError];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Display for CompileErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(out, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl Error for CompileErrors {}

impl IntoIterator for CompileErrors {
    type Item = CompileError;
    type IntoIter = std::vec::IntoIter<CompileError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl CompileError {
    /// An error of this class, at this place.
    pub fn new(code: CompileErrorCode, module: usize, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            module,
            span,
            help: None,
            undefined_function: None,
            undefined_step: None,
        }
    }

    /// A call of a function that does not exist.
    pub(crate) fn undefined_function(module: usize, span: Span, name: &str) -> Self {
        Self {
            undefined_function: Some(name.to_owned()),
            ..Self::new(
                CompileErrorCode::Type,
                module,
                span,
                format!("undefined function {name}"),
            )
        }
    }

    /// The error with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// OPA's classes of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileErrorCode {
    /// The text is no Rego.
    Parse,
    /// A rule of the language is broken: names, scopes, conflicts between rules.
    Compile,
    /// A type can never fit.
    Type,
    /// A variable is not bound by anything.
    UnsafeVar,
    /// A rule needs its own value.
    Recursion,
}

impl CompileErrorCode {
    /// The name that OPA gives the class.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "rego_parse_error",
            Self::Compile => "rego_compile_error",
            Self::Type => "rego_type_error",
            Self::UnsafeVar => "rego_unsafe_var_error",
            Self::Recursion => "rego_recursion_error",
        }
    }
}
