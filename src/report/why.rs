//! What `kpolicy why` answers, as text for people and as JSON.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::palette::Palette;
use super::{Options, plain};
use crate::finding::Location;
use crate::why::{Answer, PartValue, Reason, Verdict};
use kpolicy_rego::to_rego_text;

/// How wide a line is at most.
const WIDTH: usize = 100;
/// How many characters of a value are shown.
const VALUE: usize = 60;
/// How many messages are listed.
const MESSAGES: usize = 5;

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum WhyStyle {
    /// For people.
    #[default]
    Text,
    /// For programs: an array with an object for each rule and document.
    Json,
}

/// Writes answers.
pub fn render(answers: &[Answer], style: WhyStyle, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match style {
        WhyStyle::Json => super::write_json(&Json::Array(answers.iter().map(json).collect()), out)?,
        WhyStyle::Text => {
            let palette = Palette::new(options.color);
            for (at, answer) in answers.iter().enumerate() {
                if at > 0 {
                    writeln!(out)?;
                }
                text(answer, &palette, out)?;
            }
        }
    }
    out.flush()
}

fn text(answer: &Answer, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let verdict = match answer.verdict {
        Verdict::Fired if answer.unselected => palette.error("would fire"),
        Verdict::Fired => palette.error("fired"),
        Verdict::Waived => palette.warning("fired"),
        Verdict::Silent if answer.unselected => palette.good("would not fire"),
        Verdict::Silent => palette.good("did not fire"),
        Verdict::Failed => palette.error("could not be evaluated"),
    };
    let document = answer
        .document
        .map(|at| format!(", document {}", at + 1))
        .unwrap_or_default();
    let about = answer
        .subject
        .as_ref()
        .map(|about| format!(" ({about})"))
        .unwrap_or_default();
    let line = answer.line.map(|line| format!(":{line}")).unwrap_or_default();
    let waived = match answer.verdict {
        Verdict::Waived => palette.warning(", and is waived"),
        _ => String::new(),
    };
    let place = format!("{}{line}{document}{about}", answer.file);
    let id = palette.strong(&plain::line(&answer.id));
    writeln!(out, "{id} {verdict} on {}{waived}", plain::line(&place))?;
    for message in answer.messages.iter().take(MESSAGES) {
        writeln!(out, "  {}", plain::line(message))?;
    }
    if answer.messages.len() > MESSAGES {
        writeln!(out, "  … and {} more", answer.messages.len() - MESSAGES)?;
    }
    for note in &answer.notes {
        writeln!(out, "  {}", plain::line(note))?;
    }
    for reason in &answer.reasons {
        write_reason(reason, 0, palette, out)?;
    }
    Ok(())
}

/// A statement that decided: where it is, what became of it, and the values that it is about.
fn write_reason(reason: &Reason, depth: usize, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    let place = format!("{}:{}: ", reason.file, reason.line);
    let room = WIDTH.saturating_sub(indent.len() + place.chars().count());
    writeln!(
        out,
        "{indent}{}{}",
        palette.frame(&plain::line(&place)),
        plain::clip(&plain::line(&reason.statement), room)
    )?;
    let missing = reason.values.iter().find(|value| value.value.is_none());
    let at = missing
        .and_then(|value| value.location.as_ref())
        .map(place_of)
        .unwrap_or_default();
    if reason.outcome != "holds" || reason.values.is_empty() {
        writeln!(out, "{indent}  {}{}", plain::line(&reason.outcome), plain::line(&at))?;
    }
    for value in reason.values.iter().filter(|value| value.value.is_some()) {
        writeln!(out, "{indent}  {}", plain::line(&value_line(value)))?;
    }
    for because in &reason.because {
        write_reason(because, depth + 1, palette, out)?;
    }
    for line in further(reason) {
        writeln!(out, "{indent}  {line}")?;
    }
    Ok(())
}

/// How often else it is so.
fn further(reason: &Reason) -> Vec<String> {
    let mut lines = Vec::new();
    let verb = if reason.outcome.starts_with("holds") {
        "gives"
    } else {
        "ends"
    };
    match reason.others {
        0 => {}
        1 if verb == "gives" => lines.push("1 other choice gives a result too".to_owned()),
        count if verb == "gives" => lines.push(format!("{count} other choices give a result too")),
        1 => lines.push("1 other choice ends here too".to_owned()),
        count => lines.push(format!("{count} other choices end here too")),
    }
    if !reason.alike.is_empty() {
        let alike: Vec<String> = reason.alike.iter().map(usize::to_string).collect();
        let word = if alike.len() == 1 { "line" } else { "lines" };
        lines.push(format!("the same at {word} {}", alike.join(", ")));
    }
    match reason.clauses {
        0 => {}
        1 => lines.push("1 other clause does not hold either".to_owned()),
        count => lines.push(format!("{count} other clauses do not hold either")),
    }
    lines
}

fn value_line(part: &PartValue) -> String {
    let value = part.value.as_ref().map(to_rego_text).unwrap_or_default();
    let at = part.location.as_ref().map(place_of).unwrap_or_default();
    format!(
        "{} is {}{at}",
        plain::clip(&part.text, VALUE),
        plain::clip(&value, VALUE)
    )
}

fn place_of(location: &Location) -> String {
    format!(" ({}:{}:{})", location.file, location.line, location.column)
}

fn json(answer: &Answer) -> Json {
    json!({
        "rule": answer.id,
        "query": answer.query,
        "file": answer.file,
        "line": answer.line,
        "document": answer.document.map(|at| at + 1),
        "subject": answer.subject,
        "verdict": answer.verdict.name(),
        "selected": !answer.unselected,
        "messages": answer.messages,
        "notes": answer.notes,
        "reasons": answer.reasons.iter().map(reason).collect::<Json>(),
    })
}

fn reason(reason: &Reason) -> Json {
    json!({
        "file": reason.file,
        "line": reason.line,
        "column": reason.column,
        "statement": reason.statement,
        "outcome": reason.outcome,
        "values": reason.values.iter().map(value).collect::<Json>(),
        "others": reason.others,
        "alike": reason.alike,
        "clauses": reason.clauses,
        "because": reason.because.iter().map(self::reason).collect::<Json>(),
    })
}

fn value(part: &PartValue) -> Json {
    let location = |at: &Location| json!({"file": *at.file, "line": at.line, "column": at.column});
    json!({
        "text": part.text,
        "value": part.value.as_ref().map(kpolicy_value::Value::to_json),
        "path": part.path,
        "location": part.location.as_ref().map(location),
    })
}
