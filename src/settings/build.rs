//! The values of the layers as [`Settings`], with the defaults of what nobody gave.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use kpolicy_parse::Format;
use regex::Regex;

use super::file::{Tables, is_there};
use super::layer::{Layers, output_name};
use super::output::ReadFiles;
use super::{
    Allow, BuiltinErrors, Color, Compat, EngineName, KeyFile, Named, Profile, RegoVersion, Settings, Sharing, Trace,
    World, is_conftest, output,
};
use crate::finding::Severity;
use crate::gatekeeper::expansion::Expand;
use crate::gatekeeper::review::Operation;
use crate::input::{Globs, Ignore};
use crate::report::profile::ProfileStyle;
use crate::report::{Base, GroupBy};
use crate::tracing::folded::Only;
use kpolicy_rego::builtins::Host;

/// Threads beyond which more cannot help and would only take memory.
const MOST_JOBS: usize = 1024;
/// Values of a file beyond which it is refused.
const MAX_NODES: usize = 10_000_000;

/// The settings; what is at fault stands among the problems of the layers, and has its default here.
pub(super) fn build(
    layers: &mut Layers,
    matches: &ArgMatches,
    world: &World,
    tables: Tables,
    notices: Vec<String>,
    config: Option<&Path>,
) -> Settings {
    let compat = compat(layers, world);
    if compat.is_some() {
        layers.conftest_environment(world);
    }
    let policy = policy(layers, world);
    let data = layers.paths("data");
    let jpath = layers.paths("jpath");
    let proto_file_dirs = layers.paths("proto-file-dirs");
    let overlays = layers.paths("overlay");
    // Not every command takes paths.
    let paths = matches.try_get_many::<String>("paths").ok().flatten();
    let paths: Vec<String> = paths.map(|paths| paths.cloned().collect()).unwrap_or_default();
    let reads = ReadFiles {
        paths: &paths,
        policy: &policy,
        data: &data,
        config,
    };
    let outputs = output::outputs(layers, compat, world, &reads);
    Settings {
        paths,
        config: config.map(Path::to_path_buf),
        namespaces: namespaces(layers, compat, policy.is_empty()),
        policy,
        data,
        sharing: sharing(layers),
        jpath,
        proto_file_dirs,
        all_namespaces: layers.switch_over("all-namespaces", "namespace"),
        library: layers.named("library").unwrap_or_default(),
        profiles: profiles(layers),
        require_match: layers.named("require-match").unwrap_or_default(),
        rego_version: rego_version(layers),
        strict: layers.switch("strict"),
        allow_undefined_data: layers.named("allow-undefined-data").unwrap_or_default(),
        strict_fields: layers.switch("strict-fields"),
        builtin_errors: builtin_errors(layers, compat),
        engine: engine(layers),
        allow: allow(layers, compat),
        allow_hosts: allow_hosts(layers),
        capabilities: path(layers, "capabilities"),
        schema: path(layers, "schema"),
        operation: operation(layers),
        object_namespace: layers.word("object-namespace").unwrap_or("default").to_owned(),
        expand: expand(layers),
        gator: layers.word("compat") == Some("gator"),
        inventory: layers.paths("inventory"),
        parser: layers.word("parser").and_then(Format::of_name),
        combine: layers.switch("combine"),
        parsers: tables.parsers,
        stdin_filename: layers.word("stdin-filename").map(str::to_owned),
        ignore: ignore(layers, world),
        respect_gitignore: layers.switch("respect-gitignore"),
        render: compat.is_none() && !layers.switch("no-render"),
        helm: program(layers, "helm"),
        kustomize: program(layers, "kustomize"),
        overlays,
        charts: tables.charts,
        skip_unknown: layers.switch("skip-unknown"),
        allow_empty: layers.switch("allow-empty"),
        fail_on_warn: layers.switch("fail-on-warn"),
        no_fail: layers.switch("no-fail"),
        compat,
        fail_level: layers.word("fail-level").and_then(Severity::of_name),
        summary: output::summary(&outputs, world),
        written: output::written(&outputs, world),
        outputs,
        base: Base::of(world.folder),
        trace: trace(layers, compat),
        trace_file: layers.word("trace-file").map(PathBuf::from),
        profile: profile(layers),
        profile_file: path(layers, "profile-file"),
        explain: layers.switch("explain"),
        group_by: layers.word("group-by").and_then(GroupBy::of_name),
        statistics: layers.switch("statistics"),
        terraform_root: layers.word("terraform-root").map(PathBuf::from),
        show_passed: layers.switch("show-passed"),
        show_skipped: layers.switch("show-skipped"),
        junit_hide_message: layers.switch("junit-hide-message"),
        quiet: layers.switch("quiet"),
        suppress_exceptions: layers.switch("suppress-exceptions"),
        max_findings: layers.number("max-findings"),
        color: color(layers, world),
        jobs: layers.convert("jobs", "is too many: the maximum is 1024", jobs),
        timeout: timeout(layers),
        max_file_size: max_file_size(layers),
        max_nodes: layers.number("max-nodes").unwrap_or(MAX_NODES),
        memory: layers.convert(
            "memory",
            "is not a size: write a number of bytes, or a number with K, M or G such as 10M",
            bytes,
        ),
        params: tables.params,
        pod_templates: tables.pod_templates,
        additions: tables.additions,
        lints: tables.lints,
        exemptions: tables.exemptions,
        governance: tables.governance,
        against: layers.word("against").map(str::to_owned),
        against_dir: path(layers, "against-dir"),
        changed: layers.word("changed").map(str::to_owned),
        new_policies_fail: layers.switch("new-policies-fail"),
        baseline: path(layers, "baseline"),
        severities: tables.severities,
        notices,
    }
}

