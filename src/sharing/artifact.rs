//! Policies as an artifact of a registry: conftest's layout, in which each file is a layer, and OPA's, in which the one
//! layer is a bundle.

use serde_json::{Value as Json, json};

use super::archive::{self, Kind};
use super::registry::{Descriptor, MANIFEST, Registry};
use super::store::{Manifest, Store};
use super::{Content, bundle, digest, fault};
use crate::finding::Problem;

/// The media type of a policy. Follows conftest v0.71 internal/commands/push.go.
const POLICY: &str = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego";
/// The media type of data.
const DATA: &str = "application/vnd.cncf.openpolicyagent.data.layer.v1+json";
/// The media type of what is neither.
const OTHER: &str = "application/octet-stream";
/// The configuration of conftest's artifacts.
const UNKNOWN_CONFIG: &str = "application/vnd.unknown.config.v1+json";
/// The media type of a bundle, which OPA looks for.
const BUNDLE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// The configuration of OPA's artifacts.
const BUNDLE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The annotation that names a file.
const TITLE: &str = "org.opencontainers.image.title";
/// The annotation of oras for a directory, which it packs.
const UNPACK: &str = "io.deis.oras.content.unpack";
/// The most layers that are read.
const MOST_LAYERS: usize = 5_000;

/// How an artifact is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// As conftest pushes: a layer for each file.
    #[default]
    Conftest,
    /// As OPA reads: one layer, which is a bundle.
    Opa,
}

/// The layers of a manifest.
pub(super) fn layers(manifest: &[u8]) -> Result<Vec<Descriptor>, Problem> {
    let wrong = |what: &str| {
        fault(
            format!("the artifact {what}"),
            "push policies with kpolicy push, conftest push or oras",
        )
    };
    let manifest: Json = serde_json::from_slice(manifest).map_err(|_| wrong("has a manifest that is no JSON"))?;
    if manifest["manifests"].is_array() {
        return Err(wrong("is an index of several artifacts"));
    }
    let layers = manifest["layers"].as_array().ok_or_else(|| wrong("has no layers"))?;
    if layers.len() > MOST_LAYERS {
        return Err(wrong(&format!("has more than {MOST_LAYERS} layers")));
    }
    let read: Option<Vec<Descriptor>> = layers.iter().map(Descriptor::read).collect();
    read.ok_or_else(|| wrong("has a layer without media type, digest or size"))
}

/// Downloads the files of a manifest.
pub(super) fn download(store: &mut Store, manifest: &Manifest) -> Result<Content, Problem> {
    let mut content = Content::default();
    for layer in layers(&manifest.bytes)? {
        if layer.size > content.room() {
            return Err(super::content::too_large());
        }
        let kind = kind(&layer)?;
        let bytes = store.blob(&layer)?;
        match (kind, layer.annotation(TITLE)) {
            (Some(kind), _) => {
                for (path, entry) in archive::read(kind, &bytes)?.files() {
                    content.add(path, entry.bytes.clone(), entry.executable)?;
                }
            }
            (None, Some(title)) => content.add(title, bytes, false)?,
            (None, None) => {
                return Err(fault(
                    format!("the artifact has a layer {} without a name", layer.media_type),
                    "check the address: is this an artifact of policies?",
                ));
            }
        }
    }
    match content.is_empty() {
        true => Err(fault("the artifact has no files", "check the repository and the tag")),
        false => Ok(content),
    }
}

/// Whether a layer is an archive. `oras push` names each file of no type a tar archive, so that its name counts.
fn kind(layer: &Descriptor) -> Result<Option<Kind>, Problem> {
    let title = layer.annotation(TITLE);
    match layer.media_type.as_str() {
        name if name.ends_with("tar+gzip") || name.ends_with("tar.gzip") => Ok(Some(Kind::TarGz)),
        name if name.ends_with(".tar") => match title {
            None => Ok(Some(Kind::Tar)),
            Some(_) if layer.annotation(UNPACK) == Some("true") => Ok(Some(Kind::Tar)),
            Some(title) => Kind::of_name(title),
        },
        name if name.ends_with("tar+zstd") => Err(fault(
            format!("the artifact has a layer {name}, which is not supported"),
            "publish it with gzip",
        )),
        _ => Ok(None),
    }
}

/// Uploads files, and gives the digest of the manifest.
pub fn upload(registry: &mut Registry, content: &Content, layout: Layout) -> Result<String, Problem> {
    let (config_type, layers) = match layout {
        Layout::Conftest => (UNKNOWN_CONFIG, files(registry, content)?),
        Layout::Opa => {
            let packed = bundle::pack(content)?;
            let mut layer = descriptor(BUNDLE, &packed);
            layer["annotations"] = json!({ TITLE: "bundle.tar.gz" });
            registry.put_blob(&packed)?;
            (BUNDLE_CONFIG, vec![layer])
        }
    };
    let config = b"{}";
    registry.put_blob(config)?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(config_type, config),
        "layers": layers,
    });
    registry.put_manifest(manifest.to_string().as_bytes(), None)
}

fn files(registry: &mut Registry, content: &Content) -> Result<Vec<Json>, Problem> {
    let layer = |(path, entry): (&String, &super::content::Entry)| {
        let media_type = match path.rsplit_once('.') {
            Some((_, "rego")) => POLICY,
            Some((_, "json" | "yaml" | "yml")) => DATA,
            _ => OTHER,
        };
        let mut layer = descriptor(media_type, &entry.bytes);
        layer["annotations"] = json!({ TITLE: path });
        registry.put_blob(&entry.bytes).map(|_| layer)
    };
    content.files().map(layer).collect()
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Json {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}
