//! The whole set: the Kubernetes objects of all files, which rules read as `data.inventory`.
//!
//! `objects[kind][namespace][name]` is an array of `{"object", "file", "document", "line"}`, since two files can define
//! one object. `namespace[namespace][apiVersion][kind][name]` and `cluster[apiVersion][kind][name]` are the objects in
//! the shape that Gatekeeper gives its templates; of several the last is there, as in a cluster that all are applied to.

use std::collections::{BTreeMap, HashMap};

use crate::kubernetes::{Found, objects};
use kpolicy_parse::document::Document;
use kpolicy_value::{LineIndex, Value};

mod scope;

use scope::Scope;

/// The namespace of an object that is in one and does not say which.
const DEFAULT: &str = "default";

/// The inventory of these files' documents, the files in the order in which they were named.
pub fn build<'a>(files: impl Iterator<Item = &'a [Document]> + Clone) -> Value {
    let scopes = Scopes::of(files.clone().flatten());
    let mut tree = Tree::default();
    for documents in files {
        let Some(first) = documents.first() else { continue };
        let lines = first.file.lines();
        for document in documents {
            for object in objects(&document.value) {
                if let Some(object) = object.kind.filter(|_| !object.is_deleted).map(|kind| (kind, object)) {
                    tree.add(object, document, &lines, &scopes);
                }
            }
        }
    }
    tree.value()
}

/// Which kinds are in no namespace: Kubernetes' own, and what definitions in the set say of theirs.
#[derive(Clone, Debug, Default)]
pub struct Scopes(HashMap<(String, String), Scope>);

impl Scopes {
    fn of<'a>(documents: impl Iterator<Item = &'a Document>) -> Self {
        let found = documents.flat_map(|document| objects(&document.value));
        let definitions = found.filter(|object| object.kind == Some("CustomResourceDefinition"));
        Self(definitions.filter_map(|object| defined(object.value)).collect())
    }

    /// The scopes of the kinds that an inventory defines.
    pub fn of_inventory(inventory: &Value) -> Self {
        let versions = inventory.field("cluster").and_then(Value::as_object);
        let kinds = versions.into_iter().flat_map(|versions| versions.iter());
        let definitions = kinds.filter_map(|(_, kinds)| kinds.field("CustomResourceDefinition")?.as_object());
        let definitions = definitions.flat_map(|definitions| definitions.iter());
        Self(definitions.filter_map(|(_, definition)| defined(definition)).collect())
    }

    /// Whether objects of a kind are in no namespace.
    pub fn is_cluster(&self, kind: &str, api_version: Option<&str>) -> bool {
        let Some(api_version) = api_version else {
            return scope::of_kind(kind) == Scope::Cluster;
        };
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let defined = self.0.get(&(group.to_owned(), kind.to_owned())).copied();
        defined.unwrap_or_else(|| scope::of(group, kind)) == Scope::Cluster
    }
}

/// What a CustomResourceDefinition says of its kind.
fn defined(definition: &Value) -> Option<((String, String), Scope)> {
    let spec = definition.field("spec")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let group = text(spec.field("group")?)?;
    let kind = text(spec.field("names")?.field("kind")?)?;
    let scope = match spec.field("scope")?.as_str()? {
        "Cluster" => Scope::Cluster,
        _ => Scope::Namespaced,
    };
    Some(((group, kind), scope))
}

/// The entries by up to four keys.
#[derive(Default)]
struct Tree {
    objects: BTreeMap<[String; 3], Vec<Value>>,
    namespaced: BTreeMap<[String; 4], Value>,
    cluster: BTreeMap<[String; 3], Value>,
}

impl Tree {
    fn add(&mut self, (kind, found): (&str, Found), document: &Document, lines: &LineIndex, scopes: &Scopes) {
        let metadata = found.value.field("metadata");
        let text = |name: &str| {
            let text = metadata
                .and_then(|metadata| metadata.field(name))
                .and_then(Value::as_str);
            text.filter(|text| !text.is_empty())
        };
        let name = text("name")
            .or_else(|| text("generateName"))
            .unwrap_or_default()
            .to_owned();
        let namespace = match scopes.is_cluster(kind, found.api_version) {
            true => String::new(),
            false => text("namespace").unwrap_or(DEFAULT).to_owned(),
        };
        let (kind, object) = (kind.to_owned(), whole(&found));
        if let Some(api_version) = found.api_version.map(str::to_owned) {
            let (kind, name, object) = (kind.clone(), name.clone(), object.clone());
            match namespace.is_empty() {
                true => self.cluster.insert([api_version, kind, name], object),
                false => self
                    .namespaced
                    .insert([namespace.clone(), api_version, kind, name], object),
            };
        }
        let start = document.find(&found.path).spans.value.start;
        let (line, _) = lines.position(start as usize);
        let entry = Value::object(vec![
            ("object".into(), object),
            ("file".into(), document.file.path.as_str().into()),
            ("document".into(), document.index.into()),
            ("line".into(), line.into()),
        ]);
        self.objects.entry([kind, namespace, name]).or_default().push(entry);
    }

    fn value(self) -> Value {
        let entries = self
            .objects
            .into_iter()
            .map(|(keys, entries)| (keys, Value::array(entries)));
        Value::object(vec![
            ("objects".into(), nested(entries)),
            ("namespace".into(), nested(self.namespaced.into_iter())),
            ("cluster".into(), nested(self.cluster.into_iter())),
        ])
    }
}

