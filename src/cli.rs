//! The command line, built from the table of settings, so that every flag has its variable and its key.

use std::ffi::OsString;
use std::path::PathBuf;

#[cfg(feature = "sharing")]
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgGroup, Command, ValueHint};

use crate::command::doc::Pages;
use crate::documentation::Markup;
use crate::report::answers::AnswerStyle;
use crate::report::why::WhyStyle;
use crate::settings::Profile;
use crate::settings::table::{SETTINGS, Setting, Shape, aliases};
use crate::tracing::events::Detail;
use crate::watch::WatchStyle;

/// What `kpolicy --version` prints of the engines beside its own.
#[cfg(feature = "engine-regorus")]
macro_rules! engines {
    () => {
        " (with --engine: regorus 0.14.1, both)"
    };
}

#[cfg(not(feature = "engine-regorus"))]
macro_rules! engines {
    () => {
        ""
    };
}

/// What `kpolicy --version` prints: the versions of kpolicy, of the engine and of the language.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nengine: own",
    engines!(),
    "\nRego: as in OPA 1.22.3, v1 (v0 with --rego-version v0)"
);

/// The output format of `kpolicy list`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ListStyle {
    /// Text for people.
    #[default]
    Text,
    /// An array of objects.
    Json,
}

/// The command line with its command moved first if flags precede it. conftest accepts `-c FILE test` too.
pub fn command_first(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    let flag = |at: usize| arguments.get(at)?.to_str()?.strip_prefix('-');
    // After `--` nothing is a flag.
    while let Some(flag) = flag(at).filter(|flag| !matches!(*flag, "" | "-")) {
        at += if takes_next(flag) { 2 } else { 1 };
    }
    let is_command = |word: &OsString| command().find_subcommand(word).is_some();
    let is_version = arguments.get(1).is_some_and(|word| word == "-V" || word == "--version");
    if at > 1 && !is_version && arguments.get(at).is_some_and(is_command) {
        arguments[1..=at].rotate_right(1);
    }
    arguments
}

/// The `test` command of these arguments with only the flags that select the outputs.
pub fn outputs_alone(arguments: &[OsString]) -> Vec<OsString> {
    let mut kept: Vec<OsString> = vec!["kpolicy".into(), "test".into()];
    let mut words = arguments.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) if text.starts_with("--") => (name, Some(value)),
            _ if text.len() > 2 && text.starts_with("-o") => ("-o", Some(text[2..].trim_start_matches('='))),
            _ => (&*text, None),
        };
        if !matches!(
            name,
            "-o" | "--output" | "--config" | "--config-file" | "-c" | "--compat" | "--color"
        ) {
            continue;
        }
        let value = match value {
            Some(value) => OsString::from(value),
            None => match words.next() {
                Some(value) => value.clone(),
                None => break,
            },
        };
        kept.extend([name.into(), value]);
    }
    kept
}

/// Whether the next argument is the value of this flag, which is given without its first dash.
fn takes_next(flag: &str) -> bool {
    let long = flag.strip_prefix('-');
    let is_named = |setting: &&Setting| match long {
        Some(name) => setting.name == name,
        None => setting.short.is_some_and(|letter| flag == letter.to_string()),
    };
    matches!(flag, "c" | "-config" | "-config-file")
        || SETTINGS
            .iter()
            .find(is_named)
            .is_some_and(|setting| !matches!(setting.shape, Shape::Switch | Shape::SwitchOr(_)))
}

