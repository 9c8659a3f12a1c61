//! Flags, environment and `kpolicy.toml` become [`Settings`], in that order of strength; every error is reported at
//! once, with its location.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;

use crate::finding::{Problem, Severity};
use crate::gatekeeper::expansion::Expand;
use crate::gatekeeper::review::Operation;
use crate::input::{Ignore, Parsers, Selection};
use crate::reading::Limits;
use crate::rendering;
use crate::rendering::helm::Environment;
use crate::report::profile::ProfileStyle;
use crate::report::{Base, GroupBy};
use crate::waiver::Waiver;
use kpolicy_parse::document::Document;
use kpolicy_parse::{Context, Format};
use kpolicy_rego::builtins::Host;
use kpolicy_value::Value;

mod build;
mod choices;
mod file;
mod helm;
mod layer;
pub mod lints;
mod named;
mod output;
mod parsers;
pub mod table;
#[cfg(test)]
mod tests;
pub mod unknown;
mod url;
pub mod waiver;

pub use choices::{Allow, BuiltinErrors, Color, Compat, EngineName, Profile, RegoVersion};
use file::Tables;
pub use file::{exemptions_of, folders};
use layer::Layers;
pub use named::{Named, Trace};
pub use output::Output;
use waiver::{Governance, SeverityOverride};

/// How the paths of policies begin that are artifacts of a registry.
pub const REGISTRY: &str = "oci://";

/// How policies of others are fetched.
#[derive(Clone, Debug, Default)]
pub struct Sharing {
    /// What is downloaded before policies are loaded.
    pub update: Vec<String>,
    /// Whether other content than what is locked is taken over.
    pub update_lock: bool,
    /// Whether no registry is asked.
    pub offline: bool,
    /// Whether TLS is used; what suits the registry where nothing is said.
    pub tls: Option<bool>,
    /// The key that policies have to be signed with.
    pub verify_key: Option<KeyFile>,
}

/// A file with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Its path.
    pub path: PathBuf,
    /// Whether it is a secret that both sides have, and not a key in PEM.
    pub is_secret: bool,
}

impl KeyFile {
    /// Reads `FILE` or `secret:FILE`; the path is relative to this folder. Only what is called a secret is one: a public
    /// key that is taken for one would be known to everybody.
    pub fn parse(text: &str, folder: &Path) -> Self {
        let secret = text.strip_prefix("secret:");
        Self {
            path: folder.join(secret.unwrap_or(text)),
            is_secret: secret.is_some(),
        }
    }
}

