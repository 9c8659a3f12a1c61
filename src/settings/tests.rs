//! Settings from flags, variables and a file, as a run settles them.

use std::fs;

use super::{Color, Compat, Settings, World, settle};
use crate::cli;

/// The settings of `kpolicy test` with these words, variables and `kpolicy.toml`; or the messages of all errors, each
/// with its help.
fn settled(words: &str, variables: &[(&str, &str)], file: &str) -> Result<Settings, Vec<String>> {
    let root = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(root.path().join(".git")).expect("a folder");
    fs::write(root.path().join("kpolicy.toml"), file).expect("a file");
    let words = ["kpolicy", "test"].into_iter().chain(words.split_whitespace());
    let matches = cli::command().try_get_matches_from(words).expect("a command line");
    let (_, matches) = matches.subcommand().expect("a subcommand");
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let own = variables.iter().filter(|(name, _)| name.starts_with("KPOLICY_"));
    let world = World {
        variable: &variable,
        variables: own.map(|(name, _)| (*name).to_owned()).collect(),
        folder: root.path(),
        started_as: "kpolicy",
    };
    settle(matches, &world).map_err(|refused| {
        let told = refused.problems.into_iter();
        told.map(|problem| format!("{} ({})", problem.message, problem.help.unwrap_or_default()))
            .collect()
    })
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_that_than_the_file() {
    let file = "namespace = [\"file\"]\nquiet = true\n";
    let namespaces = |words: &str, variables: &[(&str, &str)]| {
        settled(words, variables, file)
            .expect("settings")
            .namespaces
            .expect("namespaces")
            .into_iter()
            .map(|named| named.text)
            .collect::<Vec<_>>()
    };
    let variable = [("KPOLICY_NAMESPACE", "a, b")];
    assert_eq!(namespaces("", &[]), ["file"]);
    assert_eq!(namespaces("", &variable), ["a", "b"]);
    assert_eq!(namespaces("-n c,d -n e", &variable), ["c", "d", "e"]);
}

#[test]
fn a_switch_is_turned_off_by_what_is_stronger() {
    let quiet =
        |words: &str, variables: &[(&str, &str)]| settled(words, variables, "quiet = true\n").expect("settings").quiet;
    assert!(quiet("", &[]));
    assert!(!quiet("", &[("KPOLICY_QUIET", "0")]));
    assert!(quiet("--quiet", &[("KPOLICY_QUIET", "0")]));
    assert!(!quiet("--quiet=false", &[("KPOLICY_QUIET", "1")]));
    let compat = |words: &str| settled(words, &[], "compat = \"conftest\"\n").expect("settings").compat;
    assert_eq!((compat(""), compat("--compat none")), (Some(Compat::Conftest), None));
}

#[test]
fn of_two_settings_about_one_thing_the_stronger_holds() {
    let color =
        |words: &str, variables: &[(&str, &str)], file: &str| settled(words, variables, file).expect("settings").color;
    assert_eq!(color("--no-color", &[], "color = \"always\"\n"), Color::Never);
    assert_eq!(color("--color always", &[], "no-color = true\n"), Color::Always);
    assert_eq!(color("", &[("NO_COLOR", "1")], ""), Color::Never);
    assert_eq!(color("", &[("NO_COLOR", "")], ""), Color::Auto);
    assert_eq!(color("--color always", &[("NO_COLOR", "1")], ""), Color::Always);
}

#[test]
fn every_fault_of_every_layer_is_told_at_once() {
    let file = "quite = true\noutput = \"txt\"\ncombine = 1\nupdate = true\nparams = 3\n";
    let variables = [("KPOLICY_STRICT", "maybe"), ("KPOLICY_NAMESPACES", "a")];
    let errors = settled("--jobs 0 --timeout 0 --ignore ( -p=", &variables, file).expect_err("faults");
    let expected = [
        "combine: expected true or false, found a number ()",
        "output: txt is not one of auto, text, compact, stdout, json, table, tap, junit, github, gitlab, azuredevops, sarif, markdown, pr-comment, html (did you mean text?)",
        "params: expected a table, found a number (write [params.<area>.<rule>])",
        "unknown setting quite (did you mean quiet?)",
        "update: expected an array of strings, found a boolean ()",
        "KPOLICY_STRICT: maybe is neither true nor false ()",
        "unknown setting KPOLICY_NAMESPACES (did you mean KPOLICY_NAMESPACE?)",
        "--policy: the value is empty (give a value, or remove the setting)",
        "--jobs: 0 is not a positive integer ()",
        "--ignore: ( is not a valid regular expression ()",
        "--timeout: 0 is not a positive number of seconds ()",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn an_empty_list_or_variable_says_nothing() {
    let settings = settled(
        "",
        &[("KPOLICY_NAMESPACE", ","), ("KPOLICY_OUTPUT", "")],
        "library = []\n",
    );
    let settings = settings.expect("settings");
    assert_eq!((settings.namespaces, settings.library.len()), (None, 0));
}
