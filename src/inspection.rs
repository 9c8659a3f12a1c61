//! What no rule would tell of a document: fields that Kubernetes does not have, and pod templates that no policy reads.

use crate::evaluate::{Outcome, Read};
use crate::finding::Problem;
use crate::kubernetes::fields;
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
        }
        found
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
