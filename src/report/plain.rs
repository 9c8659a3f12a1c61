//! Hostile text made plain: a message reaches no terminal raw, breaks no line, and is not a command of a pipeline.

use std::borrow::Cow;

use crate::finding::{Finding, Problem, Waived};

/// Whether a terminal or a reader could be fooled by this character: controls and bidirectional overrides.
pub(super) fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text in one line: line breaks and other controls are written as escapes.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// The text with its line breaks and tabs, other controls written as escapes.
pub(super) fn paragraph(text: &str) -> Cow<'_, str> {
    escape(text, |character| matches!(character, '\n' | '\t'))
}

/// What the policy says, or that it says nothing.
pub(super) fn message(finding: &Finding) -> &str {
    match finding.message.trim() {
        "" => "(the policy gives no message)",
        _ => &finding.message,
    }
}

/// What to do, as the last lines of a message.
pub(super) fn help(help: Option<&str>) -> String {
    help.map(|help| format!("\nhelp: {help}")).unwrap_or_default()
}

/// The location of a problem, where neither its file nor its range says it.
pub(super) fn place(problem: &Problem) -> Option<&str> {
    let is_said = problem.excerpt.is_some() || problem.file.as_ref() == Some(&problem.place);
    (!is_said && !problem.place.is_empty()).then_some(problem.place.as_str())
}

/// What was waived, and why.
pub(super) fn waived(waived: &Waived) -> String {
    let messages: Vec<&str> = waived.findings.iter().map(message).collect();
    match messages.as_slice() {
        [] => format!("waived, nothing was found ({})", waived.reason),
        _ => format!("waived: {} ({})", messages.join("; "), waived.reason),
    }
}

/// The first so many characters; what is omitted is marked.
pub(super) fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// JSON in which hostile characters, that only its strings can hold, and commands are written as JSON's escapes.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    let hostile = |character: char| is_hostile(character) && !matches!(character, '\n' | '\t');
    if !text.contains(hostile) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if hostile(character) || is_command(&text[at..], false) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Whether the logs of pipelines take what begins here for a command: `##[…]` and `##vso[…]` anywhere, `::…` where a
/// line begins.
pub(super) fn is_command(rest: &str, begins: bool) -> bool {
    rest.starts_with("##[") || rest.starts_with("##vso[") || begins && rest.starts_with("::")
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hostile = |character: char| is_hostile(character) && !keep(character);
    if !text.contains(hostile) && !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    let mut begins = true;
    for (at, character) in text.char_indices() {
        if hostile(character) {
            escaped.extend(character.escape_default());
        } else if is_command(&text[at..], begins) {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
        begins = character == '\n' || begins && character.is_whitespace();
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_written_as_escapes() {
        assert_eq!(line("a\nb\u{1b}[31m\u{202e}c é"), "a\\nb\\u{1b}[31m\\u{202e}c é");
        assert_eq!(paragraph("a\n\tb\rc"), "a\n\tb\\rc");
    }

    #[test]
    fn commands_of_pipelines_are_broken() {
        assert_eq!(paragraph("a::b\n  ::set-output"), "a::b\n  \\u{3a}:set-output");
        assert_eq!(line("x ##vso[task]"), "x \\u{23}#vso[task]");
        assert_eq!(line("## [title]"), "## [title]");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(clip("héllo", 5), "héllo");
        assert_eq!(clip("héllo!", 5), "héll…");
    }
}
