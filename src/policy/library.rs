//! The embedded library: the policies of this repository with their examples, part of the binary.

use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

use crate::suggest::nearest;

pub mod catalog;
pub mod choice;
pub mod page;

static LIBRARY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policy");
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/policies");

/// The name under which the library's modules appear in messages.
pub const ROOT: &str = "<library>";
/// The package that all policies of the library stand below.
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
pub fn modules() -> Vec<Embedded> {
    let mut found = Vec::new();
    collect(&LIBRARY, &mut found);
    found.retain(|file| file.path.ends_with(".rego") && !file.path.ends_with("_test.rego"));
    found.sort_by_key(|module| module.path);
    found
}

fn collect(folder: &Dir<'static>, found: &mut Vec<Embedded>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(below) => collect(below, found),
            DirEntry::File(file) => found.push(Embedded {
                path: file.path().to_str().expect("the library's paths are ASCII"),
                text: file.contents_utf8().expect("the library is UTF-8"),
            }),
        }
    }
}

/// The id of the policy in a module; helpers below `lib` have none.
pub fn policy_id(path: &'static str) -> Option<&'static str> {
    path.strip_suffix(".rego").filter(|id| !id.starts_with("lib/"))
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

/// What to do about an id that no policy has: the nearest one, by its last part or as a whole, or the list.
pub fn suggestion(wrong: &str) -> String {
    let modules = modules();
    let ids: Vec<&str> = modules.iter().filter_map(|module| policy_id(module.path)).collect();
    let last = |id: &'static str| id.rsplit('/').next().unwrap_or(id);
    let by_last = nearest(wrong, ids.iter().map(|id| last(id)));
    let by_last = by_last.and_then(|name| ids.iter().copied().find(|id| last(id) == name));
    match by_last.or_else(|| nearest(wrong, ids.iter().copied())) {
        Some(near) => format!("did you mean {near}?"),
        None => "kpolicy list names all policies of the library".to_owned(),
    }
}

/// The examples of a policy.
struct Examples {
    /// `<id>/fails.*`, which it finds something in.
    fails: Embedded,
    /// `<id>/passes.*`, which it finds nothing in.
    passes: Embedded,
    /// `<id>/kpolicy.toml`, the settings that both are judged with, where they need some.
    settings: Option<Embedded>,
}

fn examples_of(id: &str) -> Result<Examples, String> {
    let mut found = Vec::new();
    if let Some(folder) = EXAMPLES.get_dir(id) {
        collect(folder, &mut found);
    }
    let stem = |file: &Embedded| Path::new(file.path).file_stem().and_then(|stem| stem.to_str());
    let named = |name: &str| {
        let example = found.iter().find(|file| stem(file) == Some(name)).copied();
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
    use super::{Embedded, LIBRARY, collect, id, modules, policy_id};
    use crate::policy::module::name;
    use crate::rego::eval::Settings;
    use crate::rego::program::{Options, Program};
    use crate::rego::syntax::parse;
    use crate::rego::syntax::tree::{Dialect, Module};
    use crate::value::Value;

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
            let tests = format!("{of_path}_test.rego");
            assert!(LIBRARY.get_file(&tests).is_some(), "{of_path} has tests");
            match Policy::read(of_path, &module) {
                Ok(policy) => assert!(
                    !policy.id.starts_with("kubernetes/") || !policy.kinds.is_empty(),
                    "{of_path} would be for every YAML file: a run without Kubernetes objects would be clean"
                ),
                Err(lacking) => panic!("{of_path}: {lacking}"),
            }
            read += 1;
        }
        assert!(read >= 5, "the library is embedded");
    }

    /// What `opa test policy` says of OPA, of the engine here.
    #[test]
    fn the_tests_of_the_library_hold_on_the_engine_too() {
        let mut files = Vec::new();
        collect(&LIBRARY, &mut files);
        files.retain(|file| file.path.ends_with(".rego"));
        let read = |file: &Embedded| parse(file.text, Dialect::V1).expect("the library parses");
        let modules: Vec<Module> = files.iter().map(read).collect();
        let none = Value::object(Vec::new());
        let program = Program::of_modules(&modules, Options { strict: true }).expect("the library compiles");
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
        assert!(held >= 30, "the tests are embedded");
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
