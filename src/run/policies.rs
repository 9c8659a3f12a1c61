//! The policies of a run.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::finding::Problem;
use crate::pattern::is_below;
use crate::policy::library::choice::Choice;
use crate::policy::{self, Namespaces, PolicySet, Request, Rule, data, schemas};
use crate::problem;
use crate::report;
use crate::settings::{BuiltinErrors, Compat, RegoVersion, Settings};
use crate::snapshot::Snapshot;
use crate::suggest::nearest;
use crate::watch::Kept;
use kpolicy_value::Value;

/// What a user may not know where policies of their own are in use.
const LIBRARY_UNUSED: &str = "the built-in library is not used beside these policies: policy = [\"policy\"] and \
    profile = [\"default\"] in kpolicy.toml use both";

/// Where policies are read from, instead of from the paths of the settings.
#[derive(Clone, Copy, Default)]
pub struct Origin<'a> {
    /// Other paths.
    pub paths: Option<&'a [PathBuf]>,
    /// Files as they were.
    pub snapshot: Option<&'a Snapshot>,
}

/// The policies: the user's, or the library where there are none.
pub fn load(settings: &Settings, notes: &mut dyn Write) -> Result<PolicySet, Error> {
    let mut policies = load_from(settings, Origin::default(), notes)?;
    let mismatches = mismatches(settings, &policies);
    if !mismatches.is_empty() {
        return Err(Error::Problems(mismatches));
    }
    super::warn(settings, &mut policies.warnings, notes);
    let is_silent = settings.quiet && settings.compat == Some(Compat::Conftest);
    if !policies.lints.is_empty() && !is_silent {
        let _ = report::render_notice(&counted(&policies.lints, &settings.policy), notes);
    }
    Ok(policies)
}

/// The policies, those of the last run where they are as they were; what was said of them is said again.
pub fn load_again(
    settings: &Settings,
    kept: Option<&mut Kept>,
    notes: &mut dyn Write,
) -> Result<Arc<PolicySet>, Error> {
    let Some(kept) = kept else {
        return load(settings, notes).map(Arc::new);
    };
    if kept.policies.is_none() {
        let mut said = Vec::new();
        let loaded = load(settings, &mut said);
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = notes.write_all(&said);
        let policies = Arc::new(loaded?);
        kept.policies = Some((policies.clone(), said));
        return Ok(policies);
    }
    let (policies, said) = kept.policies.as_ref().expect("they are kept");
    let _ = notes.write_all(said);
    Ok(policies.clone())
}

/// Policies of another origin, with the data and the parameters of the settings.
pub fn load_from(settings: &Settings, origin: Origin, notes: &mut dyn Write) -> Result<PolicySet, Error> {
    let mut warnings = Vec::new();
    let mut data =
        data::load(&settings.data, &settings.written, settings.limits(), &mut warnings).map_err(Error::Problems)?;
    super::warn(settings, &mut warnings, notes);
    data = data::with_params(data, settings.params.as_ref()).map_err(Error::Problems)?;
    data = data::with_pod_templates(data, settings.pod_templates.as_ref()).map_err(Error::Problems)?;
    let library = library(settings).filter(|_| origin.paths.is_none());
    if library.is_some_and(|choice| choice.ids.is_empty() && choice.profiles.is_empty()) {
        let line = "no policy directory here: using the built-in library, profile default (kpolicy init creates a policy of your own)";
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(line, notes);
    }
    if library.is_none() && settings.compat.is_none() && io::stderr().is_terminal() && !settings.quiet {
        let _ = report::render_notice(LIBRARY_UNUSED, notes);
    }
    let mut request = request(settings, library, data);
    if let Some(path) = &settings.schema {
        request.schemas = Some(schemas::load(Some(path), settings.limits()).map_err(Error::Problems)?);
    }
    request.snapshot = origin.snapshot;
    if let Some(paths) = origin.paths {
        request.policy = paths;
    }
    if origin.paths.is_some() || origin.snapshot.is_some() {
        // What settings say of policies that are here now has to fit these alone.
        request.params = None;
        request.severities = &[];
        request.exemptions = &[];
    }
    policy::load(request).map_err(Error::Problems)
}

