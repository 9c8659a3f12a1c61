//! Hostile text made plain: a message reaches no terminal raw, breaks no line, and is not a command of a pipeline.

use std::borrow::Cow;

use crate::finding::{Finding, Problem, Related, Subject, Waived};

/// Characters of a further location's line.
const LONGEST_LINE: usize = 100;

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

/// What the policy says, or that it says nothing. Of a plan, each output says the address and the planned action too.
pub(super) fn message(finding: &Finding) -> Cow<'_, str> {
    let message = match finding.message.trim() {
        "" => "(the policy gives no message)",
        _ => &finding.message,
    };
    let message = match &finding.subject {
        Some(
            subject @ Subject::Terraform {
                action: Some(action), ..
            },
        ) => format!(
            "{} (planned action: {action})",
            with_subject(message.into(), Some(subject))
        )
        .into(),
        _ => Cow::Borrowed(message),
    };
    match &finding.environment {
        Some(environment) => format!("{message} (environment {environment})").into(),
        None => message,
    }
}

/// The message after the object that it is about, `Deployment shop/web: container app is privileged`, unless the policy
/// names that itself.
pub(super) fn about(finding: &Finding) -> Cow<'_, str> {
    with_subject(message(finding), finding.subject.as_ref())
}

fn with_subject<'m>(message: Cow<'m, str>, subject: Option<&Subject>) -> Cow<'m, str> {
    let (about, names) = match subject {
        Some(Subject::Object { resource, .. }) if !resource.name.is_empty() => {
            (resource.to_string(), vec![&resource.kind, &resource.name])
        }
        Some(Subject::Terraform { address, .. }) => (address.clone(), vec![address]),
        _ => return message,
    };
    // Messages write kinds in either case: `namespace shop has no default deny`.
    let said = message.to_lowercase();
    match names.iter().all(|name| said.contains(&name.to_lowercase())) {
        true => message,
        false => format!("{about}: {message}").into(),
    }
}

/// A further location in one line: what is there, where, and the line itself.
pub(super) fn related(related: &Related) -> String {
    let place = &related.location;
    let shown = place.excerpt.iter().find(|shown| shown.number == place.line);
    let text = shown.map(|shown| shown.text.trim()).filter(|text| !text.is_empty());
    let text = text
        .map(|text| format!(": {}", clip(text, LONGEST_LINE)))
        .unwrap_or_default();
    match related.is_rendered {
        true => format!("{} (line {} of its output){text}", related.message, place.line),
        false => format!("{} at {}:{}{text}", related.message, place.file, place.line),
    }
}

/// What to do, as the last lines of a message.
pub(super) fn help(help: Option<&str>) -> String {
    help.map(|help| format!("\nhelp: {help}")).unwrap_or_default()
}

/// The location of a problem, where neither its file nor its range says it.
pub(super) fn place(problem: &Problem) -> Option<&str> {
    let is_said = problem.excerpt.is_some() || problem.file.as_deref() == Some(problem.place.as_str());
    (!is_said && !problem.place.is_empty()).then_some(problem.place.as_str())
}

/// What was waived, and why.
pub(super) fn waived(waived: &Waived) -> String {
    let messages: Vec<Cow<str>> = waived.findings.iter().map(message).collect();
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
    use crate::finding::Resource;

    #[test]
    fn a_message_has_its_object_before_it_unless_it_names_it() {
        let resource = Resource {
            kind: "Deployment".to_owned(),
            namespace: "shop".to_owned(),
            name: "web".to_owned(),
            ..Resource::default()
        };
        let object = Subject::Object {
            resource,
            container: None,
        };
        let found = |message: &str| with_subject(message.into(), Some(&object)).into_owned();
        assert_eq!(
            found("container app is privileged"),
            "Deployment shop/web: container app is privileged"
        );
        assert_eq!(found("deployment web has 1 replica"), "deployment web has 1 replica");
        assert_eq!(with_subject("one".into(), None), "one");
    }

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
