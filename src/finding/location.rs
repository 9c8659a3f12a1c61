//! Where a finding is.

use serde_json::Value as Json;

use super::Input;

/// How certain it is that a location is the one at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The value at fault.
    Exact,
    /// Its nearest existing parent.
    Near,
    /// Only the document is known.
    Document,
}

impl Confidence {
    /// The word that reports write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Document => "document",
        }
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub file: Input,
    /// First line.
    pub line: usize,
    /// First column, in characters.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
    /// The document's position in its file, from 0.
    pub document: usize,
    /// The path into the document, readable: `spec.containers[0].image`.
    pub path_text: String,
    /// How certain the location is.
    pub confidence: Confidence,
    /// The lines around the location.
    pub excerpt: Vec<Line>,
    /// The path into the document: keys and indexes.
    pub path: Vec<Step>,
    /// How many of the path's last steps are missing from the document.
    pub missing: usize,
    /// The path with items by their name where they have one: `spec.containers[web].image`. It outlives reordering.
    pub lasting_path: String,
    /// The number of the part of what a program rendered that the lines are of; none of a file that is on disk.
    pub rendered: Option<usize>,
}

/// Another location that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where it is; of what was rendered, the lines are those of the program's output.
    pub location: Location,
    /// Whether it is in what a program rendered, and so in no file.
    pub is_rendered: bool,
}

impl Location {
    /// The location where nothing but the file is known.
    #[must_use]
    pub fn of_file_alone(&self) -> Self {
        Self {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            excerpt: Vec::new(),
            confidence: Confidence::Document,
            ..self.clone()
        }
    }

    /// What is missing at the location, as people write it: `resources.limits`.
    pub fn missing_text(&self) -> Option<String> {
        let missing = self.path.get(self.path.len().checked_sub(self.missing)?..)?;
        matches!(missing.first(), Some(Step::Key(_))).then(|| path_text(missing))
    }
}

/// A path as people write it: `spec.containers[0].image`, odd keys in brackets.
pub fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if is_plain(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Key(key) => text.push_str(&format!("[{}]", Json::from(key.as_str()))),
        }
    }
    text
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
}

/// A line of a file, shown around a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Its number.
    pub number: usize,
    /// How many of its characters come before the text: a line can be a whole file, and is cut to what can be shown.
    pub skipped: usize,
    /// Its text without the line break.
    pub text: String,
}

/// A step of a path: a key of an object, or an index of an array.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An index.
    Index(usize),
    /// A key.
    Key(String),
}