/// The whole command line.
pub fn command() -> Command {
    Command::new("kpolicy")
        .about("Test Kubernetes, Terraform and other structured configuration against Rego policies")
        .version(VERSION)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Exit codes: 0 the test passed, 1 the test failed, 2 error.")
        .subcommand(test())
        .subcommand(verify())
        .subcommand(baseline())
        .subcommand(waivers())
        .subcommand(diff_policies())
        .subcommand(fmt())
        .subcommand(why())
        .subcommand(check())
        .subcommand(eval())
        .subcommand(parse())
        .subcommands(sharing())
        .subcommand(Command::new("init").about("Create kpolicy.toml, a first policy and its test"))
        .subcommand(list())
        .subcommand(explain())
        .subcommand(inspect())
        .subcommand(doc())
        .subcommand(export())
        .subcommand(plugin())
        .subcommand(
            Command::new("completions").about("Print shell completions").arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .help("Shell to complete for")
                    .value_parser(clap::value_parser!(clap_complete::Shell)),
            ),
        )
        .subcommand(
            Command::new("man").about("Write manual pages").arg(
                Arg::new("folder")
                    .value_name("DIRECTORY")
                    .required(true)
                    .help("Directory to write them to")
                    .value_parser(clap::value_parser!(PathBuf))
                    .value_hint(ValueHint::DirPath),
            ),
        )
}

fn test() -> Command {
    Command::new("test")
        .about("Test files against policies")
        .after_help(
            "Every option can also be set as KPOLICY_<NAME> or as a key in kpolicy.toml; flags take precedence.\n\
             Use =false to turn off an option that is set there: --quiet=false.",
        )
        .arg(paths("Files, directories and globs to test; - is standard input"))
        .args(SETTINGS.iter().map(flag))
        .arg(watch().help_heading("Output"))
        .arg(config())
}

fn watch() -> Arg {
    Arg::new("watch")
        .long("watch")
        .value_name("SOURCE")
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("files")
        .value_parser(clap::value_parser!(WatchStyle))
        .hide_possible_values(true)
        .help("Run again when a file changes; =stdin: on each line of standard input")
}

fn verify() -> Command {
    Command::new("verify")
        .about("Run the Rego tests of policies")
        .after_help(
            "Tests are rules whose names start with test_.\n\
             Exit codes: 0 every test passed or was skipped, 1 a test failed, 2 error.",
        )
        .arg(paths("Policy files and directories, in addition to --policy"))
        .arg(
            Arg::new("run")
                .long("run")
                .short('r')
                .value_name("REGEX")
                .help("Run only tests whose full name, such as data.main.test_deny, matches")
                .help_heading(TESTS),
        )
        .arg(switch(
            "opa-data",
            "Also load the JSON and YAML files of the policy directories as `data`, like opa test",
        ))
        .arg(
            Arg::new("report")
                .long("report")
                .value_name("DETAIL")
                .value_parser(clap::value_parser!(Detail))
                .help("Print every test, and a trace of those that fail, like opa test --verbose")
                .help_heading(TESTS),
        )
        .arg(switch("trace-tests", "Print a trace of every test, also of those that pass").long("trace"))
        .arg(switch(
            "var-values",
            "Print failed statements with the values below their parts, like opa test",
        ))
        .arg(
            Arg::new("coverage")
                .long("coverage")
                .value_name("FORMAT[=FILE]")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("text")
                .help("Report which lines the tests evaluate, as text, json, lcov or html")
                .help_heading(TESTS),
        )
        .arg(
            Arg::new("min-coverage")
                .long("min-coverage")
                .alias("threshold")
                .value_name("PERCENT")
                .value_parser(clap::value_parser!(f64))
                .help("Fail if the tests evaluate fewer lines than this")
                .help_heading(TESTS),
        )
        .arg(switch(
            "require-proof",
            "Fail unless a test would notice the removal of any clause or condition",
        ))
        .arg(
            Arg::new("min-proof")
                .long("min-proof")
                .value_name("PERCENT")
                .value_parser(clap::value_parser!(f64))
                .help("Fail if tests would notice the removal of fewer clauses and conditions than this")
                .help_heading(TESTS),
        )
        .arg(watch().help_heading(TESTS))
        .args(SETTINGS.iter().filter(|setting| setting.is_of_verify()).map(flag))
        .arg(config())
}

