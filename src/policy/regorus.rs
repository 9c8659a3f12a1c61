//! A set of policies compiled by the crate regorus.

use super::Request;
use super::engines::of_engine;
use super::module::Parsed;
use crate::engine::regorus::Regorus;
use crate::engine::{EngineError, Module, Program};
use crate::finding::Problem;

/// Compiles the modules; or gives each error with its location.
pub(super) fn compile(modules: &[&Parsed], request: &Request) -> Result<Regorus, Vec<Problem>> {
    let program = Program {
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
    let located = |error: EngineError| of_engine(modules.iter().map(|module| module.file), &error);
    Regorus::compile(&program).map_err(|errors| errors.into_iter().map(located).collect())
}
