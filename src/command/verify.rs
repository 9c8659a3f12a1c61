//! `kpolicy verify`: runs the Rego tests of policies.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{ArgMatches, ValueEnum};
use globset::GlobMatcher;
use regex::Regex;

use super::test::{options, write_profile};
use crate::delivery;
use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::gatekeeper;
use crate::gatekeeper::suite::Filter;
use crate::policy::suite::{self, Request, Suite};
use crate::policy::{self, data};
use crate::problem;
use crate::report::coverage::CoverageStyle;
use crate::report::verified::{self, Layout};
use crate::report::{self, Style};
use crate::run::warn;
use crate::settings::{BuiltinErrors, RegoVersion, Settings};
use crate::threads;
use crate::tracing::events::Detail;
use crate::verify;
use crate::verify::coverage::Coverage;
use crate::verify::proof;
use crate::verify::result::{Proved, Verified};
use crate::verify::unit::Unit;
use crate::watch::Kept;
use kpolicy_value::Value;

/// Runs the tests that the arguments name, and writes their results.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    kept: Option<&mut Kept>,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<ExitCode, Error> {
    let started = Instant::now();
    refuse_outputs(settings)?;
    let detail = detail(matches, settings)?;
    let conftest = settings.compat.is_some();
    let selection = Selection::of(matches, settings).map_err(Error::Problems)?;
    let suite = load(matches, settings, notes)?;
    let suites = gatekeeper::suite::suites(&suite.manifests).map_err(Error::Problems)?;
    let tests = suite.tests.iter().map(Unit::Test);
    let units = tests.chain(suite.examples.iter().map(Unit::Example));
    let chosen: Vec<Unit> = units.filter(|unit| selection.has(unit)).collect();
    let cases: usize = suites.iter().map(|suite| suite.count(&selection.filter)).sum();
    if chosen.is_empty() && cases == 0 && !settings.allow_empty && !conftest {
        return Err(Error::Problems(vec![no_test(&suite, &suites)]));
    }
    let pool = threads::pool(settings.jobs).map_err(|error| Error::Problems(vec![no_threads(&error)]))?;
    let wanted = Wanted::of(matches).map_err(Error::Problems)?;
    if settings.profile.is_some() {
        let profile = pool.install(|| verify::profile(&suite, chosen.clone()));
        write_profile(&profile, settings, notes)?;
    }
    let (results, coverage) = match &wanted {
        None => (pool.install(|| verify::run(&suite, chosen.clone(), detail)), None),
        Some(_) => {
            let (results, coverage) = pool.install(|| verify::run_covered(&suite, chosen.clone(), detail));
            (results, Some(coverage))
        }
    };
    let mut results = results;
    if !suites.is_empty() {
        let compiling = policy::compiling(&settings.allow, settings.allow_hosts.as_deref(), settings.timeout);
        results.extend(pool.install(|| gatekeeper::suite::run(&suites, &selection.filter, &compiling)));
    }
    let mut verified = Verified { results, proof: None };
    if let Some(least) = least_proof(matches)
        && verified.status() == Status::Clean
    {
        let proof = pool.install(|| proof::prove(&suite, &chosen));
        verified.proof = Some(Proved { proof, least });
    }
    let mut silent = settings.quiet && verified.status() == Status::Clean;
    if let (Some(wanted), Some(coverage)) = (&wanted, &coverage)
        && verified.status() == Status::Clean
    {
        wanted.write_file(coverage, options(settings, started.elapsed()))?;
        // As in OPA, a document for programs takes the place of the results.
        silent |= wanted.is_printed() && wanted.style != CoverageStyle::Text;
    }
    let layout = Layout {
        var_values: matches.get_flag("var-values"),
        verbose: detail.is_some(),
    };
    let render = |style: Style, options: &report::Options, out: &mut dyn Write| {
        verified::render(&verified, style, options, layout, out)
    };
    let options = options(settings, started.elapsed());
    delivery::deliver_rendered(settings, &options, silent, &render, out)?;
    if !delivery::shows_problems(settings) {
        let color = settings.color.on(io::stderr().is_terminal());
        let _ = report::render_problems(&verified::problems(&verified), false, color, notes);
    }
    if let Some(kept) = kept {
        kept.note_tests(&verified);
    }
    let mut status = verified.status();
    if let (Some(wanted), Some(coverage), Status::Clean) = (&wanted, &coverage, status) {
        wanted.print(coverage, &options, out)?;
        status = wanted.judge(coverage, notes);
    }
    Ok(match status {
        Status::Unusable if conftest => ExitCode::from(1),
        status => status.into(),
    })
}

