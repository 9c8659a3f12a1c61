//! The library as build.rs has compiled it: what its modules declare, and its program.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use super::{Embedded, MODULES};
use kpolicy_rego::Program;
use kpolicy_rego::syntax::tree::Module;

/// The modules without their bodies, in the order of the table; and the rules that read the whole set, by their names.
static DECLARED: LazyLock<(Vec<Module>, BTreeSet<String>)> = LazyLock::new(|| {
    let encoded: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.modules"));
    postcard::from_bytes(encoded).expect("build.rs has encoded it")
});

static PROGRAM: LazyLock<Arc<Program>> =
    LazyLock::new(|| Program::decode(include_bytes!(concat!(env!("OUT_DIR"), "/library.program"))).into());

/// The program of all modules of the library, in the order of the table.
pub(in crate::policy) fn program() -> Arc<Program> {
    Arc::clone(&PROGRAM)
}

/// What a module of the library declares, and its METADATA.
pub(in crate::policy) fn outline(module: &Embedded) -> &'static Module {
    let found = MODULES.binary_search_by(|other| other.path.cmp(module.path));
    &DECLARED.0[found.expect("it is a module of the library")]
}

/// Whether a rule, by its name from below `data` on, reads the whole set.
pub(in crate::policy) fn reads_the_set(rule: &str) -> bool {
    DECLARED.1.contains(rule)
}
