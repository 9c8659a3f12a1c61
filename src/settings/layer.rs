//! The values that were given for settings, the stronger over the weaker, and where each was given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::table::{ALLOW, OUTPUTS, SETTINGS, Setting, Shape, aliases, of_name};
use super::{Named, REGISTRY, World, unknown, url};
use crate::finding::{Location, Problem};
use crate::plugin;
use crate::problem;
use crate::suggest::nearest;
use kpolicy_rego::builtins::Host;

/// What was given for a setting.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    /// The strings; a switch has `true` or `false`.
    pub(super) values: Vec<String>,
    /// How strong the layer is: flags over environment over file.
    pub(super) strength: Strength,
    /// The folder that paths are relative to, where it is not the working directory.
    pub(super) folder: Option<PathBuf>,
    /// What the user calls it: a flag, a variable or a key.
    pub(super) name: String,
    /// Whether it is a list where a single string could be given as well.
    pub(super) listed: bool,
    /// Where each of the strings is in the settings file; none where they were not given there.
    pub(super) locations: Vec<Location>,
}

impl Assignment {
    /// What was given to the run itself, by a flag or a variable of this name.
    fn of_run(values: Vec<String>, strength: Strength, name: String) -> Self {
        Self {
            values,
            strength,
            folder: None,
            name,
            listed: false,
            locations: Vec::new(),
        }
    }

    /// What is wrong with the text at this position.
    pub(super) fn wrong(&self, at: usize, message: String, help: &str) -> Problem {
        self.problem(Invalid {
            at,
            message,
            help: Some(help.to_owned()),
        })
    }

    /// What is wrong with it.
    fn problem(&self, mismatch: Invalid) -> Problem {
        let message = format!("{}: {}", self.name, mismatch.message);
        match self.locations.get(mismatch.at) {
            Some(location) => problem::of_location(location.clone(), message, mismatch.help),
            None => problem::of_place("", message, mismatch.help),
        }
    }
}

/// Why a value does not fit its setting, and what would.
struct Invalid {
    /// Which of the strings it is.
    at: usize,
    message: String,
    help: Option<String>,
}

/// Where a value was given, the weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    File,
    /// A variable that conftest reads.
    Conftest,
    Environment,
    Flag,
}

/// All that was given, the strongest value of each setting.
#[derive(Debug, Default)]
pub(super) struct Layers {
    assignment: BTreeMap<&'static str, Assignment>,
    /// Every error so far.
    pub(super) problems: Vec<Problem>,
    /// Whether one of them may be about which policies are evaluated: it is not known then which ids there are.
    pub(super) hides_policies: bool,
}

impl Layers {
    /// Puts a value over a weaker one, if it fits the setting. An empty list says nothing.
    pub(super) fn put(&mut self, setting: &'static Setting, assignment: Assignment) {
        match invalid(setting, &assignment.values) {
            None if assignment.values.is_empty() => {}
            None if self
                .assignment
                .get(setting.name)
                .is_some_and(|other| other.strength > assignment.strength) => {}
            None => {
                self.assignment.insert(setting.name, assignment);
            }
            Some(mismatch) => {
                let problem = assignment.problem(mismatch);
                self.refuse(setting, problem);
            }
        }
    }

    /// Reports an error of a setting.
    pub(super) fn refuse(&mut self, setting: &Setting, problem: Problem) {
        self.hides_policies |= setting.chooses_policies();
        self.problems.push(problem);
    }

    /// Reports a name that is not a setting. What it was meant for may choose policies.
    pub(super) fn refuse_unknown(&mut self, name: &str, problem: Problem) {
        let meant = nearest(name, SETTINGS.iter().map(|setting| setting.name)).and_then(of_name);
        self.hides_policies |= meant.is_some_and(Setting::chooses_policies);
        self.problems.push(problem);
    }