/// The traces that are wanted: with `--report` of tests that fail, with `--trace` of all. Only text has them.
fn detail(matches: &ArgMatches, settings: &Settings) -> Result<Option<verify::Wanted>, Error> {
    let all = matches.get_flag("trace-tests");
    let named = matches.get_one::<Detail>("report").copied();
    let detail = named
        .or(all.then_some(Detail::Full))
        .map(|detail| verify::Wanted { detail, passed: all });
    let shows = |style: Style| matches!(style, Style::Text | Style::Stdout | Style::Github | Style::Azuredevops);
    if detail.is_some() && settings.outputs.iter().any(|output| !shows(output.style)) {
        let (message, help) = match settings.compat {
            Some(_) => (
                "Error: report flag is supported with stdout only",
                "remove --report, or the output",
            ),
            None => (
                "--report and --trace change the text: no other output has them",
                "use -o text, or remove them",
            ),
        };
        return Err(Error::Problems(vec![problem::of_run(message, help)]));
    }
    Ok(detail)
}

/// The share of claims in percent that tests have to prove, where that is asked for.
fn least_proof(matches: &ArgMatches) -> Option<f64> {
    let named = matches.get_one::<f64>("min-proof").copied();
    named.or(matches.get_flag("require-proof").then_some(100.0))
}

/// The coverage that is asked for.
struct Wanted {
    style: CoverageStyle,
    /// Where it is written; standard output where there is no file.
    file: Option<PathBuf>,
    /// Whether it is written at all.
    shown: bool,
    /// The share of lines in percent that it may not be below.
    least: Option<f64>,
}

impl Wanted {
    fn of(matches: &ArgMatches) -> Result<Option<Self>, Vec<Problem>> {
        let least = matches.get_one::<f64>("min-coverage").copied();
        let Some(text) = matches.get_one::<String>("coverage") else {
            return Ok(least.map(|least| Self {
                style: CoverageStyle::Text,
                file: None,
                shown: false,
                least: Some(least),
            }));
        };
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text.as_str(), None),
        };
        let style = CoverageStyle::from_str(name, false).map_err(|_| {
            let message = format!("--coverage: {name} is not a format of coverage");
            vec![problem::of_run(
                message,
                "use text, json, lcov or html, with =FILE for a file",
            )]
        })?;
        Ok(Some(Self {
            style,
            file,
            shown: true,
            least,
        }))
    }

    fn is_printed(&self) -> bool {
        self.shown && self.file.is_none()
    }

    fn write_file(&self, coverage: &Coverage, options: report::Options) -> Result<(), Error> {
        let Some(path) = &self.file else { return Ok(()) };
        let options = report::Options {
            color: false,
            ..options
        };
        let write = |out: &mut dyn Write| report::coverage::render(coverage, self.style, &options, out);
        delivery::write_file(path, write).map_err(|problem| Error::Undelivered(vec![problem]))
    }

    fn print(&self, coverage: &Coverage, options: &report::Options, out: &mut dyn Write) -> Result<(), Error> {
        if !self.is_printed() {
            return Ok(());
        }
        report::coverage::render(coverage, self.style, options, out).map_err(Error::Output)
    }

    /// What the run concludes from how much was covered.
    fn judge(&self, coverage: &Coverage, notes: &mut dyn Write) -> Status {
        let reached = coverage.lines().percent();
        match self.least {
            Some(least) if reached < least => {
                let line = format!("coverage is {reached:.2} %, below --min-coverage {least}");
                let _ = report::render_notice(&line, notes);
                Status::Violations
            }
            _ => Status::Clean,
        }
    }
}

/// The outputs that have no form for tests.
fn refuse_outputs(settings: &Settings) -> Result<(), Error> {
    let of_test = |style: Style| matches!(style, Style::Markdown | Style::PrComment | Style::Html | Style::Compact);
    match settings.outputs.iter().find(|output| of_test(output.style)) {
        None => Ok(()),
        Some(_) => Err(Error::Problems(vec![problem::of_run(
            "kpolicy verify does not have the outputs compact, markdown, pr-comment and html",
            "use -o text, json, tap, junit, github, gitlab, azuredevops, sarif, table or stdout",
        )])),
    }
}

/// Which tests are run.
struct Selection {
    run: Option<Regex>,
    /// Which cases of Suites are run.
    filter: Filter,
    packages: Option<Vec<GlobMatcher>>,
}

impl Selection {
    fn of(matches: &ArgMatches, settings: &Settings) -> Result<Self, Vec<Problem>> {
        let given = matches.get_one::<String>("run");
        let refuse = |error: String| {
            let message = format!("--run is not a valid regular expression: {error}");
            vec![problem::of_run(
                message,
                "name tests by a part of data.package.test_name, or cases of a Suite by test//case",
            )]
        };
        let run = given.map(|text| Regex::new(text)).transpose();
        let run = run.map_err(|error| refuse(error.to_string()))?;
        let filter = given.map_or(Ok(Filter::All), |text| Filter::of(text)).map_err(refuse)?;
        // What conftest runs where nothing is named is every test.
        let named = settings
            .namespaces
            .as_ref()
            .filter(|_| matches.contains_id("namespace"));
        let named = named.filter(|_| matches.value_source("namespace").is_some());
        let globs = named.map(|names| {
            let glob = |named: &crate::settings::Named| {
                globset::Glob::new(&named.text)
                    .map(|glob| glob.compile_matcher())
                    .map_err(|error| {
                        let message = format!("{named} is not a valid pattern: {}", error.kind());
                        vec![named.problem(message, "name a package, or a glob such as main.*")]
                    })
            };
            names.iter().map(glob).collect::<Result<Vec<_>, _>>()
        });
        Ok(Self {
            run,
            filter,
            packages: globs.transpose()?,
        })
    }

