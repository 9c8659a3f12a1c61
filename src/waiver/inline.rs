//! Waivers in the files themselves: comments, and annotations of objects.
//!
//! `# kpolicy: ignore[RULE, …] [expires=DATE] [owner=NAME] [ticket=ID] REASON` is for the line that it is on, or the next
//! line with anything but comments; `ignore-file` is for all of the file. The annotation [`ANNOTATION`] has the same on
//! each line, without the first words; brackets may be left out.

use jiff::civil::Date;

use super::{Scope, Waiver};
use crate::evaluate::Read;
use crate::finding::{Input, Location, Problem, Step, WaiverSource, path_text};
use crate::locate::{Target, at_span, locate};
use crate::pattern::Pattern;
use crate::problem;
use kpolicy_parse::document::{Document, Span};
use kpolicy_value::{LineIndex, Value};

/// The annotation of objects and pod templates.
pub const ANNOTATION: &str = "kpolicy.dev/ignore";
/// What a comment starts with.
const MARK: &str = "kpolicy:";
/// What is said of how to write one.
const HELP: &str = "write `kpolicy: ignore[rule-id] reason`";

/// The waivers of a file, and what is wrong with those that do not hold.
pub fn of(read: &Read) -> (Vec<Waiver>, Vec<Problem>) {
    let mut found = Found::default();
    let Some(first) = read.documents.first() else {
        return (found.waivers, found.warnings);
    };
    let text = first.file.text.as_str();
    if text.contains(MARK) {
        comments(read, text, &mut found);
    }
    if text.contains(ANNOTATION) {
        for document in &read.documents {
            annotations(document, &mut found);
        }
    }
    (found.waivers, found.warnings)
}

#[derive(Default)]
struct Found {
    waivers: Vec<Waiver>,
    warnings: Vec<Problem>,
}

impl Found {
    /// Takes what was written at a location.
    fn take(&mut self, text: &str, source: WaiverSource, scope: Scope, location: Location) {
        match Written::parse(text, &location) {
            Ok(written) => self.waivers.push(Waiver {
                source,
                policy: written.policy,
                scope,
                reason: written.reason,
                expires: written.expires,
                owner: written.owner,
                ticket: written.ticket,
                location,
            }),
            Err(wrong) => self.warn(wrong, location),
        }
    }

    fn warn(&mut self, wrong: Wrong, location: Location) {
        let message = format!("the waiver does not hold: {}", wrong.message);
        self.warnings
            .push(problem::of_location(location, message, Some(wrong.help)));
    }
}

/// The waivers in comments.
fn comments(read: &Read, text: &str, found: &mut Found) {
    let comments = read.format().row().comments.of(text, &read.documents);
    let lines = LineIndex::new(text);
    for span in &comments {
        let comment = &text[span.start as usize..span.end as usize];
        for (at, line) in pieces(comment) {
            let Some((before, after)) = line.split_once(MARK) else {
                continue;
            };
            // Only the first words of a comment ask for something.
            if before.contains(char::is_alphanumeric) {
                continue;
            }
            let start = span.start as usize + at + before.len();
            let end = start + MARK.len() + after.trim_end().len();
            let location = at_span(read.path(), range(start, end), &lines);
            let after = after.trim().trim_end_matches("*/").trim_end_matches("-->").trim();
            let file = Input::of_path(read.path());
            let (scope, rest) = if let Some(rest) = after.strip_prefix("ignore-file") {
                (Scope::File(file), rest)
            } else if let Some(rest) = after.strip_prefix("ignore") {
                let line = meant(text, &lines, location.line, span.start as usize, &comments);
                (Scope::Line(file, line), rest)
            } else {
                let message = format!(
                    "`{}` is not ignore or ignore-file",
                    after.split_whitespace().next().unwrap_or("")
                );
                found.warn(Wrong::new(message, HELP), location);
                continue;
            };
            if rest.trim_start().starts_with('[') {
                found.take(rest, WaiverSource::Comment, scope, location);
            } else {
                found.warn(
                    Wrong::new(format!("`{after}` has no rules in brackets"), HELP),
                    location,
                );
            }
        }
    }
}

/// The lines of a comment, each with where it starts.
fn pieces(comment: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    comment.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

fn range(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        start: offset(start),
        end: offset(end),
    }
}

/// The line that a comment is about: its own if anything stands before it, else the next one with anything but comments.
fn meant(text: &str, lines: &LineIndex, line: usize, comment: usize, comments: &[Span]) -> usize {
    let start = lines.start(lines.position(comment).0);
    if !text[start..comment].trim().is_empty() {
        return lines.position(comment).0;
    }
    let is_comment = |at: usize| {
        let before = comments.partition_point(|span| span.start as usize <= at);
        before > 0 && at < comments[before - 1].end as usize
    };
    let has_content = |number: &usize| {
        let (start, written) = (lines.start(*number), lines.line(*number));
        let first = written.find(|character: char| !character.is_whitespace());
        first.is_some_and(|first| !is_comment(start + first))
    };
    (line + 1..=lines.count()).find(has_content).unwrap_or(line)
}

