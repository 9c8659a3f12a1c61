//! `text`: the tests that failed, each with the statement that did and the values of its parts.

use std::io::{self, Write};

use super::{Layout, proof};
use crate::finding::Location;
use crate::report::Options;
use crate::report::excerpt;
use crate::report::palette::Palette;
use crate::report::plain::{clip, line, paragraph};
use crate::verify::result::{Case, Failure, Outcome, Part, TestResult, Verified};

/// How many characters of a value are shown.
const WIDTH: usize = 160;
/// How many characters of a value are shown below a part of a statement, as in OPA.
const BELOW: usize = 60;

/// Writes the results as text.
pub(super) fn render(verified: &Verified, options: &Options, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    for result in &verified.results {
        write_result(result, layout, &palette, out)?;
    }
    proof::text(verified, &palette, out)?;
    if let Some(proved) = &verified.proof {
        writeln!(out, "{}", proof::summary(&proved.proof, options))?;
    }
    let elapsed = options
        .elapsed
        .map(|elapsed| format!(" in {:.2} s", elapsed.as_secs_f64()));
    let summary = format!("{}{}", super::summary(verified), elapsed.unwrap_or_default());
    writeln!(out, "{}", palette.strong(&summary))
}

fn write_result(result: &TestResult, layout: Layout, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let name = palette.strong(&line(&result.full_name()));
    match &result.outcome {
        Outcome::Passed => return Ok(()),
        Outcome::Skipped => return writeln!(out, "{} {name}\n", palette.frame("SKIP")),
        Outcome::Error(error) => {
            writeln!(out, "{} {name}", palette.error("ERROR"))?;
            let gutter = write_place(&error.location, palette, out)?;
            note(gutter, &error.text(), palette, out)?;
        }
        Outcome::Failed => {
            writeln!(out, "{} {name}", palette.error("FAIL"))?;
            if result.failures.is_empty() {
                let gutter = write_place(&result.location, palette, out)?;
                if let Some(value) = &result.value {
                    let value = clip(value, WIDTH);
                    note(gutter, &format!("its value is {value}, expected true"), palette, out)?;
                }
            }
            for failure in &result.failures {
                write_failure(failure, layout, palette, out)?;
            }
            let cases = result.cases.iter().flatten();
            cases
                .clone()
                .try_for_each(|(name, case)| write_case(name, case, 1, palette, out))?;
        }
    }
    if !result.printed.is_empty() {
        writeln!(out, "  it printed:")?;
        for printed in paragraph(&result.printed).lines() {
            writeln!(out, "    {printed}")?;
        }
    }
    writeln!(out)
}

fn write_case(name: &str, case: &Case, depth: usize, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let word = if case.failed {
        palette.error("FAIL")
    } else {
        palette.good("PASS")
    };
    writeln!(out, "{:width$}{word} {}", "", line(name), width = 2 * depth)?;
    let mut cases = case.cases.iter();
    cases.try_for_each(|(name, case)| write_case(name, case, depth + 1, palette, out))
}

fn write_failure(failure: &Failure, layout: Layout, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    if let Some(case) = &failure.case {
        writeln!(out, "  case {}", palette.strong(&line(case)))?;
    }
    let gutter = write_place(&failure.location, palette, out)?;
    if layout.var_values {
        write_below(failure, out)?;
    } else {
        for part in &failure.parts {
            let (text, value) = (clip(&part.text, WIDTH), shown(part, WIDTH));
            let said = match &part.value {
                Some(_) => format!("{text}: {value}"),
                None => format!("{text} is undefined"),
            };
            note(gutter, &said, palette, out)?;
        }
    }
    let mut lines = failure.difference.iter();
    lines.try_for_each(|difference| note(gutter, difference, palette, out))
}

/// Writes where something is, with the lines around it, and gives the width of their numbers.
pub(super) fn write_place(place: &Location, palette: &Palette, out: &mut dyn Write) -> io::Result<usize> {
    let gutter = excerpt::gutter(&place.excerpt);
    let arrow = palette.frame("-->");
    writeln!(
        out,
        "{:gutter$}{arrow} {}:{}:{}",
        "",
        line(&place.file),
        place.line,
        place.column
    )?;
    excerpt::write(place, gutter, palette, out)?;
    Ok(gutter)
}

pub(super) fn note(gutter: usize, text: &str, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:gutter$} {} {}", "", palette.frame("="), line(text))
}

fn shown(part: &Part, most: usize) -> String {
    let value = part.value.as_deref().unwrap_or("undefined");
    line(&clip(value, most)).into_owned()
}

/// Writes a statement with a bar from each part down to its value, as OPA does.
fn write_below(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    for (start, text) in lines_of(&failure.text) {
        let text = text.trim_end();
        writeln!(out, "    {}", line(text))?;
        let mut parts: Vec<(usize, &Part)> = failure
            .parts
            .iter()
            .filter(|part| (start..start + text.len().max(1)).contains(&part.start))
            .map(|part| (line(&text[..part.start - start]).chars().count(), part))
            .collect();
        parts.sort_by_key(|(column, _)| *column);
        while let Some((column, part)) = parts.pop() {
            let bars = bars(parts.iter().map(|(column, _)| *column).filter(|other| *other < column));
            writeln!(out, "    {bars:column$}{}", shown(part, BELOW))?;
        }
    }
    Ok(())
}

/// The lines of a text, each with its offset.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |offset, text| {
        let start = *offset;
        *offset += text.len();
        Some((start, text.trim_end_matches(['\n', '\r'])))
    })
}

/// A bar in each of these columns.
fn bars(columns: impl Iterator<Item = usize>) -> String {
    let mut text = String::new();
    for column in columns {
        if column >= text.len() {
            text.push_str(&" ".repeat(column - text.len()));
            text.push('|');
        }
    }
    text
}
