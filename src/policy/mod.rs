//! A set of policies as users mean it: loaded, checked, compiled once, with the rules that are to be run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::finding::{NotConfigured, Problem};
use crate::gatekeeper::expansion::Expand;
use crate::gatekeeper::export::{Export, NotExported};
use crate::gatekeeper::template::Compiling;
use crate::gatekeeper::{self, Gatekeeper};
use crate::problem;
use crate::settings::lints::Levels;
use crate::settings::waiver::SeverityOverride;
use crate::settings::{Allow, EngineName, Named, Trace};
use crate::snapshot::Snapshot;
use crate::waiver::Waiver;
use kpolicy_parse::document::Document;
use kpolicy_rego::builtins::Host;
use kpolicy_rego::core;
use kpolicy_rego::{Options, Schemas};
use kpolicy_value::Value;

mod capabilities;
mod check;
mod checked;
mod compiled;
mod conditions;
mod config;
pub mod data;
mod documented;
mod engines;
pub mod examples;
pub(crate) mod exceptions;
mod files;
mod formatted;
pub mod library;
pub mod lints;
mod module;
pub mod parameter;
mod precompiled;
pub mod query;
#[cfg(feature = "engine-regorus")]
mod regorus;
mod rule;
pub mod schemas;
mod selection;
mod set;
pub mod suite;
mod undefined;
mod uses;
mod walk;
pub mod workloads;

use capabilities::Capabilities;
pub use check::Fault;
pub use checked::{Checked, Module, check};
pub use compiled::plan;
use conditions::Conditions;
pub use documented::{Documented, documented};
use files::PolicyFile;
pub use formatted::{Formatted, formatted, formatted_text, text_of};
use library::choice::{self, Choice, Chosen};
use lints::{Reported, Scope};
use module::Parsed;
pub use rule::Rule;
pub(crate) use selection::with_severities;
pub use set::PolicySet;
use uses::Readers;
use workloads::Workloads;

/// Stack of a thread that evaluates: policies can nest deeper than a thread's usual stack.
pub const STACK: usize = 256 << 20;

/// The key of `data` that the whole set is under.
pub const INVENTORY: &str = "inventory";

/// The document of `data` that has Terraform's configuration.
pub const CONFIGURATION: &str = "terraform_configuration";

/// What is to be loaded.
pub struct Request<'a> {
    /// Files and folders of the user's policies.
    pub policy: &'a [PathBuf],
    /// The files as they were that these are read from, and not those that are there now.
    pub snapshot: Option<&'a Snapshot>,
    /// Which of the library's policies; `None` for no library.
    pub library: Option<Choice<'a>>,
    /// The base document `data`.
    pub data: Value,
    /// The settings file that `data.params` comes from, where it does.
    pub params: Option<&'a Document>,
    /// Severities that are given to policies.
    pub severities: &'a [SeverityOverride],
    /// What is waived, whose policies have to be there.
    pub exemptions: &'a [Waiver],
    /// Which packages of the user's policies are run.
    pub namespaces: Namespaces<'a>,
    /// Whether modules are Rego v0 unless they say otherwise.
    pub v0: bool,
    /// What policies are allowed beyond their input.
    pub allow: &'a [Allow],
    /// The hosts that they may ask, where the network is allowed and not every host.
    pub allow_hosts: Option<&'a [Host]>,
    /// What they may use of the language and its builtins.
    pub capabilities: Option<&'a Path>,
    /// The schemas that policies are checked with; without them no METADATA is read for any.
    pub schemas: Option<Schemas>,
    /// Whether a builtin that fails is an error.
    pub strict_builtins: bool,
    /// Whether OPA's strict checks are made, and warnings are errors.
    pub strict: bool,
    /// Whether what conftest takes is taken: `strict` is OPA's alone, and a rule that is not a set of results only warns.
    pub conftest: bool,
    /// Names below `data` that need not be provided.
    pub allow_undefined: &'a [Named],
    /// The levels of lints.
    pub lints: Levels,
    /// Whether all files are one input.
    pub combine: bool,
    /// Whether it is counted what rules cost.
    pub profiled: bool,
    /// What is traced; none where nothing is.
    pub traced: Option<Trace>,
    /// Whether policies have to have evaluated a document: what their conditions leave is found then.
    pub requires_match: bool,
    /// Whether the names of the rules that held are kept.
    pub names_passed: bool,
    /// How long one evaluation may take.
    pub timeout: Duration,
    /// Which engine runs the policies.
    pub engine: EngineName,
    /// What constraints of Gatekeeper see of what objects create; what suits the policies where nothing is said.
    pub expand: Option<Expand>,
    /// Whether constraints of Gatekeeper are evaluated as gator evaluates them.
    pub gator: bool,
}

