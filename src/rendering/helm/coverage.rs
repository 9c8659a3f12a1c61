//! How many lines of what a chart gave are traced to a line of a template, for measurements.

use std::collections::HashMap;
use std::fs;

use super::Rendering;

/// Counts of lines that are not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The lines of all objects but definitions in `crds/`.
    pub lines: usize,
    /// Those with an exact line of a template.
    pub exact: usize,
    /// Those that have another text where they are rendered with marks.
    pub other_text: usize,
    /// The exact ones whose line of the template has no action.
    pub literal: usize,
    /// Those of them whose text is not the text of that line.
    pub unequal: usize,
}

impl Coverage {
    /// Adds what another has counted.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.exact += other.exact;
        self.other_text += other.other_text;
        self.literal += other.literal;
        self.unequal += other.unequal;
    }
}

impl Rendering {
    /// Counts the lines; gives nothing where the chart could not be rendered with marks.
    pub fn coverage(&self) -> Option<Coverage> {
        let origins = self.origins()?;
        let mut templates: HashMap<String, Vec<String>> = HashMap::new();
        let mut found = Coverage::default();
        for (piece, origins) in self.stream.pieces.iter().zip(origins) {
            if piece.source.contains("/crds/") {
                continue;
            }
            for (line, origin) in self.stream.lines(piece).zip(origins) {
                if line.trim().is_empty() {
                    continue;
                }
                found.lines += 1;
                let Some(origin) = origin else { continue };
                if !origin.same {
                    found.other_text += 1;
                    continue;
                }
                found.exact += 1;
                let file = self.chart.file(&origin.file.to_string_lossy());
                let read = || fs::read_to_string(&file).unwrap_or_default();
                let template = templates
                    .entry(file.clone())
                    .or_insert_with(|| read().lines().map(str::to_owned).collect());
                let text = template
                    .get(origin.line - 1)
                    .map(|text| text.trim())
                    .unwrap_or_default();
                if !text.contains("{{") && !text.contains("}}") {
                    found.literal += 1;
                    found.unequal += usize::from(text != line.trim());
                }
            }
        }
        Some(found)
    }
}
