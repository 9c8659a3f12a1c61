//! `kpolicy.toml`, or `conftest.toml` where there is none: found, read, and each value seen to fit, with its location.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::layer::{Assignment, Layers, Strength};
use super::lints::{self, Levels};
use super::table::{SETTINGS, Shape, of_name};
use super::waiver::{self, Governance, SeverityOverride};
use super::{Named, Profile, World, helm, parsers, unknown};
use crate::finding::{Location, Problem};
use crate::input::{self, OWN_SETTINGS, Parsers};
use crate::locate::{Target, at_span, locate};
use crate::problem;
use crate::rendering::helm::Environment;
use crate::waiver::Waiver;
use kpolicy_parse::document::{Document, File};
use kpolicy_parse::{Format, text};
use kpolicy_value::Value;

/// conftest's settings file.
const CONFTEST: &str = "conftest.toml";
/// The key under which policies' parameters stand.
const PARAMS: &str = "params";
/// The key under which globs are given parsers.
const PARSER: &str = "parser";
/// The key of exemptions.
const EXEMPT: &str = "exempt";
/// The key of what is said of waivers.
const WAIVERS: &str = "waivers";
/// The key under which policies are given severities.
const SEVERITY: &str = "severity";

/// The key under which lints are given levels.
const LINTS: &str = "lints";

/// The key under which profiles get further policies.
const PROFILES: &str = "profiles";

/// The key of further kinds that create pods.
const POD_TEMPLATES: &str = "pod-templates";

/// The key of what charts are rendered with.
const HELM: &str = "helm";

/// The largest settings file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// What only a settings file can say.
#[derive(Default)]
pub(super) struct Tables {
    /// The file, where it has parameters of policies.
    pub(super) params: Option<Document>,
    /// Further kinds that create pods, with the paths of their pod templates.
    pub(super) pod_templates: Option<Value>,
    /// The policies that are added to profiles.
    pub(super) additions: Vec<(Profile, Named)>,
    /// The levels of lints.
    pub(super) lints: Levels,
    /// What is waived.
    pub(super) exemptions: Vec<Waiver>,
    /// What is said of waivers.
    pub(super) governance: Governance,
    /// How much the findings of policies matter.
    pub(super) severities: Vec<SeverityOverride>,
    /// Parsers by globs.
    pub(super) parsers: Parsers,
    /// What charts are rendered with.
    pub(super) charts: Vec<Environment>,
}

/// A settings file, parsed.
pub(super) struct SettingsFile {
    document: Document,
    /// The directory that it is in, as seen from the working directory.
    pub(super) folder: PathBuf,
    conftest: bool,
}

/// The settings file: the one named, else the first upwards to the repository's root.
pub(super) fn read(named: Option<&Path>, start: &Path, problems: &mut Vec<Problem>) -> Option<SettingsFile> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => find(start)?,
    };
    let read = input::read_file(&start.join(&path), LARGEST).map_err(|error| error.reason);
    let text = match read.and_then(|bytes| text::decode(bytes).map_err(|error| error.message)) {
        Ok(text) => text,
        Err(reason) => {
            let help = match named {
                Some(_) => "check --config and KPOLICY_CONFIG",
                None => "make it a readable UTF-8 file, or remove it",
            };
            problems.push(problem::of_path(&path, &reason, help));
            return None;
        }
    };
    match SettingsFile::parse(&path, text) {
        Ok(file) => Some(file),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The exemptions of a settings file as it was, as far as they can be read; an error where it does not parse.
pub fn exemptions_of(path: &Path, text: String) -> Result<Vec<Waiver>, Problem> {
    let file = SettingsFile::parse(path, text)?;
    let value = file.document.value.field(EXEMPT).cloned();
    Ok(value.map_or_else(Vec::new, |value| waiver::exemptions(&file, &value, &mut Vec::new())))
}

/// The first `kpolicy.toml` upwards; only where there is none at all, the first `conftest.toml`.
fn find(start: &Path) -> Option<PathBuf> {
    [OWN_SETTINGS, CONFTEST].into_iter().find_map(|name| {
        // Here, the short name is the one that the user knows the file by.
        let shown = |folder: &Path| {
            if folder == start {
                PathBuf::from(name)
            } else {
                folder.join(name)
            }
        };
        folders(start).find(|folder| is_there(&folder.join(name))).map(shown)
    })
}

/// Whether something has this path, whatever it is: a link to nothing and a file that cannot be read count, so that
/// they are reported and not taken for missing.
pub(super) fn is_there(path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(_) => true,
        // A directory above that is closed to the user is not part of the project.
        Err(error) => !matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied
        ),
    }
}

