//! The policies of a run that are elsewhere: `--policy oci://…` and `--update`.

use std::path::{Path, PathBuf};

use super::address::Reference;
use super::artifact;
use super::fault;
use super::fetch::{Terms, fetch};
use super::lock::Lock;
use super::signature;
use super::store::Store;
use super::target::{self, Existing};
use crate::finding::Problem;
use crate::settings::{REGISTRY, Settings, Sharing};

/// The directory that is updated where no other is named.
const DEFAULT: &str = "policy";

/// Replaces the addresses among policies and data by paths, downloads what `--update` names, and compares what was pulled
/// before with the lockfile. Without any of these it does nothing.
pub fn resolve(settings: &mut Settings) -> Result<(), Problem> {
    let sharing = settings.sharing.clone();
    if sharing.offline && !sharing.update.is_empty() {
        return Err(fault(
            "--update needs the network, and --offline forbids it",
            "remove one of them",
        ));
    }
    let mut lock = Lock::find(sharing.update_lock)?;
    update(settings, &sharing, &mut lock)?;
    let used: Vec<&Path> = settings
        .policy
        .iter()
        .chain(&settings.data)
        .map(PathBuf::as_path)
        .collect();
    lock.compare(&used)?;
    for path in settings.policy.iter_mut().chain(&mut settings.data) {
        if let Some(text) = reference(path) {
            *path = local(text, &sharing, &mut lock)?;
        }
    }
    lock.write()
}

/// Downloads what `--update` names: all of it, or no file changes.
fn update(settings: &mut Settings, sharing: &Sharing, lock: &mut Lock) -> Result<(), Problem> {
    if sharing.update.is_empty() {
        return Ok(());
    }
    let own = settings.policy.iter().find(|path| reference(path).is_none()).cloned();
    let directory = own.unwrap_or_else(|| {
        settings.policy.push(PathBuf::from(DEFAULT));
        PathBuf::from(DEFAULT)
    });
    let terms = Terms {
        tls: sharing.tls,
        verify_key: sharing.verify_key.clone(),
    };
    let mut all = Vec::new();
    for url in &sharing.update {
        let fetched = fetch(url, &terms)?;
        lock.check_used(url, &fetched.digest)?;
        lock.check_files(url, &directory, &fetched.content)?;
        all.push(fetched);
    }
    let sources: Vec<_> = all
        .iter()
        .map(|fetched| (&fetched.content, Existing::Replace))
        .collect();
    target::write(&sources, &directory)?;
    for (url, fetched) in sharing.update.iter().zip(&all) {
        if sharing.update_lock {
            lock.note(url, &fetched.digest, Some((&directory, &fetched.content)));
        }
    }
    Ok(())
}

/// The address that a path is.
fn reference(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.starts_with(REGISTRY))
}

/// The directory with the files of one artifact that is named beside the settings.
pub fn one(text: &str, sharing: &Sharing) -> Result<PathBuf, Problem> {
    let mut lock = Lock::find(sharing.update_lock)?;
    let path = local(text, sharing, &mut lock)?;
    lock.write()?;
    Ok(path)
}

/// The directory with the files of an artifact.
fn local(text: &str, sharing: &Sharing, lock: &mut Lock) -> Result<PathBuf, Problem> {
    let reference = Reference::parse(text)?;
    let mut store = match sharing.offline {
        true => Store::offline(&reference)?,
        false => Store::cached(&reference, sharing.tls)?,
    };
    // Without the network, what is locked is better than what the tag was last.
    let locked = lock.locked(text).filter(|_| sharing.offline && !sharing.update_lock);
    let wanted = locked.unwrap_or_else(|| reference.wanted()).to_owned();
    let manifest = store.manifest(&wanted)?.ok_or_else(|| store.absent())?;
    lock.check_used(text, &manifest.digest)?;
    let content = artifact::download(&mut store, &manifest)?;
    if let Some(key) = &sharing.verify_key {
        signature::check(text, &content, Some((&mut store, &manifest)), key)?;
    }
    let cache = store.cache().expect("a run has a cache");
    let path = cache.files(&manifest.digest, &content)?;
    if sharing.update_lock {
        lock.note(text, &manifest.digest, None);
    }
    Ok(path)
}