/// What the lints found, in a line.
fn counted(lints: &BTreeMap<&'static str, usize>, paths: &[PathBuf]) -> String {
    let each = lints.iter().map(|(id, count)| match count {
        1 => (*id).to_owned(),
        _ => format!("{id} {count}"),
    });
    let total = match lints.values().sum() {
        1 => "1 warning".to_owned(),
        total => format!("{total} warnings"),
    };
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let (each, paths) = (each.collect::<Vec<_>>().join(", "), paths.join(" "));
    format!("{total} about policies ({each}): see kpolicy check {paths}")
}

/// What is loaded of policies, as the settings say.
pub fn request<'a>(settings: &'a Settings, library: Option<Choice<'a>>, data: Value) -> Request<'a> {
    Request {
        policy: &settings.policy,
        snapshot: None,
        library,
        data,
        params: settings.params.as_ref(),
        severities: &settings.severities,
        exemptions: &settings.exemptions,
        namespaces: match &settings.namespaces {
            Some(names) if !settings.all_namespaces => Namespaces::Named(names),
            _ => Namespaces::All,
        },
        v0: settings.rego_version == RegoVersion::V0,
        allow: &settings.allow,
        allow_hosts: settings.allow_hosts.as_deref(),
        capabilities: settings.capabilities.as_deref(),
        schemas: None,
        strict_builtins: settings.builtin_errors == BuiltinErrors::Error,
        strict: settings.strict,
        conftest: settings.compat == Some(Compat::Conftest),
        allow_undefined: &settings.allow_undefined_data,
        lints: settings.lints.clone(),
        combine: settings.combine,
        profiled: settings.profile.is_some(),
        traced: settings.trace.clone(),
        requires_match: !settings.require_match.is_empty(),
        names_passed: settings.show_passed,
        timeout: settings.timeout,
        engine: settings.engine,
        expand: settings.expand,
        gator: settings.gator,
    }
}

/// What is wrong with the policies and with what settings say of them, where the settings have other errors already.
pub fn errors(settings: &Settings) -> Vec<Problem> {
    match load(settings, &mut io::sink()) {
        Err(Error::Problems(problems)) => problems,
        _ => Vec::new(),
    }
}

/// Which part of the library is used: what was asked for, or its usual part where there is no other policy.
fn library(settings: &Settings) -> Option<Choice<'_>> {
    let alone = settings.policy.is_empty() && settings.compat != Some(Compat::Conftest);
    let choice = choice(settings);
    (alone || !choice.ids.is_empty() || !choice.profiles.is_empty()).then_some(choice)
}

/// What the settings ask for of the library.
pub fn choice(settings: &Settings) -> Choice<'_> {
    Choice {
        profiles: &settings.profiles,
        ids: &settings.library,
        additions: &settings.additions,
    }
}

/// What `--combine` and `--require-match` cannot be given with.
fn mismatches(settings: &Settings, policies: &PolicySet) -> Vec<Problem> {
    let mut problems = Vec::new();
    if settings.combine && policies.rules.iter().any(Rule::is_of_library) {
        problems.push(problem::of_run(
            "the built-in policies evaluate each document on its own, and find nothing in combined files",
            "remove --combine, or run the built-in library separately",
        ));
    }
    if settings.combine && policies.gatekeeper.is_some() {
        problems.push(problem::of_run(
            "constraints of Gatekeeper evaluate each object on its own, and find nothing in combined files",
            "remove --combine, or run them separately",
        ));
    }
    let known = || policies.all_rules().map(|rule| rule.id.as_str());
    for id in &settings.require_match {
        if !known().any(|known| is_below(known, &id.text)) {
            let near = nearest(&id.text, known()).map(|near| format!("did you mean {near}?"));
            let help = near.unwrap_or_else(|| "name a rule of this run by its id or the start of its id".to_owned());
            problems.push(id.problem(format!("{id}: no rule of this run has this id"), help));
        }
    }
    problems
}
