//! `[parser]` of the settings file: globs and the parsers that read what they match.

use std::path::Path;

use super::file::SettingsFile;
use super::table::PARSERS;
use crate::finding::Problem;
use crate::input::{Globs, Parsers};
use crate::problem;
use crate::suggest::nearest;
use kpolicy_parse::Format;
use kpolicy_value::Value;

/// The parsers in the value of the key `parser`, a table.
pub(super) fn parsers(file: &SettingsFile, table: &Value, start: &Path, problems: &mut Vec<Problem>) -> Parsers {
    let root = start.join(&file.folder);
    let mut parsers = Vec::new();
    for (key, value) in table.as_object().into_iter().flat_map(|table| table.iter()) {
        let glob = key.key_text();
        let path = ["parser".into(), key.clone()];
        let format = value.as_str().and_then(Format::of_name);
        let Some(format) = format else {
            let near = value.as_str().and_then(|word| nearest(word, PARSERS.iter().copied()));
            let known = PARSERS.join(", ");
            let message = format!("parser of {glob}: {} is not one of {known}", value.to_json());
            let help = near.map(|word| format!("did you mean {word}?"));
            problems.push(problem::of_location(file.at_path(&path), message, help));
            continue;
        };
        match Globs::new(std::slice::from_ref(&glob), &root) {
            Ok(globs) => parsers.push((glob, globs, format)),
            Err((_, wrong)) => {
                let message = format!("parser: {glob} is not a valid glob: {wrong}");
                problems.push(problem::of_location(file.at_key_path(&path), message, None));
            }
        }
    }
    Parsers::new(parsers)
}
