//! Flags, environment and `kpolicy.toml` become [`Settings`], in that order of strength; every fault is reported at
//! once, with its place.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use regex::Regex;

use crate::document::Document;
use crate::exempt::Exemption;
use crate::finding::{Problem, Severity};
use crate::input::Selection;
use crate::parse::Format;
use crate::report::Base;

/// Threads beyond which more cannot help and would only take memory.
const MOST_JOBS: usize = 1024;

mod choices;
pub mod exempt;
mod file;
mod layer;
mod output;
pub mod table;
#[cfg(test)]
mod tests;
pub mod unknown;

pub use choices::{Allow, BuiltinErrors, Color, Compat, EngineName, Profile, RegoVersion};
use exempt::Graded;
use file::Tables;
use layer::Layers;
pub use output::Output;

/// Everything that a run depends on.
#[derive(Debug)]
pub struct Settings {
    /// What to judge.
    pub paths: Vec<String>,
    /// Policy files and folders; empty where there are none.
    pub policy: Vec<PathBuf>,
    /// Data files and folders.
    pub data: Vec<PathBuf>,
    /// The packages to run; `None` for every one.
    pub namespaces: Option<Vec<String>>,
    /// Whether every package is run, whatever `namespaces` says.
    pub all_namespaces: bool,
    /// Ids or their starts in the library.
    pub library: Vec<String>,
    /// Profiles of the library.
    pub profiles: Vec<Profile>,
    /// Ids or their starts of rules that have to have something to judge.
    pub require_match: Vec<String>,
    /// The language's version.
    pub rego_version: RegoVersion,
    /// Whether suspicious policies are refused.
    pub strict: bool,
    /// What a builtin that fails is.
    pub builtin_errors: BuiltinErrors,
    /// Which engine runs the policies.
    pub engine: EngineName,
    /// What policies may depend on beyond their input.
    pub allow: Vec<Allow>,
    /// The format of every file; by its name where there is none.
    pub parser: Option<Format>,
    /// Whether all files are one input.
    pub combine: bool,
    /// Which paths are passed over.
    pub ignore: Option<Regex>,
    /// Whether files that are named and that no parser knows are passed over.
    pub skip_unknown: bool,
    /// Whether nothing to judge is a success.
    pub allow_empty: bool,
    /// Whether warnings fail the run.
    pub fail_on_warn: bool,
    /// Whether findings fail the run at all.
    pub no_fail: bool,
    /// Whose defaults and exit codes are taken instead of kpolicy's own.
    pub compat: Option<Compat>,
    /// The lowest severity that fails the run; `None` where any does.
    pub fail_level: Option<Severity>,
    /// How the report is written, and whereto.
    pub outputs: Vec<Output>,
    /// The file that a job summary is added to, where the system has one.
    pub summary: Option<PathBuf>,
    /// Where the run stands.
    pub base: Base,
    /// Whether rules that found something are explained.
    pub explain: bool,
    /// Whether test tabs get the names of files alone.
    pub junit_hide_message: bool,
    /// Whether a clean run prints nothing.
    pub quiet: bool,
    /// Whether waived rules are left out.
    pub suppress_exceptions: bool,
    /// How many findings are printed.
    pub max_findings: Option<usize>,
    /// Whether to paint.
    pub color: Color,
    /// How many threads judge.
    pub jobs: Option<usize>,
    /// How long one evaluation may take.
    pub timeout: Duration,
    /// The largest file that is read, in bytes.
    pub max_file_size: u64,
    /// The settings file, where it has parameters of policies: its `params` is `data.params`.
    pub params: Option<Document>,
    /// What is set aside.
    pub exemptions: Vec<Exemption>,
    /// How much the findings of policies matter, other than they say themselves.
    pub severities: Vec<Graded>,
    /// Lines for standard error about where settings come from.
    pub notices: Vec<String>,
}

impl Settings {
    /// What of the files that are named is wanted.
    pub fn selection(&self) -> Selection<'_> {
        Selection {
            parser: self.parser,
            ignore: self.ignore.as_ref(),
            skip_unknown: self.skip_unknown,
        }
    }
}

/// The world around a run, as far as settings depend on it.
pub struct World<'a> {
    /// The value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The names of all environment variables that start with `KPOLICY_`.
    pub variables: Vec<String>,
    /// The working directory.
    pub folder: &'a Path,
    /// The name that the program was started under.
    pub started_as: &'a str,
}

/// Whether the program was started under conftest's name.
pub fn is_conftest(started_as: &str) -> bool {
    Path::new(started_as).file_stem().is_some_and(|stem| stem == "conftest")
}

/// Why there are no settings, and what of them is known all the same.
#[derive(Debug)]
pub struct Refused {
    /// Every fault.
    pub problems: Vec<Problem>,
    /// The settings without what is at fault.
    pub rest: Box<Settings>,
    /// Whether the rest says which policies judge, so that there is more that can be said of it.
    pub names_policies: bool,
}

/// The settings of a run of `test` or `parse`, or every fault in them.
pub fn settle(matches: &ArgMatches, world: &World) -> Result<Settings, Refused> {
    let mut layers = Layers::default();
    let mut notices = Vec::new();
    let mut tables = Tables::default();
    let named = matches.get_one::<String>("config").map(PathBuf::from);
    let config = named.or_else(|| {
        (world.variable)("KPOLICY_CONFIG")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    });
    match file::read(config.as_deref(), world.folder, &mut layers.problems) {
        Some(found) => {
            notices.extend(found.notice());
            tables = found.read_into(&mut layers);
        }
        None => layers.hides_policies = !layers.problems.is_empty(),
    }
    layers.environment(world);
    layers.flags(matches);
    let settings = build(&mut layers, matches, world, tables, notices);
    if layers.problems.is_empty() {
        Ok(settings)
    } else {
        Err(Refused {
            problems: layers.problems,
            rest: Box::new(settings),
            names_policies: !layers.hides_policies,
        })
    }
}