/// The folders from here up to the repository's root.
pub fn folders(start: &Path) -> impl Iterator<Item = &Path> {
    let mut ended = false;
    start.ancestors().take_while(move |folder| {
        let within = !ended;
        ended |= folder.join(".git").exists();
        within
    })
}

impl SettingsFile {
    fn parse(path: &Path, text: String) -> Result<Self, Problem> {
        let shown = path.display().to_string();
        let node = match Format::Toml.parse(&text) {
            Ok(mut nodes) => nodes.pop().expect("a text of TOML is one document"),
            Err(error) => return Err(problem::of_parse(&shown, &text, &error)),
        };
        Ok(Self {
            document: Document {
                file: Arc::new(File::new(shown, text)),
                index: 0,
                value: node.value,
                spans: node.spans,
            },
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            conftest: path.file_name().is_some_and(|name| name == CONFTEST),
        })
    }

    /// Its path.
    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(&self.document.file.path)
    }

    /// A line for standard error where the file is not kpolicy's own.
    pub(super) fn notice(&self) -> Option<String> {
        self.conftest.then(|| {
            format!(
                "reading settings from {}: there is no {OWN_SETTINGS}",
                self.document.file.path
            )
        })
    }

    /// Puts the file's values into the layers and gives what only a file can say.
    pub(super) fn read_into(&self, layers: &mut Layers, world: &World) -> Tables {
        let mut tables = Tables::default();
        let entries: Vec<(Value, Value)> = self
            .document
            .value
            .as_object()
            .map(|object| object.iter().cloned().collect())
            .unwrap_or_default();
        for (key, value) in &entries {
            let name = key.key_text();
            match of_name(&name) {
                Some(_) if name == PARSER && value.as_object().is_some() => {
                    tables.parsers = parsers::parsers(self, value, world.folder, &mut layers.problems);
                }
                // A text is the setting of the same name: the program.
                Some(_) if name == HELM && value.as_str().is_none() => {
                    tables.charts = helm::environments(self, value, world.folder, &mut layers.problems);
                }
                Some(setting) => match texts(value, setting.shape) {
                    Some(values) => {
                        let assignment = Assignment {
                            values,
                            strength: Strength::File,
                            folder: Some(self.folder.clone()),
                            listed: value.as_array().is_some(),
                            locations: self.at_items(key, value),
                            name,
                        };
                        layers.put(setting, assignment);
                    }
                    None => layers.refuse(setting, self.mismatch(key, value, setting.shape)),
                },
                None if name == PARAMS && matches!(value, Value::Object(_)) => {
                    tables.params = Some(self.document.clone());
                }
                None if name == PARAMS => {
                    let message = format!("params: expected a table, found {}", article(value));
                    let help = "write [params.<area>.<rule>]".to_owned();
                    layers.hides_policies = true;
                    layers
                        .problems
                        .push(problem::of_location(self.at(key), message, Some(help)));
                }
                None if name == POD_TEMPLATES => {
                    tables.pod_templates = self.pod_templates(key, value, &mut layers.problems);
                }
                None if name == PROFILES => {
                    tables.additions = self.additions(key, value, &mut layers.problems);
                }
                None if name == EXEMPT => tables.exemptions = waiver::exemptions(self, value, &mut layers.problems),
                None if name == WAIVERS => tables.governance = waiver::governance(self, value, &mut layers.problems),
                None if name == SEVERITY => tables.severities = waiver::severities(self, value, &mut layers.problems),
                None if name == LINTS => tables.lints = lints::levels(self, value, &mut layers.problems),
                None => {
                    let message = format!("unknown setting {name}");
                    let problem = problem::of_location(self.at_key(key), message, Some(help(&name)));
                    layers.refuse_unknown(&name, problem);
                }
            }
        }
        let incomplete = waiver::incomplete(&tables.exemptions, &tables.governance);
        layers.problems.extend(incomplete);
        tables
    }

    /// The policies that `profiles` adds to profiles, by their ids.
    fn additions(&self, key: &Value, value: &Value, problems: &mut Vec<Problem>) -> Vec<(Profile, Named)> {
        let help = || Some("write [profiles], and under it default = [\"kubernetes/rbac\"]".to_owned());
        let Some(table) = value.as_object() else {
            let message = format!("{PROFILES}: expected a table, found {}", article(value));
            problems.push(problem::of_location(self.at(key), message, help()));
            return Vec::new();
        };
        let mut additions = Vec::new();
        for (name, ids) in table.iter() {
            let path = [key.clone(), name.clone()];
            let name = name.key_text();
            let Some(profile) = Profile::of_name(&name) else {
                let message = format!("{PROFILES}: {name} is not a profile");
                let known = [
                    Profile::Default,
                    Profile::Baseline,
                    Profile::Restricted,
                    Profile::Strict,
                ];
                let help = format!("the profiles are {}", known.map(Profile::name).join(", "));
                problems.push(problem::of_location(self.at_key_path(&path), message, Some(help)));
                continue;
            };
            let Some(ids) = texts(ids, Shape::Many("ID-PREFIX")) else {
                let message = format!("{PROFILES}: {name}: expected a list of ids, found {}", article(ids));
                problems.push(problem::of_location(self.at_path(&path), message, help()));
                continue;
            };
            additions.extend((0i64..).zip(ids).map(|(at, text)| {
                let setting = format!("{PROFILES}.{name}");
                let location = Some(self.at_path(&[path[0].clone(), path[1].clone(), at.into()]));
                (
                    profile,
                    Named {
                        text,
                        setting,
                        location,
                    },
                )
            }));
        }
        additions
    }

    /// The kinds of `pod-templates`; those whose paths are none are problems.
    fn pod_templates(&self, key: &Value, value: &Value, problems: &mut Vec<Problem>) -> Option<Value> {
        let Some(table) = value.as_object() else {
            let message = format!("{POD_TEMPLATES}: expected a table, found {}", article(value));
            let help = "write [pod-templates], and under it Kind = \"spec.template\"".to_owned();
            problems.push(problem::of_location(self.at(key), message, Some(help)));
            return None;
        };
        let is_path = |path: &Value| path.as_str().is_some_and(|path| !path.split('.').any(str::is_empty));
        for (kind, paths) in table.iter() {
            let fits = match paths {
                Value::Array(items) => !items.is_empty() && items.iter().all(is_path),
                path => is_path(path),
            };
            if !fits {
                let message = format!(
                    "{POD_TEMPLATES}: {}: expected the path of a pod template",
                    kind.key_text()
                );
                let help = "write the path to it, such as \"spec.template\"; * matches any item".to_owned();
                let location = self.at_path(&[key.clone(), kind.clone()]);
                problems.push(problem::of_location(location, message, Some(help)));
            }
        }
        Some(value.clone())
    }

    /// The location of a top-level key's value.
    fn at(&self, key: &Value) -> Location {
        self.at_path(std::slice::from_ref(key))
    }

    /// The locations of the items of a top-level key's array; of any other value, its own.
    fn at_items(&self, key: &Value, value: &Value) -> Vec<Location> {
        match value.as_array() {
            Some(items) => (0i64..)
                .zip(items)
                .map(|(at, _)| self.at_path(&[key.clone(), at.into()]))
                .collect(),
            None => vec![self.at(key)],
        }
    }

    /// The location of what a path leads to.
    pub(super) fn at_path(&self, path: &[Value]) -> Location {
        locate(&self.document, &Target::of(path))
    }

    /// The problem of a value that has not its setting's type: at the item of an array that is not a text, else at all
    /// of it.
    fn mismatch(&self, key: &Value, value: &Value, shape: Shape) -> Problem {
        let items = match shape {
            Shape::Many(_)
            | Shape::OneOrMany(_)
            | Shape::Paths(_)
            | Shape::Choices(_)
            | Shape::Outputs
            | Shape::Allow => value.as_array().unwrap_or_default(),
            _ => &[],
        };
        let item = (0i64..).zip(items).find(|(_, item)| item.as_str().is_none());
        let (location, found, wanted) = match item {
            Some((at, item)) => (self.at_path(&[key.clone(), at.into()]), item, "a string"),
            None => (self.at(key), value, wanted(shape)),
        };
        let message = format!("{}: expected {wanted}, found {}", key.key_text(), article(found));
        problem::of_location(location, message, None)
    }

    /// The location of a top-level key itself.
    fn at_key(&self, key: &Value) -> Location {
        self.at_key_path(std::slice::from_ref(key))
    }

    /// The location of the last key of a path.
    pub(super) fn at_key_path(&self, path: &[Value]) -> Location {
        let span = self.document.find(path).spans.key;
        at_span(&self.document.file.path, span, &self.document.file.lines())
    }
}

