//! Help for unknown settings: the nearest name, or the replacement of a setting that only conftest has.

use crate::suggest::nearest;

/// conftest's own settings, and what to do instead.
const CONFTEST_ONLY: &[(&str, &str)] = &[
    (
        "report",
        "it is an option of conftest verify: kpolicy verify shows why a test fails",
    ),
    ("var-values", "it is an option of kpolicy verify"),
];

/// conftest's own commands, and what to do instead.
const CONFTEST_COMMANDS: &[(&str, &str)] = &[(
    "reformat",
    "write several outputs in one run of test, each with --output NAME=FILE",
)];

/// What to do about a command that only conftest has.
pub fn of_conftest_command(name: &str) -> Option<String> {
    let (_, instead) = CONFTEST_COMMANDS.iter().find(|(known, _)| *known == name)?;
    Some(format!(
        "{name} is a conftest command that kpolicy does not have: {instead}"
    ))
}

/// What to do about a setting that only conftest has.
pub fn of_conftest(name: &str) -> Option<String> {
    let (_, instead) = CONFTEST_ONLY.iter().find(|(known, _)| *known == name)?;
    Some(format!(
        "{name} is a conftest option that kpolicy does not have: {instead}"
    ))
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
        assert!(of_conftest("report").is_some_and(|help| help.contains("verify")));
        assert_eq!(of_conftest("quiet"), None);
    }

    #[test]
    fn the_nearest_name_is_suggested_where_one_is_near() {
        let known = || ["quiet", "strict"].into_iter();
        assert_eq!(suggestion("quite", known()), "did you mean quiet?");
        assert!(suggestion("zzz", known()).contains("--help"));
    }
}