fn compat(layers: &Layers, world: &World) -> Option<Compat> {
    match layers.word("compat") {
        Some("conftest") => Some(Compat::Conftest),
        Some(_) => None,
        None => is_conftest(world.started_as).then_some(Compat::Conftest),
    }
}

/// The packages named, else conftest's `main` where its defaults are taken. The library's policies are chosen by ids.
fn namespaces(layers: &Layers, compat: Option<Compat>, no_policy: bool) -> Option<Vec<Named>> {
    let library_alone = no_policy && names_library(layers);
    let usual = || {
        compat
            .filter(|_| !library_alone)
            .map(|_| vec![Named::by_flag("namespace", "main")])
    };
    layers.named("namespace").or_else(usual)
}

/// How policies of others are fetched.
fn sharing(layers: &mut Layers) -> Sharing {
    Sharing {
        update: layers.list("update").unwrap_or_default(),
        update_lock: layers.switch("update-lock"),
        offline: layers.switch("offline"),
        tls: layers.word("tls").map(|word| word == "true"),
        verify_key: verify_key(layers),
    }
}

/// The key that policies have to be signed with.
fn verify_key(layers: &Layers) -> Option<KeyFile> {
    let assignment = layers.assignment("verify-key")?;
    let folder = assignment.folder.as_deref().unwrap_or(Path::new(""));
    Some(KeyFile::parse(assignment.values.first()?, folder))
}

/// The policies named, else the folder `policy` where there is one and the library was not asked for.
fn policy(layers: &mut Layers, world: &World) -> Vec<PathBuf> {
    let named = layers.paths("policy");
    let default = Path::new("policy");
    // What is updated is there by then.
    let is_there =
        || layers.list("update").is_some() || !names_library(layers) && is_there(&world.folder.join(default));
    if named.is_empty() && is_there() {
        return vec![default.to_owned()];
    }
    named
}

/// Whether policies of the library are named.
fn names_library(layers: &Layers) -> bool {
    ["library", "profile"].iter().any(|name| layers.list(name).is_some())
}

/// What is skipped: files by a regular expression, as in conftest, or by the globs of the settings file.
fn ignore(layers: &mut Layers, world: &World) -> Option<Ignore> {
    let assignment = layers.assignment("ignore")?;
    if !assignment.listed {
        let regex = layers.convert("ignore", "is not a valid regular expression", |text| {
            Regex::new(text).ok()
        });
        return regex.map(Ignore::Regex);
    }
    let root = world.folder.join(assignment.folder.as_deref().unwrap_or(Path::new("")));
    match Globs::new(&assignment.values, &root) {
        Ok(globs) => Some(Ignore::Globs(globs)),
        Err((at, wrong)) => {
            let message = format!("{} is not a valid glob: {wrong}", assignment.values[at]);
            let problem = assignment.wrong(at, message, "write patterns as in a .gitignore");
            layers.problems.push(problem);
            None
        }
    }
}

/// The rules that are traced: all, where none are named. conftest's users read OPA's long form.
fn trace(layers: &Layers, compat: Option<Compat>) -> Option<Trace> {
    let word = layers.word("trace");
    if word == Some("false") {
        return None;
    }
    let (named, only) = (layers.named("trace-rule"), layers.word("trace-only"));
    let asked = word.is_some() || layers.word("trace-file").is_some() || named.is_some() || only.is_some();
    asked.then(|| Trace {
        rules: named.unwrap_or_default(),
        full: match word {
            Some("folded") => false,
            Some("full") => true,
            _ => compat.is_some(),
        },
        only: only.map(|word| match word {
            "failed" => Only::Failed,
            _ => Only::Silent,
        }),
    })
}

/// The form of the profile of rules: text, where only its file is named.
fn profile(layers: &Layers) -> Option<ProfileStyle> {
    match layers.word("profile-rules") {
        Some("false") => None,
        Some("json") => Some(ProfileStyle::Json),
        Some(_) => Some(ProfileStyle::Text),
        None => layers.word("profile-file").map(|_| ProfileStyle::Text),
    }
}

fn profiles(layers: &Layers) -> Vec<Profile> {
    let words = layers.list("profile").unwrap_or_default();
    words.iter().filter_map(|word| Profile::of_name(word)).collect()
}

