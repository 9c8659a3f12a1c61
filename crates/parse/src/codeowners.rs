//! CODEOWNERS of GitHub and GitLab, in conftest's shape: an object with the rules in their order.

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::{Code, Comments};
use crate::document::{Entry, Node, Span};
use crate::lines::{Line, lines};
use kpolicy_value::Value;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "codeowners",
    aliases: &[],
    files: &["codeowners", "*.codeowners"],
    further: &[],
    about: "An object with the `rules` in their order: the pattern, the owners (`email`, `team`, `username`, or `role` \
            of GitLab) without `@`, the comment and the line number. A rule below a section of GitLab has its name in \
            `section`, and the section's owners if it names none.",
    comments: Comments::Code(&Code {
        line: &["#"],
        spaced: true,
        block: &[],
        quotes: &[],
        heredoc: false,
    }),
    imports: |_| Vec::new(),
    example: ("CODEOWNERS", "# Everyone\n*.tf @acme/infra docs@example.com\n"),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// A section of GitLab.
struct Section {
    name: Node,
    owners: Vec<Node>,
}

fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let mut rules = Vec::new();
    let mut section: Option<Section> = None;
    for line in lines(text).map(Line::trimmed) {
        let (content, comment) = match comment_at(line.text) {
            Some(at) => (line.to(at), line.from(at + 1).trimmed()),
            None => (line, line.from(line.text.len())),
        };
        let content = content.trimmed();
        if content.text.is_empty() {
            continue;
        }
        meter.count(5, content.span())?;
        if let Some(end) = header(content.text) {
            let name = content.to(end);
            let name = name.from(name.text.find('[').unwrap_or(0) + 1);
            let name = name.to(name.text.find(']').unwrap_or(name.text.len()));
            section = Some(Section {
                name: Node::text(name.text, name.span()),
                owners: owners(content.from(end), &mut meter)?,
            });
            continue;
        }
        let pattern = content.to(pattern_end(content.text));
        check_pattern(pattern)?;
        let mut owned = owners(content.from(pattern.text.len()), &mut meter)?;
        if let Some(section) = section.as_ref().filter(|_| owned.is_empty()) {
            meter.count(section.owners.len() * 3, content.span())?;
            owned.clone_from(&section.owners);
        }
        let mut entries = vec![
            Entry::implied("pattern", Node::text(pattern.text, pattern.span())),
            Entry::implied("owners", Node::array(owned, content.span())),
            Entry::implied("comment", Node::text(comment.text, comment.span())),
            Entry::implied("lineNumber", Node::scalar(Value::from(line.number), line.span())),
        ];
        if let Some(section) = &section {
            entries.push(Entry::implied("section", section.name.clone()));
        }
        rules.push(Node::object(entries, content.span()));
    }
    let whole = Span::new(0, text.len());
    Ok(Node::object(
        vec![Entry::implied("rules", Node::array(rules, whole))],
        whole,
    ))
}

/// Where the comment of a line starts: at a `#` without a backslash before it.
fn comment_at(line: &str) -> Option<usize> {
    let mut hashes = line.match_indices('#').map(|(at, _)| at);
    hashes.find(|at| !line[..*at].ends_with('\\'))
}

/// Where the header of a section ends, `[Name]`, `^[Name]` or `[Name][2]`.
fn header(line: &str) -> Option<usize> {
    let after = |at: usize| line[at..].find(']').map(|end| at + end + 1);
    let start = usize::from(line.starts_with('^'));
    let mut end = after(start).filter(|_| line[start..].starts_with('['))?;
    if line[end..].starts_with('[') {
        end = after(end)?;
    }
    line[end..]
        .starts_with([' ', '\t'])
        .then_some(end)
        .or((end == line.len()).then_some(end))
}

/// Where the pattern at the start of a line ends: at white space without a backslash before it.
fn pattern_end(line: &str) -> usize {
    let mut blanks = line.match_indices([' ', '\t']).map(|(at, _)| at);
    blanks.find(|at| !line[..*at].ends_with('\\')).unwrap_or(line.len())
}

fn check_pattern(pattern: Line<'_>) -> Result<(), ParseError> {
    match pattern.text.find("***") {
        Some(at) => {
            let span = Span::new(pattern.start + at, pattern.start + at + 3);
            Err(ParseError::new(
                "a pattern cannot contain three asterisks in a row",
                span,
            ))
        }
        None => Ok(()),
    }
}

fn owners(rest: Line<'_>, meter: &mut Meter) -> Result<Vec<Node>, ParseError> {
    let mut owners = Vec::new();
    let mut rest = rest.trimmed();
    while !rest.text.is_empty() {
        let end = rest.text.find([' ', '\t']).unwrap_or(rest.text.len());
        let word = rest.to(end);
        rest = rest.from(end).trimmed();
        meter.count(3, word.span())?;
        let (kind, name) = owner(word)?;
        let entries = vec![
            Entry::implied("type", Node::text(kind, word.span())),
            Entry::implied("value", Node::text(name, word.span())),
        ];
        owners.push(Node::object(entries, word.span()));
    }
    Ok(owners)
}

/// The type of an owner, and its name without `@`.
fn owner(word: Line<'_>) -> Result<(&'static str, &str), ParseError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "@/._-+%".contains(character);
    if let Some((at, character)) = word.text.char_indices().find(|(_, character)| !is_plain(*character)) {
        let span = Span::new(word.start + at, word.start + at + character.len_utf8());
        return Err(ParseError::new(
            format!("unexpected character {character:?} in an owner"),
            span,
        ));
    }
    let is_name = |name: &str| !name.is_empty() && name.split('/').all(|part| !part.is_empty()) && !name.contains('@');
    if let Some(role) = word.text.strip_prefix("@@").filter(|role| is_name(role)) {
        return Ok(("role", role));
    }
    match word.text.split_once('@') {
        Some(("", name)) if is_name(name) && name.contains('/') => Ok(("team", name)),
        Some(("", name)) if is_name(name) => Ok(("username", name)),
        Some((local, domain)) if !local.is_empty() && is_name(domain) && !domain.contains('/') => {
            Ok(("email", word.text))
        }
        _ => Err(ParseError::new(format!("`{}` is not an owner", word.text), word.span())
            .with_help("write @user, @organization/team or an email address")),
    }
}
