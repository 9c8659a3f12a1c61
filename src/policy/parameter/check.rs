//! The parameters that were given, seen to be ones that policies take: `data.params`, from settings and data files.
//!
//! The library's policies declare theirs; a policy of the user takes what it refers to below `data.params`.

use std::collections::BTreeSet;

use super::{Mismatch, Parameter, Type};
use crate::finding::Problem;
use crate::locate::{Target, locate};
use crate::policy::library::catalog::{Policy, policies};
use crate::policy::workloads::POD_TEMPLATE_PATHS;
use crate::problem;
use crate::suggest::nearest;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

/// The key of `data` that parameters are under.
const ROOT: &str = "params";

/// Where the library's helper hands parameters out: who calls it may take any.
const HELPERS: [&str; 2] = [
    "data.kpolicy.lib.kubernetes.parameter",
    "data.kpolicy.lib.kubernetes.params",
];

/// The parameters in `data` that no policy takes, and those of a wrong type, at their place in the settings file where
/// they are there. `references` are the paths, from `data` on, that the user's policies refer to.
pub(in crate::policy) fn errors(
    data: &Value,
    settings: Option<&Document>,
    references: impl Iterator<Item = Vec<String>>,
) -> Vec<Problem> {
    let Some(params) = data.field(ROOT) else {
        return Vec::new();
    };
    let check = Check {
        declared: declared(),
        taken: references
            .filter_map(taken)
            .chain(std::iter::once(pod_templates()))
            .collect(),
        settings,
    };
    let mut errors = Vec::new();
    check.below(params, &mut Vec::new(), &mut errors);
    errors
}

/// Every parameter of the library with the keys that lead to it.
fn declared() -> Vec<(Vec<String>, &'static Parameter)> {
    let of_policy = |policy: &'static Policy| {
        let keys: Vec<String> = policy.params_path().into_iter().map(str::to_owned).collect();
        let placed =
            |parameter: &'static Parameter| ([&keys[..], std::slice::from_ref(&parameter.name)].concat(), parameter);
        policy.parameters.iter().map(placed).collect::<Vec<_>>()
    };
    policies().iter().flat_map(of_policy).collect()
}

/// The keys below `data.params` that the library's table of pod templates takes.
fn pod_templates() -> Vec<String> {
    POD_TEMPLATE_PATHS[1..].iter().map(|key| (*key).to_owned()).collect()
}

/// The keys below `data.params` that a reference takes; none for all of them.
fn taken(reference: Vec<String>) -> Option<Vec<String>> {
    if HELPERS.contains(&reference.join(".").as_str()) {
        return Some(Vec::new());
    }
    match reference.as_slice() {
        [data] if data == "data" => Some(Vec::new()),
        [data, root, keys @ ..] if data == "data" && root == ROOT => Some(keys.to_vec()),
        _ => None,
    }
}

/// What is taken, to see what was given against.
struct Check<'a> {
    declared: Vec<(Vec<String>, &'static Parameter)>,
    taken: Vec<Vec<String>>,
    settings: Option<&'a Document>,
}