fn why() -> Command {
    Command::new("why")
        .about("Tell why a rule found something in a file, or did not")
        .after_help(
            "FILE:LINE asks about the document and the value at that line.\n\
             Exit codes: 0 the question was answered, 2 error.",
        )
        .arg(
            Arg::new("paths")
                .value_name("FILE[:LINE]")
                .required(true)
                .help("File to answer for; - is standard input")
                .value_hint(ValueHint::FilePath),
        )
        .arg(
            Arg::new("rule")
                .long("rule")
                .short('r')
                .value_name("ID")
                .required(true)
                .help("Id of the rule, such as main/deny or kubernetes/images/mutable_tag"),
        )
        .arg(
            Arg::new("format")
                .long("output")
                .short('o')
                .value_name("NAME")
                .help("Print the answer in this format [default: text]")
                .value_parser(clap::value_parser!(WhyStyle)),
        )
        .args(SETTINGS.iter().filter(|setting| setting.is_of_why()).map(flag))
        .arg(config())
}

fn check() -> Command {
    Command::new("check")
        .about("Check policies for errors and likely mistakes, without evaluating them")
        .after_help(
            "kpolicy list --lints lists the lints; [lints] in kpolicy.toml turns them off, or makes them errors.\n\
             Exit codes: 0 no error was found, 1 an error was found, 2 the policies could not be checked.",
        )
        .arg(paths("Policy files and directories, instead of those of the settings"))
        .args(SETTINGS.iter().filter(|setting| setting.is_of_check()).map(flag))
        .arg(config())
}

fn eval() -> Command {
    let switch =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help).action(ArgAction::SetTrue);
    Command::new("eval")
        .about("Evaluate a query, or answer queries at a prompt")
        .after_help(
            "--data takes policies as well as JSON and YAML files. Without a query, :help lists the commands of the prompt.\n\
             Exit codes: 0 the query was evaluated, 1 --fail or --fail-defined applies, 2 error.",
        )
        .arg(
            Arg::new("query")
                .value_name("QUERY")
                .help("Query, such as 'input.kind' or 'x := data.main.deny[_]' [default: a prompt, or lines of standard input]"),
        )
        .arg(
            Arg::new("input")
                .long("input")
                .short('i')
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
                .help("Read this file of any format as `input`; several documents are an array; - is standard input"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .short('f')
                .value_name("NAME")
                .value_parser(clap::value_parser!(AnswerStyle))
                .help("Print answers in this format [default: json; pretty at a prompt]"),
        )
        .arg(switch("fail", "Exit with 1 if the answer is undefined").conflicts_with("fail-defined"))
        .arg(switch("fail-defined", "Exit with 1 if the answer is defined"))
        .args(SETTINGS.iter().filter(|setting| setting.is_of_eval()).map(flag))
        .arg(config())
}

/// The heading of the options of `kpolicy verify` that are no settings.
const TESTS: &str = "Tests";

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .help(help)
        .help_heading(TESTS)
        .action(ArgAction::SetTrue)
}

fn baseline() -> Command {
    let own = |arg: Arg| arg.help_heading(BASELINE);
    Command::new("baseline")
        .about("Write, prune or check the file of findings that fail no run")
        .after_help(
            "kpolicy test --baseline FILE fails only on findings that the file does not list.\n\
             Exit codes: 0 written or checked, 1 the baseline has grown, 2 error.",
        )
        .arg(paths("Files, directories and globs to test"))
        .arg(own(Arg::new("write")
            .long("write")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .help("Write all findings of the run to this file")))
        .arg(own(Arg::new("prune")
            .long("prune")
            .action(ArgAction::SetTrue)
            .help("Remove entries from the baseline that match no finding any more")))
        .arg(own(Arg::new("no-growth").long("no-growth").value_name("REF").help(
            "Fail if the baseline has entries that it does not have in the merge base of this git reference and HEAD",
        )))
        .group(
            ArgGroup::new("action")
                .args(["write", "prune", "no-growth"])
                .required(true),
        )
        .args(SETTINGS.iter().filter(|setting| setting.is_of_evaluation()).map(flag))
        .arg(config())
}