/// Which packages are run.
#[derive(Clone, Copy, Debug)]
pub enum Namespaces<'a> {
    /// Every package that has rules.
    All,
    /// Those of these names or globs; each must be there.
    Named(&'a [Named]),
}

/// Loads, checks and compiles; or gives every error of every file, and all that settings name and nobody has.
pub fn load(request: Request) -> Result<PolicySet, Vec<Problem>> {
    match request.library {
        Some(choice) if precompiled::serves(&request) => precompiled::load(&request, choice),
        _ => compile(&request),
    }
}

/// Loads, checks and compiles from the texts of all modules.
fn compile(request: &Request) -> Result<PolicySet, Vec<Problem>> {
    let (mut files, manifests) = match request.snapshot {
        Some(snapshot) => files::of_snapshot(request.policy, snapshot)?,
        None if request.conftest => (files::user(request.policy)?, Vec::new()),
        None => files::with_manifests(request.policy)?,
    };
    let (chosen, unchosen) = take(request, &mut files);
    let not_configured = chosen.not_configured;
    let compiling = Compiling {
        gator: request.gator,
        ..compiling(request.allow, request.allow_hosts, request.timeout)
    };
    let (gatekeeper, refused) = match gatekeeper::load(&manifests, &compiling) {
        Ok(gatekeeper) => (gatekeeper, Vec::new()),
        Err(problems) => (None, problems),
    };
    let unchosen = [unchosen, refused].concat();
    let and_unchosen = |errors: Vec<Problem>| [errors, unchosen.clone()].concat();
    let parsed = compiled::parse(&files, request.v0).map_err(and_unchosen)?;
    let without_tests: Vec<&Parsed> = parsed.iter().filter(|module| !module.file.is_test()).collect();
    let capabilities = request.capabilities.map(Capabilities::read).transpose()?;
    if let Some(capabilities) = &capabilities {
        let unsupported = capabilities.unsupported(&parsed);
        if !unsupported.is_empty() {
            return Err(and_unchosen(unsupported));
        }
    }
    let options = options(request, capabilities.as_ref());
    let program = compiled::compile(&without_tests, options).map_err(and_unchosen)?;
    let mut found = suspects(request, &parsed, &without_tests, program.core());
    let all = selection::advising(rule::rules(&parsed), &chosen.warning);
    let constraints = gatekeeper
        .as_ref()
        .map_or(&[][..], |gatekeeper| gatekeeper.rules.as_slice());
    found
        .errors
        .extend(selection::unknown_names(request, &[&all, constraints].concat()));
    found.errors.extend(unchosen);
    if let Some(gatekeeper) = &gatekeeper {
        found.warnings.extend(gatekeeper.warnings.iter().cloned());
    }
    let has_rules = !all.is_empty() || gatekeeper.is_some();
    let rules = selected(request, all, &mut found)?;
    let mut rules = conditioned(rules, program.core());
    if request.combine {
        found
            .warnings
            .extend(never_combined(&rules, program.core(), &without_tests));
    }
    let excepting = selection::excepting(&parsed, &rules);
    let reads_file_info = uses::reads_file_info(program.core());
    if Readers::of(program.core()).mark(&mut rules, &excepting, &request.data) {
        found.warnings.push(other_inventory());
    }
    let warnings = found.refused(request.strict && !request.conftest)?;
    if !has_rules {
        return Err(vec![no_rule(&parsed, &not_configured)]);
    }
    let workloads = Workloads::of(&request.data);
    let gatekeeper = gatekeeper.map(|gatekeeper| {
        gatekeeper
            .with_severities(request.severities)
            .expanding(request.expand, &workloads)
    });
    let engine = engines::engine(program, &without_tests, request)?;
    Ok(PolicySet {
        excepting,
        not_configured,
        gatekeeper,
        needs_inventory: rules.iter().any(|rule| rule.reads_inventory),
        workloads,
        reads_file_info,
        warnings: warnings.warnings,
        lints: warnings.counted,
        conftest: request.conftest,
        profiled: request.profiled,
        traced: request.traced.clone(),
        names_passed: request.names_passed,
        timeout: request.timeout,
        rules,
        engine,
        files,
    })
}

