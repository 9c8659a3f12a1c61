//! Signatures of cosign with a key: beside the artifact, under a tag that is made of its digest, is another whose layers
//! say which digest was signed.

use base64::Engine;
use kpolicy_rego::builtins::Key;
use serde_json::Value as Json;

use super::artifact;
use super::registry::Descriptor;
use super::signature::Unverified;
use super::store::{Manifest, Store};
use crate::finding::Problem;

/// The annotation of a layer that has its signature.
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The type of what is signed.
const PAYLOAD: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// What is signed says that it is this.
const KIND: &str = "cosign container image signature";
/// The largest text that is signed.
const LARGEST: u64 = 64 << 10;

/// Whether an artifact is signed with a key. Follows cosign v2 pkg/cosign/verify.go: VerifyImageSignature.
pub(super) fn verified(store: &mut Store, signed: &Manifest, key: &Key) -> Result<Result<(), Unverified>, Problem> {
    let tag = format!("{}.sig", signed.digest.replace(':', "-"));
    let Some(manifest) = store.manifest(&tag)? else {
        return Ok(Err(Unverified::Unsigned));
    };
    let mut is_signed = false;
    for layer in artifact::layers(&manifest.bytes)? {
        let Some(signature) = signature(&layer) else { continue };
        is_signed = true;
        let payload = store.blob(&layer)?;
        if key.has_signed(&payload, &signature) && digest(&payload).as_deref() == Some(&signed.digest) {
            return Ok(Ok(()));
        }
    }
    Ok(Err(match is_signed {
        true => Unverified::Wrong(format!("no signature under the tag {tag} is of this key and artifact")),
        false => Unverified::Unsigned,
    }))
}

/// The signature of a layer, where it has one.
fn signature(layer: &Descriptor) -> Option<Vec<u8>> {
    let text = layer.annotation(SIGNATURE)?;
    let is_payload = layer.media_type == PAYLOAD && layer.size <= LARGEST;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim());
    decoded.ok().filter(|_| is_payload)
}

/// The digest that was signed.
fn digest(payload: &[u8]) -> Option<String> {
    let payload: Json = serde_json::from_slice(payload).ok()?;
    let critical = &payload["critical"];
    let digest = critical["image"]["docker-manifest-digest"].as_str()?;
    (critical["type"] == KIND).then(|| digest.to_owned())
}