fn waivers() -> Command {
    Command::new("waivers")
        .about("List every waiver, what it waives now, and when it ends")
        .arg(paths("Files, directories and globs to look for waivers in"))
        .arg(format(["text", "json"]))
        .arg(Arg::new("import").long("import").action(ArgAction::SetTrue).help(
            "Print the waivers to write instead of skip comments and annotations of checkov, trivy and kube-linter",
        ))
        .args(SETTINGS.iter().filter(|setting| setting.is_of_evaluation()).map(flag))
        .arg(config())
}

fn diff_policies() -> Command {
    Command::new("diff-policies")
        .about("Show which findings appear and disappear between two versions of policies")
        .after_help(
            "The policies of a reference are those of --policy as they are there. Exit codes: 0 compared, 2 error.",
        )
        .arg(
            Arg::new("base")
                .value_name("BASE")
                .required(true)
                .help("Directory, git reference or oci:// address of the policies before"),
        )
        .arg(
            Arg::new("head")
                .value_name("HEAD")
                .required(true)
                .help("Directory, git reference or oci:// address of the policies after"),
        )
        .arg(paths("Files, directories and globs to test with both"))
        .arg(format(["text", "markdown", "json"]))
        .args(SETTINGS.iter().filter(|setting| setting.is_of_evaluation()).map(flag))
        .arg(config())
}

/// The output of a command that is no test. It is no setting, and has another name than that.
fn format<const N: usize>(formats: [&'static str; N]) -> Arg {
    Arg::new("format")
        .short('o')
        .long("format")
        .alias("output")
        .value_name("NAME")
        .value_parser(PossibleValuesParser::new(formats))
        .help("Print it in this format [default: text]")
}

/// The heading of the options of `kpolicy baseline` that are no settings.
const BASELINE: &str = "Baseline";

fn parse() -> Command {
    Command::new("parse")
        .about("Print files as policies see them")
        .arg(paths("Files, directories and globs to parse; - is standard input").required(true))
        .args(SETTINGS.iter().filter(|setting| setting.parse).map(flag))
        .arg(config())
}

fn list() -> Command {
    Command::new("list")
        .about("List the policies of the built-in library")
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("NAME")
                .help("Print the list in this format [default: text]")
                .value_parser(clap::value_parser!(ListStyle)),
        )
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_name("NAME")
                .help("List only the policies of this profile")
                .value_parser(clap::value_parser!(Profile)),
        )
        .arg(
            Arg::new("long")
                .long("long")
                .action(ArgAction::SetTrue)
                .help("Print kinds, profiles and parameters of each policy"),
        )
        .arg(
            Arg::new("lints")
                .long("lints")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["profile", "long", "prefix"])
                .help("List the lints of kpolicy check instead"),
        )
        .arg(
            Arg::new("prefix")
                .value_name("PREFIX")
                .help("List only the policies whose ids start with this, such as kubernetes/rbac"),
        )
}

fn explain() -> Command {
    Command::new("explain")
        .about("Explain a policy of the built-in library, or a lint")
        .arg(
            Arg::new("id")
                .value_name("ID")
                .required(true)
                .help("Id of the policy or the lint, such as kubernetes/images/mutable_tag"),
        )
}