/// The object with its kind and version, where only its list says them.
fn whole(found: &Found) -> Value {
    let Some(own) = found.value.as_object() else {
        return found.value.clone();
    };
    let mut entries: Vec<(Value, Value)> = own.iter().cloned().collect();
    let before = entries.len();
    for (key, text) in [("kind", found.kind), ("apiVersion", found.api_version)] {
        entries.extend(
            text.filter(|_| own.field(key).is_none())
                .map(|text| (key.into(), text.into())),
        );
    }
    if entries.len() == before {
        found.value.clone()
    } else {
        Value::object(entries)
    }
}

/// Objects in objects, one level for each key. The entries come sorted by their keys.
fn nested<const N: usize>(entries: impl Iterator<Item = ([String; N], Value)>) -> Value {
    let mut levels: Vec<Vec<(Value, Value)>> = vec![Vec::new(); N];
    let mut last: Option<[String; N]> = None;
    let close = |levels: &mut Vec<Vec<(Value, Value)>>, keys: &[String; N], down_to: usize| {
        for level in (down_to + 1..N).rev() {
            let below = Value::object(std::mem::take(&mut levels[level]));
            levels[level - 1].push((keys[level - 1].as_str().into(), below));
        }
    };
    for (keys, value) in entries {
        if let Some(last) = &last {
            let same = keys.iter().zip(last).take_while(|(a, b)| a == b).count();
            close(&mut levels, last, same.min(N - 1));
        }
        levels[N - 1].push((keys[N - 1].as_str().into(), value));
        last = Some(keys);
    }
    if let Some(last) = &last {
        close(&mut levels, last, 0);
    }
    Value::object(levels.swap_remove(0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value as Json, json};

    use super::build;
    use kpolicy_parse::Format;
    use kpolicy_parse::document::{Document, File};

    fn documents(path: &str, text: &str) -> Vec<Document> {
        let nodes = Format::Yaml.parse(text).expect("YAML");
        let file = Arc::new(File::new(path, text));
        let document = |(index, node): (usize, kpolicy_parse::document::Node)| Document {
            file: Arc::clone(&file),
            index,
            value: node.value,
            spans: node.spans,
        };
        nodes.into_iter().enumerate().map(document).collect()
    }

    fn inventory(files: &[(&str, &str)]) -> Json {
        let read: Vec<Vec<Document>> = files.iter().map(|(path, text)| documents(path, text)).collect();
        build(read.iter().map(Vec::as_slice)).to_json()
    }

    #[test]
    fn objects_stand_under_kind_namespace_and_name_with_their_place() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        let twice = format!("# one\n{pod}---\n{pod}");
        let found = inventory(&[("1.yaml", &twice), ("2.yaml", pod)]);
        let entries = found["objects"]["Pod"]["default"]["a"].as_array().expect("entries");
        let places: Vec<_> = entries
            .iter()
            .map(|entry| json!([entry["file"], entry["document"], entry["line"]]))
            .collect();
        assert_eq!(
            places,
            [
                json!(["1.yaml", 0, 2]),
                json!(["1.yaml", 1, 6]),
                json!(["2.yaml", 0, 1])
            ]
        );
        assert_eq!(found["namespace"]["default"]["v1"]["Pod"]["a"]["metadata"]["name"], "a");
        assert_eq!(found["cluster"], json!({}));
    }

    #[test]
    fn what_is_in_no_namespace_stands_under_none() {
        let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n---\n\
            apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: c}\n---\n\
            apiVersion: x.example/v1\nkind: Fleet\nmetadata: {name: d}\n---\n\
            apiVersion: ipam.example/v1\nkind: IPAddress\nmetadata: {name: e}\n";
        let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: f}\n\
            spec: {group: x.example, names: {kind: Fleet}, scope: Cluster}\n";
        let found = inventory(&[("a.yaml", text), ("b.yaml", definition)]);
        for (kind, name) in [
            ("Namespace", "a"),
            ("ClusterRole", "c"),
            ("Fleet", "d"),
            ("CustomResourceDefinition", "f"),
        ] {
            assert!(found["objects"][kind][""][name].is_array(), "{kind}: {found}");
        }
        assert!(found["objects"]["IPAddress"]["default"]["e"].is_array());
        assert_eq!(found["cluster"]["x.example/v1"]["Fleet"]["d"]["kind"], "Fleet");
    }

    #[test]
    fn items_of_lists_are_objects_of_their_own_and_deleted_ones_are_none() {
        let text = "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a, namespace: shop}\n---\n\
            kind: AdmissionReview\nrequest: {oldObject: {apiVersion: v1, kind: Pod, metadata: {name: gone}}}\n---\n\
            kind: AdmissionReview\nrequest: {object: {apiVersion: v1, kind: Pod, metadata: {name: stays}}}\n";
        let found = inventory(&[("a.yaml", text)]);
        let entry = &found["objects"]["Pod"]["shop"]["a"][0];
        assert_eq!((&entry["line"], &entry["object"]["kind"]), (&json!(4), &json!("Pod")));
        let names: Vec<_> = found["objects"]["Pod"]["default"]
            .as_object()
            .expect("pods")
            .keys()
            .collect();
        assert_eq!(names, ["stays"]);
        assert!(found["objects"].get("PodList").is_none());
    }
}
