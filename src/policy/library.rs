//! The embedded library: the policies of this repository, part of the binary.

use include_dir::{Dir, include_dir};

static LIBRARY: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policy");

/// The name under which the library's modules appear in messages.
pub const ROOT: &str = "<library>";
/// The package that all policies of the library stand below.
pub const PACKAGE: &str = "kpolicy";

/// A module of the library.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// Its path below the library's root.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// All modules of the library but its tests, sorted by path.
pub fn modules() -> Vec<Embedded> {
    let mut found = Vec::new();
    collect(&LIBRARY, &mut found);
    found.sort_by_key(|module| module.path);
    found
}

fn collect(folder: &Dir<'static>, found: &mut Vec<Embedded>) {
    for file in folder.files() {
        let path = file.path().to_str().expect("the library's paths are ASCII");
        if path.ends_with(".rego") && !path.ends_with("_test.rego") {
            let text = file.contents_utf8().expect("the library is UTF-8");
            found.push(Embedded { path, text });
        }
    }
    for below in folder.dirs() {
        collect(below, found);
    }
}

/// The id of a policy by its package: `kpolicy.kubernetes.images.mutable_tag` is `kubernetes/images/mutable_tag`.
pub fn id(package: &[String]) -> Option<String> {
    match package.split_first() {
        Some((root, rest)) if root == PACKAGE && rest.first().is_some_and(|area| area != "lib") => Some(rest.join("/")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LIBRARY, id, modules};
    use crate::engine::regorus::length_limits;
    use crate::policy::outline::Outline;
    use crate::value::Value;

    #[test]
    fn every_policy_explains_itself_and_has_tests() {
        let mut policies = 0;
        for module in modules() {
            let outline = Outline::of_text(module.text, false, length_limits()).expect("the library parses");
            let Some(id) = id(&outline.package) else { continue };
            policies += 1;
            assert_eq!(format!("{id}.rego"), module.path, "the package follows the path");
            assert!(LIBRARY.get_file(format!("{id}_test.rego")).is_some(), "{id} has tests");
            let annotations = outline.annotations.expect("METADATA");
            let custom = annotations.field("custom").expect("METADATA with custom fields");
            for field in ["title", "description", "related_resources"] {
                assert!(annotations.field(field).is_some(), "{id} has a {field}");
            }
            for field in ["severity", "remediation", "kinds", "formats"] {
                assert!(custom.field(field).is_some(), "{id} has a {field}");
            }
            let severity = custom.field("severity").and_then(Value::as_str).unwrap_or_default();
            assert!(
                crate::finding::Severity::of_name(severity).is_some(),
                "{id}: {severity}"
            );
        }
        assert!(policies >= 5, "the library is embedded");
    }
}
