//! From a location in what helm rendered to the line of a template, and to the values that it writes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::align::align;
use super::chart::Chart;
use super::marks::Origin;
use super::stream::Stream;
use super::template::Template;
use super::underline::underlined;
use super::values::{ValuesFile, paths};
use crate::finding::{Confidence, Input, Line, Location, Related};
use crate::locate::around;
use kpolicy_value::LineIndex;

/// Values of one line that are named at most.
const MOST_VALUES: usize = 3;

/// The key of values that every chart sees alike.
const GLOBAL: &str = "global";

/// Finds where what a chart gave comes from.
pub(super) struct Finder<'a> {
    chart: &'a Chart,
    /// The values files of the environment, the strongest last.
    values: &'a [PathBuf],
    stream: &'a Stream,
    /// Where the lines of each piece come from; nothing where the chart could not be rendered with marks.
    origins: Option<Vec<Vec<Option<Origin>>>>,
    templates: HashMap<String, Option<Template>>,
    values_files: HashMap<String, Option<ValuesFile>>,
    /// What was aligned, by pieces.
    aligned: HashMap<usize, Vec<Option<usize>>>,
}

/// A line of a template.
struct Found {
    file: String,
    line: usize,
    confidence: Confidence,
}

impl<'a> Finder<'a> {
    /// Finds locations by the origins of lines, where there are any, and by their text.
    pub(super) fn new(
        chart: &'a Chart,
        values: &'a [PathBuf],
        stream: &'a Stream,
        origins: Option<Vec<Vec<Option<Origin>>>>,
    ) -> Self {
        Self {
            chart,
            values,
            stream,
            origins,
            templates: HashMap::new(),
            values_files: HashMap::new(),
            aligned: HashMap::new(),
        }
    }

    /// The location that a person edits, and further ones: the line that was rendered, and where values are set. `line`
    /// is that of the piece, from 0.
    pub(super) fn relocate(&mut self, piece: usize, line: usize, location: &Location) -> (Location, Vec<Related>) {
        let mut related = vec![self.rendered(piece, line, location)];
        let rendered = self
            .stream
            .line(self.stream.pieces[piece].first + line)
            .unwrap_or_default()
            .to_owned();
        let unknown = location.of_file_alone();
        let Some(found) = self.find(piece, line) else {
            return (unknown, related);
        };
        let Some(template) = self.template(&found.file) else {
            return (unknown, related);
        };
        let index = LineIndex::new(&template.source);
        let text = index.line(found.line);
        let end = match location.end_line == location.line {
            true => location.end_column - 1,
            false => rendered.chars().count(),
        };
        let range = underlined(text, &rendered, location.column - 1..end);
        let start = index.start(found.line);
        let named = paths(template, &(start..start + text.len()));
        let moved = Location {
            file: Input::of_path(&found.file),
            line: found.line,
            column: range.start + 1,
            end_line: found.line,
            end_column: range.end + 1,
            excerpt: around(&index, index.offset(found.line, range.start + 1)),
            confidence: location.confidence.max(found.confidence),
            rendered: None,
            ..location.clone()
        };
        let files = self.values_files(&self.stream.pieces[piece].source.clone());
        for path in named.iter().take(MOST_VALUES) {
            let is_global = path.keys.first().is_some_and(|key| key == GLOBAL);
            let set = files.iter().find_map(|(file, prefix)| {
                let prefix: &[String] = if is_global { &[] } else { prefix };
                self.values_file(file)?.location(prefix, path, &location.path)
            });
            related.extend(set.map(|location| Related {
                message: format!(".Values.{} is set", path.keys.join(".")),
                location,
                is_rendered: false,
            }));
        }
        (moved, related)
    }

    /// The line that helm rendered.
    fn rendered(&self, piece: usize, line: usize, location: &Location) -> Related {
        let number = self.stream.pieces[piece].first + line + 1;
        let shift = |shown: usize| (number + shown).saturating_sub(location.line);
        let excerpt = location.excerpt.iter().map(|shown| Line {
            number: shift(shown.number),
            ..shown.clone()
        });
        Related {
            message: "helm rendered".to_owned(),
            location: Location {
                line: number,
                end_line: shift(location.end_line),
                excerpt: excerpt.collect(),
                ..location.clone()
            },
            is_rendered: true,
        }
    }

    /// The line of a template that a line of a piece comes from: by its mark, by the mark of a line before it, or by its
    /// text.
    fn find(&mut self, piece: usize, line: usize) -> Option<Found> {
        let origins = self.origins.as_ref().and_then(|origins| origins.get(piece));
        let marked = |at: usize| origins.and_then(|origins| origins.get(at)?.as_ref());
        if let Some((origin, at)) = (0..=line).rev().find_map(|at| Some((marked(at)?, at))) {
            return Some(Found {
                file: self.chart.file(&origin.file.to_string_lossy()),
                line: origin.line,
                confidence: match origin.same && at == line {
                    true => Confidence::Exact,
                    false => Confidence::Near,
                },
            });
        }
        let source = self.stream.pieces[piece].source.clone();
        let file = self.chart.template(&source);
        if !self.aligned.contains_key(&piece) {
            let lines: Vec<&str> = self.stream.lines(&self.stream.pieces[piece]).collect();
            let template = self.template(&file);
            let aligned = template.map(
                |template| match template.source.trim_end() == lines.join("\n").trim_end() {
                    // Definitions are not templates: they are copied.
                    true => (1..=lines.len()).map(Some).collect(),
                    false => align(template, &lines),
                },
            );
            self.aligned.insert(piece, aligned.unwrap_or_default());
        }
        let aligned = &self.aligned[&piece];
        let line = aligned.get(..=line)?.iter().rev().find_map(|found| *found)?;
        Some(Found {
            file,
            line,
            confidence: Confidence::Near,
        })
    }

    fn template(&mut self, file: &str) -> Option<&Template> {
        let read = || Template::parse(&fs::read_to_string(file).ok()?);
        self.templates.entry(file.to_owned()).or_insert_with(read).as_ref()
    }

    fn values_file(&mut self, file: &str) -> Option<&ValuesFile> {
        let read = || ValuesFile::read(file);
        self.values_files.entry(file.to_owned()).or_insert_with(read).as_ref()
    }

    /// The values files of a template, the strongest first, each with the keys that its chart's values are below.
    fn values_files(&self, source: &str) -> Vec<(String, Vec<String>)> {
        let names = subcharts(source);
        let shown = |path: &Path| path.display().to_string();
        let given = self.values.iter().rev().map(|path| (shown(path), names.clone()));
        let own = (0..=names.len()).map(|depth| {
            let mut file = self.chart.name.clone();
            names[..depth]
                .iter()
                .for_each(|name| file.push_str(&format!("/charts/{name}")));
            (
                self.chart.template(&format!("{file}/values.yaml")),
                names[depth..].to_vec(),
            )
        });
        given.chain(own).collect()
    }
}

/// The names of the subcharts that lead to a template, given as helm names it.
fn subcharts(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = source.split_once('/').map_or("", |(_, rest)| rest);
    while let Some((name, below)) = rest.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        names.push(name.to_owned());
        rest = below;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subcharts_are_named_by_their_templates() {
        assert_eq!(
            subcharts("shop/charts/db/charts/common/templates/a.yaml"),
            ["db", "common"]
        );
        assert_eq!(subcharts("shop/templates/charts/a.yaml"), Vec::<String>::new());
    }
}