    /// The values of `KPOLICY_*`.
    pub(super) fn environment(&mut self, world: &World) {
        for setting in SETTINGS {
            let variable = setting.variable();
            let Some(text) = (world.variable)(&variable).filter(|text| !text.is_empty()) else {
                continue;
            };
            let values = variable_values(setting.shape, text);
            self.put(setting, Assignment::of_run(values, Strength::Environment, variable));
        }
        let known: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
        for variable in &world.variables {
            if variable != "KPOLICY_CONFIG"
                && !plugin::VARIABLES.contains(&variable.as_str())
                && !known.contains(variable)
            {
                let name = variable.trim_start_matches("KPOLICY_").to_lowercase().replace('_', "-");
                let help = match unknown::of_conftest(&name) {
                    Some(help) => help,
                    None => unknown::suggestion(variable, known.iter().map(String::as_str)),
                };
                let problem = problem::of_place("", format!("unknown setting {variable}"), Some(help));
                self.refuse_unknown(&name, problem);
            }
        }
    }

    /// The values of `CONFTEST_*`, weaker than those of `KPOLICY_*`. What only conftest has is an error where it is on.
    /// Other names are not conftest's: scripts that install it often set `CONFTEST_VERSION`.
    pub(super) fn conftest_environment(&mut self, world: &World) {
        let value = |variable: &str| (world.variable)(variable).filter(|text| !text.is_empty());
        for setting in SETTINGS {
            let Some(variable) = setting.conftest_variable() else {
                continue;
            };
            if let Some(text) = value(&variable) {
                let values = variable_values(setting.shape, text);
                self.put(setting, Assignment::of_run(values, Strength::Conftest, variable));
            }
        }
    }

    /// The values of flags.
    pub(super) fn flags(&mut self, matches: &ArgMatches) {
        for setting in SETTINGS {
            if !matches.try_contains_id(setting.name).unwrap_or(false)
                || matches.value_source(setting.name) != Some(ValueSource::CommandLine)
            {
                continue;
            }
            let values = matches.get_many::<String>(setting.name);
            let values = values.into_iter().flatten().cloned().collect();
            self.put(
                setting,
                Assignment::of_run(values, Strength::Flag, format!("--{}", setting.name)),
            );
        }
    }

    /// Whether a switch is on.
    pub(super) fn switch(&self, name: &str) -> bool {
        self.word(name) == Some("true")
    }

    /// Whether a switch is on and not overruled by a stronger value of another setting.
    pub(super) fn switch_over(&self, name: &str, other: &str) -> bool {
        let strength = |name: &str| self.assignment.get(name).map(|assignment| assignment.strength);
        self.switch(name) && strength(name) >= strength(other)
    }

    /// The text of a setting.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        debug_assert!(of_name(name).is_some(), "{name} is in the table");
        self.assignment.get(name)?.values.first().map(String::as_str)
    }

    /// The strings of a setting.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        self.assignment.get(name).map(|assignment| assignment.values.clone())
    }

    /// The strings of a setting, each with where it was given.
    pub(super) fn named(&self, name: &str) -> Option<Vec<Named>> {
        let assignment = self.assignment.get(name)?;
        let named = assignment.values.iter().enumerate().map(|(at, text)| Named {
            text: text.clone(),
            setting: assignment.name.clone(),
            location: assignment.locations.get(at).cloned(),
        });
        Some(named.collect())
    }

    /// The paths of a setting, as seen from the working directory.
    pub(super) fn paths(&mut self, name: &str) -> Vec<PathBuf> {
        let Some(assignment) = self.assignment.get(name) else {
            return Vec::new();
        };
        let mut problems = Vec::new();
        let mut paths = Vec::new();
        for (at, path) in assignment.values.iter().enumerate() {
            match url::local_path(path) {
                Ok(path) if path.to_str().is_some_and(|text| text.starts_with(REGISTRY)) => paths.push(path),
                Ok(path) => paths.push(assignment.folder.as_deref().unwrap_or(Path::new("")).join(path)),
                Err(message) => problems.push(assignment.wrong(
                    at,
                    message,
                    "download it with kpolicy pull, and name the file or directory",
                )),
            }
        }
        self.hides_policies |= !problems.is_empty();
        self.problems.extend(problems);
        paths
    }

    /// The strings of a setting, with the folder that paths in them are relative to.
    pub(super) fn assignment(&self, name: &str) -> Option<&Assignment> {
        self.assignment.get(name)
    }

    /// The number of a setting; it was seen to be one when it was put.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.word(name)?.parse().ok()
    }

    /// A setting read by `read`; where that gives nothing, the error `wrong`.
    pub(super) fn convert<T>(&mut self, name: &str, wrong: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let assignment = self.assignment.get(name)?;
        let text = assignment.values.first()?;
        let converted = read(text);
        if converted.is_none() {
            let message = format!("{text} {wrong}");
            self.problems.push(assignment.problem(Invalid {
                at: 0,
                message,
                help: None,
            }));
        }
        converted
    }
}

