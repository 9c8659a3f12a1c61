//! The configuration of a plan: the files of its modules, read when a finding asks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files::{self, Reader};
use super::plan::{Plan, Planned};
use super::references::names_after;
use super::{Parsed, in_file};
use crate::finding::{Confidence, Location, Problem, Related};
use crate::locate::Target;
use crate::reading::Limits;
use kpolicy_parse::MAX_NODES;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

/// What a file of the configuration may be.
const LIMITS: Limits = Limits {
    bytes: 10 << 20,
    nodes: MAX_NODES,
};

/// The modules below a directory.
pub(super) struct Configuration {
    root: PathBuf,
    /// The files of each directory that was asked for.
    modules: BTreeMap<PathBuf, Vec<Parsed>>,
    problems: Vec<Problem>,
}

/// Where the configuration sets an attribute.
pub(super) struct Declared {
    /// The place.
    pub(super) location: Location,
    /// The variables that the value there is made of.
    pub(super) variables: BTreeSet<String>,
}

impl Configuration {
    /// The configuration in a directory.
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            modules: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// The files that could not be read.
    pub(super) fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Where the configuration sets an attribute of a resource, or else where the resource is.
    pub(super) fn declaration(&mut self, plan: &Plan, planned: &Planned) -> Option<Declared> {
        let directory = self.directory(plan, &planned.modules)?;
        let files = self.files(&directory);
        let block = if planned.is_data { "data" } else { "resource" };
        let (file, at) = find(&files, &[block, planned.kind, planned.name])?;
        let (path, is_whole) = attribute(&file.value, &at, planned);
        let confidence = if is_whole { Confidence::Exact } else { Confidence::Near };
        let found = file.find(&path);
        let variables = if found.depth > at.len() {
            variables(found.value)
        } else {
            BTreeSet::new()
        };
        Some(Declared {
            location: in_file(file, &Target::Value(path), confidence),
            variables,
        })
    }

    /// The arguments of module calls, and the defaults at last, that variables of a resource's module take their values
    /// from.
    pub(super) fn arguments(&mut self, plan: &Plan, planned: &Planned, variables: &BTreeSet<String>) -> Vec<Related> {
        let (mut related, mut wanted, mut modules) = (Vec::new(), variables.clone(), planned.modules.clone());
        while let Some(call) = modules.pop() {
            let Some(directory) = self.directory(plan, &modules) else {
                return related;
            };
            let files = self.files(&directory);
            let arguments: Vec<Argument> = wanted.iter().filter_map(|name| argument(&files, &call, name)).collect();
            wanted = arguments
                .iter()
                .flat_map(|argument| argument.variables.clone())
                .collect();
            related.extend(arguments.into_iter().map(|argument| argument.related));
        }
        related.extend(wanted.iter().filter_map(|name| self.default(plan, name)));
        related
    }

    /// The default of a variable of the root module, where it is what the plan was made with.
    fn default(&mut self, plan: &Plan, name: &str) -> Option<Related> {
        let variables = plan.root_module()?.field("variables")?;
        let default = variables.field(name)?.field("default")?;
        if plan.variable(name).is_some_and(|given| given != default) {
            return None;
        }
        let files = self.files(&self.root.clone());
        let (file, mut path) = find(&files, &["variable", name])?;
        path.push("default".into());
        Some(Related {
            message: format!("the default of var.{name}"),
            location: in_file(file, &Target::Value(path), Confidence::Exact),
            is_rendered: false,
        })
    }

    /// The directory of a module; nothing where it is not in a directory of this configuration.
    fn directory(&self, plan: &Plan, modules: &[String]) -> Option<PathBuf> {
        let (mut directory, mut module) = (self.root.clone(), plan.root_module()?);
        for name in modules {
            let call = module.field("module_calls")?.field(name)?;
            let source = call.field("source")?.as_str()?.to_string();
            directory = files::local(&directory, &source)?;
            module = call.field("module")?;
        }
        Some(directory)
    }

    /// The files of a directory, sorted by name.
    fn files(&mut self, directory: &Path) -> Vec<Parsed> {
        if let Some(files) = self.modules.get(directory) {
            return files.clone();
        }
        let reader = Reader::new(LIMITS);
        let files = reader.configuration(directory, &reader.names(directory), &mut self.problems);
        self.modules.insert(directory.to_owned(), files.clone());
        files
    }
}

/// The names of the variables in a value: `${var.acl}` has `acl`.
fn variables(value: &Value) -> BTreeSet<String> {
    names_after("var.", value)
}

/// An argument of a module call.
struct Argument {
    related: Related,
    /// The variables that its value is made of.
    variables: BTreeSet<String>,
}

fn argument(files: &[Parsed], call: &str, name: &str) -> Option<Argument> {
    let (file, mut path) = find(files, &["module", call])?;
    path.push(name.into());
    let found = file.find(&path);
    (found.depth == path.len()).then(|| Argument {
        variables: variables(found.value),
        related: Related {
            message: format!("set by the argument {name} of module.{call}"),
            location: in_file(file, &Target::Value(path), Confidence::Exact),
            is_rendered: false,
        },
    })
}

/// The file that has a block, and the path to it. Blocks of the same name are a list.
fn find<'f>(files: &'f [Parsed], names: &[&str]) -> Option<(&'f Document, Vec<Value>)> {
    let mut path: Vec<Value> = names.iter().map(|name| (*name).into()).collect();
    let file = files.iter().find(|file| file.find(&path).depth == path.len())?;
    if file.find(&path).value.as_array().is_some() {
        path.push(Value::from_json(&0.into()));
    }
    Some((file, path))
}

