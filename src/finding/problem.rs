//! What could not be evaluated, and which policies were not evaluated.

use super::{Location, Skipped};

/// Something that could not be evaluated, with its next step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `file:line:col`, as far as known.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file that it is about, where it is about one.
    pub file: Option<String>,
    /// The range at fault with the lines around it, where there is a text to show.
    pub excerpt: Option<Box<Location>>,
}

impl Problem {
    /// Puts problems in the order of their files and locations; what is said twice is omitted.
    pub fn settle(problems: &mut Vec<Self>) {
        problems.sort_by(|a, b| a.order().cmp(&b.order()));
        problems.dedup();
    }

    fn order(&self) -> impl Ord + '_ {
        let at = self.excerpt.as_deref();
        let file = at.map_or(&self.place, |at| &at.file);
        (file, at.map(|at| (at.line, at.column)), &self.place, &self.message)
    }
}

/// A policy that was chosen and not run, since it lacks a parameter that it cannot do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConfigured {
    /// The policy's id.
    pub policy: String,
    /// The parameters that it lacks, such as `params.images.signed.digests`.
    pub parameters: Vec<String>,
}

/// What was given and takes no part in the verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unevaluated {
    /// The policies that lack a parameter, sorted by id.
    pub not_configured: Vec<NotConfigured>,
    /// The ids of the policies that no document was of a kind or format for, sorted.
    pub vacuous: Vec<String>,
    /// The files whose documents none of the policies is for, sorted.
    pub files: Vec<String>,
    /// The documents that none of the policies is for, those of these files included, sorted.
    pub documents: Vec<Unmatched>,
    /// The files and directories that were not read, sorted.
    pub skipped: Vec<Skipped>,
    /// Whether documents, files and directories are listed, and not only counted.
    pub listed: bool,
}

/// A document that none of the policies is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmatched {
    /// Its file.
    pub file: String,
    /// Its position in the file, from 0, where that holds several.
    pub document: Option<usize>,
    /// The kinds of its objects.
    pub kinds: Vec<String>,
}

impl Unmatched {
    /// Why no policy was evaluated on it.
    pub fn reason(&self) -> String {
        match self.kinds.as_slice() {
            [] => "no policy applies to this document".to_owned(),
            kinds => format!("no policy applies to {}", kinds.join(", ")),
        }
    }
}
