//! Policies with their tests, compiled to be verified.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::compiled;
use super::config;
use super::engines;
use super::examples::{self, Example};
use super::files::{self, PolicyFile};
use super::library::choice;
use super::module::Parsed;
use crate::finding::Problem;
use crate::gatekeeper::Manifest;
use crate::reading::Limits;
use crate::settings::Allow;
use crate::tracing::events::Traced;
use kpolicy_parse::Context;
use kpolicy_rego::builtins::{Allowed, Host};
use kpolicy_rego::syntax::tree::{Module, Rule, Step, TermKind};
use kpolicy_rego::trace::{NoTracer, Tracer};
use kpolicy_rego::{Evaluation, Options, Program, Settings};
use kpolicy_value::Value;

/// What the names of tests start with.
const TEST: &str = "test_";
/// What the names of tests that are not to be run start with.
const SKIPPED: &str = "todo_test_";

/// What is to be verified.
pub struct Request<'a> {
    /// Files and folders of policies and tests.
    pub policy: &'a [PathBuf],
    /// The base document `data`.
    pub data: Value,
    /// Whether modules are Rego v0 unless they say otherwise.
    pub v0: bool,
    /// Whether OPA's strict checks are made.
    pub strict: bool,
    /// What policies are allowed beyond their input.
    pub allow: &'a [Allow],
    /// The hosts that the network is allowed for; none for every host.
    pub allow_hosts: Option<&'a [Host]>,
    /// Whether a builtin that fails is an error of the test.
    pub strict_builtins: bool,
    /// How long one test may take.
    pub timeout: Duration,
    /// How examples beside the policies are read; nothing where there are none to be read.
    pub examples: Option<(Limits, Context<'a>)>,
    /// Whether only what conftest reads is read.
    pub conftest: bool,
}

/// A module of a suite.
pub struct SuiteModule {
    /// The path as messages show it.
    pub path: String,
    /// The text.
    pub text: String,
    /// The syntax tree; tests of one name have been given numbers.
    pub tree: Module,
    /// Whether it is part of the embedded library.
    pub embedded: bool,
}

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// The module that it is in, by its index.
    pub module: usize,
    /// The rule, by its index in the module.
    pub rule: usize,
    /// The path of the package, from `data` on, without `data`.
    pub package: Vec<Arc<str>>,
    /// The name, with the names before it: `test_x`, `group.test_x`.
    pub names: Vec<String>,
    /// Whether it is not to be run.
    pub skipped: bool,
    /// Whether its value is an object with a member for each case.
    pub has_cases: bool,
}

impl Test {
    /// The path of the package as OPA writes it.
    pub fn package_name(&self) -> String {
        let names = self.package.iter().map(|name| &**name);
        std::iter::once("data").chain(names).collect::<Vec<_>>().join(".")
    }

    /// The name below the package.
    pub fn name(&self) -> String {
        self.names.join(".")
    }

    /// The path of its rule, from `data` on.
    pub fn path(&self) -> Vec<&str> {
        let package = self.package.iter().map(|name| &**name);
        package.chain(self.names.iter().map(String::as_str)).collect()
    }
}

/// Policies and their tests, compiled. Threads share it.
pub struct Suite {
    /// The files that hold objects of Gatekeeper.
    pub manifests: Vec<Manifest>,
    /// The modules, in the order of the program's.
    pub modules: Vec<SuiteModule>,
    /// The tests, by file and line.
    pub tests: Vec<Test>,
    /// The examples beside the policies, by file.
    pub examples: Vec<Example>,
    program: Program,
    data: Value,
    settings: Settings,
    allowed: Allowed,
}

impl Suite {
    /// The program with a module replaced, and with the rules of modules that are needed only; nothing where that is not
    /// valid.
    pub fn variant(&self, at: usize, tree: Module, needed: &[bool]) -> Option<Program> {
        let mut replaced = Some(tree);
        let trees = self
            .modules
            .iter()
            .enumerate()
            .map(|(module, known)| match (module == at, needed.get(module)) {
                (true, _) => replaced.take().unwrap_or_else(|| without_rules(&known.tree)),
                (false, Some(true)) => known.tree.clone(),
                (false, _) => without_rules(&known.tree),
            });
        let options = Options {
            strict: false,
            tests: true,
            builtins: config::builtins(),
            ..Options::default()
        };
        Program::of_modules(&trees.collect::<Vec<_>>(), options).ok()
    }

    /// Whether a rule of a module is a test, also one that is not to be run.
    pub fn is_test(&self, module: usize, rule: usize) -> bool {
        test_names(&self.modules[module].tree.rules[rule]).is_some()
    }

    /// An evaluation of a variant.
    pub fn evaluation_of<'p>(&self, program: &'p Program) -> Evaluation<'p, NoTracer> {
        let mut evaluation = program.evaluation(self.data.clone(), self.settings);
        evaluation.allow(self.allowed.clone());
        evaluation
    }

    /// An evaluation of its own for one test.
    pub fn evaluation(&self) -> Evaluation<'_, NoTracer> {
        self.evaluation_of(&self.program)
    }

    /// An evaluation of a variant that a tracer observes.
    pub fn traced_of<'p, T: Tracer>(&self, program: &'p Program, tracer: T) -> Evaluation<'p, T> {
        self.evaluation_of(program).traced(tracer, self.settings)
    }

    /// The modules as tracers see them.
    pub fn traced_modules(&self) -> impl Iterator<Item = Traced<'_>> {
        self.modules.iter().map(|module| Traced {
            path: &module.path,
            text: &module.text,
            tree: &module.tree,
        })
    }

    /// An evaluation that a tracer observes.
    pub fn traced<T: Tracer>(&self, tracer: T) -> Evaluation<'_, T> {
        self.evaluation().traced(tracer, self.settings)
    }
}