    fn has(&self, test: &Unit) -> bool {
        let package = test.package_name();
        let below_data = package.strip_prefix("data.").unwrap_or(&package);
        let is_of_package = self
            .packages
            .as_ref()
            .is_none_or(|globs| globs.iter().any(|glob| glob.is_match(below_data)));
        let is_named = self
            .run
            .as_ref()
            .is_none_or(|run| run.is_match(&format!("{package}.{}", test.name())));
        is_of_package && is_named
    }
}

/// The policies with their tests and data.
fn load(matches: &ArgMatches, settings: &Settings, notes: &mut dyn Write) -> Result<Suite, Error> {
    let policy = policies(matches, settings, "kpolicy verify policy/")?;
    suite::load(&Request {
        policy: &policy,
        data: data_of(&policy, matches, settings, notes)?,
        v0: settings.rego_version == RegoVersion::V0,
        strict: settings.strict,
        allow: &settings.allow,
        allow_hosts: settings.allow_hosts.as_deref(),
        // As in OPA, unless something else is asked for.
        strict_builtins: settings.builtin_errors == BuiltinErrors::Error && asks_for_errors(matches),
        timeout: settings.timeout,
        examples: settings
            .compat
            .is_none()
            .then(|| (settings.limits(), settings.context())),
        conftest: settings.compat.is_some(),
    })
    .map_err(Error::Problems)
}

/// The files and directories of policies that the arguments and the settings name. `example` is a call that names one.
pub(super) fn policies(matches: &ArgMatches, settings: &Settings, example: &str) -> Result<Vec<PathBuf>, Error> {
    let mut policy = settings.policy.clone();
    if settings.compat.is_none() {
        // conftest takes files to test here, and ignores them.
        let named: Vec<PathBuf> = settings.paths.iter().map(PathBuf::from).collect();
        if !named.is_empty() && matches.value_source("policy").is_none() {
            policy.clear();
        }
        policy.extend(named);
    }
    if policy.is_empty() {
        return Err(Error::Problems(vec![problem::of_run(
            "there are no policies: the directory policy does not exist, and none were named",
            format!("name directories of policies and tests: {example}"),
        )]));
    }
    Ok(policy)
}

/// Whether builtin errors are asked for: in tests they are undefined otherwise, as in OPA.
fn asks_for_errors(matches: &ArgMatches) -> bool {
    let given = |name: &str| matches.value_source(name).is_some();
    given("builtin-errors") || given("show-builtin-errors")
}

/// The base document: that of the settings, and with `--opa-data` what lies beside the policies.
fn data_of(
    policy: &[PathBuf],
    matches: &ArgMatches,
    settings: &Settings,
    notes: &mut dyn Write,
) -> Result<Value, Error> {
    let mut paths = settings.data.clone();
    if matches.get_flag("opa-data") {
        paths.extend(policy.iter().filter(|path| path.is_dir()).cloned());
    }
    let mut warnings = Vec::new();
    let data = data::load(&paths, &settings.written, settings.limits(), &mut warnings).map_err(Error::Problems)?;
    warn(settings, &mut warnings, notes);
    let data = data::with_params(data, settings.params.as_ref()).map_err(Error::Problems)?;
    data::with_pod_templates(data, settings.pod_templates.as_ref()).map_err(Error::Problems)
}

/// Why no test could be run.
fn no_test(suite: &Suite, suites: &[gatekeeper::suite::Suite]) -> Problem {
    match (suite.tests.len() + suite.examples.len(), suites.len()) {
        (0, 0) if suite.modules.is_empty() => problem::of_run(
            "there is no test: no file is a Suite of Gatekeeper, and there is no Rego",
            "name a Suite, or a directory that has one below it",
        ),
        (0, 0) => problem::of_run(
            "there is no test: no rule of the policies has a name that starts with test_, and there are no examples",
            "write a test such as `test_denies_latest if { … }` or an example, or use --allow-empty",
        ),
        _ => problem::of_run(
            "no test matches --run and --namespace",
            "kpolicy verify without them lists every test in its json output",
        ),
    }
}

fn no_threads(error: &rayon::ThreadPoolBuildError) -> Problem {
    problem::of_run(
        format!("the threads for the tests could not be started: {error}"),
        "use --jobs 1",
    )
}