fn inspect() -> Command {
    Command::new("inspect")
        .about("Show how policies are compiled, the constraints of Gatekeeper, or the builtins that policies can call")
        .arg(
            Arg::new("plan")
                .long("plan")
                .required_unless_present_any(["builtins", "policy"])
                .requires("paths")
                .action(ArgAction::SetTrue)
                .help("Print the instructions of each rule"),
        )
        .arg(
            Arg::new("builtins")
                .long("builtins")
                .conflicts_with_all(["plan", "paths", "policy"])
                .action(ArgAction::SetTrue)
                .help("Print the types of each builtin, what it needs allowed, and what it gives"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .conflicts_with("plan")
                .value_name("NAME")
                .value_parser(["text", "json"])
                .help("Print builtins or constraints in this format [default: text]"),
        )
        .arg(
            Arg::new("policy")
                .long("policy")
                .short('p')
                .action(ArgAction::Append)
                .conflicts_with_all(["plan", "paths"])
                .value_name("PATH")
                .help("Print the constraints of Gatekeeper in this file or directory, with their match and engine")
                .value_hint(ValueHint::AnyPath),
        )
        .args(
            SETTINGS
                .iter()
                .filter(|setting| setting.name == "rego-version")
                .map(flag),
        )
        .arg(paths("Policy files and directories"))
}

fn export() -> Command {
    Command::new("export")
        .about("Write built-in policies for a cluster, as templates and constraints of Gatekeeper")
        .after_help(
            "Parameters come from [params] in kpolicy.toml. Policies that have no meaning in a cluster are listed.",
        )
        .arg(
            Arg::new("target")
                .value_name("TARGET")
                .required(true)
                .value_parser(["gatekeeper"])
                .help("Program to write policies for"),
        )
        .args(
            SETTINGS
                .iter()
                .filter(|setting| ["library", "profile"].contains(&setting.name))
                .map(flag),
        )
        .arg(config())
}

fn plugin() -> Command {
    let name = |name: &'static str, help: &'static str| Arg::new(name).required(true).help(help);
    Command::new("plugin")
        .about("Install, list or remove plugins, which are further commands")
        .after_help(
            "A plugin is a directory with conftest's plugin.yaml, or a program kpolicy-NAME on the search path: kpolicy NAME\n\
             runs it with all arguments that follow. Its exit code is kpolicy's.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("install").about("Install the plugin in a directory or at an address").arg(
                name("source", "Directory with a plugin.yaml, or an address as of kpolicy pull")
                    .value_name("SOURCE")
                    .value_hint(ValueHint::DirPath),
            ),
        )
        .subcommand(
            Command::new("list").about("List plugins").arg(
                Arg::new("output")
                    .short('o')
                    .long("output")
                    .value_name("NAME")
                    .help("Print the list in this format [default: text]")
                    .value_parser(clap::value_parser!(ListStyle)),
            ),
        )
        .subcommand(
            Command::new("remove")
                .about("Remove an installed plugin")
                .arg(name("name", "Name of the plugin").value_name("NAME")),
        )
}

fn doc() -> Command {
    Command::new("doc")
        .about("Write documentation of policies from their METADATA")
        .arg(
            Arg::new("template")
                .short('t')
                .long("template")
                .value_name("FILE")
                .help("Render pages with this Go template, which reads what conftest's templates read")
                .value_hint(ValueHint::FilePath),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .alias("outDir")
                .value_name("DIRECTORY")
                .help("Directory to write pages to [default: .]")
                .value_hint(ValueHint::DirPath),
        )
        .arg(
            Arg::new("markup")
                .long("markup")
                .value_name("NAME")
                .help("Write pages as this [default: markdown]")
                .value_parser(clap::value_parser!(Markup)),
        )
        .arg(
            Arg::new("pages")
                .long("pages")
                .value_name("NAME")
                .help("Write a page for each of these [default: package; directory with conftest's name]")
                .value_parser(clap::value_parser!(Pages)),
        )
        .args(
            SETTINGS
                .iter()
                .filter(|setting| setting.name == "rego-version")
                .map(flag),
        )
        .arg(paths("Policy files and directories").required(true))
}

fn fmt() -> Command {
    let on = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help).action(ArgAction::SetTrue);
    Command::new("fmt")
        .about("Format policies, as opa fmt does")
        .after_help("Exit codes: 0 done, or nothing to do; 1 with --check or --diff, a file is not formatted; 2 error.")
        .arg(on(
            "check",
            "Change nothing, list the files that are not formatted, and fail if there are any",
        ))
        .arg(on(
            "diff",
            "Change nothing, print what would change, and fail if anything would",
        ))
        .arg(on(
            "v0-v1",
            "Write what is v0 and v1 as well, with `import rego.v1`; files are read as v0",
        ))
        .args(
            SETTINGS
                .iter()
                .filter(|setting| setting.name == "rego-version")
                .map(flag),
        )
        .arg(paths("Policy files and directories; - is standard input, formatted to standard output").required(true))
}