/// Everything that a run depends on.
#[derive(Debug)]
pub struct Settings {
    /// What to evaluate.
    pub paths: Vec<String>,
    /// The settings file that was read.
    pub config: Option<PathBuf>,
    /// Policy files and folders; empty where there are none.
    pub policy: Vec<PathBuf>,
    /// How policies of others are fetched.
    pub sharing: Sharing,
    /// Data files and folders.
    pub data: Vec<PathBuf>,
    /// Further folders that Jsonnet imports from.
    pub jpath: Vec<PathBuf>,
    /// The folders of the .proto files that textproto refers to.
    pub proto_file_dirs: Vec<PathBuf>,
    /// The packages to run; `None` for every one.
    pub namespaces: Option<Vec<Named>>,
    /// Whether every package is run, whatever `namespaces` says.
    pub all_namespaces: bool,
    /// Ids or their starts in the library.
    pub library: Vec<Named>,
    /// Profiles of the library.
    pub profiles: Vec<Profile>,
    /// Ids or their starts of rules that have to have something to evaluate.
    pub require_match: Vec<Named>,
    /// The language's version.
    pub rego_version: RegoVersion,
    /// Whether suspicious policies are refused.
    pub strict: bool,
    /// Names below `data` that policies read and that need not be provided.
    pub allow_undefined_data: Vec<Named>,
    /// Whether fields that Kubernetes does not have are errors.
    pub strict_fields: bool,
    /// What a builtin that fails is.
    pub builtin_errors: BuiltinErrors,
    /// Which engine runs the policies.
    pub engine: EngineName,
    /// What policies may depend on beyond their input.
    pub allow: Vec<Allow>,
    /// The hosts that policies may ask where the network is allowed; every host where there is nothing.
    pub allow_hosts: Option<Vec<Host>>,
    /// The file that lists what policies may use.
    pub capabilities: Option<PathBuf>,
    /// The JSON schemas that policies are checked with: a file for `input`, or a directory.
    pub schema: Option<PathBuf>,
    /// What constraints of Gatekeeper are asked about objects.
    pub operation: Operation,
    /// The namespace of objects that do not say theirs.
    pub object_namespace: String,
    /// Which pods of workloads are evaluated beside them; what suits the policies where nothing is said.
    pub expand: Option<Expand>,
    /// Whether constraints of Gatekeeper are evaluated as gator evaluates them, where the webhook differs.
    pub gator: bool,
    /// Files and folders of objects that are in the cluster.
    pub inventory: Vec<PathBuf>,
    /// The format of every file; by its name where there is none.
    pub parser: Option<Format>,
    /// Parsers by globs.
    pub parsers: Parsers,
    /// The name that standard input has in reports.
    pub stdin_filename: Option<String>,
    /// Whether all files are one input.
    pub combine: bool,
    /// Which paths are skipped.
    pub ignore: Option<Ignore>,
    /// Whether what git ignores is skipped.
    pub respect_gitignore: bool,
    /// Whether charts and kustomizations are rendered.
    pub render: bool,
    /// The program kustomize or kubectl, where it is named.
    pub kustomize: Option<PathBuf>,
    /// The kustomizations that are built; where there are none, those that no other one uses.
    pub overlays: Vec<PathBuf>,
    /// The program helm, where it is named.
    pub helm: Option<PathBuf>,
    /// What charts are rendered with.
    pub charts: Vec<Environment>,
    /// Whether files that are named and that no parser knows are skipped.
    pub skip_unknown: bool,
    /// Whether nothing to evaluate is a success.
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
    /// The real paths of the files that outputs are written to: a walk skips them.
    pub written: Vec<PathBuf>,
    /// The file that a job summary is added to, where the system has one.
    pub summary: Option<PathBuf>,
    /// The working directory of the run.
    pub base: Base,
    /// What is traced; none where nothing is.
    pub trace: Option<Trace>,
    /// The file that the trace is written to; standard error where there is none.
    pub trace_file: Option<PathBuf>,
    /// The form in which it is told what rules cost; none where it is not.
    pub profile: Option<ProfileStyle>,
    /// The file that this is written to; standard error where there is none.
    pub profile_file: Option<PathBuf>,
    /// Whether rules that found something are explained.
    pub explain: bool,
    /// What the findings of text are grouped by.
    pub group_by: Option<GroupBy>,
    /// Whether text has how many findings each rule has, and not the findings.
    pub statistics: bool,
    /// The directory of the configuration of Terraform's plans.
    pub terraform_root: Option<PathBuf>,
    /// Whether the rules that held are listed.
    pub show_passed: bool,
    /// Whether what was not evaluated is listed.
    pub show_skipped: bool,
    /// Whether test tabs get the names of files alone.
    pub junit_hide_message: bool,
    /// Whether a clean run prints nothing.
    pub quiet: bool,
    /// Whether waived rules are omitted.
    pub suppress_exceptions: bool,
    /// How many findings are printed.
    pub max_findings: Option<usize>,
    /// Whether to use colors.
    pub color: Color,
    /// How many threads evaluate.
    pub jobs: Option<usize>,
    /// How long one evaluation may take.
    pub timeout: Duration,
    /// The largest file that is read, in bytes.
    pub max_file_size: u64,
    /// The most values that a file may hold.
    pub max_nodes: usize,
    /// The memory that files may take together, in bytes; half of what is available where there is none.
    pub memory: Option<u64>,
    /// The settings file, where it has parameters of policies: its `params` is `data.params`.
    pub params: Option<Document>,
    /// Further kinds that create pods, each with the path of its pod template.
    pub pod_templates: Option<Value>,
    /// The policies that are added to profiles.
    pub additions: Vec<(Profile, Named)>,
    /// The levels of lints.
    pub lints: lints::Levels,
    /// What is waived.
    pub exemptions: Vec<Waiver>,
    /// What is said of waivers.
    pub governance: Governance,
    /// The reference that the run is compared with.
    pub against: Option<String>,
    /// The directory that the run is compared with.
    pub against_dir: Option<PathBuf>,
    /// The reference whose unchanged files are not evaluated.
    pub changed: Option<String>,
    /// Whether the base is evaluated with its own policies.
    pub new_policies_fail: bool,
    /// The file of findings that were there before.
    pub baseline: Option<PathBuf>,
    /// How much the findings of policies matter, other than they say themselves.
    pub severities: Vec<SeverityOverride>,
    /// Lines for standard error about where settings come from.
    pub notices: Vec<String>,
}

