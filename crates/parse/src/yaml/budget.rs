//! How much of a document may come from aliases: the rule of Go's yaml, which stops documents that explode.

/// Nodes below which a document may consist of aliases.
const FREE_NODES: u64 = 1_000;
/// Aliased nodes below which a document may consist of aliases.
const FREE_ALIASED: u64 = 100;
/// The sizes between which the allowed share falls from the higher to the lower.
const SIZES: (f64, f64) = (400_000.0, 4_000_000.0);
/// The allowed shares.
const SHARES: (f64, f64) = (0.99, 0.10);

/// What was read of a document.
#[derive(Debug, Default)]
pub(super) struct Budget {
    decoded: u64,
    aliased: u64,
}

impl Budget {
    /// Counts a node that is written out.
    pub(super) fn node(&mut self) {
        self.decoded += 1;
    }

    /// How many nodes there are, aliased ones included.
    pub(super) fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Counts an alias to so many nodes; gives whether the document may still be read. The alias is itself a node.
    pub(super) fn alias(&mut self, size: u64) -> bool {
        self.decoded = self.decoded.saturating_add(size).saturating_add(1);
        self.aliased = self.aliased.saturating_add(size);
        #[allow(clippy::cast_precision_loss)]
        let (decoded, aliased) = (self.decoded as f64, self.aliased as f64);
        self.aliased <= FREE_ALIASED || self.decoded <= FREE_NODES || aliased / decoded <= allowed_share(decoded)
    }
}

fn allowed_share(decoded: f64) -> f64 {
    let part = ((decoded - SIZES.0) / (SIZES.1 - SIZES.0)).clamp(0.0, 1.0);
    SHARES.0 - (SHARES.0 - SHARES.1) * part
}
