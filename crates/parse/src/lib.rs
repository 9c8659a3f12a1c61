//! The formats: which file is read by which parser, and what each parser gives.
//!
//! A new format is one file here and one variant of [`Format`]; the compiler names the other lines to touch.

use crate::document::{Node, Span};

pub mod document;

mod dockerfile;
#[cfg(feature = "edn")]
mod edn;
#[cfg(feature = "groovy")]
mod groovy;
#[cfg(feature = "hcl1")]
mod hcl1;
mod hcl2;
#[cfg(feature = "hocon")]
mod hocon;
pub mod imports;
mod json;
#[cfg(feature = "jsonnet")]
mod jsonnet;
mod template;
pub mod text;
#[cfg(feature = "textproto")]
mod textproto;
mod toml;
#[cfg(feature = "vcl")]
mod vcl;
pub mod yaml;

/// A format that documents can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// YAML as the cluster reads it.
    Yaml,
    /// JSON.
    Json,
    /// JSON with comments.
    Jsonc,
    /// TOML.
    Toml,
    /// HCL 2: Terraform.
    Hcl2,
    /// Dockerfile, Containerfile.
    Dockerfile,
}

/// Why a text is not a document of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, in one sentence without the place.
    pub message: String,
    /// Where in the text.
    pub span: Span,
    /// What to do about it, where that is known. The error is kept small: parsers that recurse hold many.
    pub help: Option<Box<str>>,
    /// Whether the text exceeds a limit of the reader, and may be a document of its format all the same.
    pub is_limit: bool,
}

impl ParseError {
    /// An error at `span`.
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
            is_limit: false,
        }
    }

    /// An error at `span` of a text that exceeds a limit of the reader.
    pub fn limit(message: impl Into<String>, span: Span) -> Self {
        Self {
            is_limit: true,
            ..Self::new(message, span)
        }
    }

    /// The error with a next step.
    pub fn with_help(self, help: impl Into<Box<str>>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// How many values a text may hold where nobody says otherwise: those that aliases stand for are counted too.
pub const MAX_NODES: usize = 10_000_000;

/// What a parser gives.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The documents in their order; a document that holds nothing is null.
    pub documents: Vec<Node>,
    /// Keys that are in one object twice: the earlier, and the later, whose value counts.
    pub duplicates: Vec<(Span, Span)>,
    /// Where a text goes on behind the end of a document, which its consumer does not read.
    pub unread: Vec<Span>,
}

impl Parsed {
    fn of(node: Node) -> Self {
        Self {
            documents: vec![node],
            ..Self::default()
        }
    }
}

/// Counts the values that a parser makes, and stops it at a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    left: usize,
    most: usize,
}

impl Meter {
    pub(crate) fn new(most: usize) -> Self {
        Self { left: most, most }
    }

    /// Counts so many more values; the last is at `span`.
    pub(crate) fn count(&mut self, nodes: usize, span: Span) -> Result<(), ParseError> {
        match self.left.checked_sub(nodes) {
            Some(left) => self.left = left,
            None => {
                let message = format!("it contains more than {} values", self.most);
                return Err(
                    ParseError::limit(message, span).with_help("raise the limit with --max-nodes, or split the file")
                );
            }
        }
        Ok(())
    }
}

impl Format {
    /// All formats, in the order that help lists them.
    pub const ALL: [Self; 6] = [
        Self::Yaml,
        Self::Json,
        Self::Jsonc,
        Self::Toml,
        Self::Hcl2,
        Self::Dockerfile,
    ];

    /// Its name, as settings and METADATA write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Jsonc => "jsonc",
            Self::Toml => "toml",
            Self::Hcl2 => "hcl2",
            Self::Dockerfile => "dockerfile",
        }
    }

    /// The format of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format of a file by its name: the rules of conftest, and `.tofu` and `Containerfile` beside them.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_lowercase();
        let is_image = |word: &str| matches!(word, "dockerfile" | "containerfile");
        if is_image(&name) || name.split_once('.').is_some_and(|(first, _)| is_image(first)) {
            return Some(Self::Dockerfile);
        }
        let (_, extension) = name.rsplit_once('.')?;
        match extension {
            "dockerfile" | "containerfile" => Some(Self::Dockerfile),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "jsonc" => Some(Self::Jsonc),
            "toml" => Some(Self::Toml),
            "hcl" | "hcl2" | "tf" | "tfvars" | "tofu" => Some(Self::Hcl2),
            _ => None,
        }
    }

    /// The documents in `text`, which has no byte-order mark, in their order; a YAML stream can hold several, and a
    /// document that holds nothing is null.
    pub fn parse(self, text: &str) -> Result<Vec<Node>, ParseError> {
        self.read(text, MAX_NODES).map(|parsed| parsed.documents)
    }

    /// The documents in `text`, which hold `most` values at most, and what is suspicious about them.
    pub fn read(self, text: &str, most: usize) -> Result<Parsed, ParseError> {
        let meter = Meter::new(most);
        let parsed = match self {
            Self::Yaml => yaml::parse(text, meter),
            Self::Json => json::read(text, json::Comments::Refused, meter),
            Self::Jsonc => json::read(text, json::Comments::Allowed, meter),
            Self::Toml => toml::parse(text, meter).map(Parsed::of),
            Self::Hcl2 => hcl2::parse(text, meter).map(Parsed::of),
            Self::Dockerfile => dockerfile::parse(text, meter).map(Parsed::of),
        };
        parsed.map_err(|error| match self {
            Self::Yaml | Self::Json | Self::Jsonc | Self::Toml => template::hinted(text, error),
            Self::Hcl2 | Self::Dockerfile => error,
        })
    }
}
