//! Policies that others share: where they are, how they come here, and how they go there.
//!
//! [`address`] reads what a user names, [`fetch`] brings it here as [`Content`], whatever it is: an artifact of a
//! `registry`, an `archive`, a file, or a repository of git. All of it is in memory and checked before any file is
//! written ([`target`]). [`lock`] says which content a project agreed to.

pub mod address;
mod archive;
pub mod artifact;
pub mod bundle;
mod cache;
mod content;
mod cosign;
mod credentials;
pub mod fetch;
mod http;
pub mod lock;
pub mod registry;
pub mod remote;
pub mod signature;
mod store;
pub mod target;

pub use content::Content;

use sha2::{Digest, Sha256};

use crate::finding::Problem;
use crate::problem;

/// The digest of bytes, as registries write it.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// Bytes in hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is a digest with SHA-256, so that it is safe as the name of a file too.
fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn fault(message: impl Into<String>, help: &str) -> Problem {
    problem::of_run(message, help)
}
