//! Where artifacts come from: a registry, the cache in front of it, or the cache alone. What it gives has the digest that
//! was asked for, wherever it was.

use super::address::Reference;
use super::cache::Cache;
use super::registry::{Descriptor, Registry};
use super::{digest, fault, is_digest};
use crate::finding::Problem;

/// A source of the artifacts in one repository.
pub(super) struct Store {
    reference: Reference,
    /// None without the network.
    registry: Option<Registry>,
    /// None where nothing is kept.
    cache: Option<Cache>,
}

/// A manifest as it is stored.
pub(super) struct Manifest {
    /// What it says.
    pub(super) bytes: Vec<u8>,
    /// The digest of that.
    pub(super) digest: String,
}

impl Store {
    /// The registry of a reference.
    pub(super) fn of_registry(reference: &Reference, tls: Option<bool>) -> Self {
        Self {
            reference: reference.clone(),
            registry: Some(Registry::new(reference, tls)),
            cache: None,
        }
    }

    /// The registry, and what was downloaded before.
    pub(super) fn cached(reference: &Reference, tls: Option<bool>) -> Result<Self, Problem> {
        Ok(Self {
            cache: Some(Cache::new()?),
            ..Self::of_registry(reference, tls)
        })
    }

    /// What was downloaded before.
    pub(super) fn offline(reference: &Reference) -> Result<Self, Problem> {
        Ok(Self {
            reference: reference.clone(),
            registry: None,
            cache: Some(Cache::new()?),
        })
    }

    /// The manifest of a tag or with a digest; nothing where there is none.
    pub(super) fn manifest(&mut self, wanted: &str) -> Result<Option<Manifest>, Problem> {
        let name = self.name(wanted);
        let Some(registry) = &mut self.registry else {
            let cache = self.cache.as_ref().expect("without a registry there is a cache");
            let digest = match is_digest(wanted) {
                true => Some(wanted.to_owned()),
                false => cache.last(&name),
            };
            let found = digest.and_then(|digest| Some((cache.blob(&digest)?, digest)));
            return Ok(found.map(|(bytes, digest)| Manifest { bytes, digest }));
        };
        let Some(bytes) = registry.manifest(wanted)? else {
            return Ok(None);
        };
        let digest = digest(&bytes);
        if let Some(cache) = &self.cache {
            cache.keep_blob(&digest, &bytes)?;
            if !is_digest(wanted) {
                cache.note(&name, &digest);
            }
        }
        Ok(Some(Manifest { bytes, digest }))
    }

    /// A part of an artifact.
    pub(super) fn blob(&mut self, blob: &Descriptor) -> Result<Vec<u8>, Problem> {
        let kept = self.cache.as_ref().and_then(|cache| cache.blob(&blob.digest));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let Some(registry) = &mut self.registry else {
            return Err(self.absent());
        };
        let bytes = registry.blob(blob)?;
        if let Some(cache) = &self.cache {
            cache.keep_blob(&blob.digest, &bytes)?;
        }
        Ok(bytes)
    }

    /// What it means that an artifact is not there.
    pub(super) fn absent(&self) -> Problem {
        let name = self.name(self.reference.wanted());
        match self.registry {
            Some(_) => fault(
                format!(
                    "{} has no {} with {}",
                    self.reference.registry,
                    self.reference.repository,
                    self.reference.wanted()
                ),
                "check the repository and the tag",
            ),
            None => fault(format!("{name} is not in the cache"), "run once without --offline"),
        }
    }

    /// The cache.
    pub(super) fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    fn name(&self, wanted: &str) -> String {
        let separator = if wanted.contains(':') { '@' } else { ':' };
        format!(
            "oci://{}/{}{separator}{wanted}",
            self.reference.registry, self.reference.repository
        )
    }
}
