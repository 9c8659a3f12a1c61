//! From a location in what Kustomize built to the file of the resource, or to the kustomization that changed it.

use super::file::{Kustomization, read_documents};
use super::origin::{By, Origin, identity};
use crate::finding::{Confidence, Location, Related, Step};
use crate::locate::{Target, locate};
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

/// The keys of a kustomization that a generator or transformer is configured by.
const KEYS: &[(&str, &[&str])] = &[
    ("NamespaceTransformer", &["namespace"]),
    ("PrefixTransformer", &["namePrefix"]),
    ("SuffixTransformer", &["nameSuffix"]),
    ("LabelTransformer", &["labels", "commonLabels"]),
    ("AnnotationsTransformer", &["commonAnnotations"]),
    ("ImageTagTransformer", &["images"]),
    ("ReplicaCountTransformer", &["replicas"]),
    (
        "PatchTransformer",
        &["patches", "patchesStrategicMerge", "patchesJson6902"],
    ),
    ("PatchStrategicMergeTransformer", &["patchesStrategicMerge", "patches"]),
    ("PatchJson6902Transformer", &["patchesJson6902", "patches"]),
    ("ReplacementTransformer", &["replacements"]),
    ("ConfigMapGenerator", &["configMapGenerator"]),
    ("SecretGenerator", &["secretGenerator"]),
];

/// Finds where built objects come from.
pub(super) struct Finder {
    /// The objects as they were evaluated.
    built: Vec<Document>,
    origins: Vec<Origin>,
}

impl Finder {
    pub(super) fn new(built: Vec<Document>, origins: Vec<Origin>) -> Self {
        Self { built, origins }
    }

    /// The location that a person edits, and the line that was built.
    pub(super) fn relocate(&self, location: &Location) -> (Location, Vec<Related>) {
        let related = vec![Related {
            message: "kustomize built".to_owned(),
            location: location.clone(),
            is_rendered: true,
        }];
        let found = self
            .built
            .get(location.document)
            .and_then(|built| self.find(built, location));
        let Some((found, patch)) = found else {
            return (location.of_file_alone(), related);
        };
        let moved = Location {
            // The document and the path are those of what was evaluated.
            document: location.document,
            path: location.path.clone(),
            path_text: location.path_text.clone(),
            missing: location.missing,
            lasting_path: location.lasting_path.clone(),
            confidence: location.confidence.max(found.confidence),
            rendered: None,
            ..found
        };
        let patch = patch.map(|location| Related {
            message: "the patch sets it".to_owned(),
            location,
            is_rendered: false,
        });
        (moved, patch.into_iter().chain(related).collect())
    }

    fn find(&self, built: &Document, location: &Location) -> Option<(Location, Option<Location>)> {
        let identity = identity(&built.value);
        let origin = self.origins.iter().find(|origin| origin.identity == identity)?;
        let path: Vec<Value> = location.path.iter().map(step).collect();
        let existing = &path[..path.len() - location.missing.min(path.len())];
        let resource = origin.file.as_deref().map(read_documents).unwrap_or_default();
        let resource = resource
            .iter()
            .filter(|document| is_same(&document.value, &built.value));
        let resource = resource.max_by_key(|document| name(&document.value) == name(&built.value));
        let own = resource.map(|resource| (resource, in_resource(resource, built, existing)));
        if let Some((resource, Some(steps))) = &own
            && is_unchanged(resource, steps, built, existing)
        {
            let steps = [&steps[..], &path[existing.len()..]].concat();
            let target = match (location.path.is_empty(), location.confidence) {
                (true, _) => Target::Document,
                _ => Target::Value(steps),
            };
            return Some((locate(resource, &target), None));
        }
        if let Some(by) = origin.generator.as_ref().filter(|_| origin.file.is_none()) {
            return Some((Kustomization::read(&by.file).ok()?.key(keys(by)), None));
        }
        if let Some(found) = transformed(&origin.transformers, built, existing) {
            return Some(found);
        }
        let (resource, steps) = own?;
        let near = Location {
            confidence: Confidence::Near,
            ..locate(resource, &Target::of(&steps.unwrap_or_else(|| existing.to_vec())))
        };
        Some((near, None))
    }
}

fn step(step: &Step) -> Value {
    match step {
        Step::Key(key) => key.as_str().into(),
        Step::Index(index) => i64::try_from(*index).unwrap_or(i64::MAX).into(),
    }
}

fn name(object: &Value) -> &str {
    let name = object.field("metadata").and_then(|metadata| metadata.field("name"));
    name.and_then(Value::as_str).unwrap_or_default()
}

/// Whether a resource may be what an object was built from: its name may have got something before and behind it.
fn is_same(resource: &Value, built: &Value) -> bool {
    resource.field("kind") == built.field("kind") && name(built).contains(name(resource))
}

/// The path in a resource that is the path of an object built from it: items by their names, or their text. Nothing where
/// the resource has no such path.
fn in_resource(resource: &Document, built: &Document, path: &[Value]) -> Option<Vec<Value>> {
    let (mut own, mut theirs) = (&resource.value, &built.value);
    let mut steps = Vec::new();
    for step in path {
        theirs = theirs.get(step)?;
        let step = match own {
            Value::Array(_) => item(own.as_array()?, theirs, step)?,
            _ => step.clone(),
        };
        own = own.get(&step)?;
        steps.push(step);
    }
    Some(steps)
}

/// The index of the item that is the same as another one.
fn item(items: &[Value], item: &Value, step: &Value) -> Option<Value> {
    let name = |value: &Value| value.field("name").cloned();
    let position = match (name(item), item) {
        (Some(wanted), _) => items.iter().position(|item| name(item).as_ref() == Some(&wanted)),
        (None, Value::Object(_) | Value::Array(_)) => return Some(step.clone()),
        (None, scalar) => items.iter().position(|item| item == scalar),
    };
    position.and_then(|at| i64::try_from(at).ok()).map(Value::from)
}

