//! What Kustomize says of where objects come from: the annotations that a wrapper asks for.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Rendering;
use super::file::{documents, join};
use kpolicy_parse::Format;
use kpolicy_value::Value;

/// The annotation with the file of an object, or with the generator.
const ORIGIN: &str = "config.kubernetes.io/origin";

/// The annotation with the transformers that changed an object.
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Something that generated or changed an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct By {
    /// The kustomization that it is in, as seen from the working directory.
    pub(super) file: PathBuf,
    /// Its kind: `PatchTransformer`.
    pub(super) kind: String,
}

/// Where an object comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// What tells it from the other objects.
    pub(super) identity: Vec<String>,
    /// The file that it was read from, as seen from the working directory.
    pub(super) file: Option<PathBuf>,
    /// What generated it.
    pub(super) generator: Option<By>,
    /// What changed it, in this order.
    pub(super) transformers: Vec<By>,
}

impl Rendering {
    /// The origins of the objects, by a wrapper that asks for annotations.
    pub(super) fn annotated(&self) -> io::Result<Vec<Origin>> {
        let wrapper = tempfile::tempdir()?;
        let folder = fs::canonicalize(wrapper.path())?;
        let target = relative(&folder, &fs::canonicalize(&self.directory)?);
        let text = format!(
            "resources:\n- {}\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
            serde_json::Value::from(target.to_string_lossy())
        );
        fs::write(folder.join("kustomization.yaml"), text)?;
        let output = self.run(&folder).map_err(|failure| io::Error::other(failure.text()))?;
        let here = std::env::current_dir()?;
        let here = fs::canonicalize(here)?;
        let shown = |path: &str| {
            let path = join(&folder, path);
            path.strip_prefix(&here).map(Path::to_owned).unwrap_or(path)
        };
        Ok(documents("", output)
            .iter()
            .map(|document| origin(&document.value, &shown))
            .collect())
    }
}

/// What tells an object from the others of one output.
pub(super) fn identity(object: &Value) -> Vec<String> {
    let metadata = object.field("metadata");
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    vec![
        text(object.field("apiVersion")),
        text(object.field("kind")),
        text(metadata.and_then(|metadata| metadata.field("namespace"))),
        text(metadata.and_then(|metadata| metadata.field("name"))),
    ]
}

fn origin(object: &Value, shown: &dyn Fn(&str) -> PathBuf) -> Origin {
    let annotation = |name: &str| {
        let text = object.field("metadata")?.field("annotations")?.field(name)?.as_str()?;
        let nodes = Format::Yaml.parse(text).ok()?;
        nodes.into_iter().next().map(|node| node.value)
    };
    let by = |value: &Value| {
        Some(By {
            file: shown(value.field("configuredIn")?.as_str()?),
            kind: value.field("configuredBy")?.field("kind")?.as_str()?.to_owned(),
        })
    };
    let origin = annotation(ORIGIN);
    // What is in another repository is in no file here.
    let local = origin.as_ref().filter(|origin| origin.field("repo").is_none());
    let file = local.and_then(|origin| origin.field("path")?.as_str().map(shown));
    let transformers = annotation(TRANSFORMATIONS);
    let transformers = transformers.as_ref().and_then(Value::as_array).unwrap_or_default();
    Origin {
        identity: identity(object),
        file,
        generator: origin.as_ref().and_then(by),
        transformers: transformers.iter().filter_map(by).collect(),
    }
}

/// The path from a directory to another one, both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_say_where_objects_come_from() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    config.kubernetes.io/origin: |\n      path: ../base/pod.yaml\n    alpha.config.kubernetes.io/transformations: |\n      - configuredIn: ../prod/kustomization.yaml\n        configuredBy:\n          apiVersion: builtin\n          kind: PatchTransformer\n";
        let documents = documents("", text.to_owned());
        let found = origin(&documents[0].value, &|path| PathBuf::from(path));
        assert_eq!(found.identity, ["v1", "Pod", "", "web"]);
        assert_eq!(found.file, Some(PathBuf::from("../base/pod.yaml")));
        assert_eq!(found.transformers[0].kind, "PatchTransformer");
        assert_eq!(
            relative(Path::new("/tmp/x"), Path::new("/tmp/a/b")),
            Path::new("../a/b")
        );
    }
}
