//! Examples as tests: files that a rule has to pass, and files that it has to find something in, beside the policies.
//!
//! `examples/<package path>/<rule>/pass*` and `fail*`, and `fail*.expected.json` with what the rule gives.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::walk;
use crate::finding::Problem;
use crate::input::Source;
use crate::problem;
use crate::reading::{self, Empty, Limits};
use crate::suggest::nearest;
use kpolicy_parse::document::File;
use kpolicy_parse::{Context, Format};
use kpolicy_rego::syntax::tree::{Module, TermKind};
use kpolicy_value::Value;

/// The directory beside that of the policies.
const DIRECTORY: &str = "examples";
/// What follows the name of an example in the name of the file with what its rule gives.
const EXPECTED: &str = ".expected.json";

/// A file that a rule is tested with.
#[derive(Clone, Debug)]
pub struct Example {
    /// The path of the rule's package, from `data` on, without `data`.
    pub package: Vec<Arc<str>>,
    /// The rule.
    pub rule: Arc<str>,
    /// The name of the file.
    pub name: String,
    /// Whether the rule has to find something.
    pub fails: bool,
    /// What it has to find, where that is said.
    pub expected: Option<Vec<Value>>,
    /// The file.
    pub file: Arc<File>,
    /// Its documents.
    pub inputs: Vec<Value>,
}

/// A rule by its package and its name.
type Named<'m> = (&'m [Arc<str>], &'m Arc<str>);

impl Example {
    /// The path of its rule, from `data` on.
    pub fn path(&self) -> Vec<&str> {
        self.package.iter().chain([&self.rule]).map(|name| &**name).collect()
    }
}

/// The directories of examples of these policies: beside each directory, unless it is inside one.
fn directories(policy: &[PathBuf]) -> Vec<PathBuf> {
    let folders: Vec<&PathBuf> = policy.iter().filter(|path| path.is_dir()).collect();
    let beside = |folder: &&PathBuf| match folder.components().next_back() {
        Some(Component::Normal(_)) => folder.parent().unwrap_or(Path::new("")).join(DIRECTORY),
        _ => folder.join("..").join(DIRECTORY),
    };
    let is_inside = |path: &PathBuf| {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let real_of = |folder: &&PathBuf| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
        folders.iter().any(real_of)
    };
    let mut seen = HashSet::new();
    let found = folders
        .iter()
        .map(beside)
        .filter(|path| path.is_dir() && !is_inside(path));
    found
        .filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())))
        .collect()
}

