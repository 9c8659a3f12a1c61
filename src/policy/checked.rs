//! Policies checked and not run: what the compiler refuses, what could never report, and what the lints find.

use super::capabilities::Capabilities;
use super::check::Fault;
use super::lints::{self, Reported, Scope};
use super::module::Parsed;
use super::{Request, check as checks, compiled, compiling, files, options, suite};
use crate::finding::Problem;
use crate::gatekeeper;
use kpolicy_rego::core::Program;
use kpolicy_rego::{CompileErrorCode, Options};

/// The code of a policy that uses what the file of capabilities does not have.
const NOT_CAPABLE: &str = "capabilities";

/// The code of templates and constraints of Gatekeeper that cannot be used.
const GATEKEEPER: &str = "gatekeeper";

/// What is wrong with policies.
#[derive(Debug, Default)]
pub struct Checked {
    /// The modules.
    pub modules: Vec<Module>,
    /// Why they cannot be run, or not as they are meant.
    pub errors: Vec<Fault>,
    /// What lints found: nothing where the modules do not compile.
    pub lints: Vec<Reported>,
}

/// A module that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The path of its file.
    pub path: String,
    /// Its package, without `data`; empty where it does not parse.
    pub package: String,
}

/// Checks policies with their tests; or says why they cannot be read.
pub fn check(request: &Request) -> Result<Checked, Vec<Problem>> {
    let (mut files, manifests) = files::with_manifests(request.policy)?;
    suite::with_helpers(&mut files);
    let capabilities = request.capabilities.map(Capabilities::read).transpose()?;
    let parsed = match compiled::parse(&files, request.v0) {
        Ok(parsed) => parsed,
        Err(problems) => return Ok(not_parsed(&files, problems)),
    };
    let (tests, mut modules): (Vec<&Parsed>, Vec<&Parsed>) = parsed.iter().partition(|module| module.file.is_test());
    let options = options(request, capabilities.as_ref());
    let mut errors = Vec::new();
    let compiling = compiling(request.allow, request.allow_hosts, request.timeout);
    let refused = gatekeeper::load(&manifests, &compiling).err().unwrap_or_default();
    errors.extend(refused.into_iter().map(|problem| Fault {
        code: GATEKEEPER,
        problem,
    }));
    if let Some(capabilities) = &capabilities {
        let unsupported = capabilities.unsupported(&parsed).into_iter();
        errors.extend(unsupported.map(|problem| Fault {
            code: NOT_CAPABLE,
            problem,
        }));
    }
    let program = compiled::try_compile(&modules, options.clone());
    let is_sound = program.is_ok();
    let nothing = Program::default();
    let core = match &program {
        Ok(program) => program.core(),
        Err(faults) => {
            errors.extend(faults.iter().cloned());
            &nothing
        }
    };
    errors.extend(checks::guarded(core, &modules, request.allow));
    errors.extend(checks::check(&parsed, &request.data, false).errors);
    modules.extend(&tests);
    if is_sound && !tests.is_empty() {
        let with_tests = Options { tests: true, ..options };
        errors.extend(compiled::try_compile(&modules, with_tests).err().into_iter().flatten());
    }
    let scope = Scope {
        modules: &modules,
        program: core,
        data: &request.data,
        allowed: request.allow_undefined,
    };
    Ok(Checked {
        lints: if is_sound {
            lints::check(&scope, &request.lints)
        } else {
            Vec::new()
        },
        errors,
        modules: parsed
            .iter()
            .filter(|module| !module.file.embedded)
            .map(module)
            .collect(),
    })
}

fn module(parsed: &Parsed) -> Module {
    Module {
        path: parsed.file.path.clone(),
        package: parsed.namespace(),
    }
}

/// What is wrong with files of which some do not parse.
fn not_parsed(files: &[files::PolicyFile], problems: Vec<Problem>) -> Checked {
    let own = files.iter().filter(|file| !file.embedded);
    let errors = problems.into_iter().map(|problem| Fault {
        code: CompileErrorCode::Parse.name(),
        problem,
    });
    Checked {
        modules: own
            .map(|file| Module {
                path: file.path.clone(),
                package: String::new(),
            })
            .collect(),
        errors: errors.collect(),
        lints: Vec::new(),
    }
}
