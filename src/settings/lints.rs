//! `[lints]` of the settings file: the levels of lints.

use std::collections::HashMap;

use super::file::{SettingsFile, article};
use crate::finding::Problem;
use crate::policy::lints::{self, LINTS, Level, Lint};
use crate::problem;
use crate::suggest::nearest;
use kpolicy_value::Value;

/// The levels that the settings give to lints.
#[derive(Clone, Debug, Default)]
pub struct Levels(HashMap<&'static str, Level>);

impl Levels {
    /// The level of a lint: its own where the settings give none.
    pub fn of(&self, lint: &Lint) -> Level {
        self.0.get(lint.id).copied().unwrap_or(lint.level)
    }
}

/// The levels in the value of the key `lints`.
pub(super) fn levels(file: &SettingsFile, value: &Value, problems: &mut Vec<Problem>) -> Levels {
    let root = Value::from("lints");
    let Some(table) = value.as_object() else {
        let message = format!("lints: expected a table, found {}", article(value));
        let help = "write [lints], and under it duplicate-rule = \"off\"".to_owned();
        problems.push(problem::of_location(file.at_path(&[root]), message, Some(help)));
        return Levels::default();
    };
    let mut levels = Levels::default();
    for (key, value) in table.iter() {
        let path = [root.clone(), key.clone()];
        let id = key.key_text();
        let Some(lint) = lints::lint(&id) else {
            let help = match nearest(&id, LINTS.iter().map(|lint| lint.id)) {
                Some(near) => format!("did you mean {near}?"),
                None => "kpolicy list --lints lists the lints".to_owned(),
            };
            let message = format!("lints: there is no lint {id}");
            problems.push(problem::of_location(file.at_key_path(&path), message, Some(help)));
            continue;
        };
        let level = value.as_str();
        match Level::ALL.into_iter().find(|known| Some(known.name()) == level) {
            Some(level) => {
                levels.0.insert(lint.id, level);
            }
            None => {
                let known = Level::ALL.map(Level::name);
                let message = format!("lints: {id}: {} is not one of {}", value.to_json(), known.join(", "));
                let help = level
                    .and_then(|word| nearest(word, known))
                    .map(|word| format!("did you mean {word}?"));
                problems.push(problem::of_location(file.at_path(&path), message, help));
            }
        }
    }
    levels
}
