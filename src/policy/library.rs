//! The embedded library: the policies of this repository with their examples, part of the binary.

use crate::pattern::is_below;
use crate::suggest::nearest;
use std::collections::BTreeSet;

pub mod catalog;
pub mod choice;
pub(in crate::policy) mod embedded;
pub mod page;

// `MODULES` and `EXAMPLES`, sorted by path: build.rs writes them.
include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The name under which the library's modules appear in messages.
pub const ROOT: &str = "<library>";
/// The package that all policies of the library are below.
pub const PACKAGE: &str = "kpolicy";

/// An embedded file: a module of the library, or an example.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// Its path below the library's root, or below that of the examples.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// All modules of the library but its tests, sorted by path.
pub fn modules() -> &'static [Embedded] {
    MODULES
}

/// The id of the policy in a module; helpers below `lib` have none.
pub fn policy_id(path: &'static str) -> Option<&'static str> {
    path.strip_suffix(".rego").filter(|id| !id.starts_with("lib/"))
}

/// Whether the library has a policy of this id; its METADATA is not read for that.
pub fn is_policy(id: &str) -> bool {
    let path = format!("{id}.rego");
    !id.starts_with("lib/") && MODULES.binary_search_by(|module| module.path.cmp(&path)).is_ok()
}

/// The id of a policy by its package: `kpolicy.kubernetes.images.mutable_tag` is `kubernetes/images/mutable_tag`.
pub fn id<N: AsRef<str>>(package: &[N]) -> Option<String> {
    match package.split_first() {
        Some((root, rest)) if root.as_ref() == PACKAGE && rest.first().is_some_and(|area| area.as_ref() != "lib") => {
            let names: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            Some(names.join("/"))
        }
        _ => None,
    }
}

/// What to do about an id that no policy has: the ids and areas that it was most likely meant for, or the list.
pub fn suggestion(wrong: &str) -> String {
    let modules = modules();
    suggestion_among(wrong, modules.iter().filter_map(|module| policy_id(module.path)))
}

fn suggestion_among<'a>(wrong: &str, ids: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(first) = ids.clone().find(|id| is_below(id, wrong)) {
        return format!("policy ids start with this, such as {first}: kpolicy list prints all built-in policies");
    }
    let areas = |id: &'a str| id.match_indices('/').map(move |(at, _)| &id[..at]);
    let places: BTreeSet<&str> = ids.clone().chain(ids.flat_map(areas)).collect();
    fn last(place: &str) -> &str {
        place.rsplit('/').next().unwrap_or(place)
    }
    // Ids of one area are alike at their start, whatever they are called there.
    let is_near = |place: &&str| strsim::damerau_levenshtein(wrong, place) * 3 <= last(wrong).len();
    let meant: Vec<&str> = match nearest(wrong, places.iter().copied().filter(is_near)) {
        Some(whole) => vec![whole],
        None => {
            let name = nearest(last(wrong), places.iter().map(|place| last(place)));
            places.into_iter().filter(|place| Some(last(place)) == name).collect()
        }
    };
    match meant.as_slice() {
        [] => "kpolicy list prints all built-in policies".to_owned(),
        meant => format!("did you mean {}?", meant.join(" or ")),
    }
}

/// The examples of a policy.
struct Examples {
    /// `<id>/fails.*`, which it finds something in.
    fails: Embedded,
    /// `<id>/passes.*`, which it finds nothing in.
    passes: Embedded,
    /// `<id>/kpolicy.toml`, the settings that both are evaluated with, where they need some.
    settings: Option<Embedded>,
}

