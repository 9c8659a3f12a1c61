//! The policies of a run that are elsewhere: `--policy oci://…` and `--update`.

use std::path::{Path, PathBuf};

use super::address::{self, Reference};
use super::artifact;
use super::cache::Cache;
use super::fault;
use super::fetch::fetch;
use super::lock::Lock;
use super::registry::Registry;
use super::target::{self, Existing};
use crate::finding::Problem;
use crate::settings::{REGISTRY, Settings, Sharing};

/// The directory that is updated where no other is named.
const DEFAULT: &str = "policy";

/// Replaces the addresses among policies and data by paths, and downloads what `--update` names. Without either it does
/// nothing.
pub fn resolve(settings: &mut Settings) -> Result<(), Problem> {
    if !settings.names_policies_of_others() {
        return Ok(());
    }
    let sharing = settings.sharing.clone();
    if sharing.offline && !sharing.update.is_empty() {
        return Err(fault(
            "--update needs the network, and --offline forbids it",
            "remove one of them",
        ));
    }
    let mut lock = Lock::read(Path::new(""), sharing.update_lock)?;
    if !sharing.update.is_empty() {
        let own = settings.policy.iter().find(|path| reference(path).is_none()).cloned();
        let directory = own.unwrap_or_else(|| {
            settings.policy.push(PathBuf::from(DEFAULT));
            PathBuf::from(DEFAULT)
        });
        for url in &sharing.update {
            let fetched = fetch(&address::parse(url)?, sharing.tls)?;
            lock.check(url, &fetched.digest)?;
            target::write(&fetched.content, &directory, Existing::Replace)?;
            lock.note_if(sharing.update_lock, url, &fetched.digest);
        }
    }
    for path in settings.policy.iter_mut().chain(&mut settings.data) {
        if let Some(text) = reference(path) {
            *path = local(text, &sharing, &mut lock)?;
        }
    }
    lock.write()
}

/// The address that a path is.
fn reference(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.starts_with(REGISTRY))
}

/// The directory with the files of an artifact.
fn local(text: &str, sharing: &Sharing, lock: &mut Lock) -> Result<PathBuf, Problem> {
    let reference = Reference::parse(text)?;
    let cache = Cache::new()?;
    if sharing.offline {
        let known = reference.digest.clone().or_else(|| cache.last(text));
        let kept = known.and_then(|digest| Some((cache.content(&digest)?, digest)));
        let (path, digest) =
            kept.ok_or_else(|| fault(format!("{text} is not in the cache"), "run once without --offline"))?;
        lock.check(text, &digest)?;
        return Ok(path);
    }
    let mut registry = Registry::new(&reference, sharing.tls);
    let (manifest, digest) = registry.manifest()?;
    lock.check(text, &digest)?;
    let path = match cache.content(&digest) {
        Some(path) => path,
        None => cache.keep(&digest, &artifact::download(&mut registry, &manifest)?)?,
    };
    cache.note(text, &digest);
    lock.note_if(sharing.update_lock, text, &digest);
    Ok(path)
}