impl Settings {
    /// Whether policies or data are to be fetched from elsewhere.
    pub fn names_policies_of_others(&self) -> bool {
        let is_remote = |path: &PathBuf| path.to_str().is_some_and(|text| text.starts_with(REGISTRY));
        !self.sharing.update.is_empty() || self.policy.iter().chain(&self.data).any(is_remote)
    }

    /// What a single file may be.
    pub fn limits(&self) -> Limits {
        Limits {
            bytes: self.max_file_size,
            nodes: self.max_nodes,
        }
    }

    /// What parsers may know beside the text.
    pub fn context(&self) -> Context<'_> {
        Context {
            path: None,
            conftest: self.compat == Some(Compat::Conftest),
            jpath: &self.jpath,
            proto_file_dirs: &self.proto_file_dirs,
        }
    }

    /// What rendering depends on.
    pub fn rendering(&self) -> rendering::Request<'_> {
        rendering::Request {
            helm: self.helm.as_ref(),
            kustomize: self.kustomize.as_ref(),
            overlays: &self.overlays,
            net: self.compat.is_none() && self.allow.contains(&Allow::Net),
            charts: &self.charts,
            limit: self.max_file_size,
            jobs: self.jobs,
        }
    }

    /// What of the files that are named is wanted.
    pub fn selection(&self) -> Selection<'_> {
        Selection {
            parser: self.parser,
            parsers: Some(&self.parsers),
            ignore: self.ignore.as_ref(),
            skip_unknown: self.skip_unknown,
            respect_gitignore: self.respect_gitignore,
            conftest: self.compat == Some(Compat::Conftest),
            render: self.render,
            stdin_filename: self.stdin_filename.as_deref(),
            written: &self.written,
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

/// The settings file that is named, where one is.
fn config(matches: &ArgMatches, world: &World) -> Option<PathBuf> {
    let flag = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    let variable = |name: &str| (world.variable)(name).filter(|text| !text.is_empty());
    let compat = flag("compat").or_else(|| variable("KPOLICY_COMPAT"));
    let as_conftest = compat.map_or_else(|| is_conftest(world.started_as), |name| name == "conftest");
    let of_conftest = || variable("CONFTEST_CONFIG_FILE").filter(|_| as_conftest);
    flag("config")
        // As conftest: a variable that is not set names nothing.
        .filter(|path| !(path.is_empty() && as_conftest))
        .or_else(|| variable("KPOLICY_CONFIG"))
        .or_else(of_conftest)
        .map(PathBuf::from)
}

/// Why there are no settings, and what of them is known all the same.
#[derive(Debug)]
pub struct Refused {
    /// Every error.
    pub problems: Vec<Problem>,
    /// The settings without what is at fault.
    pub rest: Box<Settings>,
    /// Whether the rest says which policies are evaluated, so that there is more that can be said of it.
    pub names_policies: bool,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        out.write_str(&problems.join("\n"))
    }
}

impl Error for Refused {}

/// The settings of a run of `test` or `parse`, or every error in them.
pub fn settle(matches: &ArgMatches, world: &World) -> Result<Settings, Refused> {
    let mut layers = Layers::default();
    let mut notices = Vec::new();
    let mut tables = Tables::default();
    let config = config(matches, world);
    let mut read = config.clone();
    match file::read(config.as_deref(), world.folder, &mut layers.problems) {
        Some(found) => {
            notices.extend(found.notice());
            read = Some(found.path());
            tables = found.read_into(&mut layers, world);
        }
        None => layers.hides_policies = !layers.problems.is_empty(),
    }
    layers.environment(world);
    layers.flags(matches);
    let settings = build::build(&mut layers, matches, world, tables, notices, read.as_deref());
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
