//! Modules as one program of the own language, with what OPA's compiler refuses and what is found in the program.

use std::path::PathBuf;

use super::check::Fault;
use super::config;
use super::files::{self, PolicyFile};
use super::module::Parsed;
use super::uses;
use crate::finding::Problem;
use crate::problem;
use crate::suggest::nearest;
use kpolicy_rego::CompileError;
use kpolicy_rego::builtins::{Available, registry};
use kpolicy_rego::core;
use kpolicy_rego::{Options, Program};
use kpolicy_value::Span;

pub(super) fn parse(files: &[PolicyFile], v0: bool) -> Result<Vec<Parsed<'_>>, Vec<Problem>> {
    let mut parsed = Vec::new();
    let mut all = Vec::new();
    let mut of_other_version = Vec::new();
    for file in files {
        match Parsed::of(file, v0) {
            Ok(module) => parsed.push(module),
            Err(_) if Parsed::of(file, !v0).is_ok() => of_other_version.push(file.path.as_str()),
            Err(errors) => all.extend(errors),
        }
    }
    all.extend(other_version(&of_other_version, v0));
    if all.is_empty() { Ok(parsed) } else { Err(all) }
}

/// The problem of modules that are written in the other version of Rego: one for all, since each has many errors.
fn other_version(paths: &[&str], v0: bool) -> Option<Problem> {
    let first = *paths.first()?;
    let (message, help) = if v0 {
        ("these policies look like Rego v1", "remove --rego-version v0")
    } else {
        (
            "these policies look like Rego v0",
            "use --rego-version v0 or rewrite them with `kpolicy fmt --v0-v1`",
        )
    };
    let further = match paths.len() - 1 {
        0 => String::new(),
        1 => " (and 1 more file)".to_owned(),
        more => format!(" (and {more} more files)"),
    };
    Some(problem::of_place(
        format!("{first}{further}"),
        format!("{message}: {help}"),
        None,
    ))
}

/// The plan of the policies below `paths`, written in v0 where that is said, in words; or every error of every file.
pub fn plan(paths: &[PathBuf], v0: bool) -> Result<String, Vec<Problem>> {
    let files = files::user(paths)?;
    let parsed = parse(&files, v0)?;
    let without_tests: Vec<&Parsed> = parsed.iter().filter(|module| !module.file.is_test()).collect();
    let program = compile(
        &without_tests,
        Options {
            builtins: config::builtins(),
            ..Options::default()
        },
    )?;
    let source = |module: usize, span: Span| match without_tests.get(module) {
        Some(module) => span.of(&module.file.text).to_owned(),
        None => String::new(),
    };
    Ok(program.plan_text(&source))
}

/// The program of these modules; or what OPA's compiler would refuse too.
pub(super) fn compile(modules: &[&Parsed], options: Options) -> Result<Program, Vec<Problem>> {
    try_compile(modules, options).map_err(|faults| faults.into_iter().map(|fault| fault.problem).collect())
}

/// As [`compile`], with the codes of the errors.
pub(super) fn try_compile(modules: &[&Parsed], options: Options) -> Result<Program, Vec<Fault>> {
    let trees: Vec<_> = modules.iter().map(|module| module.tree.clone()).collect();
    let builtins = options.builtins.clone();
    let described = |error| of_error(modules, &builtins, error);
    Program::of_modules(&trees, options).map_err(|all| all.into_iter().map(described).collect())
}

/// An error of the language, with the nearest name for one that is unknown.
fn of_error(modules: &[&Parsed], builtins: &Available, error: CompileError) -> Fault {
    let undefined = error.undefined_function.as_deref();
    let near = error
        .undefined_step
        .and_then(|(step, known)| nearest(&step, known.iter().map(String::as_str)).map(str::to_owned));
    let near = near.map(|near| format!("did you mean {near}?"));
    let help = error.help.or(near).or_else(|| {
        let name = undefined?;
        if registry::builtin(name).is_some() {
            return Some("add it to the file of --capabilities, or change the policy".to_owned());
        }
        let near = nearest(name, builtins.all().map(|builtin| builtin.name))?;
        Some(format!("did you mean {near}?"))
    });
    let message = format!("{}: {}", error.code.name(), error.message);
    Fault {
        code: error.code.name(),
        problem: modules[error.module].error(error.span, message, help),
    }
}

/// The paths, from `data` on, that the user's policies refer to.
pub(super) fn references(program: &core::Program, modules: &[&Parsed]) -> impl Iterator<Item = Vec<String>> {
    let of_user = program
        .clauses
        .iter()
        .filter(|clause| !modules[clause.module].file.embedded);
    let paths = of_user.flat_map(uses::of_clause);
    paths.map(|path| {
        let below = path.iter().map(ToString::to_string);
        std::iter::once("data".to_owned()).chain(below).collect()
    })
}
