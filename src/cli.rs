//! The command line, built from the table of settings, so that no flag is without its variable and its key.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueHint};

use crate::settings::Profile;
use crate::settings::table::{SETTINGS, Setting, Shape};

/// What `kpolicy --version` says of the engines beside its own.
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

/// What `kpolicy --version` says: the versions of kpolicy, of the engine and of the language.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nengine: own",
    engines!(),
    "\nRego: as OPA 1.22 has it, v1 (v0 with --rego-version v0)"
);

/// How `kpolicy list` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ListStyle {
    /// For people.
    #[default]
    Text,
    /// An array of objects.
    Json,
}

/// The command line with its command first, where flags of it stand before. conftest takes `-c FILE test` so.
pub fn command_first(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    let flag = |at: usize| arguments.get(at)?.to_str()?.strip_prefix('-');
    // Behind `--` nothing is a flag.
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

/// The `test` of these arguments with what says how the report is written, and nothing else of them.
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

/// Whether the value of a flag, told without its first dash, is the word behind it.
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
            .is_some_and(|setting| setting.shape != Shape::Switch)
}

/// The whole command line.
pub fn command() -> Command {
    Command::new("kpolicy")
        .about("Test Kubernetes, Terraform and other structured configuration against Rego policies")
        .version(VERSION)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Exit codes: 0 judged and clean, 1 judged and failed, 2 could not judge.")
        .subcommand(test())
        .subcommand(parse())
        .subcommand(Command::new("init").about("Start a project: kpolicy.toml, a first policy and its test"))
        .subcommand(list())
        .subcommand(explain())
        .subcommand(inspect())
        .subcommand(
            Command::new("completions").about("Print a shell's completions").arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .help("The shell")
                    .value_parser(clap::value_parser!(clap_complete::Shell)),
            ),
        )
        .subcommand(
            Command::new("man").about("Write the manual pages").arg(
                Arg::new("folder")
                    .value_name("FOLDER")
                    .required(true)
                    .help("The folder to write them into")
                    .value_parser(clap::value_parser!(PathBuf))
                    .value_hint(ValueHint::DirPath),
            ),
        )
}

fn test() -> Command {
    Command::new("test")
        .about("Judge files by policies")
        .after_help(
            "Every option can also be set as KPOLICY_<NAME> or as a key of kpolicy.toml; a flag is the strongest.\n\
             What is on there is turned off by =false: --quiet=false.",
        )
        .arg(paths("Files, folders and globs to judge; - is standard input"))
        .args(SETTINGS.iter().map(flag))
        .arg(config())
}

fn parse() -> Command {
    Command::new("parse")
        .about("Print what a policy would see of files")
        .arg(paths("Files, folders and globs to parse; - is standard input").required(true))
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
                .help("How the list is written [default: text]")
                .value_parser(clap::value_parser!(ListStyle)),
        )
        .arg(
            Arg::new("profile")
                .long("profile")
                .value_name("NAME")
                .help("Only the policies of this profile")
                .value_parser(clap::value_parser!(Profile)),
        )
}

fn explain() -> Command {
    Command::new("explain")
        .about("Explain a policy of the built-in library")
        .arg(
            Arg::new("id")
                .value_name("ID")
                .required(true)
                .help("The policy's id, such as kubernetes/images/mutable_tag"),
        )
}

fn inspect() -> Command {
    Command::new("inspect")
        .about("Show what becomes of policies before they judge")
        .arg(
            Arg::new("plan")
                .long("plan")
                .required(true)
                .action(ArgAction::SetTrue)
                .help("Print the instructions that each rule becomes"),
        )
        .args(
            SETTINGS
                .iter()
                .filter(|setting| setting.name == "rego-version")
                .map(flag),
        )
        .arg(paths("Files and folders of policies").required(true))
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
        .help("The settings file [default: kpolicy.toml here or above, up to the repository's root]")
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
        // `--quiet` and `--quiet=true` are one; `--quiet=false` turns off what a weaker layer turned on.
        Shape::Switch => arg
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(PossibleValuesParser::new(["true", "false"]))
            .hide_possible_values(true)
            .overrides_with(setting.name),
        Shape::One(name) | Shape::OneOrMany(name) => one(arg.value_name(name)),
        Shape::Number => one(arg.value_name("N")),
        Shape::Outputs => arg.value_name("NAME[=FILE]").action(ArgAction::Append),
        Shape::Many(name) => arg.value_name(name).action(ArgAction::Append).value_delimiter(','),
        Shape::Paths(name) => arg
            .value_name(name)
            .action(ArgAction::Append)
            .value_delimiter(',')
            .value_hint(ValueHint::AnyPath),
        Shape::Choice(words) => one(arg.value_name("NAME")).value_parser(PossibleValuesParser::new(words)),
        Shape::Choices(words) => {
            let parser = PossibleValuesParser::new(words);
            arg.value_name("NAME")
                .value_parser(parser)
                .action(ArgAction::Append)
                .value_delimiter(',')
        }
    }
}

/// A flag of one value: of several the last holds, as in conftest, so that scripts can append theirs.
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
    fn flags_may_stand_before_their_command() {
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
            ("kpolicy --help test", "kpolicy test --help"),
        ] {
            assert_eq!(turned(line), turn);
        }
        for line in [
            "kpolicy test -c a in.yaml",
            "kpolicy --version test",
            "kpolicy -p policy",
            "kpolicy -p test",
            "kpolicy --update x test",
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
