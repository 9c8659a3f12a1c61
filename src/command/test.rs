//! `kpolicy test`: discovers, loads, parses, evaluates, locates and renders, in this order.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use supports_hyperlinks::Stream;

use crate::budget::Budget;
use crate::delivery;
use crate::error::Error;
use crate::evaluate::{Evaluator, Outcome, Read};
use crate::exempt;
use crate::finding::{Counts, Order, Problem, RenderedBy, Report, Verdict};
use crate::gatekeeper::cluster::{Applying, Cluster};
use crate::gatekeeper::review::Operation;
use crate::input::{self, Discovery, Source};
use crate::inspection::{Fields, Inspection};
use crate::inventory;
use crate::pattern::is_below;
use crate::policy::library::choice::Choice;
use crate::policy::{self, Namespaces, PolicySet, Request, Rule, data};
use crate::problem;
use crate::progress::Progress;
use crate::reading::Empty;
use crate::rendering;
use crate::report::{self, Options, Style};
use crate::settings::{BuiltinErrors, Compat, Named, Output, RegoVersion, Settings};
use crate::suggest::nearest;
use crate::threads;
use crate::tracing::profile::Profile;
use crate::watch::Kept;
use kpolicy_value::Value;

/// What a user may not know where policies of their own are in use.
const LIBRARY_UNUSED: &str = "the built-in library is not used beside these policies: policy = [\"policy\"] and \
    profile = [\"default\"] in kpolicy.toml use both";

