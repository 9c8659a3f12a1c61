//! Ignore files, such as .gitignore and .dockerignore, in conftest's shape: a list of one list of entries.

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::Comments;
use crate::document::{Entry, Node, Span};
use crate::lines::{Line, lines};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "ignore",
    aliases: &["gitignore", "dockerignore"],
    files: &["*.gitignore", "*.dockerignore", "*.ignore"],
    further: &[
        "*.helmignore",
        "*.npmignore",
        "*.eslintignore",
        "*.prettierignore",
        "*.gcloudignore",
        "*.terraformignore",
    ],
    about: "A list of one list: an entry for each line, with its kind (`Path`, `NegatedPath`, `Comment`, `Empty`), \
            the line as it is written, and the pattern without escapes. The end of the last line counts as an empty \
            line.",
    comments: Comments::Lines(&["#"]),
    imports: |_| Vec::new(),
    example: (".gitignore", "# Secrets\n.env\n!.env.example\n"),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let mut entries = Vec::new();
    for line in lines(text) {
        meter.count(4, line.span())?;
        entries.push(entry(line));
    }
    let whole = Span::new(0, text.len());
    Ok(Node::array(vec![Node::array(entries, whole)], whole))
}

fn entry(line: Line<'_>) -> Node {
    let stripped = line.to(without_blanks(line.text));
    let (kind, value, at) = match stripped.text.as_bytes().first() {
        None => ("Empty", line.text.to_owned(), line),
        Some(b'#') => ("Comment", stripped.from(1).trimmed().text.to_owned(), stripped),
        Some(b'!') => ("NegatedPath", unescaped(&stripped.text[1..]), stripped.from(1)),
        Some(_) => ("Path", unescaped(stripped.text), stripped),
    };
    let entries = vec![
        Entry::implied("Kind", Node::text(kind, line.span())),
        Entry::implied("Value", Node::text(&value, at.span())),
        Entry::implied("Original", Node::text(line.text, line.span())),
    ];
    Node::object(entries, line.span())
}

/// Where a line ends without the blanks at its end; a blank behind a backslash stays.
fn without_blanks(line: &str) -> usize {
    let end = line.trim_end_matches(' ').len();
    let escaped = line[..end].ends_with('\\') && end < line.len();
    end + usize::from(escaped)
}

/// The pattern without backslashes, except before what would otherwise have a meaning.
fn unescaped(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some(special @ ('*' | '?' | '[' | ']')) => text.extend(['\\', special]),
                Some(plain) => text.push(plain),
                None => {}
            },
            (plain, _) => text.push(plain),
        }
    }
    text
}