impl Check<'_> {
    fn below(&self, value: &Value, keys: &mut Vec<String>, errors: &mut Vec<Problem>) {
        let table = Type::Object(None);
        let declared = self.declared.iter().find(|(path, _)| path == keys);
        let declares_below = self.declared.iter().any(|(path, _)| path.starts_with(keys));
        if !declares_below && self.taken.iter().any(|path| keys.starts_with(path)) {
            return;
        }
        if declared.is_none() && self.next(keys).is_empty() {
            errors.push(self.unknown(keys));
            return;
        }
        let wanted = declared.map_or(&table, |(_, parameter)| &parameter.kind);
        if let Some(mismatch) = wanted.mismatch(value) {
            errors.push(self.mismatch(keys, &mismatch));
        } else if let (None, Value::Object(object)) = (declared, value) {
            for (key, value) in object.iter() {
                keys.push(key.key_text());
                self.below(value, keys, errors);
                keys.pop();
            }
        }
    }

    /// The keys that known parameters have next below these.
    fn next(&self, keys: &[String]) -> BTreeSet<&str> {
        let known = self.declared.iter().map(|(path, _)| path).chain(&self.taken);
        known
            .filter(|path| path.starts_with(keys))
            .filter_map(|path| path.get(keys.len()).map(String::as_str))
            .collect()
    }

    fn unknown(&self, keys: &[String]) -> Problem {
        let (last, above) = keys
            .split_last()
            .expect("the library has parameters, so the root is known");
        let siblings = self.next(above);
        let help = match nearest(last, siblings.iter().copied()) {
            Some(near) => format!("did you mean {}?", dotted(above, Some(near))),
            None => format!(
                "the keys of {} are {}; see kpolicy list",
                dotted(above, None),
                siblings.into_iter().collect::<Vec<_>>().join(", ")
            ),
        };
        self.at(
            keys,
            &[],
            format!("no policy has a parameter {}", dotted(keys, None)),
            help,
        )
    }

    fn mismatch(&self, keys: &[String], mismatch: &Mismatch) -> Problem {
        let whole: Vec<String> = keys
            .iter()
            .cloned()
            .chain(mismatch.path.iter().map(Value::key_text))
            .collect();
        let (wanted, found) = (mismatch.wanted.to_string(), mismatch.found.type_name());
        let message = format!(
            "{}: expected {}, found {}",
            dotted(&whole, None),
            article(&wanted),
            article(found)
        );
        self.at(
            keys,
            &mismatch.path,
            message,
            "kpolicy list prints the type of each parameter".to_owned(),
        )
    }

    /// A problem at the location of a parameter, or of a part of it, in the settings file, where it is there.
    fn at(&self, keys: &[String], part: &[Value], message: String, help: String) -> Problem {
        let keys = std::iter::once(ROOT).chain(keys.iter().map(String::as_str));
        let path: Vec<Value> = keys.map(Value::from).chain(part.iter().cloned()).collect();
        let holder = self
            .settings
            .filter(|settings| settings.find(&path).depth == path.len());
        let Some(settings) = holder else {
            return problem::of_run(message, help);
        };
        let place = locate(settings, &Target::of(&path));
        problem::of_location(place, message, Some(help))
    }
}

fn dotted(keys: &[String], last: Option<&str>) -> String {
    let parts = std::iter::once(ROOT).chain(keys.iter().map(String::as_str)).chain(last);
    parts.collect::<Vec<_>>().join(".")
}

fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'i', 'o']);
    format!("{} {noun}", if an { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::errors;
    use kpolicy_value::Value;

    /// The messages about these parameters, with a policy of the user that has these references.
    fn messages(params: serde_json::Value, references: &[&str]) -> Vec<String> {
        let data = Value::from_json(&json!({ "params": params }));
        let split = |path: &&str| path.split('.').map(str::to_owned).collect();
        let found = errors(&data, None, references.iter().map(split));
        found.into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn what_a_policy_of_the_user_refers_to_is_taken() {
        let shop = || json!({"shop": {"regions": ["north"]}});
        for reference in [
            "data",
            "data.params",
            "data.params.shop",
            "data.params.shop.regions",
            "data.kpolicy.lib.kubernetes.parameter",
        ] {
            assert_eq!(messages(shop(), &[reference]), [""; 0], "{reference}");
        }
        for reference in ["data.shop", "data.params.shops", "data.kpolicy.lib.kubernetes.pods"] {
            assert_eq!(
                messages(shop(), &[reference]),
                ["no policy has a parameter params.shop"]
            );
        }
        let beside = messages(shop(), &["data.params.shop.owner"]);
        assert_eq!(beside, ["no policy has a parameter params.shop.regions"]);
    }

    #[test]
    fn a_reference_loosens_no_type_that_the_library_declares() {
        let given = json!({"resources": {"limits": {"resources": "cpu"}}});
        let wrong = "params.resources.limits.resources: expected an array of strings, found a string";
        assert_eq!(messages(given, &["data.params"]), [wrong]);
    }
}