/// Loads and compiles policies with their tests; or gives every error of every file.
pub fn load(request: &Request) -> Result<Suite, Vec<Problem>> {
    let (mut files, manifests) = match request.conftest {
        true => (files::user(request.policy)?, Vec::new()),
        false => files::with_manifests(request.policy)?,
    };
    with_helpers(&mut files);
    let mut parsed = compiled::parse(&files, request.v0)?;
    number_duplicates(&mut parsed);
    let options = Options {
        strict: request.strict,
        tests: true,
        builtins: config::builtins(),
        ..Options::default()
    };
    let program = compiled::compile(&parsed.iter().collect::<Vec<_>>(), options)?;
    let mut tests: Vec<Test> = parsed
        .iter()
        .enumerate()
        .flat_map(|(at, module)| tests_of(at, module))
        .collect();
    let place = |test: &Test| {
        let module = &parsed[test.module];
        (module.file.path.clone(), module.tree.rules[test.rule].span.start)
    };
    tests.sort_by_cached_key(place);
    let examples = match request.examples {
        None => Vec::new(),
        Some((limits, context)) => {
            let own = parsed.iter().filter(|module| !module.file.embedded);
            let trees: Vec<&Module> = own.map(|module| &module.tree).collect();
            examples::load(request.policy, &trees, limits, context)?
        }
    };
    let trees: Vec<Module> = parsed.into_iter().map(|module| module.tree).collect();
    let modules = files.into_iter().zip(trees).map(|(file, tree)| SuiteModule {
        path: file.path,
        text: file.text,
        tree,
        embedded: file.embedded,
    });
    Ok(Suite {
        manifests,
        modules: modules.collect(),
        tests,
        examples,
        program,
        data: request.data.clone(),
        settings: Settings {
            time: Some(request.timeout),
            strict_builtins: request.strict_builtins,
            now: request.allow.contains(&Allow::Clock).then(engines::now),
            ..Settings::default()
        },
        allowed: engines::allowed(request.allow, request.allow_hosts),
    })
}

/// Adds the library's helpers that the policies name, except those that are among the policies themselves.
pub(super) fn with_helpers(files: &mut Vec<PolicyFile>) {
    let package = |text: &str| {
        let mut lines = text.lines().map(str::trim);
        lines.find_map(|line| line.strip_prefix("package ")).map(str::to_owned)
    };
    let present: HashSet<String> = files.iter().filter_map(|file| package(&file.text)).collect();
    let mut helpers = choice::helpers(files.iter().map(|file| file.text.as_str()));
    helpers.retain(|helper| package(helper.text).is_none_or(|package| !present.contains(&package)));
    files.extend(files::embedded(&helpers));
}

/// A module with nothing but its package.
fn without_rules(tree: &Module) -> Module {
    Module {
        package: tree.package.clone(),
        imports: Vec::new(),
        rules: Vec::new(),
        comments: Vec::new(),
        repeating: std::collections::BTreeMap::new(),
        annotations: Vec::new(),
        dialect: tree.dialect,
        directory: tree.directory.clone(),
    }
}

/// The names that a rule's path starts with, up to the first that is a test's; whether it is one that is skipped.
fn test_names(rule: &Rule) -> Option<(usize, bool)> {
    let names = rule.head.path.iter().map_while(|step| match &step.term.kind {
        TermKind::String(name) => Some(name),
        _ => None,
    });
    let found = names.enumerate().find_map(|(at, name)| match &**name {
        name if name.starts_with(TEST) => Some((at, false)),
        name if name.starts_with(SKIPPED) => Some((at, true)),
        _ => None,
    });
    found.filter(|_| !rule.default)
}

fn tests_of(at: usize, module: &Parsed) -> Vec<Test> {
    let tests = module.tree.rules.iter().enumerate().filter_map(|(rule, written)| {
        let (last, skipped) = test_names(written)?;
        let names = written.head.path[..=last]
            .iter()
            .filter_map(|step| match &step.term.kind {
                TermKind::String(name) => Some(name.to_string()),
                _ => None,
            });
        let is_constant = |step: &Step| matches!(step.term.kind, TermKind::String(_));
        Some(Test {
            module: at,
            rule,
            package: module.tree.package.path.clone(),
            names: names.collect(),
            skipped,
            has_cases: !written.head.path.iter().all(is_constant),
        })
    });
    tests.collect()
}

/// Gives the second and every further test of a name a number, so that each is a rule of its own.
///
/// Follows OPA v1.22 tester/runner.go: rewriteDuplicateTestNames.
fn number_duplicates(parsed: &mut [Parsed]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for module in parsed {
        let package = module.namespace();
        for rule in &mut module.tree.rules {
            let Some((last, false)) = test_names(rule) else {
                continue;
            };
            let names = rule.head.path[..=last].iter().map(|step| match &step.term.kind {
                TermKind::String(name) => name.to_string(),
                _ => String::new(),
            });
            let key = std::iter::once(package.clone())
                .chain(names)
                .collect::<Vec<_>>()
                .join(".");
            let count = seen.entry(key).or_default();
            if *count > 0
                && let TermKind::String(name) = &mut rule.head.path[last].term.kind
            {
                *name = format!("{name}#{count:02}").into();
            }
            *count += 1;
        }
    }
}