fn build(layers: &mut Layers, matches: &ArgMatches, world: &World, tables: Tables, notices: Vec<String>) -> Settings {
    let compat = match layers.word("compat") {
        Some("conftest") => Some(Compat::Conftest),
        Some(_) => None,
        None => is_conftest(world.started_as).then_some(Compat::Conftest),
    };
    let policy = policy(layers, world);
    // The library's policies are chosen by their ids.
    let library_alone = policy.is_empty() && names_library(layers);
    let namespaces = layers
        .list("namespace")
        .or_else(|| compat.filter(|_| !library_alone).map(|_| vec!["main".to_owned()]));
    let lenient = match layers.word("builtin-errors") {
        Some(word) => word == "undefined",
        None => compat.is_some(),
    };
    let strict_builtins = !lenient || layers.switch_over("show-builtin-errors", "builtin-errors");
    let outputs = output::outputs(layers, compat, world);
    let no_color = layers.switch_over("no-color", "color")
        || layers.word("color").is_none() && (world.variable)("NO_COLOR").is_some_and(|value| !value.is_empty());
    let paths = matches
        .get_many::<String>("paths")
        .map(|paths| paths.cloned().collect())
        .unwrap_or_default();
    Settings {
        paths,
        policy,
        data: layers.paths("data"),
        namespaces,
        all_namespaces: layers.switch_over("all-namespaces", "namespace"),
        library: layers.list("library").unwrap_or_default(),
        profiles: profiles(layers),
        require_match: layers.list("require-match").unwrap_or_default(),
        rego_version: if layers.word("rego-version") == Some("v0") {
            RegoVersion::V0
        } else {
            RegoVersion::V1
        },
        strict: layers.switch("strict"),
        builtin_errors: if strict_builtins {
            BuiltinErrors::Error
        } else {
            BuiltinErrors::Undefined
        },
        engine: match layers.word("engine") {
            Some("regorus") => EngineName::Regorus,
            Some("both") => EngineName::Both,
            _ => EngineName::Own,
        },
        allow: allow(layers),
        parser: layers
            .word("parser")
            .and_then(|word| clap::ValueEnum::from_str(word, false).ok()),
        combine: layers.switch("combine"),
        ignore: layers.convert("ignore", "is no regular expression", |text| Regex::new(text).ok()),
        skip_unknown: layers.switch("skip-unknown"),
        allow_empty: layers.switch("allow-empty"),
        fail_on_warn: layers.switch("fail-on-warn"),
        no_fail: layers.switch("no-fail"),
        compat,
        fail_level: layers.word("fail-level").and_then(Severity::of_name),
        summary: output::summary(&outputs, world),
        outputs,
        base: Base::of(world.folder),
        explain: layers.switch("explain"),
        junit_hide_message: layers.switch("junit-hide-message"),
        quiet: layers.switch("quiet"),
        suppress_exceptions: layers.switch("suppress-exceptions"),
        max_findings: layers.number("max-findings"),
        color: match layers.word("color") {
            _ if no_color => Color::Never,
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            _ => Color::Auto,
        },
        jobs: layers.convert("jobs", "is too many: 1024 at most", |text| {
            text.parse().ok().filter(|jobs| *jobs <= MOST_JOBS)
        }),
        timeout: layers
            .convert("timeout", "is no number of seconds above zero", seconds)
            .unwrap_or(Duration::from_secs(10)),
        max_file_size: layers
            .convert("max-file-size", "is no size: write bytes, or 10K, 10M, 1G", size)
            .unwrap_or(256 << 20),
        params: tables.params,
        exemptions: tables.exemptions,
        severities: tables.severities,
        notices,
    }
}

/// The policies named, else the folder `policy` where there is one and the library was not asked for.
fn policy(layers: &Layers, world: &World) -> Vec<PathBuf> {
    let named = layers.paths("policy");
    let default = Path::new("policy");
    if named.is_empty() && !names_library(layers) && world.folder.join(default).exists() {
        return vec![default.to_owned()];
    }
    named
}

/// Whether policies of the library are named.
fn names_library(layers: &Layers) -> bool {
    ["library", "profile"].iter().any(|name| layers.list(name).is_some())
}

fn profiles(layers: &Layers) -> Vec<Profile> {
    let words = layers.list("profile").unwrap_or_default();
    words.iter().filter_map(|word| Profile::of_name(word)).collect()
}

fn allow(layers: &Layers) -> Vec<Allow> {
    let words = layers.list("allow").unwrap_or_default();
    let all = [Allow::Clock, Allow::Random];
    all.into_iter()
        .filter(|allow| words.iter().any(|word| word == allow.name()))
        .collect()
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s').unwrap_or(text).parse().ok()?;
    (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok())?
}

fn size(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()?.to_ascii_uppercase() {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().ok()?;
    // Places in a file are kept in 32 bits.
    number
        .checked_mul(1 << shift)
        .filter(|size| *size > 0 && *size < u64::from(u32::MAX))
}