/// `1` and `0` are words for switches in the environment.
fn switch_word(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "1" | "t" | "yes" | "on" => "true".to_owned(),
        "0" | "f" | "no" | "off" => "false".to_owned(),
        other => other.to_owned(),
    }
}

/// The values that a variable's text has.
fn variable_values(shape: Shape, text: String) -> Vec<String> {
    match shape {
        Shape::Many(_) | Shape::Paths(_) | Shape::Choices(_) | Shape::Outputs | Shape::Allow => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        }
        Shape::Switch | Shape::SwitchOr(_) => vec![switch_word(&text)],
        _ => vec![text],
    }
}

/// Why values do not fit a setting.
fn invalid(setting: &Setting, values: &[String]) -> Option<Invalid> {
    let faulty = |(at, value): (usize, &String)| Some((at, value.clone(), mismatch(setting.shape, value)?));
    let (at, value, wrong) = values.iter().enumerate().find_map(faulty)?;
    if value.is_empty() {
        return Some(Invalid {
            at,
            message: "the value is empty".to_owned(),
            help: Some("give a value, or remove the setting".to_owned()),
        });
    }
    let near = match setting.shape {
        Shape::Choice(words) | Shape::Choices(words) | Shape::SwitchOr(words) => nearest(&value, words.iter().copied()),
        Shape::Outputs => nearest(output_name(&value), OUTPUTS.iter().copied()),
        Shape::Allow => nearest(&value, ALLOW.iter().copied()).filter(|_| !value.contains('=')),
        _ => None,
    };
    Some(Invalid {
        at,
        message: format!("{value} {wrong}"),
        help: near.map(|word| format!("did you mean {word}?")),
    })
}

/// The name in `NAME` and `NAME=FILE`.
pub(super) fn output_name(value: &str) -> &str {
    value.split_once('=').map_or(value, |(name, _)| name)
}

/// What is wrong with a value, in words that stand after the value itself.
fn mismatch(shape: Shape, value: &str) -> Option<String> {
    let (fits, wrong) = match shape {
        Shape::Switch => (
            matches!(value, "true" | "false"),
            "is neither true nor false".to_owned(),
        ),
        Shape::SwitchOr(words) => (
            matches!(value, "true" | "false") || words.contains(&value),
            format!("is not one of true, false, {}", words.join(", ")),
        ),
        Shape::Choice(words) | Shape::Choices(words) => {
            let is_meant = |word: &&str| *word == value || aliases(words, word).contains(&value);
            (
                words.iter().any(is_meant),
                format!("is not one of {}", words.join(", ")),
            )
        }
        Shape::Outputs => {
            let (known, empty) = (OUTPUTS.contains(&output_name(value)), value.ends_with('='));
            let wrong = match (known, empty) {
                (true, true) => "does not name a file".to_owned(),
                _ => format!("is not one of {}", OUTPUTS.join(", ")),
            };
            (known && !empty, wrong)
        }
        Shape::Allow => match value.split_once('=') {
            Some(("net", host)) => (
                Host::parse(host).is_some(),
                "does not name a host: write net=HOST or net=HOST:PORT".to_owned(),
            ),
            _ => (ALLOW.contains(&value), format!("is not one of {}", ALLOW.join(", "))),
        },
        Shape::Number => (
            value.parse::<usize>().is_ok_and(|number| number > 0),
            "is not a positive integer".to_owned(),
        ),
        Shape::One(_) | Shape::OneOrMany(_) | Shape::Many(_) | Shape::Paths(_) => (!value.is_empty(), String::new()),
    };
    (!fits).then_some(wrong)
}
