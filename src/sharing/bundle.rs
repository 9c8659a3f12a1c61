//! OPA's bundles: tar archives with gzip.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::{Content, fault};
use crate::finding::Problem;
use kpolicy_rego::Dialect;

/// The manifest of a bundle.
const MANIFEST: &str = ".manifest";

/// Adds the manifest that a bundle has, if there is none.
pub fn add_manifest(content: &mut Content, dialect: Dialect) -> Result<(), Problem> {
    if content.get(MANIFEST).is_some() {
        return Ok(());
    }
    let version = if dialect == Dialect::V0 { 0 } else { 1 };
    let manifest = format!("{{\"revision\":\"\",\"rego_version\":{version}}}");
    content.add(MANIFEST, manifest.into_bytes(), false)
}

/// Packs files as a bundle. The same files give the same bytes.
pub fn pack(content: &Content) -> Result<Vec<u8>, Problem> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let written: io::Result<Vec<u8>> = (|| {
        for (path, entry) in content.files() {
            add(&mut builder, path, &entry.bytes)?;
        }
        builder.into_inner()?.finish()
    })();
    written.map_err(|error| {
        fault(
            format!("the bundle cannot be packed: {error}"),
            "shorten the paths of the files",
        )
    })
}

/// Adds a file. The crate takes no path that begins with a slash, and OPA needs none.
fn add(builder: &mut Builder<impl Write>, path: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, path, bytes)
}
