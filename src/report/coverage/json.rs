//! `json`: what `opa test --coverage` writes.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use crate::report::write_json;
use crate::verify::coverage::{Coverage, FileCoverage, Range, Share};

/// Writes coverage as OPA does.
pub(super) fn render(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let files = coverage.files.iter().map(|(path, found)| (path.clone(), file(found)));
    let mut report = Map::new();
    report.insert("files".into(), Json::Object(files.collect()));
    counts(coverage.lines(), &mut report);
    write_json(&Json::Object(report), out)
}

fn file(file: &FileCoverage) -> Json {
    let mut entry = Map::new();
    for (name, ranges) in [("covered", &file.covered), ("not_covered", &file.not_covered)] {
        if !ranges.is_empty() {
            entry.insert(name.into(), ranges.iter().map(range).collect());
        }
    }
    counts(file.lines(), &mut entry);
    Json::Object(entry)
}

fn range(range: &Range) -> Json {
    let position = |(row, col): (usize, usize)| json!({"row": row, "col": col});
    json!({"start": position(range.start), "end": position(range.end)})
}

fn counts(lines: Share, entry: &mut Map<String, Json>) {
    entry.insert("covered_lines".into(), lines.part.into());
    entry.insert("not_covered_lines".into(), (lines.all - lines.part).into());
    entry.insert("coverage".into(), lines.percent().into());
}