#[cfg(not(feature = "sharing"))]
fn sharing() -> [Command; 0] {
    []
}

/// The commands that share policies.
#[cfg(feature = "sharing")]
fn sharing() -> [Command; 2] {
    let folder = |name: &'static str, short: char, help: &'static str| {
        Arg::new(name)
            .long(name)
            .short(short)
            .value_name("DIRECTORY")
            .value_parser(clap::value_parser!(PathBuf))
            .value_hint(ValueHint::DirPath)
            .help(help)
    };
    let tls = Arg::new("tls")
        .long("tls")
        .short('s')
        .value_name("BOOL")
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .value_parser(clap::value_parser!(bool))
        .hide_possible_values(true)
        .help("Use TLS for the registry [default: true, except for registries on this machine]");
    [pull(folder, tls.clone()), push(folder, tls)]
}

/// A flag that names a file with a key.
#[cfg(feature = "sharing")]
fn key(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .help(help)
}

#[cfg(feature = "sharing")]
fn pull(folder: impl Fn(&'static str, char, &'static str) -> Arg, tls: Arg) -> Command {
    let switch =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("pull")
        .about("Download policies")
        .after_help(
            "A URL begins with oci://, https://, file:// or git::, or is a path. //DIRECTORY selects a directory of an\n\
             archive or a repository, ?ref= a tag, branch or commit of git.\n\
             Exit codes: 0 all was downloaded, 2 error; then no file has changed.",
        )
        .arg(
            Arg::new("urls")
                .value_name("URL")
                .required(true)
                .num_args(1..)
                .help("Address of policies, such as oci://registry.example.com/policies:v1"),
        )
        .arg(folder("policy", 'p', "Directory to download to").default_value("policy"))
        .arg(tls)
        .arg(switch(
            "update-lock",
            "Accept content that is not the one in kpolicy.lock, and note it there",
        ))
        .arg(key(
            "verify-key",
            "Download only what is signed with this key, by OPA or cosign; secret:FILE is an HMAC secret",
        ))
        .arg(switch("absolute-paths", "Accept an absolute --policy, which kpolicy always does").hide(true))
}