/// Whether what a path leads to is what the resource itself says: a scalar is the same, of anything else it is there.
fn is_unchanged(resource: &Document, steps: &[Value], built: &Document, path: &[Value]) -> bool {
    let (own, theirs) = (resource.find(steps).value, built.find(path).value);
    matches!(own, Value::Object(_) | Value::Array(_)) || own == theirs
}

/// The key or patch of a kustomization that changed what a path leads to: the last one that may have.
fn transformed(transformers: &[By], built: &Document, path: &[Value]) -> Option<(Location, Option<Location>)> {
    let read = |by: &By| Kustomization::read(&by.file).ok();
    for by in transformers.iter().rev().filter(|by| is_patch(by)) {
        let patches = read(by)?.patches();
        let set = patches
            .into_iter()
            .filter_map(|(entry, patch)| Some((entry, sets(&patch, built, path)?)));
        if let Some((entry, patch)) = set.last() {
            return Some((entry, Some(patch)));
        }
    }
    let by = transformers
        .iter()
        .rev()
        .find(|by| !is_patch(by) && may_change(by, path));
    let by = by.or_else(|| transformers.iter().rev().find(|by| is_patch(by)))?;
    let near = !may_change(by, path);
    let location = read(by)?.key(keys(by));
    let confidence = if near { Confidence::Near } else { Confidence::Exact };
    Some((Location { confidence, ..location }, None))
}

fn is_patch(by: &By) -> bool {
    by.kind.starts_with("Patch")
}

fn keys(by: &By) -> &'static [&'static str] {
    KEYS.iter()
        .find(|(kind, _)| *kind == by.kind)
        .map_or(&[], |(_, keys)| keys)
}

/// Whether a transformer changes values at such a path.
fn may_change(by: &By, path: &[Value]) -> bool {
    let last = path.last().and_then(Value::as_str).unwrap_or_default();
    let has = |word: &str| {
        path.iter()
            .any(|step| step.as_str().is_some_and(|step| step.contains(word)))
    };
    match by.kind.as_str() {
        "NamespaceTransformer" => last == "namespace",
        "PrefixTransformer" | "SuffixTransformer" => last.to_lowercase().ends_with("name"),
        "LabelTransformer" => has("abels") || has("elector"),
        "AnnotationsTransformer" => has("nnotations"),
        "ImageTagTransformer" => last == "image",
        "ReplicaCountTransformer" => last == "replicas",
        _ => false,
    }
}

/// Where a patch sets what a path of an object leads to.
fn sets(patch: &Document, built: &Document, path: &[Value]) -> Option<Location> {
    if let Some(operations) = patch.value.as_array() {
        return operation(patch, operations, path);
    }
    let kind = patch.value.field("kind");
    if kind.is_some() && kind != built.value.field("kind") {
        return None;
    }
    let steps = in_resource(patch, built, path).filter(|steps| !steps.is_empty())?;
    let (own, theirs) = (patch.find(&steps).value, built.find(path).value);
    let is_value = matches!(own, Value::Object(_) | Value::Array(_)) || own == theirs;
    is_value.then(|| locate(patch, &Target::Value(steps)))
}

/// The operation of a JSON patch that sets what a path leads to, or something around it.
fn operation(patch: &Document, operations: &[Value], path: &[Value]) -> Option<Location> {
    let written: Vec<String> = path.iter().map(Value::key_text).collect();
    let is_around = |operation: &Value| {
        let pointer = operation.field("path").and_then(Value::as_str)?;
        let steps: Vec<String> = pointer
            .split('/')
            .skip(1)
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect();
        let fits = |(step, written): (&String, &String)| step == written || step == "-";
        (steps.len() <= written.len() && steps.iter().zip(&written).all(fits)).then_some(())
    };
    let at = operations
        .iter()
        .rposition(|operation| is_around(operation).is_some())?;
    let steps = vec![i64::try_from(at).ok()?.into(), "path".into()];
    Some(locate(patch, &Target::Value(steps)))
}

#[cfg(test)]
mod tests {
    use super::super::file::documents;
    use super::*;

    fn document(text: &str) -> Document {
        documents("f.yaml", text.to_owned()).remove(0)
    }

    #[test]
    fn items_are_followed_by_their_names() {
        let own = document("kind: Pod\nspec:\n  containers:\n  - name: web\n    image: a\n");
        let built =
            document("kind: Pod\nspec:\n  containers:\n  - name: proxy\n    image: p\n  - name: web\n    image: b\n");
        let path = |index: i64| ["spec".into(), "containers".into(), index.into(), "image".into()];
        let steps = in_resource(&own, &built, &path(1)).expect("it has the container");
        assert_eq!(steps, path(0));
        assert!(!is_unchanged(&own, &steps, &built, &path(1)));
        assert_eq!(in_resource(&own, &built, &path(0)), None);
    }

    #[test]
    fn patches_set_what_they_say() {
        let built = document("kind: Pod\nspec:\n  hostNetwork: true\n  containers:\n  - name: web\n");
        let merge = document("kind: Pod\nspec:\n  hostNetwork: true\n");
        let path = ["spec".into(), "hostNetwork".into()];
        assert_eq!(sets(&merge, &built, &path).map(|location| location.line), Some(3));
        let json =
            document("- op: add\n  path: /metadata/labels\n- op: add\n  path: /spec/hostNetwork\n  value: true\n");
        assert_eq!(sets(&json, &built, &path).map(|location| location.line), Some(4));
        assert_eq!(sets(&merge, &built, &["metadata".into()]), None);
    }
}
