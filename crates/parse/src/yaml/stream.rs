//! From a stream to its documents.
//!
//! Kubernetes splits the text before it reads: each line that starts with `---` ends a part, and of each part it reads the
//! first document. Here the documents after `...` are read too, and directives hold for the part after them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::chars::{self, Breaks};
use super::loader::Loader;
use super::parser::{After, Parser, Properties, Sink};
use super::scanner::Scanner;
use super::token::{Kind, Style, span};
use super::{Schema, error};
use crate::document::Span;
use crate::{Meter, ParseError, Parsed};

/// A byte-order mark.
const MARK: &str = "\u{feff}";

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    start: usize,
    end: usize,
    /// Whether `---` stood before it.
    explicit: bool,
}

/// The documents of a text.
pub(super) fn read(text: &str, schema: Schema, meter: Meter) -> Result<Parsed, ParseError> {
    let whole = match schema {
        // Kubernetes ends the last line, whether it is ended or not.
        Schema::Kubernetes if !text.is_empty() && !text.ends_with('\n') => Cow::Owned(format!("{text}\n")),
        _ => Cow::Borrowed(text),
    };
    let result = match schema {
        Schema::Kubernetes => parts(&whole, text.len(), meter),
        Schema::Core => core(&whole, meter),
    };
    result.map_err(|error| {
        let error = error::explained(&whole, error);
        ParseError {
            span: within(error.span, text),
            ..error
        }
    })
}

/// The span, within the text as it was given.
fn within(at: Span, text: &str) -> Span {
    let end = (at.end as usize).min(text.len());
    span((at.start as usize).min(end), end)
}

/// Reads a text as OPA does: all of it has to be YAML, and of the documents after the first no value is made.
fn core(text: &str, meter: Meter) -> Result<Parsed, ParseError> {
    let breaks = chars::survey(text).map_err(|(at, character)| error::control(character, at))?;
    let mut loader = Loader::new(Schema::Core, text.len(), meter);
    let start = if text.starts_with(MARK) { MARK.len() } else { 0 };
    let mut parser = Parser::new(Scanner::new(text, start, breaks, false), true);
    documents_of(&mut parser, &mut loader)?;
    Ok(loader.finish())
}

/// Counts the nodes of a text's parts.
pub(super) fn count(text: &str) -> Result<usize, ParseError> {
    let breaks = chars::survey(text).map_err(|(at, character)| error::control(character, at))?;
    let mut counted = Count(0);
    for part in split(text)? {
        let scanner = Scanner::new(&text[..part.end], part.start, breaks, false);
        let mut parser = Parser::new(scanner, false);
        while parser.ahead()?.0 == Kind::DocumentStart {
            parser.pass();
        }
        if parser.ahead()?.0 != Kind::End {
            parser.document(&mut counted)?;
        }
    }
    Ok(counted.0)
}

/// Counts nodes.
struct Count(usize);

impl Sink for Count {
    fn scalar(&mut self, _: &str, _: Style, _: Span, _: Properties) -> Result<(), ParseError> {
        self.0 += 1;
        Ok(())
    }

    fn open(&mut self, _: bool, _: bool, _: Span, _: Properties) -> Result<(), ParseError> {
        self.0 += 1;
        Ok(())
    }

    fn close(&mut self, _: u32) -> Result<(), ParseError> {
        Ok(())
    }

    fn alias(&mut self, _: &str, _: Span) -> Result<(), ParseError> {
        self.0 += 1;
        Ok(())
    }
}

/// Follows parserc.go: yaml_parser_parse_document_start.
fn documents_of(parser: &mut Parser, loader: &mut Loader) -> Result<(), ParseError> {
    let mut first = true;
    let mut rest = Rest::default();
    loop {
        let mut kind = parser.ahead()?.0;
        while kind == Kind::DocumentEnd && !first {
            parser.pass();
            kind = parser.ahead()?.0;
        }
        let implicit = first && !matches!(kind, Kind::Version | Kind::TagDirective | Kind::DocumentStart);
        if kind == Kind::End {
            return Ok(());
        }
        if !implicit {
            parser.directives()?;
            let (kind, at) = parser.ahead()?;
            if kind != Kind::DocumentStart {
                return Err(error::no_document(at));
            }
            parser.pass();
        }
        let (kind, at) = parser.ahead()?;
        match (first, !implicit && holds_nothing(kind)) {
            (true, true) => parser.empty_document(loader)?,
            (true, false) => parser.document(loader)?,
            (false, true) => parser.empty_document(&mut rest)?,
            (false, false) => parser.document(&mut rest)?,
        };
        if first {
            rest.names = loader.names();
            loader.end_document()?;
        } else {
            loader.pass_over(at);
        }
        first = false;
    }
}

/// Checks documents of which no value is made; names hold for the whole text.
#[derive(Default)]
struct Rest {
    names: HashSet<String>,
}

impl Rest {
    fn name(&mut self, properties: Properties) {
        self.names.extend(properties.anchor.map(str::to_owned));
    }
}

impl Sink for Rest {
    fn scalar(&mut self, _: &str, _: Style, _: Span, properties: Properties) -> Result<(), ParseError> {
        self.name(properties);
        Ok(())
    }

    fn open(&mut self, _: bool, _: bool, _: Span, properties: Properties) -> Result<(), ParseError> {
        self.name(properties);
        Ok(())
    }

