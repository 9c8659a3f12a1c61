//! Help for names that are no setting: the nearest one, or what becomes of a setting that only conftest has.

use crate::suggest::nearest;

/// conftest's own settings, and what to do instead.
const CONFTEST_ONLY: &[(&str, &str)] = &[
    ("capabilities", "say what policies may depend on with allow"),
    ("proto-file-dirs", "leave it out, Protocol Buffers are not read either"),
    ("report", "leave it out, tests of policies are run by opa test"),
    ("tls", "leave it out, nothing is fetched"),
    ("trace", "write print(...) into the policy to see what it sees"),
    ("update", "fetch the policies first, and name them with policy"),
    ("var-values", "leave it out, tests of policies are run by opa test"),
];

/// conftest's own commands, and what to do instead.
const CONFTEST_COMMANDS: &[(&str, &str)] = &[
    ("doc", "kpolicy explain tells of policies of the library"),
    ("fmt", "policies are formatted by opa fmt"),
    ("plugin", "run the other program itself"),
    ("pull", "fetch the policies first, and name them with --policy"),
    ("push", "push the policies with a client of the registry"),
    (
        "reformat",
        "test writes several outputs in one run, each as --output NAME=FILE",
    ),
    ("verify", "tests of policies are run by opa test"),
];

/// conftest's own settings that change what is evaluated, and which its variables turn on.
pub(super) const CONFTEST_VARIABLES: [&str; 4] = ["capabilities", "proto-file-dirs", "trace", "update"];

/// What to do about a command that only conftest has.
pub fn of_conftest_command(name: &str) -> Option<String> {
    let (_, instead) = CONFTEST_COMMANDS.iter().find(|(known, _)| *known == name)?;
    Some(format!("conftest has {name}, kpolicy has no equivalent yet: {instead}"))
}

/// What to do about a setting that only conftest has.
pub fn of_conftest(name: &str) -> Option<String> {
    let (_, instead) = CONFTEST_ONLY.iter().find(|(known, _)| *known == name)?;
    Some(format!("conftest has {name}, kpolicy has no equivalent yet: {instead}"))
}

/// What to do about a name that is none of `known`.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean {near}?"),
        None => "kpolicy test --help lists the settings".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::of_name;
    use super::{CONFTEST_ONLY, of_conftest, suggestion};

    #[test]
    fn a_setting_is_of_kpolicy_or_of_conftest_alone() {
        for (name, _) in CONFTEST_ONLY {
            assert!(of_name(name).is_none(), "{name} is kpolicy's too by now");
        }
        assert!(of_conftest("trace").is_some_and(|help| help.contains("print(...)")));
        assert_eq!(of_conftest("quiet"), None);
    }

    #[test]
    fn the_nearest_name_is_suggested_where_one_is_near() {
        let known = || ["quiet", "strict"].into_iter();
        assert_eq!(suggestion("quite", known()), "did you mean quiet?");
        assert!(suggestion("zzz", known()).contains("--help"));
    }
}
