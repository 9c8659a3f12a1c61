//! Documentation of policies: pages of sections, one for each METADATA block, rendered with Go templates.

mod sections;

use kpolicy_rego::builtins::{Context, Failure, OUT_OF_TIME};
use kpolicy_rego::template::{Template, Val};

use crate::policy::Documented;
pub use sections::reference;

/// What pages are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Markup {
    /// Markdown.
    #[default]
    Markdown,
    /// HTML.
    Html,
}

impl Markup {
    /// How the names of its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
        }
    }

    /// The template of its pages.
    fn page(self) -> &'static str {
        match self {
            Self::Markdown => include_str!("page.md.tmpl"),
            Self::Html => include_str!("page.html.tmpl"),
        }
    }

    /// The template of the list of all pages.
    fn index(self) -> &'static str {
        match self {
            Self::Markdown => include_str!("index.md.tmpl"),
            Self::Html => include_str!("index.html.tmpl"),
        }
    }
}

/// A template that pages are rendered with.
pub struct Layout(Template);

impl Layout {
    /// The template of kpolicy.
    pub fn of(markup: Markup) -> Self {
        Self(built_in(markup.page()))
    }

    /// A template of the user; the error is Go's.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        Template::parse(name, text).map(Self)
    }

    /// The page of these blocks; the error is Go's.
    pub fn page(&self, blocks: &[&Documented]) -> Result<Vec<u8>, String> {
        rendered(&self.0, sections::document(blocks))
    }
}

fn built_in(text: &str) -> Template {
    Template::parse("page", text).expect("the templates of kpolicy are valid")
}

fn rendered(template: &Template, data: Val) -> Result<Vec<u8>, String> {
    template
        .execute(&mut Context::new(None), data)
        .map_err(|failure| match failure {
            Failure::Operand(message) | Failure::Builtin(message) | Failure::Limit(message) => message,
            Failure::Timeout => OUT_OF_TIME.to_owned(),
        })
}

/// A page in the list of all pages.
pub struct Entry {
    /// The package.
    pub package: String,
    /// The file of its page.
    pub file: String,
    /// The package's title; empty where it has none.
    pub title: String,
}

/// The list of all pages; the error is Go's.
pub fn index(markup: Markup, entries: &[Entry]) -> Result<Vec<u8>, String> {
    rendered(&built_in(markup.index()), sections::index(entries))
}
