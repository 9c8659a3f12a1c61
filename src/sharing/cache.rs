//! The artifacts that were downloaded, by their digests, so that what has not changed is downloaded once. Nothing of it is
//! trusted: what does not have its digest any more is as if it were not there.

use std::fs;
use std::path::PathBuf;

use super::fetch::{self, DEEPEST};
use super::target::{self, Existing};
use super::{Content, digest, fault, is_digest};
use crate::delivery::replace::replace;
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

    /// The manifest or the part of an artifact with this digest.
    pub(super) fn blob(&self, wanted: &str) -> Option<Vec<u8>> {
        let path = self.of_digest("blobs", wanted)?;
        fs::read(path).ok().filter(|bytes| digest(bytes) == wanted)
    }

    /// Keeps what has this digest.
    pub(super) fn keep_blob(&self, digest: &str, bytes: &[u8]) -> Result<(), Problem> {
        let Some(path) = self.of_digest("blobs", digest) else {
            return Ok(());
        };
        if self.blob(digest).is_some() {
            return Ok(());
        }
        let folder = path.parent().expect("it is in the cache");
        fs::create_dir_all(folder)
            .and_then(|()| replace(&path, |file| file.write_all(bytes)))
            .map_err(|error| self.unwritten(&error))
    }

    /// The directory with exactly the files of an artifact. They get their place when all of them are there.
    pub(super) fn files(&self, digest: &str, content: &Content) -> Result<PathBuf, Problem> {
        let path = self.of_digest("content", digest).expect("the digest of an artifact");
        let is_whole = || {
            let mut found = Content::default();
            fetch::directory(&path, "", DEEPEST, &mut found).is_ok() && found.digest() == content.digest()
        };
        if is_whole() {
            return Ok(path);
        }
        let folder = path.parent().expect("it is in the cache");
        let unwritten = |error: std::io::Error| self.unwritten(&error);
        fs::create_dir_all(folder).map_err(unwritten)?;
        let stage = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(folder)
            .map_err(unwritten)?;
        let files = stage.path().join("files");
        target::write(&[(content, Existing::Replace)], &files)?;
        if fs::symlink_metadata(&path).is_ok() {
            fs::rename(&path, stage.path().join("broken")).map_err(unwritten)?;
        }
        match fs::rename(&files, &path) {
            // Another run may have been faster.
            Err(error) if !is_whole() => Err(unwritten(error)),
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
            let _ = replace(&path, |file| file.write_all(digest.as_bytes()));
        }
    }

    fn address(&self, address: &str) -> PathBuf {
        let name = digest(address.as_bytes());
        self.folder.join("addresses").join(name.replace(':', "-"))
    }

    fn of_digest(&self, kind: &str, digest: &str) -> Option<PathBuf> {
        is_digest(digest).then(|| self.folder.join(kind).join(digest.replace(':', "-")))
    }

    fn unwritten(&self, error: &std::io::Error) -> Problem {
        fault(
            format!("the cache {} cannot be written: {error}", self.folder.display()),
            "check its permissions, or name another directory with XDG_CACHE_HOME",
        )
    }
}
