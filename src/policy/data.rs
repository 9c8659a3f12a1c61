//! `--data`: JSON and YAML files, and folders of them, become the base document `data`.
//!
//! As in OPA, a file's content is merged at the root, and a file in a folder below the one given is merged under the
//! names of the folders that lead to it. Two files that give one path different values clash.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::walk;
use super::workloads::POD_TEMPLATE_PATHS;
use crate::finding::{Location, Problem};
use crate::input::{self, Source};
use crate::locate::{Target, locate};
use crate::problem;
use crate::reading::{self, Limits};
use kpolicy_parse::document::{Document, File, Node, Span};
use kpolicy_parse::yaml::{self, Schema};
use kpolicy_parse::{Format, text};
use kpolicy_value::Value;

/// A data file's path and the keys that its content goes under.
type Placed = (PathBuf, Vec<Value>);

/// A data file, read.
struct DataFile {
    document: Document,
    /// The keys that its content goes under.
    prefix: Vec<Value>,
}

/// The data below `paths`, merged; or every file that does not parse and every clash. A walk skips the files that the
/// run itself writes, given by their real paths.
pub fn load(
    paths: &[PathBuf],
    written: &[PathBuf],
    limits: Limits,
    warnings: &mut Vec<Problem>,
) -> Result<Value, Vec<Problem>> {
    let mut merged = Value::object(Vec::new());
    let mut problems = Vec::new();
    let mut files: Vec<DataFile> = Vec::new();
    for (path, prefix) in placed(paths, written, &mut problems) {
        let file = match read(&path, "--data", prefix.is_empty(), limits, warnings) {
            Ok(document) => DataFile { document, prefix },
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        match merge(&merged, &file.placed()) {
            Ok(value) => merged = value,
            Err(keys) => problems.push(file.clash(&keys, &files)),
        }
        files.push(file);
    }
    if problems.is_empty() { Ok(merged) } else { Err(problems) }
}

impl DataFile {
    /// Its content under its keys.
    fn placed(&self) -> Value {
        let nested = |value, key: &Value| Value::object(vec![(key.clone(), value)]);
        self.prefix.iter().rev().fold(self.document.value.clone(), nested)
    }

    /// Where it gives these keys a value, if it does.
    fn location(&self, keys: &[Value]) -> Option<Location> {
        let within = match keys.strip_prefix(self.prefix.as_slice()) {
            Some(within) => within,
            None if self.prefix.starts_with(keys) => &[],
            None => return None,
        };
        let given = self.document.find(within).depth == within.len();
        let target = Target::of(within);
        given.then(|| locate(&self.document, &target))
    }

    /// The problem that an earlier file gives these keys another value.
    fn clash(&self, keys: &[Value], earlier: &[Self]) -> Problem {
        let other = earlier.iter().find_map(|file| file.location(keys));
        let other = other.map(|place| format!("{}:{}:{}", place.file, place.line, place.column));
        let message = format!(
            "{} has a different value here than at {}",
            name(keys),
            other.unwrap_or_default()
        );
        let help = "keep the value in one of the files, or remove one of them".to_owned();
        match self.location(keys) {
            Some(location) => problem::of_location(location, message, Some(help)),
            None => problem::of_file(&self.document.file.path, "", message, Some(help)),
        }
    }
}

/// The keys as policies write them.
fn name(keys: &[Value]) -> String {
    let steps = keys.iter().map(Value::key_text);
    std::iter::once("data".to_owned())
        .chain(steps)
        .collect::<Vec<_>>()
        .join(".")
}

/// The data files: those named, and those below the folders named.
fn placed(paths: &[PathBuf], written: &[PathBuf], problems: &mut Vec<Problem>) -> Vec<Placed> {
    let is_wanted = |path: &Path| is_data(path) && !input::is_written(path, written);
    let mut found = Vec::new();
    for root in paths {
        if root.is_dir() {
            let below = walk::files(root, is_wanted, problems);
            found.extend(below.into_iter().map(|path| (path.clone(), keys(root, &path))));
        } else {
            found.push((root.clone(), Vec::new()));
        }
    }
    found
}

/// The names of the folders that lead from `root` to a file.
fn keys(root: &Path, path: &Path) -> Vec<Value> {
    let folders = path
        .strip_prefix(root)
        .ok()
        .and_then(Path::parent)
        .unwrap_or(Path::new(""));
    folders
        .components()
        .map(|part| Value::from(&*part.as_os_str().to_string_lossy()))
        .collect()
}

/// Whether a file has the name of a data file.
pub fn is_data(path: &Path) -> bool {
    matches!(Format::of_path(path), Some(Format::Yaml | Format::Json))
}

/// The format of a data file, or why there is none.
fn format(path: &Path, option: &str) -> Result<Format, Problem> {
    match Format::of_path(path) {
        Some(format @ (Format::Yaml | Format::Json)) => Ok(format),
        _ => Err(match fs::metadata(path) {
            Err(error) => problem::of_path(path, &input::reason_at(path, &error), &format!("check {option}")),
            Ok(_) => problem::of_path(
                path,
                "has neither a YAML nor a JSON file extension",
                "rename it to .yaml or .json",
            ),
        }),
    }
}

/// The content of a data file that an option names. At the root it is an object; below a directory any value, as in OPA.
pub(super) fn read(
    path: &Path,
    option: &str,
    is_at_root: bool,
    limits: Limits,
    warnings: &mut Vec<Problem>,
) -> Result<Document, Problem> {
    let shown = path.display().to_string();
    let format = format(path, option)?;
    let help = format!("check {option}");
    let source = Source::file(shown.clone(), format);
    let bytes = input::read(&source, limits.bytes).map_err(|error| problem::of_path(path, &error.reason, &help))?;
    let text = text::decode(bytes).map_err(|error| problem::of_path(path, &error.message, "save it as UTF-8"))?;
    let parsed = match format {
        // OPA reads its data with the scalars of YAML 1.2.
        Format::Yaml => yaml::read(&text, Schema::Core, limits.nodes),
        _ => format.read(&text, limits.nodes),
    };
    let parsed = parsed.map_err(|error| problem::of_parse(&shown, &text, &error))?;
    warnings.extend(reading::warnings::of(&shown, &text, &parsed));
    let mut nodes = parsed.documents;
    let node = match nodes.len() {
        0 => Node::object(Vec::new(), Span::default()),
        1 => nodes.remove(0),
        _ => {
            return Err(problem::of_path(
                path,
                "contains several documents",
                "split it: a data file contains one document",
            ));
        }
    };
    if is_at_root && node.value.as_object().is_none() {
        return Err(problem::of_path(
            path,
            "does not contain an object",
            "write an object whose keys are the names that policies read",
        ));
    }
    Ok(Document {
        file: Arc::new(File::new(shown, text)),
        index: 0,
        value: node.value,
        spans: node.spans,
    })
}

/// Both objects in one, or the keys that they clash at.
pub fn merge(a: &Value, b: &Value) -> Result<Value, Vec<Value>> {
    match (a, b) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let mut entries: Vec<(Value, Value)> = ours.iter().cloned().collect();
            for (key, value) in theirs.iter() {
                let merged = match ours.get(key) {
                    Some(ours) => merge(ours, value).map_err(|mut below| {
                        below.insert(0, key.clone());
                        below
                    })?,
                    None => value.clone(),
                };
                entries.push((key.clone(), merged));
            }
            Ok(Value::object(entries))
        }
        (a, b) if a == b => Ok(a.clone()),
        _ => Err(Vec::new()),
    }
}