fn examples_of(id: &str) -> Result<Examples, String> {
    let named = |name: &str| {
        let start = format!("{id}/{name}.");
        let at = EXAMPLES.partition_point(|file| file.path < start.as_str());
        let example = EXAMPLES.get(at).filter(|file| file.path.starts_with(&start)).copied();
        example.ok_or(format!("it has no example {name} in examples/policies/{id}"))
    };
    Ok(Examples {
        fails: named("fails")?,
        passes: named("passes")?,
        settings: named("kpolicy").ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::catalog::{Policy, policies};
    use super::{id, is_policy, modules, policy_id, suggestion_among};
    use crate::policy::module::name;
    use kpolicy_rego::Settings;
    use kpolicy_rego::syntax::parse;
    use kpolicy_rego::syntax::tree::{Dialect, Module};
    use kpolicy_rego::{Options, Program};
    use kpolicy_value::Value;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn every_policy_explains_itself_and_has_tests_and_examples() {
        let mut read = 0;
        for module in modules() {
            let Some(of_path) = policy_id(module.path) else {
                continue;
            };
            let tree = parse(module.text, Dialect::V1).expect("the library parses");
            assert_eq!(
                id(&tree.package.path).as_deref(),
                Some(of_path),
                "the package follows the path"
            );
            assert!(is_policy(of_path), "{of_path} is found by its id");
            let tests = format!("policy/{of_path}_test.rego");
            assert!(root().join(tests).is_file(), "{of_path} has tests");
            match Policy::read(of_path, module) {
                Ok(policy) => assert!(
                    !policy.id.starts_with("kubernetes/") || !policy.kinds.is_empty(),
                    "{of_path} would be for every YAML file: a run without Kubernetes objects would be clean"
                ),
                Err(missing) => panic!("{of_path}: {missing}"),
            }
            read += 1;
        }
        assert!(read >= 5, "the library is embedded");
    }

    /// What `opa test policy` says of OPA, of the engine here.
    #[test]
    fn the_tests_of_the_library_hold_on_the_engine_too() {
        let files = walkdir::WalkDir::new(root().join("policy")).sort_by_file_name();
        let paths = files
            .into_iter()
            .map(|entry| entry.expect("it can be read").into_path());
        let read = |path: PathBuf| {
            let text = fs::read_to_string(path).expect("a module is text");
            parse(&text, Dialect::V1).expect("the library parses")
        };
        let modules: Vec<Module> = paths.filter(|path| path.is_file()).map(read).collect();
        let none = Value::object(Vec::new());
        let program = Program::of_modules(
            &modules,
            Options {
                strict: true,
                ..Options::default()
            },
        )
        .expect("the library compiles");
        let mut evaluation = program.evaluation(none, Settings::default());
        let mut held = 0;
        for module in &modules {
            let package: Vec<&str> = module.package.path.iter().map(|name| &**name).collect();
            for test in module.rules.iter().filter_map(|rule| name(&rule.head)) {
                if test.starts_with("test_") {
                    let path: Vec<&str> = package.iter().copied().chain([test]).collect();
                    assert_eq!(evaluation.evaluate(&path), Ok(Some(Value::Bool(true))), "{path:?}");
                    held += 1;
                }
            }
        }
        assert!(held >= 30, "the library has tests");
    }

    #[test]
    fn an_id_that_is_none_leads_to_those_that_were_meant() {
        let ids = [
            "docker/base/mutable_tag",
            "kubernetes/images/mutable_tag",
            "kubernetes/pods/id_ranges",
        ];
        let suggested = |wrong| suggestion_among(wrong, ids.into_iter());
        assert_eq!(
            suggested("kubernetes/imges/mutable_tag"),
            "did you mean kubernetes/images/mutable_tag?"
        );
        assert_eq!(
            suggested("mutable_tg"),
            "did you mean docker/base/mutable_tag or kubernetes/images/mutable_tag?"
        );
        assert_eq!(suggested("images"), "did you mean kubernetes/images?");
        assert_eq!(suggested("kubernetes/image"), "did you mean kubernetes/images?");
        assert!(
            suggested("kubernetes/images")
                .starts_with("policy ids start with this, such as kubernetes/images/mutable_tag: ")
        );
        assert_eq!(
            suggested("kubernetes/something"),
            "kpolicy list prints all built-in policies"
        );
    }

    #[test]
    fn no_two_policies_share_the_place_of_their_parameters() {
        let all = policies();
        let mut places: Vec<_> = all.iter().map(Policy::params_path).collect();
        places.sort();
        places.dedup();
        assert_eq!(places.len(), all.len());
    }
}