/// What to do about a key that is not a setting.
fn help(name: &str) -> String {
    let known =
        SETTINGS
            .iter()
            .map(|setting| setting.name)
            .chain([PARAMS, EXEMPT, WAIVERS, LINTS, SEVERITY, POD_TEMPLATES]);
    unknown::of_conftest(name).unwrap_or_else(|| unknown::suggestion(name, known))
}

/// The strings of a value that has the setting's type.
fn texts(value: &Value, shape: Shape) -> Option<Vec<String>> {
    match (shape, value) {
        (Shape::Switch | Shape::SwitchOr(_), Value::Bool(flag)) => Some(vec![flag.to_string()]),
        (Shape::Number, Value::Number(number)) => Some(vec![number.to_string()]),
        (Shape::One(_), Value::Number(number)) => Some(vec![number.to_string()]),
        (Shape::One(_) | Shape::Choice(_) | Shape::SwitchOr(_), Value::String(text)) => Some(vec![text.to_string()]),
        (
            Shape::Many(_) | Shape::OneOrMany(_) | Shape::Paths(_) | Shape::Choices(_) | Shape::Outputs | Shape::Allow,
            Value::String(text),
        ) => Some(vec![text.to_string()]),
        (
            Shape::Many(_) | Shape::OneOrMany(_) | Shape::Paths(_) | Shape::Choices(_) | Shape::Outputs | Shape::Allow,
            Value::Array(items),
        ) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// A value's type with its article.
pub(super) fn article(value: &Value) -> String {
    let name = value.type_name();
    if name.starts_with(['a', 'o']) {
        format!("an {name}")
    } else {
        format!("a {name}")
    }
}

fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Switch => "true or false",
        Shape::SwitchOr(_) => "true, false or a string",
        Shape::Number => "an integer",
        Shape::One(_) | Shape::Choice(_) => "a string",
        Shape::OneOrMany(_) => "a string or an array of strings",
        Shape::Many(_) | Shape::Paths(_) | Shape::Choices(_) | Shape::Outputs | Shape::Allow => "an array of strings",
    }
}