/// The waivers in annotations of a document's objects and their templates.
fn annotations(document: &Document, found: &mut Found) {
    for (path, said) in super::annotated(document) {
        let Some(text) = said.field(ANNOTATION).and_then(Value::as_str) else {
            continue;
        };
        let own = ["metadata", "annotations", ANNOTATION].map(Value::from);
        let location = locate(document, &Target::Value([&path[..], &own].concat()));
        let steps = path.iter().map(|step| match step.as_str() {
            Some(key) => Step::Key(key.to_owned()),
            None => Step::Index(index(step)),
        });
        let scope = Scope::Below(location.file.clone(), document.index, steps.collect());
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            found.take(line, WaiverSource::Annotation, scope.clone(), location.clone());
        }
    }
}

fn index(step: &Value) -> usize {
    match step {
        Value::Number(number) => number.as_i64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0),
        _ => 0,
    }
}

/// What a waiver says.
struct Written {
    policy: Vec<Pattern>,
    reason: String,
    expires: Option<Date>,
    owner: Option<String>,
    ticket: Option<String>,
}

/// Why a waiver does not hold, and what to do.
struct Wrong {
    message: String,
    help: String,
}

impl Wrong {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Written {
    fn parse(text: &str, location: &Location) -> Result<Self, Wrong> {
        let text = text.trim();
        let (rules, mut rest) = match text.strip_prefix('[') {
            Some(inner) => inner
                .split_once(']')
                .ok_or_else(|| Wrong::new("the bracket is not closed", HELP))?,
            None => {
                let end = text.find(char::is_whitespace).unwrap_or(text.len());
                text.split_at(end)
            }
        };
        let mut policy = Vec::new();
        for rule in rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
            let pattern = Pattern::new(rule, location.clone());
            policy.push(pattern.map_err(|wrong| Wrong::new(format!("{rule} is not a valid pattern: {wrong}"), HELP))?);
        }
        if policy.is_empty() {
            return Err(Wrong::new("it names no rule", HELP));
        }
        let mut written = Self {
            policy,
            reason: String::new(),
            expires: None,
            owner: None,
            ticket: None,
        };
        rest = rest.trim_start_matches([':', ' ', '\t']);
        while let Some((key, after)) = rest.split_once('=') {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            let (value, further) = after.split_at(end);
            match key {
                "expires" => {
                    let date = value.parse();
                    let wrong = |_| Wrong::new(format!("{value} is not a date"), "write it as expires=2027-01-31");
                    written.expires = Some(date.map_err(wrong)?);
                }
                "owner" => written.owner = Some(value.to_owned()),
                "ticket" => written.ticket = Some(value.to_owned()),
                _ => break,
            }
            rest = further.trim_start();
        }
        if rest.trim().is_empty() {
            return Err(Wrong::new("it has no reason", "add the reason after the rules"));
        }
        written.reason = rest.trim().to_owned();
        Ok(written)
    }
}

impl Scope {
    /// The scope in words.
    pub fn text(&self) -> String {
        match self {
            Self::Matching(_) => "findings that fit its keys".to_owned(),
            Self::Line(file, line) => format!("{file}:{line}"),
            Self::File(file) => file.to_string(),
            Self::Below(file, _, path) if path.is_empty() => format!("the object in {file}"),
            Self::Below(file, _, path) => format!("{} in {file}", path_text(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kpolicy_value::LineIndex;

    fn parse(text: &str) -> Result<String, String> {
        let location = at_span("a", range(0, 0), &LineIndex::new(""));
        let written = Written::parse(text, &location).map_err(|wrong| wrong.message)?;
        let rules: Vec<&str> = written.policy.iter().map(|pattern| pattern.text.as_str()).collect();
        let date = written.expires.map(|date| date.to_string()).unwrap_or_default();
        let by = written.owner.unwrap_or_default() + &written.ticket.unwrap_or_default();
        Ok(format!("{}|{date}|{by}|{}", rules.join("+"), written.reason))
    }

    #[test]
    fn a_waiver_names_rules_and_gives_a_reason() {
        let good = [
            ("[a/b] why", "a/b|||why"),
            (" [a/b, c/*]: why = because", "a/b+c/*|||why = because"),
            (
                "[a] expires=2027-01-31 owner=team ticket=X-1 why",
                "a|2027-01-31|teamX-1|why",
            ),
            ("a/b,c why", "a/b+c|||why"),
        ];
        for (text, expected) in good {
            assert_eq!(parse(text).as_deref(), Ok(expected), "{text}");
        }
        let bad = [
            "",
            "[] why",
            "[a",
            "[a]",
            "[a] expires=2027-01-31",
            "[a] expires=soon why",
            "[{a] why",
        ];
        for text in bad {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
