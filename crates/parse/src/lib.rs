//! The formats: which file is read by which parser, and what each parser gives.
//!
//! A new format is one file here and one variant of [`Format`]; the compiler names the other lines to touch.

use crate::document::{Node, Span};

pub mod document;

mod dockerfile;
mod hcl2;
mod json;
pub mod text;
mod toml;
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
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

impl ParseError {
    /// An error at `span`.
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
        }
    }

    /// The error with a next step.
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
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
        match self {
            Self::Yaml => yaml::parse(text),
            Self::Json => json::parse(text, json::Comments::Refused).map(|node| vec![node]),
            Self::Jsonc => json::parse(text, json::Comments::Allowed).map(|node| vec![node]),
            Self::Toml => toml::parse(text).map(|node| vec![node]),
            Self::Hcl2 => hcl2::parse(text).map(|node| vec![node]),
            Self::Dockerfile => dockerfile::parse(text).map(|node| vec![node]),
        }
    }
}
