//! `# METADATA` blocks of one scope that stand twice for the same thing.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::print;
use crate::core::Program;
use crate::error::{CompileError, CompileErrorCode as Code};
use crate::syntax::tree::{Module, Scope};
use kpolicy_value::Value;

/// An error for every block after the first that describes a package, a package and those below it, or a document.
pub(crate) fn check(program: &Program, modules: &[Module]) -> Vec<CompileError> {
    let mut packages: HashSet<&[Arc<str>]> = HashSet::new();
    let mut paths: HashSet<Vec<Value>> = HashSet::new();
    let mut errors = Vec::new();
    let mut first = 0;
    for (at, module) in modules.iter().enumerate() {
        let path = &module.package.path;
        for block in &module.annotations {
            let is_new = match (block.scope, block.rule) {
                (Scope::Package, _) => packages.insert(path),
                (Scope::Subpackages, _) => paths.insert(path.iter().cloned().map(Value::string).collect()),
                (Scope::Document, Some(rule)) => {
                    paths.insert(super::tree::ground_path(&program.clauses[first + rule]).collect())
                }
                (Scope::Document, None) | (Scope::Rule, _) => true,
            };
            if !is_new {
                let scope = match block.scope {
                    Scope::Package => "package",
                    Scope::Subpackages => "subpackages",
                    Scope::Document | Scope::Rule => "document",
                };
                let message = format!("{scope} annotation redeclared for {}", print::path(path));
                let error = CompileError::new(Code::Type, at, block.span, message);
                errors.push(error.help("keep one METADATA block of this scope, or change the scope of the others"));
            }
        }
        first += module.rules.len();
    }
    errors
}