#[cfg(feature = "sharing")]
fn push(folder: impl Fn(&'static str, char, &'static str) -> Arg, tls: Arg) -> Command {
    Command::new("push")
        .about("Upload policies to a registry")
        .after_help(
            "The policies have to compile. The credentials are those of docker login.\n\
             Exit codes: 0 all was uploaded, 2 error.",
        )
        .arg(
            Arg::new("repository")
                .value_name("REPOSITORY")
                .required(true)
                .help("HOST[:PORT]/REPOSITORY[:TAG], with or without oci://"),
        )
        .arg(
            Arg::new("directory")
                .value_name("DIRECTORY")
                .value_parser(clap::value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .help("Directory of the policies, instead of --policy"),
        )
        .arg(
            folder("policy", 'p', "Directory of the policies")
                .default_value("policy")
                // Under conftest's name, none is an empty one.
                .value_parser(OsStringValueParser::new().map(PathBuf::from)),
        )
        .arg(folder(
            "data",
            'd',
            "Directory of JSON and YAML data [default: that of the policies]",
        ))
        .arg(
            Arg::new("rego-version")
                .long("rego-version")
                .value_name("VERSION")
                .value_parser(["v0", "v1"])
                .help("Version of Rego that the policies are written in [default: v1]"),
        )
        .arg(
            Arg::new("layout")
                .long("layout")
                .value_name("NAME")
                .value_parser(clap::value_parser!(crate::sharing::artifact::Layout))
                .help("Upload as conftest, a layer for each file, or as OPA, one bundle [default: conftest]"),
        )
        .arg(key(
            "sign",
            "Sign the files as OPA does with this private key in PEM, or with secret:FILE, an HMAC secret",
        ))
        .arg(tls)
}

fn paths(help: &'static str) -> Arg {
    Arg::new("paths")
        .value_name("PATH")
        .num_args(0..)
        .help(help)
        .value_hint(ValueHint::AnyPath)
}

fn config() -> Arg {
    Arg::new("config")
        .long("config")
        .short('c')
        .alias("config-file")
        .value_name("FILE")
        .help("Read settings from this file [default: kpolicy.toml here or in a parent, up to the repository root]")
        .value_hint(ValueHint::FilePath)
}

fn flag(setting: &'static Setting) -> Arg {
    let arg = Arg::new(setting.name)
        .long(setting.name)
        .help(setting.help)
        .help_heading(setting.heading);
    let arg = match setting.short {
        Some(letter) => arg.short(letter),
        None => arg,
    };
    match setting.shape {
        // `--quiet` and `--quiet=true` are the same; `--quiet=false` turns off what a lower layer turned on.
        Shape::Switch => arg
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(PossibleValuesParser::new(["true", "false"]))
            .hide_possible_values(true)
            .overrides_with(setting.name),
        Shape::SwitchOr(words) => arg
            .value_name("NAME")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(PossibleValuesParser::new(
                words.iter().chain(&["true", "false"]).copied(),
            ))
            .overrides_with(setting.name),
        Shape::One(name) | Shape::OneOrMany(name) => one(arg.value_name(name)),
        Shape::Number => one(arg.value_name("N")),
        Shape::Outputs => arg.value_name("NAME[=FILE]").action(ArgAction::Append),
        Shape::Allow => arg.value_name("NAME").action(ArgAction::Append).value_delimiter(','),
        Shape::Many(name) => arg.value_name(name).action(ArgAction::Append).value_delimiter(','),
        Shape::Paths(name) => arg
            .value_name(name)
            .action(ArgAction::Append)
            .value_delimiter(',')
            .value_hint(ValueHint::AnyPath),
        Shape::Choice(words) => {
            let word = |word: &&'static str| PossibleValue::new(*word).aliases(aliases(words, word));
            one(arg.value_name("NAME")).value_parser(PossibleValuesParser::new(words.iter().map(word)))
        }
        Shape::Choices(words) => {
            let parser = PossibleValuesParser::new(words);
            arg.value_name("NAME")
                .value_parser(parser)
                .action(ArgAction::Append)
                .value_delimiter(',')
        }
    }
}

/// A flag with one value: the last one counts, as in conftest, so that scripts can append theirs.
fn one(arg: Arg) -> Arg {
    let name = arg.get_id().clone();
    arg.action(ArgAction::Set)
        .overrides_with(name)
        .allow_negative_numbers(true)
}

#[cfg(test)]
mod tests {
    use super::command_first;

    #[test]
    fn the_version_names_the_opa_that_is_followed() {
        assert!(
            super::VERSION.contains(&format!("OPA {},", kpolicy_rego::OPA_VERSION)),
            "{}",
            super::VERSION
        );
    }

    #[test]
    fn flags_may_precede_their_command() {
        let turned = |line: &str| {
            let words = command_first(line.split(' ').map(Into::into).collect());
            let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
            words.join(" ")
        };
        for (line, turn) in [
            ("kpolicy -c test.toml test in.yaml", "kpolicy test -c test.toml in.yaml"),
            ("kpolicy --config-file test test a", "kpolicy test --config-file test a"),
            ("kpolicy --quiet -ojson parse a", "kpolicy parse --quiet -ojson a"),
            ("kpolicy -p policy --data=d test", "kpolicy test -p policy --data=d"),
            ("kpolicy --update x test", "kpolicy test --update x"),
            ("kpolicy --help test", "kpolicy test --help"),
        ] {
            assert_eq!(turned(line), turn);
        }
        for line in [
            "kpolicy test -c a in.yaml",
            "kpolicy --version test",
            "kpolicy -p policy",
            "kpolicy -p test",
            "kpolicy --pull x test",
            "kpolicy -- test",
            "kpolicy",
        ] {
            assert_eq!(turned(line), line);
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
