//! What is wrong with a text, in words for the person who wrote it: what is there, and what to write instead.

use super::token::{Kind, Token, span};
use crate::ParseError;
use kpolicy_value::Span;

/// The character at `at`.
fn character(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The range of the character at `at`.
fn one(text: &str, at: usize) -> Span {
    span(at, at + character(text, at).map_or(0, char::len_utf8))
}

/// The line that `at` is in, without its end.
fn line_of(text: &str, at: usize) -> &str {
    let at = at.min(text.len());
    let start = text.as_bytes()[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |found| found + 1);
    let rest = text.get(start..).unwrap_or_default();
    rest.split(['\n', '\r']).next().unwrap_or_default()
}

/// The number of the line that `at` is in.
fn line_number(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

/// The rest of the line from `at` on, shortened, without a comment and blanks at its end.
fn rest(text: &str, at: usize) -> &str {
    let line = text.get(at..).unwrap_or_default();
    let line = line.split(['\n', '\r']).next().unwrap_or_default();
    line.split(" #").next().unwrap_or_default().trim_end()
}

/// The rest of the line in single quotes, as it has to be written.
fn quoted(text: &str, at: usize) -> String {
    format!("'{}'", rest(text, at).replace('\'', "''"))
}

pub(super) fn control(character: char, at: usize) -> ParseError {
    let message = format!("the control character U+{:04X} is not allowed", u32::from(character));
    ParseError::new(message, span(at, at + character.len_utf8()))
        .with_help("remove it, or write it as an escape in double quotes (\"\\x07\")")
}

pub(super) fn separator(text: &str, at: usize) -> ParseError {
    let message = format!(
        "`---` separates documents, but `{}` follows it directly",
        rest(text, at + 3)
    );
    ParseError::new(message, span(at, at + 3)).with_help("put `---` on a line of its own")
}

pub(super) fn two_byte_order_marks(at: usize) -> ParseError {
    ParseError::new("the document starts with two byte-order marks", span(at, at + 3))
        .with_help("save the file as UTF-8 without a byte-order mark")
}

pub(super) fn cannot_start(text: &str, at: usize) -> ParseError {
    match character(text, at) {
        Some('\t') => tab(at),
        Some(character @ ('|' | '>')) => ParseError::new(
            format!("text after `{character}` is not allowed in brackets"),
            one(text, at),
        )
        .with_help("write it in double quotes"),
        character => ParseError::new(
            format!("a value cannot start with `{}`", character.unwrap_or_default()),
            one(text, at),
        )
        .with_help(format!("quote it: {}", quoted(text, at))),
    }
}

pub(super) fn tab(at: usize) -> ParseError {
    ParseError::new("a tab is used for indentation", span(at, at + 1))
        .with_help("replace it with spaces; YAML allows no tabs there")
}

pub(super) fn too_deep(at: usize) -> ParseError {
    ParseError::limit(
        format!("collections nest deeper than {} levels", super::scanner::DEEPEST),
        span(at, at + 1),
    )
}

pub(super) fn no_colon(text: &str, at: usize) -> ParseError {
    let found = rest(text, at);
    let error = ParseError::new(
        format!("expected a key, but no `: ` follows `{found}`"),
        span(at, at + found.len()),
    );
    match found.split_once(':') {
        Some((key, value)) if !value.is_empty() => {
            error.with_help(format!("write a space after the colon: `{key}: {value}`"))
        }
        _ if found.starts_with('-') => error.with_help("write a space after the `-`"),
        _ => error.with_help("write `key: value`, or indent the line if it continues the value above"),
    }
}

pub(super) fn no_value_here(text: &str, at: usize) -> ParseError {
    let line = line_of(text, at);
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    let error = ParseError::new(
        "`: ` within a value starts a mapping, which is not allowed here",
        span(at, at + 1),
    );
    let before = text.get(start..at).unwrap_or_default();
    match before.find(": ").or_else(|| before.find("- ")) {
        Some(found) => {
            let value = start + found + 2;
            let value = value + (text[value..].len() - text[value..].trim_start_matches(' ').len());
            error.with_help(format!("quote the value: {}", quoted(text, value)))
        }
        None => error.with_help(
            "check the indentation of this line and of the one above, or quote the value that contains `: `",
        ),
    }
}

pub(super) fn no_entry_here(text: &str, at: usize) -> ParseError {
    let before = line_of(text, at);
    let error = ParseError::new("`- ` starts a list item, which is not allowed here", span(at, at + 1));
    match before.trim_start().starts_with("- ") || !before.contains(": ") {
        true => error.with_help("put the item on a line of its own, with the indentation of the other items"),
        false => error.with_help("put the list on the lines below the key, or quote the value that starts with `- `"),
    }
}

pub(super) fn no_key_here(at: usize) -> ParseError {
    ParseError::new("`? ` starts a key, which is not allowed here", span(at, at + 1))
        .with_help("quote the value that starts with `? `")
}

pub(super) fn unclosed_quote(text: &str, start: usize, marker: Option<usize>) -> ParseError {
    let quote = character(text, start).unwrap_or('"');
    let end = marker.unwrap_or(text.len());
    let until = line_number(text, end.saturating_sub(usize::from(marker.is_none())));
    ParseError::new(
        format!("the quote {quote} that opens here is not closed by line {until}"),
        span(start, start + 1),
    )
    .with_help(match quote {
        '\'' => "close it with '; within the text, write ' as ''",
        _ => "close it with \"; within the text, write \" as \\\"",
    })
}

pub(super) fn unknown_escape(text: &str, at: usize) -> ParseError {
    let escaped = character(text, at + 1).unwrap_or('\\');
    ParseError::new(
        format!("`\\{escaped}` is not a YAML escape"),
        span(at, at + 1 + escaped.len_utf8()),
    )
    .with_help("write `\\\\` for a backslash, or use single quotes, in which nothing is escaped")
}

pub(super) fn bad_code(at: usize, length: usize) -> ParseError {
    ParseError::new(
        format!("this escape is not a character number of {length} hexadecimal digits"),
        span(at, at + 2),
    )
    .with_help("write the character itself, or `\\U` with 8 digits")
}

pub(super) fn block_header(text: &str, start: usize, at: usize) -> ParseError {
    let indicator = character(text, start).unwrap_or('|');
    ParseError::new(
        format!("text after `{indicator}` starts on the next line"),
        one(text, at),
    )
    .with_help(format!("break the line after `{indicator}`, or quote the value"))
}

pub(super) fn block_indent(start: usize, at: usize) -> ParseError {
    ParseError::new(
        "the indentation of a block of text is a digit from 1 to 9",
        span(start, at + 1),
    )
    .with_help("remove the digit")
}

pub(super) fn no_name(text: &str, start: usize) -> ParseError {
    let (character, what) = match character(text, start) {
        Some('&') => ('&', "anchor"),
        _ => ('*', "alias"),
    };
    ParseError::new(
        format!("`{character}` starts an {what}, but no name of letters, digits, `-` and `_` follows"),
        span(start, start + rest(text, start).len().max(1)),
    )
    .with_help(format!("to write the text itself, quote it: {}", quoted(text, start)))
}

pub(super) fn unknown_alias(name: &str, at: Span) -> ParseError {
    ParseError::new(format!("unknown anchor: no `&{name}` precedes this alias"), at).with_help(format!(
        "define it with `&{name}` in the same document, or quote the text: '*{name}'"
    ))
}

pub(super) fn alias_within_itself(name: &str, at: Span) -> ParseError {
    ParseError::new(format!("*{name} is used in its own definition"), at)
        .with_help("name another node, or write the value out")
}

pub(super) fn aliases(at: Span) -> ParseError {
    ParseError::new("the document consists of aliases to an excessive degree", at)
        .with_help("write the values out instead of repeating aliases of aliases")
}

pub(super) fn tag(text: &str, start: usize) -> ParseError {
    let found = text.get(start..).unwrap_or_default();
    let found = found.split([' ', '\t', '\n', '\r']).next().unwrap_or_default();
    ParseError::new(format!("`{found}` is not a tag"), span(start, start + found.len()))
        .with_help(format!("to write the text itself, quote it: {}", quoted(text, start)))
}

pub(super) fn handle(handle: &str, at: Span) -> ParseError {
    ParseError::new(format!("no %TAG directive defines the handle `{handle}`"), at)
}

pub(super) fn directive(text: &str, start: usize) -> ParseError {
    let found = rest(text, start);
    ParseError::new(
        format!("`{found}` is not a directive"),
        span(start, start + found.len()),
    )
    .with_help("a line that starts with `%` is a directive: %YAML 1.1 or %TAG; quote it if it is text")
}

pub(super) fn twice(at: Span) -> ParseError {
    ParseError::new("duplicate directive", at)
}

pub(super) fn version(at: Span) -> ParseError {
    ParseError::new("the document has a YAML version other than 1.1", at)
        .with_help("write %YAML 1.1, or remove the line")
}

pub(super) fn no_document(at: Span) -> ParseError {
    ParseError::new("expected `---` after the directives", at).with_help("put a line with `---` after them")
}

pub(super) fn merge(at: Span) -> ParseError {
    ParseError::new("`<<` requires a mapping or a list of mappings", at)
        .with_help("use an alias of a mapping: `<<: *name`")
}

pub(super) fn collection_key(at: Span) -> ParseError {
    ParseError::new("a sequence or mapping cannot be a key", at).with_help("to write the text itself, quote it")
}

/// A name for what is there.
fn found(text: &str, token: Token) -> String {
    match token.kind {
        Kind::End => "the file ends".to_owned(),
        Kind::BlockEnd | Kind::SequenceStart | Kind::MappingStart | Kind::Key => {
            let words = rest(text, token.span.start as usize);
            if words.is_empty() {
                "the block ends".to_owned()
            } else {
                format!("`{words}` follows")
            }
        }
        Kind::DocumentStart | Kind::DocumentEnd => "the document ends".to_owned(),
        _ => format!("`{}` follows", token.span.of(text).lines().next().unwrap_or_default()),
    }
}

/// The token's place; what is not written is shown by the character that is there.
fn place(text: &str, token: Token) -> Span {
    if token.span.start == token.span.end {
        one(text, token.span.start as usize)
    } else {
        token.span
    }
}

pub(super) fn no_content(text: &str, token: Token, opened: Option<u32>) -> ParseError {
    let bracket = opened.filter(|at| matches!(character(text, *at as usize), Some('[' | '{')));
    if let (Kind::End, Some(opened)) = (token.kind, bracket) {
        return never_closed(text, opened as usize, text.len());
    }
    let error = ParseError::new(
        format!("expected a value, but {}", found(text, token)),
        place(text, token),
    );
    match token.kind {
        Kind::Comma | Kind::CloseMapping | Kind::CloseSequence => error.with_help(format!(
            "quote it if it is text: {}",
            quoted(text, token.span.start as usize)
        )),
        Kind::Entry => error.with_help("put the list below its key, on lines of its own"),
        _ => error,
    }
}

pub(super) fn no_entry(text: &str, token: Token, opened: Option<u32>) -> ParseError {
    let since = opened.map(|at| format!("the list that starts on line {} ", line_number(text, at as usize)));
    let message = format!(
        "{}continues with `- ` or ends, but {}",
        since.unwrap_or_else(|| "a list ".to_owned()),
        found(text, token)
    );
    ParseError::new(message, place(text, token))
        .with_help("give this line the indentation of the list's items, or of the key above it")
}

pub(super) fn no_key(text: &str, token: Token, opened: Option<u32>) -> ParseError {
    let since = opened.map(|at| format!("the mapping that starts on line {} ", line_number(text, at as usize)));
    let message = format!(
        "{}continues with a key or ends, but {}",
        since.unwrap_or_else(|| "a mapping ".to_owned()),
        found(text, token)
    );
    let error = ParseError::new(message, place(text, token));
    match token.kind {
        Kind::Entry | Kind::SequenceStart => error.with_help("indent all items of the list alike, below their key"),
        Kind::Scalar(_) => error.with_help("quote the whole value if this is a part of it"),
        _ => error.with_help("give this line the indentation of the keys it belongs to"),
    }
}

pub(super) fn unclosed(text: &str, token: Token, opened: u32, bracket: &str) -> ParseError {
    if matches!(token.kind, Kind::End | Kind::DocumentStart | Kind::DocumentEnd) {
        return never_closed(text, opened as usize, token.span.start as usize);
    }
    let message = format!(
        "expected `,` or `{bracket}` in the brackets that open on line {}, but {}",
        line_number(text, opened as usize),
        found(text, token)
    );
    ParseError::new(message, place(text, token))
        .with_help(format!("close them with `{bracket}`, or quote the text in them"))
}

/// A bracket that nothing closes.
fn never_closed(text: &str, opened: usize, end: usize) -> ParseError {
    let (bracket, closing) = match character(text, opened) {
        Some('{') => ('{', '}'),
        _ => ('[', ']'),
    };
    let until = line_number(text, end.saturating_sub(1));
    ParseError::new(
        format!("the bracket {bracket} that opens here is not closed by line {until}"),
        span(opened, opened + 1),
    )
    .with_help(format!(
        "close it with {closing}, or quote the text that starts with {bracket}"
    ))
}

/// The error, or what is the reason for it: a merge that was not finished, a tab.
pub(super) fn explained(text: &str, error: ParseError) -> ParseError {
    if let Some(conflict) = conflict(text) {
        return conflict;
    }
    let at = error.span.start as usize;
    let line = line_of(text, at);
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
    if let Some(found) = line[..indentation].find('\t') {
        return tab(start + found);
    }
    error
}

/// The first of the markers that a merge left.
fn conflict(text: &str) -> Option<ParseError> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_marker = ["<<<<<<<", ">>>>>>>"].iter().any(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.starts_with([' ', '\r', '\n']) || rest.is_empty())
        });
        if is_marker {
            return Some(
                ParseError::new(
                    "the file contains an unresolved merge conflict",
                    span(at, at + line.trim_end().len()),
                )
                .with_help("resolve it: keep one side, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`"),
            );
        }
        at += line.len();
    }
    None
}
