//! A compiled program: the entry to the engine.

use std::collections::HashSet;

use super::check;
use super::core;
use super::error::{CompileError, CompileErrorCode as Code, CompileErrors};
use super::eval::{Evaluation, Settings};
use super::lower;
use super::plan::code::{Plan, Rule};
use super::plan::plan;
use super::plan::print::print;
use super::syntax::parse;
use super::syntax::tree::{Dialect, Module};
use super::test_cases;
use super::trace::RuleRef;
use kpolicy_value::{Span, Value};

/// A module's text.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The text.
    pub text: &'a str,
    /// The dialect that it is written in, unless its imports say otherwise.
    pub dialect: Dialect,
}

/// How a program is compiled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether what `opa check --strict` refuses is refused.
    pub strict: bool,
    /// Whether rules whose names start with `test_` tell which of their cases is evaluated, and builtins that kpolicy
    /// does not have are errors only where they are called: a test can replace them.
    pub tests: bool,
}

/// A compiled program: immutable, and shared by threads.
#[derive(Debug)]
pub struct Program {
    core: core::Program,
    plan: Plan,
}

impl Program {
    /// Compiles modules.
    ///
    /// # Errors
    /// Every error of the first stage that finds any.
    pub fn compile(sources: &[Source], options: Options) -> Result<Self, CompileErrors> {
        let modules = read(sources).map_err(CompileErrors)?;
        Self::of_modules(&modules, options)
    }

    /// Compiles modules that have been parsed.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub fn of_modules(modules: &[Module], options: Options) -> Result<Self, CompileErrors> {
        let core = checked(modules, options).map_err(CompileErrors)?;
        let plan = plan(&core).map_err(CompileErrors)?;
        Ok(Self { core, plan })
    }

    /// The core form, for [analysis](crate::analysis).
    pub fn core(&self) -> &core::Program {
        &self.core
    }

    /// The plan as text, to be read by people: every rule with its clauses, guards and instructions. `source` gives the
    /// text of a span of a module.
    pub fn plan_text(&self, source: &dyn Fn(usize, Span) -> String) -> String {
        print(&self.plan, source)
    }

    #[cfg(test)]
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The rules and functions of the program.
    pub fn rules(&self) -> impl Iterator<Item = RuleRef<'_>> {
        self.plan.rules[..self.plan.own].iter().map(Rule::to_ref)
    }

    /// An evaluation of the program's rules over a base document.
    pub fn evaluation(&self, data: Value, settings: Settings) -> Evaluation<'_> {
        Evaluation::new(&self.plan, data, settings)
    }
}

/// The modules' syntax trees.
///
/// # Errors
/// Every error of every text.
fn read(sources: &[Source]) -> Result<Vec<Module>, Vec<CompileError>> {
    let (mut modules, mut all) = (Vec::new(), Vec::new());
    for (at, source) in sources.iter().enumerate() {
        match parse(source.text, source.dialect) {
            Ok(module) => modules.push(module),
            Err(errors) => all.extend(errors.into_iter().map(|error| CompileError {
                code: Code::Parse,
                message: error.message,
                module: at,
                span: error.span,
                help: error.help,
            })),
        }
    }
    if all.is_empty() { Ok(modules) } else { Err(all) }
}

/// Each error once.
fn once(mut all: Vec<CompileError>) -> Vec<CompileError> {
    let mut seen = HashSet::new();
    all.retain(|error| seen.insert((error.module, error.span, error.message.clone())));
    all
}

/// The core form of modules that OPA's compiler would accept.
fn checked(modules: &[Module], options: Options) -> Result<core::Program, Vec<CompileError>> {
    let strict = options.strict;
    // A statement is in parts by then, each with all of its `with`.
    let settled = |all: Vec<CompileError>| if all.is_empty() { Ok(()) } else { Err(once(all)) };
    settled(check::shadowing::check(modules, strict))?;
    let mut program = lower::lower(modules, lower::Options { strict })?;
    settled(check::undeclared::check(&program))?;
    settled(check::annotations::check(&program, modules))?;
    settled(check::conflicts(&program, modules))?;
    settled(check::safety::check(&mut program))?;
    if options.tests {
        test_cases::mark(&mut program);
    }
    lower::flatten(&mut program);
    settled(check::check(&program, options))?;
    Ok(program)
}
