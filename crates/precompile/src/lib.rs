//! Compiles the built-in library while kpolicy is built, so that a run of its policies compiles nothing.
//!
//! It is a crate of its own, so that kpolicy's build script has the engine without the features that kpolicy gives it.

use kpolicy_rego::analysis::Dependencies;
use kpolicy_rego::analysis::walk::{self, Found};
use kpolicy_rego::core::{Clause, Root, TermKind};
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Dialect, Module};
use kpolicy_rego::{Options, Program};

/// A compiled library.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What its modules declare, in their order, and the names of the rules that read the whole set: an encoding of
    /// `(Vec<Module>, Vec<String>)`.
    pub declared: Vec<u8>,
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
    let outlines: Vec<Module> = trees.iter().map(Module::outline).collect();
    let declared = postcard::to_allocvec(&(outlines, reading_the_set(&program)));
    Ok(Compiled {
        declared: declared.map_err(|error| error.to_string())?,
        program: program.encode(),
    })
}

/// The rules that read `data.inventory`, by themselves or by those that they need: their names from below `data` on.
fn reading_the_set(program: &Program) -> Vec<String> {
    let core = program.core();
    let reaching = Dependencies::new(core).reaching(reads_the_set);
    let clauses = core.clauses.iter().zip(reaching).filter(|(_, reaches)| *reaches);
    let mut rules: Vec<String> = clauses.map(|(clause, _)| clause.path.join(".")).collect();
    rules.sort();
    rules.dedup();
    rules
}

fn reads_the_set(clause: &Clause) -> bool {
    let mut found = false;
    walk::clause(clause, &mut |part| {
        if let Found::Ref(Root::Data, steps) = part {
            let first = steps.first().map(|step| &step.kind);
            found |= matches!(first, Some(TermKind::Const(name)) if name.as_str() == Some("inventory"));
        }
    });
    found
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
