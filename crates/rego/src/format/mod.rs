//! Formats modules: the layout that `opa fmt` gives them, byte by byte.
//!
//! A module is parsed, lowered (`lower`) to the tree that OPA's formatter works on, with OPA's locations, and written
//! out. Where lines break depends on these locations, and where comments go.

mod body;
mod collection;
mod comments;
mod dialect;
mod distinct;
mod head;
mod infix;
mod kept;
mod layout;
mod logical;
mod lower;
mod module;
mod printed;
mod refusals;
mod rules;
mod source;
mod template;
mod term;
mod variables;
mod writer;

use comments::Comment;
use source::Source;
use writer::Writer;

use crate::syntax::tree::Dialect;
use crate::syntax::{SyntaxError, parse_without_annotations};

/// What is read, and what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The Rego that the text is written in.
    pub dialect: Dialect,
    /// The Rego that the result is to be.
    pub target: Target,
}

/// The Rego that the result is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// v0.
    V0,
    /// v1.
    V1,
    /// What is both, with `import rego.v1`.
    V0AndV1,
}

/// The module in `text`, formatted; or everything that is wrong with it. A text that OPA would damage is wrong too: one
/// whose comments it would lose, or that would be no Rego afterwards.
pub fn format(text: &str, options: Options) -> Result<String, Vec<SyntaxError>> {
    let module = parse_without_annotations(text, options.dialect)?;
    if options.target != Target::V0 {
        let refused = refusals::of(&module);
        if !refused.is_empty() {
            return Err(refused);
        }
    }
    let source = Source::new(text);
    let dialect = dialect::Dialect::of(&module, &options);
    let (mut layout, shared) = lower::lower(&module, &source);
    layout.imports = dialect::imports(layout.imports, &module, &dialect, &options);
    let comments: Vec<Comment<'_>> = module
        .comments
        .iter()
        .map(|comment| Comment::new(comment, &source))
        .collect();
    let mut writer = Writer::new(&source, dialect, shared);
    if let Err(failure) = writer.module(&layout, &comments) {
        writer.note(failure.cause);
    }
    if !writer.errors.is_empty() {
        return Err(writer.errors);
    }
    let mut out = writer.out;
    let end = out.trim_end_matches('\n').len();
    out.truncate(end);
    out.push('\n');
    kept::check(&module, &layout, &out, options.dialect)?;
    Ok(out)
}
