//! What settings name ids, paths and names of objects by: a text, what is below it, or a glob.

use globset::{Glob, GlobMatcher};

use crate::finding::Location;

/// A text to compare with: as a whole, as what something is below, or as a glob.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The text as it was written.
    pub text: String,
    /// Where.
    pub location: Location,
    glob: GlobMatcher,
}

impl Pattern {
    /// The pattern of a text, or what is wrong with it.
    pub fn new(text: &str, location: Location) -> Result<Self, String> {
        let glob = Glob::new(text).map_err(|error| error.kind().to_string())?;
        Ok(Self {
            text: text.to_owned(),
            location,
            glob: glob.compile_matcher(),
        })
    }

    /// Whether a name is the text, or fits it as a glob.
    pub fn fits(&self, name: &str) -> bool {
        self.text == name || self.glob.is_match(name)
    }

    /// Whether an id or a path is the text, is below it, or fits it as a glob.
    pub fn fits_path(&self, path: &str) -> bool {
        is_below(path, &self.text) || self.fits(path)
    }
}

/// Whether `id` is `prefix` or is below it, at a boundary of names.
pub fn is_below(id: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    id.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn an_id_ends_at_a_boundary_of_names() {
        assert!(is_below("kubernetes/images/mutable_tag", "kubernetes/images/"));
        assert!(!is_below("kubernetes/images_more/a", "kubernetes/images"));
    }
}
