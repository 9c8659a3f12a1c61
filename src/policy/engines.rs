//! The engine that runs a set of policies: kpolicy's own, regorus, or the two.

use std::ffi::OsString;
use std::sync::Arc;

use super::Request;
use super::files::PolicyFile;
use super::module::Parsed;
#[cfg(feature = "engine-regorus")]
use super::regorus;
#[cfg(feature = "engine-regorus")]
use crate::engine::both::Both;
use crate::engine::own::{Origin, Own};
use crate::engine::{Engine, EngineError};
use crate::finding::Problem;
use crate::problem;
use crate::settings::{Allow, EngineName};
use kpolicy_rego::OPA_VERSION;
use kpolicy_rego::Program;
use kpolicy_rego::Settings;
use kpolicy_rego::builtins::{Allowed, Host, Net};
use kpolicy_value::LineIndex;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// The engine that was asked for.
pub(super) fn engine(
    program: Program,
    modules: &[&Parsed],
    request: &Request,
) -> Result<Box<dyn Engine>, Vec<Problem>> {
    match request.engine {
        EngineName::Own => Ok(Box::new(own(program, modules, request))),
        #[cfg(feature = "engine-regorus")]
        EngineName::Regorus => Ok(Box::new(regorus::compile(modules, request)?)),
        #[cfg(feature = "engine-regorus")]
        EngineName::Both => {
            let second = Box::new(regorus::compile(modules, request)?);
            Ok(Box::new(Both::new(Box::new(own(program, modules, request)), second)))
        }
    }
}

fn own(program: Program, modules: &[&Parsed], request: &Request) -> Own {
    let origins = modules.iter().map(|module| Origin {
        path: module.file.path.clone(),
        text: module.file.text.clone(),
        embedded: None,
    });
    let settings = Settings {
        time: Some(request.timeout),
        strict_builtins: request.strict_builtins,
        now: request.allow.contains(&Allow::Clock).then(now),
        ..Settings::default()
    };
    let own = Own::new(program, request.data.clone(), settings, origins.collect());
    own.allowing(allowed(request.allow, request.allow_hosts))
}

/// What `--allow` lets builtins use; of the network these hosts, or every host where none are named.
pub(super) fn allowed(allow: &[Allow], hosts: Option<&[Host]>) -> Allowed {
    let net = || hosts.map_or_else(Net::any, |hosts| Net::only(hosts.to_vec()));
    Allowed {
        runtime: allow.contains(&Allow::Env).then(runtime),
        random: allow.contains(&Allow::Random),
        net: allow.contains(&Allow::Net).then(|| Arc::new(net())),
    }
}

/// What `opa.runtime` gives in conftest: the environment, and which OPA it is; no commit, since none of OPA's is built in.
pub(super) fn runtime() -> Value {
    let text = |part: OsString| Value::bytes(part.into_encoded_bytes());
    let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    Value::object(vec![
        ("env".into(), Value::object(variables.collect())),
        ("version".into(), OPA_VERSION.into()),
        ("commit".into(), "".into()),
    ])
}

/// The clock's time in nanoseconds since 1970: one for the whole run.
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// An engine's error as a problem, with the policy's line where the engine knows it.
pub(super) fn of_engine<'f>(mut files: impl Iterator<Item = &'f PolicyFile>, error: &EngineError) -> Problem {
    let Some((path, row, column)) = &error.place else {
        return problem::of_run(error.message.clone(), "fix the policy");
    };
    let Some(file) = files.find(|file| file.path == *path) else {
        return problem::of_file(path, &format!(":{row}:{column}"), error.message.clone(), None);
    };
    let lines = LineIndex::new(&file.text);
    let start = lines.offset(*row, *column);
    problem::of_span(path, &lines, Span::new(start, start), error.message.clone(), None)
}
