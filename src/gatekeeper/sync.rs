//! What the cluster's inventory holds: SyncSets and the Config say which kinds, and templates which they need.

use std::collections::HashSet;

use crate::finding::Problem;
use kpolicy_value::Value;

use super::manifest::Object;
use super::matching::texts;
use super::template::Template;

/// The annotation of a template that says which kinds `data.inventory` has to hold.
const NEEDED: &str = "metadata.gatekeeper.sh/requires-sync-data";

/// A group, a version and a kind.
type Named = (String, String, String);

/// A warning for each template that needs kinds which none of these SyncSets and Configs names. Where there are none at
/// all, what the cluster syncs is not known.
pub(super) fn warnings(templates: &[Template], syncing: &[Object]) -> Vec<Problem> {
    if syncing.is_empty() {
        return Vec::new();
    }
    let synced: HashSet<Named> = syncing.iter().flat_map(synced).collect();
    templates
        .iter()
        .filter_map(|template| warning(template, &synced))
        .collect()
}

/// The kinds that a SyncSet or a Config names.
fn synced(object: &Object) -> Vec<Named> {
    let lists = [&["spec", "gvks"][..], &["spec", "sync", "syncOnly"]];
    let entries = lists
        .into_iter()
        .filter_map(|keys| object.at(keys)?.as_array())
        .flatten();
    let text = |entry: &Value, name: &str| entry.field(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    entries
        .map(|entry| (text(entry, "group"), text(entry, "version"), text(entry, "kind")))
        .collect()
}

fn warning(template: &Template, synced: &HashSet<Named>) -> Option<Problem> {
    let annotations = template.object.at(&["metadata", "annotations"])?;
    let text = annotations.field(NEEDED)?.as_str()?;
    let keys = ["metadata", "annotations", NEEDED];
    let title = template.object.title();
    // The annotation is JSON in quotes of its own.
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text.trim().trim_matches('"')) else {
        let message = format!("{title} says what it needs of data.inventory in a way that is not JSON");
        return Some(
            template
                .object
                .error_at(&keys, message, "write a list of lists of {groups, versions, kinds}"),
        );
    };
    let needed = Value::from_json(&json);
    // All of the outer list are needed; of the inner ones any.
    let missing = needed.as_array()?.iter().find(|any| {
        let all = any.as_array().unwrap_or_default().iter().flat_map(named);
        !all.collect::<Vec<_>>().iter().any(|named| synced.contains(named))
    })?;
    let of_missing = missing.as_array().unwrap_or_default().iter().flat_map(named);
    let shown = |(group, version, kind): Named| match group.as_str() {
        "" => format!("{version} {kind}"),
        group => format!("{group}/{version} {kind}"),
    };
    let names: Vec<String> = of_missing.map(shown).collect();
    let names = names.join(" or ");
    let message = format!("{title} needs {names} in data.inventory, which no SyncSet and no Config syncs");
    Some(
        template
            .object
            .error_at(&keys, message, "add it to a SyncSet, or the cluster does not see it"),
    )
}

/// The kinds that an entry names: each of its groups with each version and each kind.
fn named(entry: &Value) -> Vec<Named> {
    let (groups, versions, kinds) = (texts(entry, "groups"), texts(entry, "versions"), texts(entry, "kinds"));
    let mut found = Vec::new();
    for group in &groups {
        for version in &versions {
            for kind in &kinds {
                found.push((group.clone(), version.clone(), kind.clone()));
            }
        }
    }
    found
}
