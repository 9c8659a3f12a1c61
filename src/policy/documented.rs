//! The METADATA of policies, for their documentation.

use std::path::PathBuf;

use super::compiled::parse;
use super::files;
use super::module::Parsed;
use crate::finding::Problem;
use kpolicy_rego::syntax::tree::{Annotations, Scope, TermKind};
use kpolicy_value::Value;

/// A METADATA block, and what it is about.
#[derive(Clone, Debug)]
pub struct Documented {
    /// The package, below `data`.
    pub package: Vec<Value>,
    /// The package or rule, below `data`.
    pub path: Vec<Value>,
    /// `rule`, `document`, `package` or `subpackages`.
    pub scope: &'static str,
    /// The fields of the block.
    pub fields: Value,
    /// The file of the block, and its line.
    pub file: String,
    /// The line that the block begins at.
    pub line: usize,
}

/// The METADATA blocks of the policies below `paths`, by path, file and line; or every error of every file. Tests have
/// none.
pub fn documented(paths: &[PathBuf], v0: bool) -> Result<Vec<Documented>, Vec<Problem>> {
    let mut files = files::user(paths).map_err(without_library)?;
    files.retain(|file| !file.is_test());
    let mut found = Vec::new();
    for module in &parse(&files, v0)? {
        let blocks = module.tree.annotations.iter();
        found.extend(blocks.map(|block| block_of(module, block)));
    }
    found.sort_by(|a, b| (&a.path, &a.file, a.line).cmp(&(&b.path, &b.file, b.line)));
    Ok(found)
}

/// The problems of paths, whose advice is not that of `kpolicy test`: there is no library to fall back to.
pub(super) fn without_library(mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        if problem.help.as_deref() == Some(files::NO_POLICY) {
            problem.help = Some("name a directory with .rego files".to_owned());
        }
    }
    problems
}

fn block_of(module: &Parsed, block: &Annotations) -> Documented {
    let package: Vec<Value> = module
        .tree
        .package
        .path
        .iter()
        .map(|name| Value::from(&**name))
        .collect();
    let mut path = package.clone();
    if let Some(rule) = block.rule.and_then(|at| module.tree.rules.get(at)) {
        // A variable ends what the rule's path says for sure.
        path.extend(rule.head.path.iter().map_while(|step| constant(&step.term.kind)));
    }
    let scope = match block.scope {
        Scope::Rule => "rule",
        Scope::Document => "document",
        Scope::Package => "package",
        Scope::Subpackages => "subpackages",
    };
    Documented {
        package,
        path,
        scope,
        fields: block.fields.clone(),
        file: module.file.path.clone(),
        line: module.lines().position(block.span.start as usize).0,
    }
}

/// The value of a step that is not a variable or reference.
fn constant(kind: &TermKind) -> Option<Value> {
    match kind {
        TermKind::Null => Some(Value::Null),
        TermKind::Bool(flag) => Some((*flag).into()),
        TermKind::Number(number) => Some(Value::Number(number.clone())),
        TermKind::String(text) => Some(Value::from(&**text)),
        _ => None,
    }
}
