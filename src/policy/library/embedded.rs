//! The library as build.rs has compiled it: what its modules declare, and its program.

use std::sync::{Arc, LazyLock, OnceLock};

use super::{Embedded, MODULES};
use crate::policy::uses::Readers;
use kpolicy_rego::Program;
use kpolicy_rego::syntax::tree::Module;

/// What the modules declare, each decoded when it is first asked for.
static OUTLINES: LazyLock<Vec<OnceLock<Module>>> = LazyLock::new(|| MODULES.iter().map(|_| OnceLock::new()).collect());
const ENCODED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.outlines"));

/// Where the outline of each module starts, and where the last ends; and the rules that read others than a file.
static INDEX: LazyLock<(Vec<u32>, Readers)> = LazyLock::new(|| {
    let encoded = include_bytes!(concat!(env!("OUT_DIR"), "/library.index"));
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
    let at = found.expect("it is a module of the library");
    OUTLINES[at].get_or_init(|| {
        let (start, end) = (INDEX.0[at] as usize, INDEX.0[at + 1] as usize);
        postcard::from_bytes(&ENCODED[start..end]).expect("build.rs has encoded it")
    })
}

/// The rules that read the whole set, or Terraform's configuration.
pub(in crate::policy) fn readers() -> &'static Readers {
    &INDEX.1
}
