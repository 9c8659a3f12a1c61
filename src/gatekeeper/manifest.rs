//! The files that Gatekeeper's objects are written in, and these objects by their kinds.

use std::path::Path;
use std::sync::Arc;

use crate::finding::Problem;
use crate::kubernetes::objects;
use crate::locate::{Target, underlined};
use crate::problem;
use kpolicy_parse::document::{Document, File};
use kpolicy_parse::{Format, text};
use kpolicy_value::{Span, Value};

/// The most values that a file may hold.
const MOST: usize = 1_000_000;

/// What a text has to hold to have an object of Gatekeeper's, or a policy that the API server evaluates itself.
const MARKS: [&str; 2] = ["gatekeeper.sh/", "AdmissionPolicy"];

/// What an object is to Gatekeeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A ConstraintTemplate.
    Template,
    /// A constraint.
    Constraint,
    /// The Config, whose excluded namespaces count.
    Config,
    /// A SyncSet: what the cluster's inventory holds.
    SyncSet,
    /// An ExpansionTemplate.
    Expansion,
    /// A Suite, which `kpolicy verify` runs.
    Suite,
    /// A policy that is not supported: what it is called.
    Unsupported(&'static str),
}

/// An object in a file of policies.
#[derive(Clone, Debug)]
pub struct Object {
    /// The document that it is in.
    pub document: Document,
    /// Where it is in the document.
    pub path: Vec<Value>,
    /// The object.
    pub value: Value,
    /// Its API group.
    pub group: String,
    /// The version of the group.
    pub version: String,
    /// Its kind.
    pub kind: String,
}

impl Object {
    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"]).unwrap_or_default()
    }

    /// What messages call it: `ConstraintTemplate k8srequiredlabels`.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind, self.name())
    }

    /// The value below these keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(&self.value, |value, key| value.field(key))
    }

    /// The text below these keys.
    pub fn text(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.as_str()
    }

    /// The annotation of this key, or of this name after any prefix: `severity`, `policies.example.com/severity`.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        let annotations = self.at(&["metadata", "annotations"])?.as_object()?;
        let is_meant = |key: &str| key.rsplit_once('/').map_or(key, |(_, name)| name) == name;
        let found = annotations.iter().find(|(key, _)| key.as_str().is_some_and(is_meant));
        found?.1.as_str()
    }

    /// An error at the value below these keys and indexes, or at the nearest that there is.
    pub fn error(&self, below: &[Value], message: impl Into<String>, help: Option<String>) -> Problem {
        let path = [&self.path[..], below].concat();
        let span = underlined(&self.document, &Target::of(&path));
        let file = &self.document.file;
        problem::of_span(&file.path, &file.lines(), span, message, help)
    }

    /// An error at the value below these keys.
    pub fn error_at(&self, keys: &[&str], message: impl Into<String>, help: &str) -> Problem {
        let below: Vec<Value> = keys.iter().map(|key| Value::from(*key)).collect();
        self.error(&below, message, Some(help.to_owned()))
    }

    /// Where the object's name stands: the file's path, the line and the column.
    pub fn place(&self) -> (String, usize, usize) {
        let span = self.span(&["metadata", "name"]);
        let (line, column) = self.document.file.lines().position(span.start as usize);
        (self.document.file.path.clone(), line, column)
    }

    /// The range that shows the value below these keys.
    pub fn span(&self, keys: &[&str]) -> Span {
        let below = keys.iter().map(|key| Value::from(*key));
        let path: Vec<Value> = self.path.iter().cloned().chain(below).collect();
        underlined(&self.document, &Target::of(&path))
    }
}

/// Whether a text may hold an object that [`objects_of`] finds.
pub fn may_hold(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Gatekeeper's objects in a file, each with its role, in the order of the text.
///
/// # Errors
/// Where the file does not parse.
pub fn objects_of(path: &str, text: &str) -> Result<Vec<(Role, Object)>, Problem> {
    let documents = documents(path, text)?;
    let found = documents.iter().flat_map(|document| {
        let objects = objects(&document.value).into_iter();
        objects.filter_map(|found| {
            let object = object(document, found.path, found.value, found.kind?, found.api_version?);
            Some((role(&object)?, object))
        })
    });
    Ok(found.collect())
}

/// The object of a document at a path.
pub fn object(document: &Document, path: Vec<Value>, value: &Value, kind: &str, api_version: &str) -> Object {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    Object {
        document: document.clone(),
        path,
        value: value.clone(),
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
    }
}

/// The documents of a YAML or JSON file that say anything.
pub fn documents(path: &str, text: &str) -> Result<Vec<Document>, Problem> {
    let format = Format::of_path(Path::new(path)).filter(|format| *format == Format::Json);
    let format = format.unwrap_or(Format::Yaml);
    let parsed = format
        .read(text, MOST)
        .map_err(|error| problem::of_parse(path, text, &error))?;
    let file = Arc::new(File::new(path, text));
    let nodes = parsed.documents.into_iter().enumerate();
    let said = nodes.filter(|(_, node)| node.value != Value::Null);
    Ok(said
        .map(|(index, node)| Document {
            file: Arc::clone(&file),
            index,
            value: node.value,
            spans: node.spans,
        })
        .collect())
}

/// The text of a file that may hold objects of Gatekeeper; nothing where it is no text or holds none.
pub fn text_of(bytes: Vec<u8>) -> Option<String> {
    text::decode(bytes).ok().filter(|text| may_hold(text))
}

/// What an object is to Gatekeeper; nothing where it is no policy.
pub fn role(object: &Object) -> Option<Role> {
    let role = match (object.group.as_str(), object.kind.as_str()) {
        ("templates.gatekeeper.sh", "ConstraintTemplate") => Role::Template,
        ("constraints.gatekeeper.sh", _) => Role::Constraint,
        ("config.gatekeeper.sh", "Config") => Role::Config,
        ("syncset.gatekeeper.sh", "SyncSet") => Role::SyncSet,
        ("expansion.gatekeeper.sh", "ExpansionTemplate") => Role::Expansion,
        ("test.gatekeeper.sh", "Suite") => Role::Suite,
        ("mutations.gatekeeper.sh", "Assign" | "AssignMetadata" | "ModifySet" | "AssignImage") => {
            Role::Unsupported("a mutator")
        }
        ("externaldata.gatekeeper.sh", "Provider") => Role::Unsupported("a provider of external data"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding") => {
            Role::Unsupported("a policy in CEL")
        }
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy" | "MutatingAdmissionPolicyBinding") => {
            Role::Unsupported("a mutating policy in CEL")
        }
        _ => return None,
    };
    Some(role)
}