/// Evaluates what the settings name and writes the report to `out` and to the files named, notices to `notes`.
///
/// `kept` is what the last run left, for a run that is repeated.
pub fn run(
    settings: &Settings,
    mut kept: Option<&mut Kept>,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Report, Error> {
    let started = Instant::now();
    let (report, profile) = match evaluated(settings, kept.as_deref_mut(), notes) {
        Ok(evaluated) => evaluated,
        Err(Error::Problems(mut problems)) => {
            problems.extend(deliver_unusable(&problems, settings, out));
            return Err(Error::Problems(problems));
        }
        Err(other) => return Err(other),
    };
    let prints = |output: &Output| output.style == Style::Stdout && output.file.is_none();
    if !settings.outputs.iter().any(prints) {
        // conftest's own text has them itself.
        let _ = report::render_prints(&report, notes);
    }
    write_traces(&report, settings, notes)?;
    write_profile(&profile, settings, notes)?;
    let lists = |output: &Output| matches!(output.style, Style::Text | Style::Json) && output.file.is_none();
    if !settings.outputs.iter().any(lists) {
        let _ = report::render_skipped(&report, notes);
    }
    if !report.problems.is_empty() && !delivery::shows_problems(settings) {
        let color = settings.color.on(io::stderr().is_terminal());
        let _ = report::render_problems(&report.problems, false, color, notes);
    }
    let silent = settings.quiet && has_nothing_to_say(&report, settings);
    let options = options(settings, started.elapsed());
    delivery::deliver(&report, settings, &options, silent, out)?;
    if let Some(kept) = kept {
        kept.note(&report);
    }
    Ok(report)
}

/// Writes how rules were evaluated, where that was asked for.
fn write_traces(report: &Report, settings: &Settings, notes: &mut dyn Write) -> Result<(), Error> {
    if settings.trace.is_none() {
        return Ok(());
    }
    let Some(path) = &settings.trace_file else {
        // Where standard error is closed it is dropped.
        let _ = report::render_traces(report, notes);
        return Ok(());
    };
    let written = delivery::write_file(path, |out| report::render_traces(report, out));
    written.map_err(|problem| Error::Undelivered(vec![problem]))
}

/// Writes what the rules cost, where that was asked for.
pub(super) fn write_profile(profile: &Profile, settings: &Settings, notes: &mut dyn Write) -> Result<(), Error> {
    let Some(style) = settings.profile else { return Ok(()) };
    let Some(path) = &settings.profile_file else {
        // Where standard error is closed it is dropped.
        let _ = report::profile::render(profile, style, notes);
        return Ok(());
    };
    let written = delivery::write_file(path, |out| report::profile::render(profile, style, out));
    written.map_err(|problem| Error::Undelivered(vec![problem]))
}

/// Writes the outputs of a run that these problems kept from evaluating anything, and returns what could not be
/// written. Who reads a file alone must not take an older one for this run's.
pub fn deliver_unusable(problems: &[Problem], settings: &Settings, out: &mut dyn Write) -> Vec<Problem> {
    let report = Report::unusable(problems.to_vec(), verdict(settings));
    delivery::deliver_unusable(&report, settings, &options(settings, Duration::ZERO), out)
}

/// The settled report of what the settings name, and what the rules cost.
fn evaluated(
    settings: &Settings,
    mut kept: Option<&mut Kept>,
    notes: &mut dyn Write,
) -> Result<(Report, Profile), Error> {
    let mut discovery = input::discover(&settings.paths, settings.selection());
    let may_be_empty = settings.allow_empty && !settings.paths.is_empty();
    let names_nothing = discovery.sources.is_empty() && discovery.rendered.is_empty();
    if names_nothing && discovery.problems.is_empty() && !may_be_empty {
        return Err(Error::nothing_to_judge(&discovery.skipped, settings.ignore.is_some()));
    }
    let policies = load_again(settings, kept.as_deref_mut(), notes)?;
    let rendered = rendering::render(&discovery.rendered, settings.rendering());
    discovery.sources.retain(|source| !rendered.uses(source));
    discovery.sources.extend(rendered.sources);
    discovery.problems.extend(rendered.problems);
    let mut outcome = evaluate(settings, &policies, &discovery, kept.as_deref())?;
    let problems = [&mut outcome.warnings[..], &mut outcome.problems[..]];
    rendered.renderings.relocate(&mut outcome.checks, problems);
    warn(settings, &mut outcome.warnings, notes);
    exempt(settings, &policies, &mut outcome, notes);
    let profile = std::mem::take(&mut outcome.profile);
    let report = settle(settings, &policies, discovery, outcome, rendered.rendered_by);
    Ok((report, profile))
}

/// The policies, those of the last run where they are as they were; what was said of them is said again.
fn load_again(settings: &Settings, kept: Option<&mut Kept>, notes: &mut dyn Write) -> Result<Arc<PolicySet>, Error> {
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

/// Prints warnings about files and policies, in the order of their locations. conftest's `--quiet` prints nothing at all
/// where nothing fails.
pub(super) fn warn(settings: &Settings, warnings: &mut Vec<Problem>, notes: &mut dyn Write) {
    if settings.quiet && settings.compat == Some(Compat::Conftest) {
        return;
    }
    Problem::settle(warnings);
    let color = settings.color.on(io::stderr().is_terminal());
    // Notices are worth less than the run: where standard error is closed they are dropped.
    let _ = report::render_warnings(warnings, color, notes);
}

/// Whether a quiet run prints nothing: nothing was found, or, as in conftest, nothing that fails the run.
fn has_nothing_to_say(report: &Report, settings: &Settings) -> bool {
    let found = match settings.compat {
        Some(Compat::Conftest) => report.has_failed(),
        None => report.findings().next().is_some(),
    };
    !found && report.problems.is_empty()
}

/// What fails the run.
pub(super) fn verdict(settings: &Settings) -> Verdict {
    Verdict {
        fail_on_warn: settings.fail_on_warn,
        fail_level: settings.fail_level,
        no_fail: settings.no_fail,
    }
}

/// How the report is shown. The time is reported to people only: elsewhere two runs must print the same bytes.
pub(super) fn options(settings: &Settings, elapsed: Duration) -> Options {
    let terminal = std::io::stdout().is_terminal();
    Options {
        color: settings.color.on(terminal),
        links: settings.color.on(terminal) && supports_hyperlinks::on(Stream::Stdout),
        explain: settings.explain,
        suppress_exceptions: settings.suppress_exceptions,
        max_findings: settings.max_findings,
        junit_hide_message: settings.junit_hide_message,
        conftest: settings.compat == Some(Compat::Conftest),
        base: settings.base.clone(),
        elapsed: terminal.then_some(elapsed),
    }
}

/// The policies: the user's, or the library where there are none.
pub(super) fn load(settings: &Settings, notes: &mut dyn Write) -> Result<PolicySet, Error> {
    let mut warnings = Vec::new();
    let mut data =
        data::load(&settings.data, &settings.written, settings.limits(), &mut warnings).map_err(Error::Problems)?;
    warn(settings, &mut warnings, notes);
    data = data::with_params(data, settings.params.as_ref()).map_err(Error::Problems)?;
    data = data::with_pod_templates(data, settings.pod_templates.as_ref()).map_err(Error::Problems)?;
    let library = library(settings);
    if library.is_some_and(|choice| choice.ids.is_empty() && choice.profiles.is_empty()) {
        let line = "no policy directory here: using the built-in library, profile default (kpolicy init creates a policy of your own)";
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(line, notes);
    }
    if library.is_none() && settings.compat.is_none() && std::io::stderr().is_terminal() && !settings.quiet {
        let _ = report::render_notice(LIBRARY_UNUSED, notes);
    }
    let mut policies = policy::load(policy_request(settings, library, data)).map_err(Error::Problems)?;
    let mismatches = mismatches(settings, &policies);
    if !mismatches.is_empty() {
        return Err(Error::Problems(mismatches));
    }
    warn(settings, &mut policies.warnings, notes);
    let is_silent = settings.quiet && settings.compat == Some(Compat::Conftest);
    if !policies.lints.is_empty() && !is_silent {
        let _ = report::render_notice(&counted(&policies.lints, &settings.policy), notes);
    }
    Ok(policies)
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
pub(super) fn policy_request<'a>(settings: &'a Settings, library: Option<Choice<'a>>, data: Value) -> Request<'a> {
    Request {
        policy: &settings.policy,
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
pub(super) fn choice(settings: &Settings) -> Choice<'_> {
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

/// Parses and evaluates on all cores; documents live as long as their file is evaluated, or, where rules need the whole
/// set, as long as the run.
fn evaluate(
    settings: &Settings,
    policies: &PolicySet,
    discovery: &Discovery,
    kept: Option<&Kept>,
) -> Result<Outcome, Error> {
    let pool = threads::pool(settings.jobs).map_err(|error| {
        Error::Problems(vec![problem::of_run(
            format!("cannot start threads: {error}"),
            "lower --jobs",
        )])
    })?;
    let budget = Budget::new(settings.memory);
    let empty = match settings.compat {
        Some(Compat::Conftest) => Empty::Kept,
        None => Empty::Dropped,
    };
    let progress = Progress::new(discovery.sources.len());
    let (limits, context) = (settings.limits(), settings.context());
    let inspection = Inspection::new(policies, fields(settings));
    let terraform_root = settings.terraform_root.as_deref();
    // A file has its share of the memory as long as what is returned with it.
    let read = |source: &Source| {
        let mut share = budget.share(source.size.min(limits.bytes));
        let read = Read::source(source, limits, context, empty);
        let (text, nodes) = read.as_ref().map_or((0, 0), Read::size);
        share.settle(text, nodes);
        (read, share)
    };
    let evaluate_source = |evaluator: &mut Evaluator, read: Result<Read, Problem>| {
        let inspected = read.as_ref().map(|read| inspection.of(read)).unwrap_or_default();
        let mut outcome = evaluator.source(read);
        outcome.add(inspected);
        progress.step();
        outcome
    };
    let outcome = pool.install(|| {
        let needs_set = policies.needs_set() || settings.operation == Operation::Update;
        if !settings.combine && !needs_set {
            let cluster = cluster(settings, policies, None);
            let sources = discovery.sources.par_iter();
            let outcome = sources.map_init(
                || Evaluator::new(policies, None, cluster.as_ref()).with_terraform_root(terraform_root),
                |worker, source| {
                    if let Some(outcome) = kept.and_then(|kept| kept.outcome(source)) {
                        progress.step();
                        return outcome;
                    }
                    let (read, _share) = read(source);
                    let outcome = evaluate_source(worker, read);
                    if let Some(kept) = kept {
                        kept.keep(source, &outcome);
                    }
                    outcome
                },
            );
            return outcome.collect::<Vec<_>>().into_iter().collect();
        }
        let mut sources: Vec<&Source> = discovery.sources.iter().collect();
        if settings.combine {
            sources.sort_by(|a, b| a.path.cmp(&b.path));
        }
        // All documents stay until the end here: the budget bounds what reading them takes beside that.
        let read = |source| read(source).0;
        let all: Vec<Result<Read, Problem>> = sources.into_par_iter().map(read).collect();
        let present = if needs_set { present(settings) } else { Vec::new() };
        let inventory = needs_set.then(|| {
            // What is tested takes the place of what is there.
            let files = present.iter().chain(&all).flatten();
            inventory::build(files.map(|read| read.documents.as_slice()))
        });
        let before = (settings.operation == Operation::Update).then(|| {
            let files = present.iter().flatten();
            inventory::build(files.map(|read| read.documents.as_slice()))
        });
        let unread: Vec<Problem> = present.into_iter().filter_map(Result::err).collect();
        let cluster = cluster(settings, policies, inventory.as_ref()).map(|cluster| cluster.with_state(before));
        let worker =
            || Evaluator::new(policies, inventory.as_ref(), cluster.as_ref()).with_terraform_root(terraform_root);
        if settings.combine {
            let inspected: Vec<Outcome> = all.iter().flatten().map(|read| inspection.of(read)).collect();
            let mut outcome = worker().combined(all);
            outcome.problems.extend(unread);
            inspected.into_iter().for_each(|inspected| outcome.add(inspected));
            return outcome;
        }
        let outcome: Vec<Outcome> = all.into_par_iter().map_init(worker, evaluate_source).collect();
        let mut outcome: Outcome = outcome.into_iter().collect();
        outcome.problems.extend(unread);
        outcome
    });
    progress.finish();
    Ok(outcome)
}

/// The cluster that constraints of Gatekeeper are evaluated in, where there are some.
fn cluster(settings: &Settings, policies: &PolicySet, inventory: Option<&Value>) -> Option<Cluster> {
    let gatekeeper = policies.gatekeeper.as_ref()?;
    let applying = Applying {
        operation: settings.operation,
        namespace: Some(settings.object_namespace.clone()),
        gator: settings.gator,
    };
    Some(gatekeeper.cluster(applying, inventory))
}

/// The objects that are in the cluster by the settings: the documents of each file, or why it cannot be read.
fn present(settings: &Settings) -> Vec<Result<Read, Problem>> {
    let paths: Vec<String> = settings
        .inventory
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if paths.is_empty() {
        return Vec::new();
    }
    let discovery = input::discover(&paths, settings.selection());
    let read = |source: &Source| Read::source(source, settings.limits(), settings.context(), Empty::Dropped);
    let found = discovery.sources.iter().map(read);
    found.chain(discovery.problems.into_iter().map(Err)).collect()
}

/// What becomes of fields that Kubernetes does not have: conftest knows of none.
fn fields(settings: &Settings) -> Fields {
    match settings.compat {
        _ if settings.strict_fields => Fields::Refused,
        Some(Compat::Conftest) => Fields::Ignored,
        None => Fields::Warned,
    }
}

/// Waives findings, and reports exemptions that waive nothing.
fn exempt(settings: &Settings, policies: &PolicySet, outcome: &mut Outcome, notes: &mut dyn Write) {
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    let counts = exempt::apply(&mut outcome.checks, &settings.exemptions, today);
    if settings.quiet {
        return;
    }
    for (exemption, count) in settings.exemptions.iter().zip(counts) {
        let is_run = |rule: &Rule| exemption.policy.iter().any(|pattern| pattern.fits_path(&rule.id));
        let told = match exemption.expires.filter(|_| !exemption.holds_on(today)) {
            Some(last) => format!("the exemption expired on {last}: its findings are reported again"),
            None if count == 0 && policies.all_rules().any(is_run) => {
                "the exemption matches no finding in this run: remove it if it is no longer needed".to_owned()
            }
            None => continue,
        };
        let place = &exemption.location;
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(&format!("{}:{}: {told}", place.file, place.line), notes);
    }
}

/// A problem for each id or start of ids that names no policy which evaluated a document. `matchable` says of each rule
/// whether one did.
fn unmatched(settings: &Settings, policies: &PolicySet, matchable: &[bool]) -> Vec<Problem> {
    let has = |required: &&Named| {
        let mut rules = policies.all_rules().zip(matchable);
        rules.any(|(rule, matched)| *matched && is_below(&rule.id, &required.text))
    };
    let required = settings.require_match.iter().filter(|required| !has(required));
    let describe = |required: &Named| {
        let message = format!("{required}: no document has a kind and format that these policies apply to");
        required.problem(message, "check the input files, or remove it from --require-match")
    };
    required.map(describe).collect()
}

/// Everything in one report, and what makes a run without findings no success.
fn settle(
    settings: &Settings,
    policies: &PolicySet,
    discovery: Discovery,
    mut outcome: Outcome,
    rendered: Vec<RenderedBy>,
) -> Report {
    let mut problems = discovery.problems;
    problems.extend(outcome.problems);
    let documents = outcome.documents;
    // Of a chart that has no objects the report says so.
    let may_be_empty = settings.allow_empty || rendered.iter().any(|rendered| rendered.is_empty);
    // Where conftest's behavior is asked for, there may be no rule at all, which a warning has said.
    let is_unmatched = policies.all_rules().next().is_some() && !outcome.matched.contains(&true);
    if documents == 0 && problems.is_empty() && !may_be_empty {
        problems.push(problem::of_run(
            "the input contains no documents: nothing was evaluated",
            "check the input files, or use --allow-empty if this is expected",
        ));
    } else if documents > 0 && is_unmatched && !settings.allow_empty {
        problems.push(problem::of_run(
            "no policy applies to any of the documents: nothing was evaluated",
            "name policies for these files with --policy, or use --allow-empty if this is expected",
        ));
    }
    let mut unevaluated = policies.unevaluated(&outcome.matched, outcome.unmatched);
    outcome.unmatched_documents.sort();
    unevaluated.documents = outcome.unmatched_documents;
    unevaluated.skipped = discovery.skipped;
    unevaluated.listed = settings.show_skipped;
    if documents > 0 {
        problems.extend(unmatched(settings, policies, &outcome.matchable));
        if settings.strict {
            problems.extend(policies.unused_constraints(&outcome.matched));
        }
    }
    let counts = Counts {
        documents: documents - unevaluated.documents.len(),
        files: outcome.files - unevaluated.files.len(),
        rules: policies.all_rules().count(),
    };
    let namespaces: Vec<&str> = settings
        .namespaces
        .iter()
        .flatten()
        .map(|named| named.text.as_str())
        .collect();
    let order = match settings.compat {
        Some(Compat::Conftest) => Order::Conftest(&namespaces),
        None => Order::Place,
    };
    Report::new(
        outcome.checks,
        problems,
        policies.described(),
        counts,
        order,
        verdict(settings),
    )
    .with_unevaluated(unevaluated)
    .with_rendered(rendered)
}
