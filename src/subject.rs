//! What a document is about: the kinds of its Kubernetes objects, whether they are workloads, whether it is Terraform's.
//! Policies say in METADATA which of these they are for.

use std::path::Path;

use crate::kubernetes::{self, objects};
use crate::policy::workloads::Workloads;
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

/// The word for every kind of Kubernetes object.
pub const ANY_KIND: &str = "*";
/// The word for pods, and for all kinds that create some.
pub const WORKLOADS: &str = "workloads";
/// The word for configurations and plans of Terraform.
pub const TERRAFORM: &str = "terraform";

/// The top-level names of Terraform's language.
const BLOCKS: [&str; 14] = [
    "action",
    "check",
    "data",
    "ephemeral",
    "import",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
];

/// What a document is about.
#[derive(Clone, Debug, Default)]
pub struct Subject<'a> {
    /// What `input.kind` is.
    pub own_kind: Option<&'a str>,
    /// The kinds of objects in it: its own, its lists', its objects'.
    pub kinds: Vec<&'a str>,
    /// Whether one of the objects is a pod, or of a kind that creates some.
    pub has_workload: bool,
    /// Whether it is a configuration or a plan of Terraform.
    pub is_terraform: bool,
}

impl<'a> Subject<'a> {
    /// What a document of a format is about.
    pub fn of(document: &'a Document, format: Format, workloads: &Workloads) -> Self {
        let value = &document.value;
        Self {
            own_kind: value.field("kind").and_then(Value::as_str),
            kinds: kubernetes::kinds(value),
            has_workload: objects(value).iter().any(|object| workloads.has(object)),
            is_terraform: is_terraform(value, format, Path::new(&document.file.path)),
        }
    }

    /// Whether a policy that names these in METADATA is for the document. One that names none is for any.
    pub fn is_one_of(&self, kinds: &[String]) -> bool {
        let is_one = |kind: &String| match kind.as_str() {
            ANY_KIND => !self.kinds.is_empty(),
            WORKLOADS => self.has_workload,
            TERRAFORM => self.is_terraform,
            kind => self.kinds.contains(&kind),
        };
        kinds.is_empty() || kinds.iter().any(is_one)
    }
}

/// Whether a document is Terraform's: a file of its name with any of its blocks, resources and data sources by their
/// shape, or a plan (`terraform show -json`).
fn is_terraform(value: &Value, format: Format, path: &Path) -> bool {
    let Some(object) = value.as_object() else { return false };
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_named = match format {
        Format::Hcl2 => [".tf", ".tofu"].iter().any(|ending| name.ends_with(ending)),
        Format::Json | Format::Jsonc => [".tf.json", ".tofu.json"].iter().any(|ending| name.ends_with(ending)),
        _ => return false,
    };
    let has_block = || BLOCKS.iter().any(|block| object.field(block).is_some());
    let has_resource = || {
        ["resource", "data"]
            .iter()
            .any(|block| object.field(block).is_some_and(holds_types))
    };
    // A file of values has names of any sort at its top, and no block.
    let is_values = name.ends_with(".tfvars") || name.ends_with(".tfvars.json");
    is_named && has_block() || !is_values && has_resource() || is_plan(value)
}

/// Whether a value has the resources of a configuration: types, which start with their provider's name, then names.
fn holds_types(value: &Value) -> bool {
    let is_type = |key: &Value| {
        let name = key.as_str().unwrap_or_default();
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        name.contains('_') && name.chars().all(plain)
    };
    let types = value.as_object().filter(|types| !types.is_empty());
    types.is_some_and(|types| {
        types
            .iter()
            .all(|(key, names)| is_type(key) && names.as_object().is_some())
    })
}

fn is_plan(value: &Value) -> bool {
    let says = |field: &str| value.field(field).is_some_and(|version| version.as_str().is_some());
    let planned = value.field("planned_values").and_then(Value::as_object);
    planned.is_some_and(|planned| {
        planned.field("root_module").is_some() || says("format_version") || says("terraform_version")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_terraform;
    use kpolicy_parse::Format;

    fn terraform(path: &str, text: &str) -> bool {
        let path = Path::new(path);
        let format = Format::of_path(path).unwrap_or(Format::Json);
        let nodes = format.parse(text).expect("it parses");
        nodes.iter().any(|node| is_terraform(&node.value, format, path))
    }

    #[test]
    fn terraform_is_told_by_its_blocks_its_resources_and_its_plans() {
        for (path, text) in [
            ("main.tf", "variable \"a\" {}\n"),
            ("main.tofu", "locals {\n  a = 1\n}\n"),
            ("main.tf.json", "{\"output\": {\"a\": {\"value\": 1}}}"),
            ("plan.json", "{\"format_version\": \"1.2\", \"planned_values\": {}}"),
            ("plan.json", "{\"planned_values\": {\"root_module\": {}}}"),
            ("-", "{\"resource\": {\"aws_s3_bucket\": {\"a\": {}}}}"),
            ("main.hcl", "resource \"aws_s3_bucket\" \"a\" {}\n"),
        ] {
            assert!(terraform(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_it() {
        for (path, text) in [
            ("empty.tf", ""),
            ("a.tfvars", "a = 1\nresource = { aws_a = {} }\n"),
            (
                "a.pkr.hcl",
                "source \"amazon-ebs\" \"a\" {}\ndata \"amazon-ami\" \"a\" {}\n",
            ),
            ("terragrunt.hcl", "terraform {\n  source = \"x\"\n}\n"),
            (
                "package.json",
                "{\"name\": \"a\", \"version\": \"1.0.0\", \"module\": \"index.js\"}",
            ),
            ("tsconfig.json", "{\"compilerOptions\": {}}"),
            ("list.json", "[1, 2]"),
            ("api.json", "{\"resource\": {\"users\": {\"list\": {}}}, \"data\": [1]}"),
            ("package-lock.json", "{\"resource\": {}}"),
        ] {
            assert!(!terraform(path, text), "{path}: {text}");
        }
    }
}