/// How policies are compiled, with the builtins that the capabilities leave them.
fn options(request: &Request, capabilities: Option<&Capabilities>) -> Options {
    let builtins = config::builtins();
    Options {
        strict: request.strict,
        schemas: request.schemas.clone(),
        builtins: match capabilities {
            Some(capabilities) => capabilities.within(builtins),
            None => builtins,
        },
        ..Options::default()
    }
}

/// A policy of the library by its ID, and what it is written as, or why it cannot be.
pub type Exported = (String, Result<String, NotExported>);

/// Policies of the library as templates and constraints of Gatekeeper, by their IDs, with the parameters of this `data`;
/// or why none can be taken.
pub fn exported(choice: Choice, data: &Value) -> Result<Vec<Exported>, Vec<Problem>> {
    let (chosen, problems) = choice::chosen(choice, data);
    if !problems.is_empty() {
        return Err(problems);
    }
    let workloads = Workloads::of(data);
    let modules = chosen.modules.iter();
    let policies = modules.filter_map(|module| {
        let mut all = library::catalog::policies().iter();
        all.find(|policy| policy.module.path == module.path)
    });
    let exported = policies.map(|policy| {
        let helpers = choice::helpers(std::iter::once(policy.module.text));
        let export = Export {
            policy,
            helpers: helpers.iter().map(|helper| helper.text).collect(),
            fails: !chosen.warning.contains(&policy.id),
        };
        (policy.id.clone(), export.render(data, &workloads))
    });
    Ok(exported.collect())
}

/// The policies of Gatekeeper below `paths`; or everything that is wrong with them.
pub fn of_gatekeeper(paths: &[PathBuf]) -> Result<Gatekeeper, Vec<Problem>> {
    let (_, manifests) = files::with_manifests(paths)?;
    let compiling = compiling(&Allow::ALL, None, Duration::from_secs(10));
    let loaded = gatekeeper::load(&manifests, &compiling)?;
    loaded.ok_or_else(|| {
        vec![problem::of_run(
            "there is no ConstraintTemplate and no constraint in these policies",
            "name files or directories that have some with --policy",
        )]
    })
}

/// The rules of the wanted namespaces, with the severities of the settings.
fn selected(request: &Request, all: Vec<Rule>, found: &mut Suspects) -> Result<Vec<Rule>, Vec<Problem>> {
    let (rules, unknown) = selection::select(all, request.namespaces)?;
    // To conftest, a namespace that no policy has is one without rules: nothing is evaluated, which the warning says.
    let unknown_are = if request.conftest {
        &mut found.warnings
    } else {
        &mut found.errors
    };
    unknown_are.extend(unknown);
    Ok(selection::with_severities(rules, request.severities))
}

/// What is refused of policies, and what is suspicious.
#[derive(Debug, Default)]
struct Suspects {
    errors: Vec<Problem>,
    /// Warnings that depend on the run, which are printed.
    warnings: Vec<Problem>,
    /// What lints find whatever the run is, which is counted.
    lints: Vec<Reported>,
}

/// The warnings of a run.
struct Warnings {
    warnings: Vec<Problem>,
    /// How often each lint found something.
    counted: BTreeMap<&'static str, usize>,
}

