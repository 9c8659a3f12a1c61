//! The artifacts that were pulled, by their digests, so that what has not changed is downloaded once.

use std::fs;
use std::path::PathBuf;

use super::target::{self, Existing};
use super::{Content, digest, fault, is_digest};
use crate::finding::Problem;

/// The directory of artifacts.
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache of the user.
    pub(super) fn new() -> Result<Self, Problem> {
        let of_variable = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute());
        let folder = of_variable
            .or_else(|| Some(std::env::home_dir()?.join(".cache")))
            .ok_or_else(|| fault("there is no directory for the cache", "set HOME or XDG_CACHE_HOME"))?;
        Ok(Self {
            folder: folder.join("kpolicy").join("policies"),
        })
    }

    /// The files of an artifact, where they are there.
    pub(super) fn content(&self, digest: &str) -> Option<PathBuf> {
        let path = self.folder.join("content").join(digest.replace(':', "-"));
        (is_digest(digest) && path.is_dir()).then_some(path)
    }

    /// Keeps the files of an artifact. They get their name when all of them are there.
    pub(super) fn keep(&self, digest: &str, content: &Content) -> Result<PathBuf, Problem> {
        let folder = self.folder.join("content");
        let wrong = |error: std::io::Error| {
            fault(
                format!("the cache {} cannot be written: {error}", folder.display()),
                "check its permissions",
            )
        };
        fs::create_dir_all(&folder).map_err(wrong)?;
        let stage = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&folder)
            .map_err(wrong)?;
        let files = stage.path().join("files");
        target::write(content, &files, Existing::Replace)?;
        let path = folder.join(digest.replace(':', "-"));
        match fs::rename(&files, &path) {
            // Another run may have been faster.
            Err(error) if !path.is_dir() => Err(wrong(error)),
            _ => Ok(path),
        }
    }

    /// The digest that an address had last.
    pub(super) fn last(&self, address: &str) -> Option<String> {
        let text = fs::read_to_string(self.address(address)).ok()?;
        Some(text.trim().to_owned()).filter(|text| is_digest(text))
    }

    /// Notes the digest of an address, for runs without the network.
    pub(super) fn note(&self, address: &str, digest: &str) {
        if self.last(address).as_deref() != Some(digest) {
            let path = self.address(address);
            // Without it only --offline finds less.
            let _ = path.parent().map(fs::create_dir_all);
            let _ = crate::delivery::replace::replace(&path, |file| file.write_all(digest.as_bytes()));
        }
    }

    fn address(&self, address: &str) -> PathBuf {
        let name = digest(address.as_bytes());
        self.folder.join("addresses").join(name.replace(':', "-"))
    }
}
