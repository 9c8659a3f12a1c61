//! How much of a document may come from aliases: the rule of Go's yaml, which stops documents that explode.
//!
//! Follows go.yaml.in/yaml/v2 decode.go: decoder.unmarshal and allowedAliasRatio.

/// Nodes below which a document may consist of aliases.
const FREE_NODES: u64 = 1_000;
/// Aliased nodes below which a document may consist of aliases.
const FREE_ALIASED: u64 = 100;
/// The sizes between which the allowed share falls from the higher to the lower.
const SIZES: (f64, f64) = (400_000.0, 4_000_000.0);
/// The allowed shares.
const SHARES: (f64, f64) = (0.99, 0.10);

/// What was read of a document.
#[derive(Debug)]
pub(super) struct Budget {
    decoded: u64,
    aliased: u64,
}

impl Default for Budget {
    fn default() -> Self {
        // The document is itself a node.
        Self { decoded: 1, aliased: 0 }
    }
}

impl Budget {
    /// Counts a node that is written out; gives whether the document may still be read.
    #[inline]
    pub(super) fn node(&mut self) -> bool {
        self.decoded += 1;
        self.aliased <= FREE_ALIASED || self.is_within()
    }

    /// Takes back a node that Go does not visit: a list that is merged, and not its items.
    pub(super) fn pass_over(&mut self) {
        self.decoded -= 1;
    }

    /// How many nodes there are, aliased ones included.
    #[inline]
    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Counts an alias to so many nodes; gives whether the document may still be read. The alias is itself a node.
    pub(super) fn alias(&mut self, size: u64) -> bool {
        self.decoded = self.decoded.saturating_add(size).saturating_add(1);
        self.aliased = self.aliased.saturating_add(size);
        self.is_within()
    }

    fn is_within(&self) -> bool {
        #[allow(clippy::cast_precision_loss)]
        let (decoded, aliased) = (self.decoded as f64, self.aliased as f64);
        self.aliased <= FREE_ALIASED || self.decoded <= FREE_NODES || aliased / decoded <= allowed_share(decoded)
    }
}

fn allowed_share(decoded: f64) -> f64 {
    let part = ((decoded - SIZES.0) / (SIZES.1 - SIZES.0)).clamp(0.0, 1.0);
    SHARES.0 - (SHARES.0 - SHARES.1) * part
}
