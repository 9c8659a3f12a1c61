//! Compiles the built-in library while kpolicy is built, so that a run of its policies compiles nothing.
//!
//! It is a crate of its own, so that kpolicy's build script has the engine without the features that kpolicy gives it.

use kpolicy_rego::analysis::Dependencies;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::Dialect;
use kpolicy_rego::{Options, Program};
use serde::Serialize;

/// A compiled library.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What its modules declare: the encoding of a `Module` without bodies for each of them.
    pub outlines: Vec<u8>,
    /// Where the outline of each module starts among them, and where the last ends; and the names of the rules that read the
    /// whole set, and of those that read Terraform's configuration: an encoding of
    /// `(Vec<u32>, (Vec<String>, Vec<String>))`.
    pub index: Vec<u8>,
    /// Its program, as `Program::decode` reads it.
    pub program: Vec<u8>,
}

/// Compiles modules, given by their paths and texts.
///
/// # Errors
/// The first error of the language, with the path of its module.
pub fn compile(modules: &[(String, String)]) -> Result<Compiled, String> {
    let mut trees = Vec::new();
    for (path, text) in modules {
        trees.push(parse(text, Dialect::V1).map_err(|errors| format!("{path}: {}", errors[0]))?);
    }
    let program = Program::of_modules(&trees, Options::default()).map_err(|errors| {
        let first = &errors[0];
        format!("{}: {}", modules[first.module].0, first.message)
    })?;
    let (mut outlines, mut starts) = (Vec::new(), vec![0]);
    for tree in &trees {
        outlines.append(&mut encoded(&tree.outline())?);
        starts.push(u32::try_from(outlines.len()).map_err(|error| error.to_string())?);
    }
    let dependencies = Dependencies::new(program.core());
    Ok(Compiled {
        outlines,
        index: encoded(&(
            starts,
            (
                dependencies.readers("inventory"),
                dependencies.readers("terraform_configuration"),
            ),
        ))?,
        program: program.encode(),
    })
}

fn encoded(part: &impl Serialize) -> Result<Vec<u8>, String> {
    postcard::to_allocvec(part).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn an_error_names_its_module() {
        let module = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let right = module(
            "a.rego",
            "package a\n\ndeny contains x if x := data.inventory.cluster\n",
        );
        let error = |text| compile(&[right.clone(), module("b.rego", text)]).expect_err("it is wrong");
        assert!(error("package b\n\nx := {").starts_with("b.rego: "));
        assert!(error("package b\n\nx := f(1)\n").starts_with("b.rego: "));
        assert!(compile(&[right]).is_ok());
    }
}