/// The data with the parameters of policies, `params` of the settings file, below `data.params`.
pub fn with_params(data: Value, settings: Option<&Document>) -> Result<Value, Vec<Problem>> {
    let Some(params) = settings.and_then(|settings| settings.value.field("params")) else {
        return Ok(data);
    };
    merge(&data, &Value::object(vec![("params".into(), params.clone())])).map_err(|keys| {
        vec![problem::of_run(
            format!("the settings and --data define different values for {}", name(&keys)),
            "keep the parameter in one of them",
        )]
    })
}

/// The data with further kinds that create pods, `pod-templates` of the settings file, where the library reads them.
pub fn with_pod_templates(data: Value, table: Option<&Value>) -> Result<Value, Vec<Problem>> {
    let Some(table) = table else { return Ok(data) };
    let placed = POD_TEMPLATE_PATHS
        .iter()
        .rev()
        .fold(table.clone(), |below, key| Value::object(vec![((*key).into(), below)]));
    merge(&data, &placed).map_err(|keys| {
        vec![problem::of_run(
            format!("[pod-templates] and --data define different values for {}", name(&keys)),
            "keep the kind in one of them",
        )]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(paths: &[PathBuf]) -> Result<Value, Vec<Problem>> {
        let limits = Limits {
            bytes: 1 << 20,
            nodes: 1 << 20,
        };
        load(paths, &[], limits, &mut Vec::new())
    }

    #[test]
    fn data_merges_below_folders_and_clashes_are_named() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("a file");
        };
        write("a.json", "{\"x\": {\"a\": 1}}");
        write("b.json", "{\"x\": {\"b\": 2}}");
        write("sub/c.json", "{\"c\": 3}");
        write("notes.txt", "no data");
        let data = loaded(&[root.path().to_owned()]).expect("data");
        assert_eq!(
            data.to_json(),
            serde_json::json!({"sub": {"c": 3}, "x": {"a": 1, "b": 2}})
        );
        write("z.json", "{\"x\": {\"a\": 2}}");
        let problems = loaded(&[root.path().to_owned()]).expect_err("a clash");
        assert!(problems[0].message.contains("data.x.a"), "{problems:?}");
    }

    #[test]
    fn words_of_yaml_1_1_are_texts_as_in_opa() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = root.path().join("a.yaml");
        let text = "y: yes\nlist: [on, 'off', true, {n: no}]\n\"no\": false\nNo: 0\n";
        std::fs::write(&path, text).expect("a file");
        let data = loaded(&[path]).expect("data");
        // What `opa eval --data a.yaml data` gives.
        let wanted = serde_json::json!({
            "y": "yes", "list": ["on", "off", true, {"n": "no"}], "no": false, "No": 0,
        });
        assert_eq!(data.to_json(), wanted);
    }

    #[cfg(unix)]
    #[test]
    fn data_behind_links_is_read_and_what_cannot_be_read_is_named() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let link = |from: &str, to: &str| std::os::unix::fs::symlink(from, root.path().join(to)).expect("a link");
        std::fs::create_dir_all(root.path().join("elsewhere/sub")).expect("folders");
        std::fs::create_dir(root.path().join("data")).expect("a folder");
        std::fs::write(root.path().join("elsewhere/sub/a.json"), "{\"a\": 1}").expect("a file");
        link("../elsewhere", "data/linked");
        let data = || loaded(&[root.path().join("data")]);
        assert_eq!(
            data().expect("data").to_json(),
            serde_json::json!({"linked": {"sub": {"a": 1}}})
        );
        // No right to read can be taken from root, but a folder that holds itself has no end for anyone.
        link("..", "elsewhere/sub/loop");
        link("nowhere", "data/lost.yaml");
        let messages: Vec<String> = data()
            .expect_err("two faults")
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
    }
}
