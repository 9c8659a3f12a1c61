//! What settings name ids, paths and names of objects by: a string, what is below it, or a glob.

use globset::{Glob, GlobMatcher};

use crate::finding::Location;

/// A string to compare with: as a whole, as what something is below, or as a glob.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The string as it was written.
    pub text: String,
    /// Where.
    pub location: Location,
    glob: GlobMatcher,
}

impl Pattern {
    /// The pattern of a string, or what is wrong with it.
    pub fn new(text: &str, location: Location) -> Result<Self, String> {
        let glob = Glob::new(text).map_err(|error| error.kind().to_string())?;
        Ok(Self {
            text: text.to_owned(),
            location,
            glob: glob.compile_matcher(),
        })
    }

    /// Whether a name is the string, or fits it as a glob.
    pub fn fits(&self, name: &str) -> bool {
        self.text == name || self.glob.is_match(name)
    }

    /// Whether an id or a path is the string, is below it, or fits it as a glob.
    pub fn fits_path(&self, path: &str) -> bool {
        is_below(path, &self.text) || self.fits(path)
    }
}

/// A string to compare with in which `*` stands for any string, and nothing else has a meaning of its own: messages and
/// paths hold brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// The parts between the stars.
    parts: Vec<String>,
}

impl Wildcard {
    /// The wildcard of a string.
    pub fn new(text: &str) -> Self {
        Self {
            parts: text.split('*').map(str::to_owned).collect(),
        }
    }

    /// Whether a string is the one that is meant.
    pub fn fits(&self, text: &str) -> bool {
        self.ends(text).contains(&text.len())
    }

    /// Whether a path is the one that is meant or below it: it ends there, or a new step starts.
    pub fn fits_start(&self, path: &str) -> bool {
        self.ends(path).into_iter().any(|end| {
            let rest = &path[end..];
            rest.is_empty() || rest.starts_with(['.', '['])
        })
    }

    /// Where in a string what is meant can end.
    fn ends(&self, text: &str) -> Vec<usize> {
        let (first, rest) = self.parts.split_first().expect("a string has a first part");
        let Some((last, middle)) = rest.split_last() else {
            return text
                .starts_with(first.as_str())
                .then_some(first.len())
                .into_iter()
                .collect();
        };
        if !text.starts_with(first.as_str()) {
            return Vec::new();
        }
        let mut from = first.len();
        for part in middle {
            match text[from..].find(part.as_str()) {
                Some(at) => from += at + part.len(),
                None => return Vec::new(),
            }
        }
        // After the last star, any later occurrence will do.
        let starts = text[from..].match_indices(last.as_str());
        starts.map(|(at, _)| from + at + last.len()).collect()
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
    use super::{Wildcard, is_below};

    #[test]
    fn a_star_stands_for_any_string_and_brackets_for_themselves() {
        let fits = |text: &str, of: &str| Wildcard::new(text).fits(of);
        assert!(fits(
            "container * runs nginx:[a]*",
            "container app runs nginx:[a] as root"
        ));
        assert!(fits("*", "") && fits("a*b*c", "abbc") && fits("*b", "abab"));
        assert!(!fits("a*b", "abc") && !fits("a", "ab") && !fits("a*b*a", "aba b"));
        let below = |text: &str, of: &str| Wildcard::new(text).fits_start(of);
        let path = "spec.containers[0].image";
        assert!(below("spec", path) && below("spec.containers[*]", path) && below("*.image", path));
        assert!(!below("spec.con", path) && !below("spec.containers[1]", path));
    }

    #[test]
    fn an_id_ends_at_a_boundary_of_names() {
        assert!(is_below("kubernetes/images/mutable_tag", "kubernetes/images/"));
        assert!(!is_below("kubernetes/images_more/a", "kubernetes/images"));
    }
}
