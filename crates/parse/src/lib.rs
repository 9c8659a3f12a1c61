//! The formats: which file is read by which parser, and what each parser gives.
//!
//! A new format is a module with its row, and a line of the registry below.

use std::error::Error;
use std::fmt;

use crate::document::{Node, Span};
pub use registry::{Context, Row};
use registry::{matches, registry};

pub mod comments;
pub mod document;

mod cloudformation;
#[cfg(feature = "codeowners")]
mod codeowners;
#[cfg(feature = "cue")]
mod cue;
#[cfg(feature = "cyclonedx")]
mod cyclonedx;
mod dockerfile;
#[cfg(feature = "dotenv")]
mod dotenv;
#[cfg(feature = "edn")]
mod edn;
#[cfg(feature = "groovy")]
mod groovy;
#[cfg(feature = "hcl1")]
mod hcl1;
pub mod hcl2;
#[cfg(feature = "hocon")]
mod hocon;
#[cfg(feature = "ignore")]
mod ignore;
#[cfg(any(feature = "hocon", feature = "jsonnet"))]
mod imports;
#[cfg(feature = "ini")]
mod ini;
mod json;
#[cfg(feature = "jsonnet")]
mod jsonnet;
#[cfg(any(feature = "codeowners", feature = "ignore", feature = "spdx"))]
mod lines;
#[cfg(feature = "nginx")]
mod nginx;
#[cfg(feature = "properties")]
mod properties;
mod registry;
#[cfg(feature = "spdx")]
mod spdx;
mod template;
pub mod text;
#[cfg(feature = "textproto")]
mod textproto;
mod toml;
#[cfg(feature = "vcl")]
mod vcl;
#[cfg(feature = "xml")]
mod xml;
pub mod yaml;

// A file is of the first format whose patterns match its name: Dockerfile.yaml is a Dockerfile, and .env.yaml is YAML,
// as in conftest.
registry! {
    #[doc = "Dockerfile, Containerfile."]
    Dockerfile = dockerfile::ROW,
    #[doc = "YAML as the cluster reads it."]
    Yaml = yaml::ROW,
    #[doc = "HCL 2: Terraform."]
    Hcl2 = hcl2::ROW,
    #[cfg(feature = "ignore")]
    #[doc = "Ignore files: .gitignore, .dockerignore."]
    Ignore = ignore::ROW,
    #[cfg(feature = "dotenv")]
    #[doc = "Files of environment variables: .env."]
    Dotenv = dotenv::ROW,
    #[cfg(feature = "nginx")]
    #[doc = "The configuration of nginx."]
    Nginx = nginx::ROW,
    #[cfg(feature = "codeowners")]
    #[doc = "CODEOWNERS of GitHub and GitLab."]
    Codeowners = codeowners::ROW,
    #[cfg(feature = "cyclonedx")]
    #[doc = "CycloneDX bills of materials."]
    Cyclonedx = cyclonedx::ROW,
    #[cfg(feature = "spdx")]
    #[doc = "SPDX documents."]
    Spdx = spdx::ROW,
    #[doc = "JSON."]
    Json = json::ROW,
    #[doc = "JSON with comments."]
    Jsonc = json::WITH_COMMENTS,
    #[doc = "TOML."]
    Toml = toml::ROW,
    #[cfg(feature = "cue")]
    #[doc = "CUE, evaluated."]
    Cue = cue::ROW,
    #[cfg(feature = "edn")]
    #[doc = "EDN."]
    Edn = edn::ROW,
    #[cfg(feature = "groovy")]
    #[doc = "Groovy: Jenkinsfiles."]
    Groovy = groovy::ROW,
    #[cfg(feature = "hcl1")]
    #[doc = "HCL 1: Terraform before 0.12, Nomad, Consul, Packer."]
    Hcl1 = hcl1::ROW,
    #[cfg(feature = "hocon")]
    #[doc = "HOCON."]
    Hocon = hocon::ROW,
    #[cfg(feature = "jsonnet")]
    #[doc = "Jsonnet, evaluated."]
    Jsonnet = jsonnet::ROW,
    #[cfg(feature = "textproto")]
    #[doc = "The text format of protocol buffers."]
    Textproto = textproto::ROW,
    #[cfg(feature = "vcl")]
    #[doc = "VCL: Varnish and Fastly."]
    Vcl = vcl::ROW,
    #[cfg(feature = "ini")]
    #[doc = "INI files."]
    Ini = ini::ROW,
    #[cfg(feature = "properties")]
    #[doc = "Java's .properties files."]
    Properties = properties::ROW,
    #[cfg(feature = "xml")]
    #[doc = "XML."]
    Xml = xml::ROW,
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

impl fmt::Display for ParseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl Error for ParseError {}

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
    /// Where a text goes on after the end of a document, which its consumer does not read.
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
pub struct Meter {
    left: usize,
    most: usize,
}

impl Meter {
    pub(crate) fn new(most: usize) -> Self {
        Self { left: most, most }
    }

    /// How many more values there may be.
    #[cfg(feature = "xml")]
    pub(crate) fn left(self) -> usize {
        self.left
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
    /// Its name, as settings and METADATA write it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The format of this name, or of another name for it.
    pub fn of_name(name: &str) -> Option<Self> {
        let is_meant = |format: &&Self| format.name() == name || format.row().aliases.contains(&name);
        Self::ALL.iter().find(is_meant).copied()
    }

    /// The format of a file by its name, whatever the case of its letters.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        let all = |format: Self| format.row().files.iter().chain(format.row().further);
        Self::named(path, |format, name| all(format).any(|pattern| matches(pattern, name)))
    }

    /// The format of a file by the names that conftest knows.
    pub fn of_path_in_conftest(path: &std::path::Path) -> Option<Self> {
        Self::named(path, |format, name| {
            format.row().files.iter().any(|pattern| matches(pattern, name))
        })
    }

    fn named(path: &std::path::Path, fits: impl Fn(Self, &str) -> bool) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_lowercase();
        Self::ALL.iter().copied().find(|format| fits(*format, &name))
    }

    /// The documents in `text`, which has no byte-order mark, in their order; a YAML stream can hold several, and a
    /// document that holds nothing is null.
    pub fn parse(self, text: &str) -> Result<Vec<Node>, ParseError> {
        self.read(text, MAX_NODES).map(|parsed| parsed.documents)
    }

    /// The documents in `text`, which hold `most` values at most, and what is suspicious about them.
    pub fn read(self, text: &str, most: usize) -> Result<Parsed, ParseError> {
        self.read_in(text, &Context::default(), most)
    }

    /// The documents in a text about which more is known.
    pub fn read_in(self, text: &str, context: &Context<'_>, most: usize) -> Result<Parsed, ParseError> {
        (self.row().parse)(text, context, Meter::new(most))
    }
}
