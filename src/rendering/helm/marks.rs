//! Where each line that helm rendered comes from: the chart is copied, its templates are marked, and it is rendered once
//! more. A mark counts only where both results have the same lines but for it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::instrument::{LAST, Marked};
use super::stream::Stream;
use super::template::Template;
use crate::rendering::program;

/// The numbers that one mark can say: blanks of several runs are the digits of a line's number. A file of many lines
/// gets a smaller base, since helm reads no file of more than 5 MiB.
const BASES: [usize; 2] = [1024, 128];

/// Lines of a file beyond which the smaller base is taken.
const MANY_LINES: usize = 4000;

/// The most that is copied of a chart, in bytes.
const LARGEST_CHART: u64 = 256 << 20;

/// Where a rendered line comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The file of the template in the chart: `templates/web.yaml`.
    pub(super) file: PathBuf,
    /// The line, from 1.
    pub(super) line: usize,
    /// Whether the two results have the same text there; they may not where a value is random, or is a checksum of what
    /// was marked.
    pub(super) same: bool,
}

/// A chart's templates, and the numbers of their lines.
struct Numbers {
    /// The templates: path in the chart, text, and whether it is a file of helpers.
    templates: Vec<(PathBuf, Template, bool)>,
    /// How many lines the longest template has: helpers' lines have the numbers after these.
    longest: usize,
    /// The number of the first line of each template as a helper's, from 0.
    starts: Vec<usize>,
    base: usize,
    digits: u32,
}

impl Numbers {
    fn of(templates: Vec<(PathBuf, Template, bool)>) -> Self {
        let counts: Vec<usize> = templates
            .iter()
            .map(|(_, template, _)| template.source.lines().count() + 1)
            .collect();
        let longest = counts.iter().copied().max().unwrap_or(0);
        let mut starts = Vec::new();
        let mut total = 0;
        for count in counts {
            starts.push(total);
            total += count;
        }
        let base = BASES[usize::from(longest > MANY_LINES)];
        let mut digits = 1;
        while base.saturating_pow(digits) <= longest + total {
            digits += 1;
        }
        Self {
            templates,
            longest,
            starts,
            base,
            digits,
        }
    }

    /// The blanks that say one digit of the number of a line.
    fn mark(&self, template: usize, line: usize, is_helper: bool, digit: u32) -> String {
        let number = if is_helper {
            self.longest + self.starts[template] + line
        } else {
            line
        };
        " ".repeat(number / self.base.pow(digit) % self.base + 1)
    }

    /// The template and line of a number, in the output of the template `own`.
    fn origin(&self, number: usize, own: Option<usize>) -> Option<(usize, usize)> {
        if number <= self.longest {
            return Some((own?, number));
        }
        let number = number - self.longest;
        let at = self.starts.partition_point(|start| *start < number).checked_sub(1)?;
        Some((at, number - self.starts[at]))
    }
}

/// The origins of the lines of each piece of what was rendered, as far as they are known: a piece that was rendered
/// otherwise with marks has none. `template` gives the path of a template in the chart.
pub(super) fn origins(
    chart: &Path,
    name: &str,
    plain: &Stream,
    render: &dyn Fn(&Path) -> Result<String, program::Failure>,
    template: &dyn Fn(&str) -> PathBuf,
) -> io::Result<Vec<Vec<Option<Origin>>>> {
    let copy = tempfile::tempdir()?;
    let numbers = Numbers::of(copy_chart(chart, copy.path())?);
    let mut streams = Vec::new();
    for digit in 0..numbers.digits {
        for (at, (path, template, is_helper)) in numbers.templates.iter().enumerate() {
            let mark = |line: usize, helper: bool| numbers.mark(at, line, helper, digit);
            fs::write(copy.path().join(path), Marked::new(template, *is_helper).text(&mark))?;
        }
        let output = render(copy.path()).map_err(|failure| io::Error::other(failure.text()))?;
        streams.push(Stream::of(&output, name));
    }
    let by_source: Vec<HashMap<(&str, usize), Vec<&str>>> = streams.iter().map(pieces).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let pieces = plain.pieces.iter().map(|piece| {
        let count = counts.entry(&piece.source).or_default();
        *count += 1;
        let key = (piece.source.as_str(), *count - 1);
        let lines: Vec<&str> = plain.lines(piece).collect();
        let marked: Option<Vec<&Vec<&str>>> = by_source.iter().map(|pieces| pieces.get(&key)).collect();
        let marked = marked.filter(|marked| marked.iter().all(|marked| same_length(marked, &lines)));
        let Some(marked) = marked else {
            return vec![None; lines.len()];
        };
        let own = template(&piece.source);
        let own = numbers.templates.iter().position(|(path, ..)| *path == own);
        let origin = |(at, line): (usize, &&str)| {
            let mut number = 0;
            let mut same = true;
            for (digit, marked) in marked.iter().enumerate() {
                let marked = marked.get(at).copied().unwrap_or_default();
                let blanks = blanks(marked).checked_sub(blanks(line) + 1)?;
                number += blanks * numbers.base.pow(u32::try_from(digit).ok()?);
                same &= marked.trim_end() == line.trim_end();
            }
            let (at, line) = numbers.origin(number, own)?;
            let (file, template, _) = &numbers.templates[at];
            (1..=template.source.lines().count()).contains(&line).then(|| Origin {
                file: file.clone(),
                line,
                same,
            })
        };
        lines.iter().enumerate().map(origin).collect()
    });
    Ok(pieces.collect())
}

