//! What no rule would tell of a document: fields that Kubernetes does not have, pod templates that no policy reads, and
//! policies that are tested as documents.

use crate::evaluate::{Outcome, Read};
use crate::finding::Problem;
use crate::kubernetes::{Found, fields, objects};
use crate::locate::{Target, locate};
use crate::policy::PolicySet;
use crate::policy::workloads::{Unread, Workloads};
use crate::problem;
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;

/// What becomes of fields that Kubernetes does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// They are not looked for.
    Ignored,
    /// They are warned of.
    Warned,
    /// They are errors.
    Refused,
}

/// What is looked for.
pub struct Inspection<'a> {
    fields: Fields,
    /// The kinds that policies read pods of; nothing where no policy reads pods.
    workloads: Option<&'a Workloads>,
    policies: &'a PolicySet,
}

impl<'a> Inspection<'a> {
    /// An inspection beside these policies.
    pub fn new(policies: &'a PolicySet, fields: Fields) -> Self {
        let workloads = policies.reads_workloads().then_some(&policies.workloads);
        Self {
            fields,
            workloads,
            policies,
        }
    }

    /// What is to be reported of the documents that were read.
    pub fn of(&self, read: &Read) -> Outcome {
        let mut found = Outcome::default();
        if !matches!(read.format(), Format::Yaml | Format::Json | Format::Jsonc) {
            return found;
        }
        for document in &read.documents {
            match self.fields {
                Fields::Ignored => {}
                Fields::Warned => found.warnings.extend(unknown_fields(document)),
                Fields::Refused => found.problems.extend(unknown_fields(document)),
            }
            found.warnings.extend(self.unread(document));
            found.warnings.extend(self.policy(document));
        }
        found
    }

    /// A hint where a document is a policy of Gatekeeper, and no such policy is in use.
    fn policy(&self, document: &Document) -> Option<Problem> {
        if self.policies.gatekeeper.is_some() || self.policies.conftest {
            return None;
        }
        let objects = objects(&document.value).into_iter();
        let is_policy = |found: &Found| {
            let group = found.api_version.and_then(|version| version.split_once('/'));
            group.is_some_and(|(group, _)| matches!(group, "templates.gatekeeper.sh" | "constraints.gatekeeper.sh"))
        };
        let found = objects.into_iter().find(is_policy)?;
        let location = locate(document, &Target::of(&found.path));
        let file = &document.file.path;
        let message = "this policy of Gatekeeper is tested as a document, and not used as a policy";
        Some(problem::of_location(
            location,
            message,
            Some(format!("did you mean -p {file}?")),
        ))
    }

    fn unread(&self, document: &Document) -> Vec<Problem> {
        let Some(workloads) = self.workloads else {
            return Vec::new();
        };
        let unread = workloads.unread(&document.value).into_iter();
        let unnamed = unread.filter(|unread| !self.policies.rules.iter().any(|rule| rule.names_kind(unread.kind)));
        let describe = |unread: Unread| {
            let location = locate(document, &Target::Key(unread.path()));
            let message = format!("kind {} contains a pod template that no policy reads", unread.kind);
            let help = format!("add the kind to [pod-templates] in kpolicy.toml: {}", unread.setting());
            problem::of_location(location, message, Some(help))
        };
        unnamed.map(describe).collect()
    }
}

fn unknown_fields(document: &Document) -> Vec<Problem> {
    let unknown = fields::unknown(&document.value);
    if unknown.is_empty() {
        return Vec::new();
    }
    let describe = |field: fields::Unknown| {
        let location = locate(document, &Target::Key(field.path));
        let message = format!(
            "unknown field {}: {} of Kubernetes has no such field",
            location.path_text, field.owner
        );
        problem::of_location(location, message, Some(field.help))
    };
    unknown.into_iter().map(describe).collect()
}
