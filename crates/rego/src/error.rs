//! What is refused before anything is evaluated, in OPA's terms.

use kpolicy_value::Span;

/// An error of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// OPA's class of error.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The module, by its index among those compiled.
    pub module: usize,
    /// Where.
    pub span: Span,
    /// What to do, where that is known.
    pub help: Option<String>,
}

impl CompileError {
    /// An error of this class, at this place.
    pub fn new(code: Code, module: usize, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            module,
            span,
            help: None,
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
pub enum Code {
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

impl Code {
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