/// The path to an attribute of a block, as far as it is written there, and whether that is all of it. What an expression
/// gives is at the expression.
fn attribute(document: &Value, block: &[Value], planned: &Planned) -> (Vec<Value>, bool) {
    let at = block.iter().try_fold(document, |value, step| value.get(step));
    let (mut path, mut value, mut given) = (block.to_vec(), at, planned.values);
    for (depth, step) in planned.attribute.iter().enumerate() {
        given = given.and_then(|given| given.get(step));
        let Some(here) = value else { break };
        if here.as_str().is_some() && depth > 0 {
            return (path, true);
        }
        let steps = match (here, step) {
            // A block that is written alone, without a list.
            (Value::Object(_), Value::Number(_)) => continue,
            (Value::Array(items), Value::Number(_)) => item(items, step, given).into_iter().collect(),
            (Value::Object(_), step) if here.get(step).is_some() => vec![step.clone()],
            (Value::Object(_), step) => dynamic(here, step),
            _ => Vec::new(),
        };
        if steps.is_empty() {
            // What is missing counts, but an item that was not recognized.
            let is_missing = matches!(here, Value::Object(_));
            path.extend(planned.attribute[depth..].iter().filter(|_| is_missing).cloned());
            return (path, false);
        }
        let below = steps.iter().try_fold(here, |value, step| value.get(step));
        path.extend(steps);
        value = below;
    }
    (path, true)
}

/// The steps to the content of a block that is generated: `dynamic "ingress" { content { … } }`.
fn dynamic(block: &Value, step: &Value) -> Vec<Value> {
    let zero = || Value::from_json(&0.into());
    let steps = vec!["dynamic".into(), step.clone(), zero(), "content".into()];
    let is_there = steps.iter().try_fold(block, |value, step| value.get(step)).is_some();
    if is_there { steps } else { Vec::new() }
}

/// The item of a list that a planned item is: the only one, or the only one whose constants are the planned ones. A plan
/// has sets in an order of its own.
fn item(items: &[Value], step: &Value, given: Option<&Value>) -> Option<Value> {
    let number = |at: usize| Value::from_json(&at.into());
    if items.len() == 1 {
        return Some(number(0));
    }
    let is_like = |item: &Value| given.is_some_and(|given| agrees(item, given));
    let mut alike = (0..items.len()).filter(|at| is_like(&items[*at]));
    match (alike.next(), alike.next()) {
        (Some(at), None) => Some(number(at)),
        (Some(_), Some(_))
            if items
                .iter()
                .enumerate()
                .any(|(at, item)| number(at) == *step && is_like(item)) =>
        {
            Some(step.clone())
        }
        _ => None,
    }
}

/// Whether what is constant in a written value is so in the planned one.
fn agrees(written: &Value, planned: &Value) -> bool {
    match (written, planned) {
        (Value::String(text), _) if text.as_str().is_some_and(|text| text.contains("${")) => true,
        (Value::Object(written), planned) => written.iter().all(|(key, value)| {
            let is_nested = matches!(value, Value::Array(_) | Value::Object(_));
            is_nested || planned.get(key).is_none_or(|planned| agrees(value, planned))
        }),
        (written, planned) => written == planned || written.key_text() == planned.key_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kpolicy_parse::Format;

    /// Where the attribute at a path of a resource is, as the path in the file; `…` where only a part of it is.
    fn located(block: &str, values: &serde_json::Value, path: &serde_json::Value) -> String {
        let text = format!("resource \"t_x\" \"y\" {{\n{block}\n}}\n");
        let nodes = Format::Hcl2.parse(&text).expect("it parses");
        let values = Value::from_json(values);
        let planned = Planned {
            address: "t_x.y",
            modules: Vec::new(),
            is_data: false,
            kind: "t_x",
            name: "y",
            action: None,
            attribute: Value::from_json(path).as_array().expect("a path").to_vec(),
            values: Some(&values),
            is_unknown: false,
            is_sensitive: false,
        };
        let block: Vec<Value> = ["resource", "t_x", "y"].iter().map(|name| (*name).into()).collect();
        let block = [block, vec![Value::from_json(&0.into())]].concat();
        let (found, is_whole) = attribute(&nodes[0].value, &block, &planned);
        let steps: Vec<String> = found[4..].iter().map(Value::key_text).collect();
        format!("{}{}", steps.join("."), if is_whole { "" } else { "…" })
    }

    #[test]
    fn an_attribute_is_found_where_it_is_written() {
        use serde_json::json;
        let two = "rule {\n port = 22\n}\nrule {\n port = 80\n cidr = var.all\n}";
        // A plan sorts sets.
        let values = json!({"rule": [{"port": 80, "cidr": "0.0.0.0/0"}, {"port": 22, "cidr": null}]});
        assert_eq!(located(two, &values, &json!(["rule", 0, "cidr"])), "rule.1.cidr");
        assert_eq!(located(two, &values, &json!(["rule", 1, "port"])), "rule.0.port");
        assert_eq!(located(two, &values, &json!(["rule", 1, "cidr"])), "rule.0.cidr…");
        let generated = "dynamic \"rule\" {\n for_each = var.ports\n content {\n port = rule.value\n }\n}";
        let values = json!({"rule": [{"port": 80}]});
        assert_eq!(
            located(generated, &values, &json!(["rule", 0, "port"])),
            "dynamic.rule.0.content.0.port"
        );
        let whole = "tags = merge(var.tags, {a = 1})";
        assert_eq!(
            located(whole, &json!({"tags": {"a": 1}}), &json!(["tags", "a"])),
            "tags"
        );
        assert_eq!(located("", &json!({"acl": "private"}), &json!(["acl"])), "acl…");
    }
}