/// What is named; else everything where conftest's defaults are taken.
fn allow(layers: &Layers, compat: Option<Compat>) -> Vec<Allow> {
    let Some(words) = layers.list("allow") else {
        return compat.map_or_else(Vec::new, |_| Allow::ALL.to_vec());
    };
    Allow::ALL
        .into_iter()
        .filter(|allow| words.iter().any(|word| output_name(word) == allow.name()))
        .collect()
}

/// The hosts that policies may ask, where not all.
fn allow_hosts(layers: &Layers) -> Option<Vec<Host>> {
    let words = layers.list("allow")?;
    if words.iter().any(|word| word == Allow::Net.name()) {
        return None;
    }
    let host = |word: &String| word.strip_prefix("net=").and_then(Host::parse);
    Some(words.iter().filter_map(host).collect())
}

/// A path in a setting, as seen from the working directory.
fn path(layers: &Layers, name: &str) -> Option<PathBuf> {
    let assignment = layers.assignment(name)?;
    let folder = assignment.folder.as_deref().unwrap_or(Path::new(""));
    Some(folder.join(assignment.values.first()?))
}

/// What is asked of the webhook; gator does not say.
fn operation(layers: &Layers) -> Operation {
    match layers.word("operation") {
        Some("update") => Operation::Update,
        Some("delete") => Operation::Delete,
        Some("none") => Operation::None,
        None if layers.word("compat") == Some("gator") => Operation::None,
        _ => Operation::Create,
    }
}

/// What is expanded; gator knows no kinds that create pods.
fn expand(layers: &Layers) -> Option<Expand> {
    match layers.word("expand") {
        Some("builtin") => Some(Expand::Builtin),
        Some("given") => Some(Expand::Given),
        Some(_) => Some(Expand::Off),
        None => (layers.word("compat") == Some("gator")).then_some(Expand::Given),
    }
}

/// A program: a name to be looked up, or a path as seen from the working directory.
fn program(layers: &Layers, name: &str) -> Option<PathBuf> {
    let word = layers.word(name)?;
    match word.contains(['/', '\\']) {
        true => path(layers, name),
        false => Some(PathBuf::from(word)),
    }
}

fn rego_version(layers: &Layers) -> RegoVersion {
    match layers.word("rego-version") {
        Some("v0") => RegoVersion::V0,
        _ => RegoVersion::V1,
    }
}

fn builtin_errors(layers: &Layers, compat: Option<Compat>) -> BuiltinErrors {
    let lenient = match layers.word("builtin-errors") {
        Some(word) => word == "undefined",
        None => compat.is_some(),
    };
    if lenient && !layers.switch_over("show-builtin-errors", "builtin-errors") {
        BuiltinErrors::Undefined
    } else {
        BuiltinErrors::Error
    }
}

#[cfg(feature = "engine-regorus")]
fn engine(layers: &Layers) -> EngineName {
    match layers.word("engine") {
        Some("regorus") => EngineName::Regorus,
        Some("both") => EngineName::Both,
        _ => EngineName::Own,
    }
}

/// There is one engine only, and asking for another is an error.
#[cfg(not(feature = "engine-regorus"))]
fn engine(layers: &mut Layers) -> EngineName {
    let other = layers
        .assignment("engine")
        .filter(|assignment| assignment.values != ["own"]);
    let problem = other.map(|assignment| {
        assignment.wrong(
            0,
            "this build of kpolicy does not have the engine regorus".to_owned(),
            "build kpolicy with the feature engine-regorus (`cargo build` has it by default), or use the engine own",
        )
    });
    layers.problems.extend(problem);
    EngineName::Own
}

fn color(layers: &Layers, world: &World) -> Color {
    let variable = || (world.variable)("NO_COLOR").is_some_and(|value| !value.is_empty());
    let no_color = layers.switch_over("no-color", "color") || layers.word("color").is_none() && variable();
    match layers.word("color") {
        _ if no_color => Color::Never,
        Some("always") => Color::Always,
        Some("never") => Color::Never,
        _ => Color::Auto,
    }
}

fn jobs(text: &str) -> Option<usize> {
    text.parse().ok().filter(|jobs| *jobs <= MOST_JOBS)
}

fn timeout(layers: &mut Layers) -> Duration {
    let assignment = layers.convert("timeout", "is not a positive number of seconds", seconds);
    assignment.unwrap_or(Duration::from_secs(10))
}

fn max_file_size(layers: &mut Layers) -> u64 {
    let assignment = layers.convert(
        "max-file-size",
        "is not a size: write a number of bytes, or a number with K, M or G such as 10M",
        size,
    );
    assignment.unwrap_or(256 << 20)
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s').unwrap_or(text).parse().ok()?;
    (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok())?
}

fn size(text: &str) -> Option<u64> {
    // Places in a file are kept in 32 bits.
    bytes(text).filter(|size| *size < u64::from(u32::MAX))
}

fn bytes(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()?.to_ascii_uppercase() {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(1 << shift).filter(|size| *size > 0)
}