/// The examples beside policies, sorted by path; or everything that is wrong with them.
pub(super) fn load(
    policy: &[PathBuf],
    modules: &[&Module],
    limits: Limits,
    context: Context<'_>,
) -> Result<Vec<Example>, Vec<Problem>> {
    let rules = Rules::of(modules);
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for root in directories(policy) {
        let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for file in walk::files(&root, is_example, &mut problems) {
            let folder = file.parent().unwrap_or(&root).to_owned();
            folders.entry(folder).or_default().push(file);
        }
        for (folder, files) in folders {
            match rules.of_folder(&root, &folder) {
                Ok(None) => {}
                Ok(Some((package, rule))) => {
                    for example in of_folder(&files, package, rule, limits, context) {
                        match example {
                            Ok(example) => found.push(example),
                            Err(problem) => problems.push(problem),
                        }
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn is_example(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("pass") || name.starts_with("fail")
}

/// The rules of the modules, by package.
struct Rules<'m>(BTreeMap<&'m [Arc<str>], HashSet<&'m Arc<str>>>);

impl<'m> Rules<'m> {
    fn of(modules: &[&'m Module]) -> Self {
        let mut rules: BTreeMap<&[Arc<str>], HashSet<&Arc<str>>> = BTreeMap::new();
        for module in modules {
            let names = module
                .rules
                .iter()
                .filter(|rule| rule.head.arguments.is_none())
                .filter_map(|rule| match &rule.head.path.first()?.term.kind {
                    TermKind::String(name) => Some(name),
                    _ => None,
                });
            rules.entry(&module.package.path).or_default().extend(names);
        }
        Self(rules)
    }

    /// The package and rule that a folder of examples is for; nothing where it is for something else.
    fn of_folder(&self, root: &Path, folder: &Path) -> Result<Option<Named<'m>>, Problem> {
        let below = folder.strip_prefix(root).unwrap_or(folder);
        let names: Vec<&str> = below.iter().filter_map(|name| name.to_str()).collect();
        let Some((rule, package)) = names.split_last() else {
            return Ok(None);
        };
        let same = |path: &[Arc<str>]| path.iter().map(|name| &**name).eq(package.iter().copied());
        match self.0.iter().find(|(path, _)| same(path)) {
            Some((path, rules)) => match rules.iter().find(|name| ****name == **rule) {
                Some(name) => Ok(Some((*path, *name))),
                None => {
                    let near = nearest(rule, rules.iter().map(|name| &***name));
                    let help = near.map(|name| format!("did you mean {name}?"));
                    Err(no_rule(folder, &names, help))
                }
            },
            // A directory `examples` may be there for something else.
            None if self.has_package(names.first()) => Err(no_rule(folder, &names, None)),
            None => Ok(None),
        }
    }

    /// Whether the path of a package starts with a name.
    fn has_package(&self, first: Option<&&str>) -> bool {
        let mut paths = self.0.keys();
        paths.any(|path| path.first().map(|name| &**name) == first.copied())
    }
}

fn no_rule(folder: &Path, names: &[&str], help: Option<String>) -> Problem {
    let help = help.unwrap_or_else(|| "name it after the package and a rule: examples/main/deny".to_owned());
    let message = format!("has examples, and there is no rule data.{}", names.join("."));
    problem::of_path(folder, &message, &help)
}

/// The examples among the files of a folder.
fn of_folder(
    files: &[PathBuf],
    package: &[Arc<str>],
    rule: &Arc<str>,
    limits: Limits,
    context: Context<'_>,
) -> Vec<Result<Example, Problem>> {
    let (expected, inputs): (Vec<&PathBuf>, Vec<&PathBuf>) = files
        .iter()
        .partition(|path| path.to_string_lossy().ends_with(EXPECTED));
    let alone = expected.iter().filter(|path| {
        let of_it = |input: &&&PathBuf| stem(input) == stem(path) && is_fail(input);
        inputs.iter().find(of_it).is_none()
    });
    let alone = alone.map(|path| {
        let message = "says what a rule finds in an example that is not there";
        Err(problem::of_path(
            path,
            message,
            "add a file fail* with the same name and another extension",
        ))
    });
    let example = |path: &&PathBuf| {
        let expected = expected.iter().find(|other| stem(other) == stem(path));
        let expected = expected.map(|path| read(path, limits, context).map(|(_, values)| values));
        let (file, inputs) = read(path, limits, context)?;
        Ok(Example {
            package: package.to_vec(),
            rule: Arc::clone(rule),
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            fails: is_fail(path),
            expected: expected.transpose()?,
            file,
            inputs,
        })
    };
    alone.chain(inputs.iter().map(example)).collect()
}

/// The name of a file up to its extensions.
fn stem(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('.').next().unwrap_or(name)
}

fn is_fail(path: &Path) -> bool {
    stem(path).starts_with("fail")
}

/// The documents of a file.
fn read(path: &Path, limits: Limits, context: Context<'_>) -> Result<(Arc<File>, Vec<Value>), Problem> {
    let format = Format::of_path(path)
        .ok_or_else(|| problem::of_path(path, "has no known format", "give it the extension of its format"))?;
    let source = Source::file(path.display().to_string(), format);
    let content = reading::content(&source, limits, context)?;
    let file = Arc::clone(&content.file);
    let documents = reading::documents(content, Empty::Dropped);
    if documents.is_empty() {
        let message = "has no document, so that no rule can be tested with it";
        return Err(problem::of_path(path, message, "write a document into it"));
    }
    Ok((file, documents.into_iter().map(|document| document.value).collect()))
}