/// The lines of the pieces, without the last lines that marks need, by template and number among its pieces.
fn pieces(stream: &Stream) -> HashMap<(&str, usize), Vec<&str>> {
    let mut pieces = HashMap::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for piece in &stream.pieces {
        let lines: Vec<&str> = stream.lines(piece).filter(|line| line.trim_end() != LAST).collect();
        if lines.iter().all(|line| line.trim().is_empty()) {
            continue;
        }
        let count = counts.entry(&piece.source).or_default();
        pieces.insert((piece.source.as_str(), *count), lines);
        *count += 1;
    }
    pieces
}

/// Whether both have the same lines, but for empty ones at the end.
fn same_length(a: &[&str], b: &[&str]) -> bool {
    let length = |lines: &[&str]| lines.iter().rposition(|line| !line.trim().is_empty());
    length(a) == length(b)
}

fn blanks(line: &str) -> usize {
    line.len() - line.trim_end_matches(' ').len()
}

/// Copies a chart, and gives its templates. Links that leave the chart are not followed.
fn copy_chart(chart: &Path, copy: &Path) -> io::Result<Vec<(PathBuf, Template, bool)>> {
    let real = fs::canonicalize(chart)?;
    let mut templates = Vec::new();
    let mut left = LARGEST_CHART;
    for entry in WalkDir::new(&real).sort_by_file_name() {
        let entry = entry?;
        let within = entry.path().strip_prefix(&real).map_err(io::Error::other)?.to_owned();
        if entry.file_type().is_dir() {
            fs::create_dir_all(copy.join(&within))?;
            continue;
        }
        let target = fs::canonicalize(entry.path())?;
        if !target.starts_with(&real) || !target.is_file() {
            continue;
        }
        let bytes = fs::read(&target)?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| io::Error::other(format!("the chart has more than {LARGEST_CHART} bytes")))?;
        fs::write(copy.join(&within), &bytes)?;
        let template = is_template(&within).then(|| String::from_utf8(bytes).ok()).flatten();
        if let Some(template) = template.and_then(|text| Template::parse(&text)) {
            let name = within.file_name().unwrap_or_default().to_string_lossy();
            let is_helper = name.starts_with('_');
            templates.push((within, template, is_helper));
        }
    }
    Ok(templates)
}

/// Whether a file of a chart is a template that writes YAML.
fn is_template(within: &Path) -> bool {
    let parts: Vec<_> = within.iter().map(|part| part.to_string_lossy()).collect();
    let is_below = parts.iter().rev().skip(1).any(|part| part == "templates");
    let extension = within.extension().and_then(|extension| extension.to_str());
    is_below && matches!(extension, Some("yaml" | "yml" | "tpl"))
}

/// The arguments of the further runs, whose chart is the copy.
pub(super) fn arguments(first: &[OsString], copy: &Path) -> Vec<OsString> {
    let (_, others) = first.split_last().expect("the chart is the last argument");
    let mut arguments = others.to_vec();
    arguments.push("--skip-schema-validation".into());
    arguments.push(copy.into());
    arguments
}
