//! The engine that runs a set of policies: kpolicy's own, regorus, or the two.

use std::ffi::OsString;

use super::Request;
use super::files::PolicyFile;
use super::module::Parsed;
use crate::engine::both::Both;
use crate::engine::own::{Origin, Own};
use crate::engine::regorus::Regorus;
use crate::engine::{self, Engine, EngineError, Module};
use crate::finding::Problem;
use crate::problem;
use crate::settings::{Allow, EngineName};
use kpolicy_rego::OPA_VERSION;
use kpolicy_rego::eval::Settings;
use kpolicy_rego::program::Program;
use kpolicy_value::LineIndex;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// The engine that was asked for.
pub(super) fn engine(
    program: Program,
    files: &[PolicyFile],
    modules: &[&Parsed],
    request: &Request,
) -> Result<Box<dyn Engine>, Vec<Problem>> {
    let regorus = || regorus(files, modules, request);
    match request.engine {
        EngineName::Own => Ok(Box::new(own(program, modules, request))),
        EngineName::Regorus => Ok(Box::new(regorus()?)),
        EngineName::Both => {
            let second = Box::new(regorus()?);
            Ok(Box::new(Both::new(Box::new(own(program, modules, request)), second)))
        }
    }
}

fn own(program: Program, modules: &[&Parsed], request: &Request) -> Own {
    let origins = modules.iter().map(|module| Origin {
        path: module.file.path.clone(),
        text: module.file.text.clone(),
    });
    let settings = Settings {
        time: Some(request.timeout),
        strict_builtins: request.strict_builtins,
        now: request.allow.contains(&Allow::Clock).then(now),
        ..Settings::default()
    };
    let own = Own::new(program, request.data.clone(), settings, origins.collect());
    own.with_runtime(request.allow.contains(&Allow::Env).then(runtime))
}

/// What `opa.runtime` gives in conftest: the environment, and which OPA it is; no commit, since none of OPA's is built in.
fn runtime() -> Value {
    let text = |part: OsString| Value::bytes(part.into_encoded_bytes());
    let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    Value::object(vec![
        ("env".into(), Value::object(variables.collect())),
        ("version".into(), OPA_VERSION.into()),
        ("commit".into(), "".into()),
    ])
}

/// The clock's time in nanoseconds since 1970: one for the whole run.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

fn regorus(files: &[PolicyFile], modules: &[&Parsed], request: &Request) -> Result<Regorus, Vec<Problem>> {
    let program = engine::Program {
        modules: modules
            .iter()
            .map(|module| Module {
                path: &module.file.path,
                text: &module.file.text,
                v0: request.v0 && !module.file.embedded,
            })
            .collect(),
        data: request.data.clone(),
        strict_builtins: request.strict_builtins,
        timeout: request.timeout,
    };
    let worded = |error: EngineError| of_engine(files, &error);
    Regorus::compile(&program).map_err(|errors| errors.into_iter().map(worded).collect())
}

/// An engine's error as a problem, with the policy's line where the engine knows it.
pub(super) fn of_engine(files: &[PolicyFile], error: &EngineError) -> Problem {
    let Some((path, row, column)) = &error.place else {
        return problem::of_run(error.message.clone(), "fix the policy");
    };
    let Some(file) = files.iter().find(|file| file.path == *path) else {
        return problem::of_file(path, &format!(":{row}:{column}"), error.message.clone(), None);
    };
    let lines = LineIndex::new(&file.text);
    let start = lines.offset(*row, *column);
    problem::of_span(path, &lines, Span::new(start, start), error.message.clone(), None)
}
