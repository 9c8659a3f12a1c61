//! What was not evaluated, counted by reason, and listed where that is asked for.

use super::plain::line;
use super::plural;
use crate::finding::{Report, Skipped, skipped};

/// The parts of the summary about what was not read: `3 files skipped (1 ignored, 2 …)`.
pub(super) fn summary(all: &[Skipped]) -> Vec<String> {
    let (directories, files): (Vec<_>, Vec<_>) = all.iter().cloned().partition(Skipped::is_directory);
    let part = |some: &[Skipped], one: &str, several: &str| match some.len() {
        0 => format!("0 {several} skipped"),
        1 => format!("1 {one} skipped ({})", skipped::counted(some)),
        count => format!("{count} {several} skipped ({})", skipped::counted(some)),
    };
    let mut parts = vec![part(&files, "file", "files")];
    if !directories.is_empty() {
        parts.push(part(&directories, "directory", "directories"));
    }
    parts
}

/// A line for each file, directory, document and policy that was not evaluated; nothing where that is not asked for.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let unevaluated = &report.unevaluated;
    if !unevaluated.listed {
        return Vec::new();
    }
    let documents = unevaluated.documents.iter().map(|unmatched| {
        let number = unmatched.document.map(|index| format!(", document {}", index + 1));
        let (number, reason) = (number.unwrap_or_default(), unmatched.reason());
        format!("skipped {}{number}: {reason}", unmatched.file)
    });
    let skipped = unevaluated.skipped.iter();
    let skipped = skipped.map(|skipped| format!("skipped {}: {}", skipped.path, skipped.reason.text()));
    let missing = unevaluated.not_configured.iter();
    let missing = missing.map(|missing| {
        let (policy, parameters) = (&missing.policy, missing.parameters.join(", "));
        format!("not configured {policy}: it requires {parameters}")
    });
    let all = documents.chain(skipped).chain(missing);
    let mut lines: Vec<String> = all.map(|text| line(&text).into_owned()).collect();
    if lines.is_empty() {
        lines.push(format!(
            "nothing was skipped: {} evaluated",
            plural(report.counts.documents, "document")
        ));
    }
    lines
}
