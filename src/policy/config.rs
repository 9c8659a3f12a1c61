//! conftest's builtins that parse configuration: `parse_config`, `parse_config_file`, `parse_combined_config_files`.
//!
//! Paths are relative to the module that names them: the engine gives these builtins its directory as a first operand.

use std::fs;
use std::path::{Component, Path, PathBuf};

use kpolicy_parse::{Format, text};
use kpolicy_rego::Value;
use kpolicy_rego::builtins::registry::{Builtin, placed, pure};
use kpolicy_rego::builtins::{Answer, Available, Failure};
use kpolicy_rego::syntax::tree::Module;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// The most values that a file may hold.
const MOST: usize = 1_000_000;

static BUILTINS: &[Builtin] = &[
    pure(
        "parse_config",
        "(string, string) -> any",
        "The value of a text in a format.",
        |_, operands| match operands {
            [format, text] => parse_config(string(format)?, string(text)?),
            _ => Ok(None),
        },
    ),
    placed(
        "parse_config_file",
        "(string) -> any",
        "The value of a file.",
        |_, operands| match operands {
            [directory, path] => file(&beside(string(directory)?, string(path)?)?, string(directory)?).map(Some),
            _ => Ok(None),
        },
    ),
    placed(
        "parse_combined_config_files",
        "(array[string]) -> any",
        "The values of files, each with its path.",
        |_, operands| match operands {
            [directory, paths] => combined(string(directory)?, paths),
            _ => Ok(None),
        },
    ),
];

/// OPA's builtins and these.
pub(super) fn builtins() -> Available {
    Available::default().with(BUILTINS)
}

fn string(operand: &Value) -> Result<&str, Failure> {
    operand
        .as_str()
        .and_then(|text| std::str::from_utf8(text.as_bytes()).ok())
        .ok_or_else(|| Failure::Operand("operand must be string".to_owned()))
}

fn parse_config(format: &str, text: &str) -> Answer {
    let format = Format::of_name(format).ok_or_else(|| {
        let known = Format::NAMES.join(", ");
        Failure::Builtin(format!("{format} is not a format: the formats are {known}"))
    })?;
    parsed(format, text).map(Some)
}

/// The value of a text: of a stream of several documents, an array of them.
fn parsed(format: Format, text: &str) -> Result<Value, Failure> {
    let found = format
        .read(text, MOST)
        .map_err(|error| Failure::Builtin(format!("unmarshal config: {}", error.message)))?;
    let mut values: Vec<Value> = found.documents.into_iter().map(|node| node.value).collect();
    Ok(match values.len() {
        1 => values.swap_remove(0),
        _ => Value::array(values),
    })
}

/// A path beside a module, without `..` as far as that can be.
fn beside(directory: &str, path: &str) -> Result<PathBuf, Failure> {
    let mut whole = PathBuf::new();
    for part in Path::new(directory).join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(whole.components().next_back(), Some(Component::Normal(_))) => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    Ok(whole)
}

/// The value of a file, which has to be below the module's directory or the working directory.
fn file(path: &Path, directory: &str) -> Result<Value, Failure> {
    let shown = path.display();
    let refused = |error: std::io::Error| Failure::Builtin(format!("read config file {shown}: {error}"));
    let real = fs::canonicalize(path).map_err(refused)?;
    let directory = if directory.is_empty() { "." } else { directory };
    let is_below = |root: &str| fs::canonicalize(root).is_ok_and(|root| real.starts_with(root));
    if !is_below(".") && !is_below(directory) {
        // Never undefined: a policy that reads elsewhere is not to pass by that.
        return Err(Failure::Limit(format!(
            "{shown} is neither below the directory of the policy nor below the working directory"
        )));
    }
    let format = Format::of_path(path).ok_or_else(|| Failure::Builtin(format!("{shown} has no known format")))?;
    if fs::metadata(&real).map_err(refused)?.len() > LARGEST {
        return Err(Failure::Builtin(format!(
            "{shown} is larger than {} MiB",
            LARGEST >> 20
        )));
    }
    let bytes = fs::read(&real).map_err(refused)?;
    let text = text::decode(bytes).map_err(|error| Failure::Builtin(format!("{shown}: {}", error.message)))?;
    parsed(format, &text)
}

/// The files as `--combine` gives them: `[{path, contents}]`, with an entry for each document.
fn combined(directory: &str, paths: &Value) -> Answer {
    let paths = paths.as_array().into_iter().flat_map(|paths| paths.iter());
    let mut entries = Vec::new();
    for path in paths {
        let path = beside(directory, string(path)?)?;
        let shown = path.display().to_string();
        let contents = file(&path, directory)?;
        let entry = |contents: &Value| {
            Value::object(vec![
                ("path".into(), shown.as_str().into()),
                ("contents".into(), contents.clone()),
            ])
        };
        match &contents {
            Value::Array(documents) => entries.extend(documents.iter().map(entry)),
            single => entries.push(entry(single)),
        }
    }
    Ok(Some(Value::array(entries)))
}

/// Tells a module which directory its file is in.
pub(super) fn place(module: &mut Module, path: &str) {
    let directory = Path::new(path).parent().map(|parent| parent.display().to_string());
    module.directory = directory.unwrap_or_default().into();
}