impl Suspects {
    /// The errors, where there are some, or else the warnings; of strict users the warnings are errors too.
    fn refused(mut self, strict: bool) -> Result<Warnings, Vec<Problem>> {
        let mut counted = BTreeMap::new();
        if strict {
            self.errors.append(&mut self.warnings);
            self.errors.extend(self.lints.into_iter().map(Reported::warning));
        } else {
            for reported in self.lints {
                *counted.entry(reported.lint.id).or_default() += 1;
            }
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        Ok(Warnings {
            warnings: self.warnings,
            counted,
        })
    }
}

/// How templates of Gatekeeper are compiled, where policies are allowed this.
pub fn compiling(allow: &[Allow], allow_hosts: Option<&[Host]>, timeout: Duration) -> Compiling {
    Compiling {
        allow: allow.to_vec(),
        allowed: engines::allowed(allow, allow_hosts),
        now: allow.contains(&Allow::Clock).then(engines::now),
        timeout,
        gator: false,
    }
}

/// What in the modules is refused, or could only be silence or surprise.
fn suspects<'f>(
    request: &Request,
    parsed: &[Parsed<'f>],
    without_tests: &[&Parsed<'f>],
    program: &core::Program,
) -> Suspects {
    let checked = check::check(parsed, &request.data, request.conftest);
    let guarded = check::guarded(program, without_tests, request.allow);
    let errors = checked.errors.into_iter().chain(guarded).map(|fault| fault.problem);
    let mut found = Suspects {
        errors: errors.collect(),
        warnings: checked.warnings,
        lints: Vec::new(),
    };
    let scope = Scope {
        modules: without_tests,
        program,
        data: &request.data,
        allowed: request.allow_undefined,
    };
    for reported in lints::check(&scope, &request.lints) {
        match reported {
            Reported { ignored: Some(_), .. } => {}
            reported if reported.lint.of_run => found.warnings.push(reported.warning()),
            reported => found.lints.push(reported),
        }
    }
    if request.library.is_some() || request.params.is_some() {
        let references = compiled::references(program, without_tests);
        let untaken = parameter::check::errors(&request.data, request.params, references);
        found.errors.extend(untaken);
    }
    found
}

/// The rules with the kinds of documents that their conditions leave.
fn conditioned(mut rules: Vec<Rule>, program: &core::Program) -> Vec<Rule> {
    let conditions = Conditions::of(program);
    for rule in &mut rules {
        rule.conditions = conditions.kinds(rule);
    }
    rules
}

/// A warning for each rule of the user's that all files in one array never meet.
fn never_combined(rules: &[Rule], program: &core::Program, modules: &[&Parsed]) -> Vec<Problem> {
    let conditions = Conditions::of(program);
    let never = rules.iter().filter(|rule| !rule.embedded).filter_map(|rule| {
        let field = conditions.single_document(rule)?;
        let mut clauses = program.clauses.iter();
        let clause = clauses.find(|clause| clause.path.iter().map(|name| &**name).eq(rule.path()))?;
        let message = format!(
            "{} never fires with --combine: it reads input.{field}, but the combined input is an array of {{path, contents}}",
            rule.name
        );
        let help = "use `some file in input` and read file.contents, or run the rule without --combine".to_owned();
        Some(modules[clause.module].error(clause.head, message, Some(help)))
    });
    never.collect()
}

/// Takes policies of the library, and the helpers that anybody names; gives what was chosen, and why none can be taken.
fn take(request: &Request, files: &mut Vec<PolicyFile>) -> (Chosen, Vec<Problem>) {
    let Some(choice) = request.library else {
        return (Chosen::default(), Vec::new());
    };
    let (chosen, problems) = choice::chosen(choice, &request.data);
    let of_user = files.iter().map(|file| file.text.as_str());
    let helpers = choice::helpers(of_user.chain(chosen.modules.iter().map(|module| module.text)));
    files.extend(files::embedded(&helpers));
    files.extend(files::embedded(&chosen.modules));
    (chosen, problems)
}

/// Why nothing could ever be found.
fn no_rule(parsed: &[Parsed], not_configured: &[NotConfigured]) -> Problem {
    let ids: Vec<&str> = not_configured.iter().map(|missing| missing.policy.as_str()).collect();
    if let Some(first) = ids.first() {
        let help = format!("see the parameters with kpolicy explain {first}, and set them in kpolicy.toml");
        let missing = ids.join(", ");
        return problem::of_run(
            format!("every selected policy lacks a required parameter: {missing}"),
            help,
        );
    }
    if parsed.is_empty() {
        let help = "name policies with --policy, or remove --compat conftest to use the built-in library";
        return problem::of_run(
            "there are no policies: the directory policy does not exist, and none were named",
            help,
        );
    }
    if let Some(problem) = parsed.iter().find_map(misspelled_rule) {
        return problem;
    }
    let help = "write `deny contains msg if { … }` in a package, for example `package main`";
    problem::of_run(
        "the policies have no deny, violation or warn rule: they can never report a finding",
        help,
    )
}

/// The error of policies without a rule, where a module has one that is nearly one.
fn misspelled_rule(module: &Parsed) -> Option<Problem> {
    let mut rules = module.tree.rules.iter();
    let (rule, name, near) = rules.find_map(|rule| {
        let (name, near) = lints::nearly_rule(rule)?;
        Some((rule, name, near))
    })?;
    let message = format!("the policies have no deny, violation or warn rule, but {name}, which is never evaluated");
    Some(module.error(rule.head.span, message, Some(lints::did_you_mean(near))))
}

/// The warning that rules see a set other than the files that are evaluated.
fn other_inventory() -> Problem {
    problem::of_run(
        "data.inventory comes from --data, not from the files under test",
        "rename this key in the data if policies should see the files under test",
    )
}