    fn close(&mut self, _: u32) -> Result<(), ParseError> {
        Ok(())
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), ParseError> {
        match self.names.contains(name) {
            true => Ok(()),
            false => Err(error::unknown_alias(name, span)),
        }
    }
}

/// Whether a document that starts with such a token holds nothing.
fn holds_nothing(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Version | Kind::TagDirective | Kind::DocumentStart | Kind::DocumentEnd | Kind::End
    )
}

/// Reads a text as Kubernetes does, part by part; `length` is how long it was given.
fn parts(text: &str, length: usize, meter: Meter) -> Result<Parsed, ParseError> {
    let breaks = chars::survey(text).map_err(|(at, character)| error::control(character, at))?;
    let breaks = Breaks {
        trimmed: true,
        ..breaks
    };
    let mut loader = Loader::new(Schema::Kubernetes, length, meter);
    let mut parser = Parser::new(Scanner::new("", 0, breaks, false), false);
    // kubectl reads a text that starts with a brace as JSON first.
    let json = text.trim_start().starts_with('{');
    for part in split(text)? {
        let mut start = part.start;
        if text[start..part.end].starts_with(MARK) {
            start += MARK.len();
            // Go's reader is confused by another.
            if text[start..part.end].starts_with(MARK) {
                return Err(error::two_byte_order_marks(part.start));
            }
        }
        let json = json && part.start == 0;
        parser.go_on(Scanner::new(&text[..part.end], start, breaks, json));
        read_part(part, json, &mut parser, &mut loader)?;
    }
    if parser.pending && parser.is_owed {
        return Err(error::no_document(parser.ahead()?.1));
    }
    Ok(loader.finish())
}

/// The parts that Kubernetes reads one by one.
///
/// Follows apimachinery pkg/util/yaml decoder.go: YAMLReader.
fn split(text: &str) -> Result<Vec<Part>, ParseError> {
    let finder = memchr::memmem::Finder::new("\n---");
    let mut parts = Vec::new();
    let (mut start, mut explicit) = (0, false);
    let mut from = 0;
    loop {
        let separator = match from == 0 && text.starts_with("---") {
            true => 0,
            false => match finder.find(&text.as_bytes()[from..]) {
                Some(found) => from + found + 1,
                None => break,
            },
        };
        let after = &text[separator + 3..];
        let line = after.split('\n').next().unwrap_or_default();
        from = separator + 3 + line.len();
        let holds_text = !line.trim().is_empty() && !line.trim().starts_with('#');
        if holds_text && !line.starts_with([' ', '\t']) {
            return Err(error::separator(text, separator));
        }
        if separator > start {
            parts.push(Part {
                start,
                end: separator,
                explicit,
            });
        }
        if separator > start || holds_text {
            // What follows the separator is a document's; a separator that comes first stays too.
            explicit = !holds_text;
            start = if holds_text {
                separator
            } else {
                (from + 1).min(text.len())
            };
        }
    }
    parts.push(Part {
        start,
        end: text.len(),
        explicit,
    });
    Ok(parts)
}

/// Reads a part. Kubernetes reads its first document; those after `...` are read too, where they can be.
fn read_part(part: Part, json: bool, parser: &mut Parser, loader: &mut Loader) -> Result<(), ParseError> {
    let mut after = read_document(part.explicit, parser, loader)?;
    loop {
        let next = match after {
            After::End => return Ok(()),
            After::Marker(_) => behind_marker(parser, loader),
            // kubectl reads JSON values that follow one another.
            After::Text(_) if json && parser.ahead()?.0 == Kind::OpenMapping => read_document(false, parser, loader),
            After::Text(at) => {
                loader.unread(at);
                return Ok(());
            }
        };
        match next {
            Ok(next) => after = next,
            Err(error) => {
                parser.abandon_document();
                loader.abandon_document();
                loader.unread(error.span);
                return Ok(());
            }
        }
    }
}

/// Reads a document after `...`. Text alone is none: it can violate no policy.
fn behind_marker(parser: &mut Parser, loader: &mut Loader) -> Result<After, ParseError> {
    while parser.ahead()?.0 == Kind::DocumentEnd {
        parser.pass();
    }
    let (kind, at) = parser.ahead()?;
    match kind {
        Kind::Scalar(_) | Kind::Alias => Ok(After::Text(at)),
        _ => {
            let after = read_document(false, parser, loader)?;
            parser.is_owed &= !parser.pending;
            Ok(after)
        }
    }
}

/// Reads a document with the directives and the `---` before it; where `---` stood before the part, a document came
/// with it.
fn read_document(mut explicit: bool, parser: &mut Parser, loader: &mut Loader) -> Result<After, ParseError> {
    let mut started = false;
    loop {
        let kind = parser.ahead()?.0;
        if (explicit || started) && holds_nothing(kind) {
            let after = parser.empty_document(loader)?;
            loader.end_document()?;
            match after {
                After::Text(_) if !started => {
                    explicit = false;
                    continue;
                }
                _ => return Ok(after),
            }
        }
        match kind {
            Kind::End => return Ok(After::End),
            Kind::DocumentStart => {
                parser.pass();
                started = true;
            }
            Kind::Version | Kind::TagDirective => {
                parser.directives()?;
                let (kind, at) = parser.ahead()?;
                if !matches!(kind, Kind::DocumentStart | Kind::End) {
                    return Err(error::no_document(at));
                }
            }
            _ => {
                let after = parser.document(loader)?;
                loader.end_document()?;
                return Ok(after);
            }
        }
    }
}
