//! The registry of formats: one row for each, from which recognition, `--parser`, `--help` and docs/formats.md derive.
//!
//! A new format is a module with a [`Row`], a line of [`registry!`] and a cargo feature of its name.

use std::path::{Path, PathBuf};

use super::{Meter, ParseError, Parsed};
use crate::comments::Comments;

/// What the program knows about a format.
#[derive(Debug)]
pub struct Row {
    /// Its name, as `--parser`, settings and METADATA write it.
    pub name: &'static str,
    /// Other names for it, which `--parser` accepts as well.
    pub aliases: &'static [&'static str],
    /// The names of its files in conftest, in small letters: `*` stands for any text.
    pub files: &'static [&'static str],
    /// Further names of its files.
    pub further: &'static [&'static str],
    /// What a policy sees of a file: a sentence for the documentation.
    pub about: &'static str,
    /// How it writes comments.
    pub comments: Comments,
    /// The directories that its parser may read other files from, beside the text.
    pub imports: fn(&Context<'_>) -> Vec<PathBuf>,
    /// A file name and a text for the documentation.
    pub example: (&'static str, &'static str),
    /// Reads a text.
    pub parse: fn(&str, &Context<'_>, Meter) -> Result<Parsed, ParseError>,
}

/// What a parser may know beside the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Where the file is, for formats that refer to other files; none for standard input.
    pub path: Option<&'a Path>,
    /// Whether values are to be those of conftest where they would otherwise be better.
    pub conftest: bool,
    /// Further folders that jsonnet imports from.
    pub jpath: &'a [PathBuf],
    /// The folders of the .proto files that textproto refers to.
    pub proto_file_dirs: &'a [PathBuf],
}

/// The enum of formats with its rows, in the order in which a file's name is compared with them.
macro_rules! registry {
    ($($(#[cfg($cfg:meta)])? #[doc = $doc:literal] $variant:ident = $row:path,)+) => {
        /// A format that documents can be written in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format {
            $($(#[cfg($cfg)])? #[doc = $doc] $variant,)+
        }

        impl Format {
            /// All formats, in the order of the registry.
            pub const ALL: &'static [Self] = &[$($(#[cfg($cfg)])? Self::$variant,)+];
            /// Their names.
            pub const NAMES: &'static [&'static str] = &[$($(#[cfg($cfg)])? $row.name,)+];

            /// What the program knows about it.
            pub fn row(self) -> &'static Row {
                match self {
                    $($(#[cfg($cfg)])? Self::$variant => &$row,)+
                }
            }
        }
    };
}

pub(crate) use registry;

/// Whether a file name, in small letters, is one of a pattern: `*` stands for any text, which may be empty.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    }
}
