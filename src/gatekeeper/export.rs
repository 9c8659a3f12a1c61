//! Policies of the library as ConstraintTemplates and constraints for a cluster.
//!
//! A template holds the policy and its helpers as they are, below `lib`, which is where Gatekeeper lets a template refer
//! to. Its parameters are those of the settings.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::policy::library::catalog::Policy;
use crate::policy::workloads::Workloads;
use crate::subject::{ANY_KIND, WORKLOADS};
use kpolicy_rego::Dialect;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Module, TermKind};
use kpolicy_rego::syntax::visit::{self, Node};
use kpolicy_value::Value;

/// The rule of a template: the results of one of the policy's rules, those that fail, or those that warn. It imports the policy,
/// which Gatekeeper would not find by its path within an object.
const ENTRY: &str = "package kpolicy

import data.lib.kpolicy.PACKAGE as policy

violation contains {\"msg\": message(result)} if {
	some result in results[object.get(input.parameters, \"rule\", \"FIRST\")]
}

results := {RULES}

message(result) := result if is_string(result)

message(result) := result.msg if is_object(result)
";

/// A policy of the library to be exported.
pub struct Export<'p> {
    /// The policy.
    pub policy: &'p Policy,
    /// The texts of the helpers that it needs.
    pub helpers: Vec<&'p str>,
    /// Whether its findings fail a run.
    pub fails: bool,
}

/// Why a policy cannot be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotExported {
    /// It is for other files than manifests.
    OtherFiles,
    /// It compares objects with each other, in a shape that the cluster's inventory does not have.
    Inventory,
}

impl NotExported {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::OtherFiles => "it is not for Kubernetes manifests",
            Self::Inventory => "it reads the whole set of files",
        }
    }
}

impl Export<'_> {
    /// The template and the constraint as two documents of YAML, with the parameters of this `data`.
    ///
    /// # Errors
    /// Where the policy has no meaning in a cluster.
    pub fn render(&self, data: &Value, workloads: &Workloads) -> Result<String, NotExported> {
        let policy = self.policy;
        if !policy.id.starts_with("kubernetes/") {
            return Err(NotExported::OtherFiles);
        }
        let texts = || std::iter::once(policy.module.text).chain(self.helpers.iter().copied());
        if texts().any(|text| text.contains("data.inventory")) {
            return Err(NotExported::Inventory);
        }
        let kind = kind(&policy.id);
        let mut out = String::new();
        let annotations = json!({
            "description": policy.description.trim(),
            "metadata.gatekeeper.sh/title": policy.title,
            "remediation": policy.remediation,
            "severity": policy.severity.name(),
        });
        field(&mut out, 0, "apiVersion", &json!("templates.gatekeeper.sh/v1"));
        field(&mut out, 0, "kind", &json!("ConstraintTemplate"));
        field(
            &mut out,
            0,
            "metadata",
            &json!({"annotations": annotations, "name": kind.to_lowercase()}),
        );
        out.push_str("spec:\n");
        let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        let crd = json!({"spec": {"names": {"kind": kind}, "validation": {"openAPIV3Schema": schema}}});
        field(&mut out, 2, "crd", &crd);
        out.push_str("  targets:\n    - target: admission.k8s.gatekeeper.sh\n      code:\n        - engine: Rego\n");
        out.push_str("          source:\n            version: \"v1\"\n");
        let package = policy.id.replace('/', ".");
        let rules = rules(policy.module.text);
        let each = rules.iter().map(|rule| format!("\"{rule}\": policy.{rule}"));
        let entry = ENTRY.replace("PACKAGE", &package);
        let entry = entry.replace("RULES", &each.collect::<Vec<_>>().join(", "));
        let entry = entry.replace("FIRST", rules.first().copied().unwrap_or("deny"));
        block(&mut out, 12, "rego: |", &entry);
        out.push_str("            libs:\n");
        for text in texts() {
            block(&mut out, 14, "- |", &below_lib(text));
        }
        for (at, rule) in rules.into_iter().enumerate() {
            let action = if self.fails && rule == "deny" { "deny" } else { "warn" };
            let mut parameters = parameters(policy, data);
            let mut name = policy.id.replace(['/', '_'], "-");
            if at > 0 {
                parameters["rule"] = rule.into();
                name.push_str("-warns");
            }
            out.push_str("---\n");
            field(&mut out, 0, "apiVersion", &json!("constraints.gatekeeper.sh/v1beta1"));
            field(&mut out, 0, "kind", &json!(kind));
            field(&mut out, 0, "metadata", &json!({"name": name}));
            let spec = json!({
                "enforcementAction": action,
                "match": {"kinds": kinds(&policy.kinds, workloads)},
                "parameters": parameters,
            });
            field(&mut out, 0, "spec", &spec);
        }
        Ok(out)
    }
}

/// The rules of a policy, those that fail first.
fn rules(text: &str) -> Vec<&'static str> {
    let module = parse(text, Dialect::V1).expect("the library parses");
    let has = |name: &&str| {
        module.rules.iter().any(|rule| {
            let first = rule.head.path.first().map(|step| &step.term.kind);
            matches!(first, Some(TermKind::String(found)) if **found == **name)
        })
    };
    ["deny", "warn"].into_iter().filter(has).collect()
}

/// The kind of a policy's constraints: `KpolicyImagesMutableTag`.
fn kind(id: &str) -> String {
    let words = id.trim_start_matches("kubernetes/").split(['/', '_']);
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        first.to_uppercase() + rest
    };
    std::iter::once("Kpolicy".to_owned())
        .chain(words.map(capital))
        .collect()
}

/// The kinds of objects that a constraint is for.
fn kinds(named: &[String], workloads: &Workloads) -> Json {
    if named.is_empty() || named.iter().any(|kind| kind == ANY_KIND) {
        return json!([{"apiGroups": ["*"], "kinds": ["*"]}]);
    }
    let mut all: Vec<&str> = Vec::new();
    for kind in named {
        match kind.as_str() {
            // A kind is named with its group where another group has one of the same name.
            WORKLOADS => {
                let known = workloads.kinds().map(|kind| kind.split('.').next().unwrap_or(kind));
                all.extend(known.chain(["Pod"]));
            }
            kind => all.push(kind),
        }
    }
    all.sort_unstable();
    all.dedup();
    json!([{"apiGroups": ["*"], "kinds": all}])
}

/// The parameters of the policy in `data.params`, and the kinds that create pods.
fn parameters(policy: &Policy, data: &Value) -> Json {
    let params = data.field("params");
    let mut found = serde_json::Map::new();
    for path in [policy.params_path(), vec!["kubernetes", "pod_templates"]] {
        let given = path.iter().try_fold(params, |at, key| Some(at?.field(key)));
        let Some(given) = given.flatten() else { continue };
        let [area, rule] = path.as_slice() else { continue };
        let area = found.entry((*area).to_owned()).or_insert_with(|| json!({}));
        area[*rule] = given.to_json();
    }
    Json::Object(found)
}

/// A module of the library with its package and what it refers to below `lib`, and the parameters of the constraint for
/// those of the settings.
fn below_lib(text: &str) -> String {
    let module = parse(text, Dialect::V1).expect("the library parses");
    let mut edits = edits(text, &module);
    edits.sort_unstable();
    edits.dedup();
    let mut changed = String::new();
    let mut last = 0;
    for (at, from, to) in edits {
        changed.push_str(&text[last..at]);
        changed.push_str(to);
        last = at + from.len();
    }
    changed.push_str(&text[last..]);
    changed
}

/// Where a name is, what it is, and what it becomes.
type Edit = (usize, &'static str, &'static str);

fn edits(text: &str, module: &Module) -> Vec<Edit> {
    let mut found: Vec<Edit> = Vec::new();
    let mut note = |start: u32, end: u32, from: &'static str, to: &'static str| {
        let within = text.get(start as usize..end as usize).and_then(|part| part.find(from));
        found.extend(within.map(|at| (start as usize + at, from, to)));
    };
    let package = module.package.span;
    note(package.start, package.end, "kpolicy", "lib.kpolicy");
    for import in &module.imports {
        note(import.span.start, import.span.end, "data.kpolicy", "data.lib.kpolicy");
    }
    visit::walk_module(module, &mut |node| {
        if let Node::Term(term) = node
            && let TermKind::Ref { head, .. } = &term.kind
            && matches!(&head.kind, TermKind::Var(name) if &**name == "data")
        {
            let (start, end) = (head.span.start, term.span.end);
            let written = text.get(start as usize..end as usize).unwrap_or_default();
            if written.starts_with("data.params") {
                note(start, end, "data.params", "input.parameters");
            }
        }
        true
    });
    found
}

/// Writes a field with a value in JSON, which is YAML too; an object field by field.
fn field(out: &mut String, indent: usize, name: &str, value: &Json) {
    let name = match name.contains('/') {
        true => json!(name).to_string(),
        false => name.to_owned(),
    };
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            writeln!(out, "{:indent$}{name}:", "").expect("a string takes it");
            for (name, value) in fields {
                field(out, indent + 2, name, value);
            }
        }
        value => writeln!(out, "{:indent$}{name}: {value}", "").expect("a string takes it"),
    }
}

/// Writes a text as a block.
fn block(out: &mut String, indent: usize, start: &str, text: &str) {
    writeln!(out, "{:indent$}{start}", "").expect("a string takes it");
    for line in text.lines() {
        match line.trim_end() {
            "" => out.push('\n'),
            line => writeln!(out, "{:width$}{line}", "", width = indent + 2).expect("a string takes it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{below_lib, kind};
    use crate::gatekeeper::references::{foreign_data, unnamed_libraries};
    use crate::policy::library;
    use kpolicy_rego::Dialect;
    use kpolicy_rego::syntax::parse;

    #[test]
    fn no_module_of_the_library_refers_to_what_gatekeeper_does_not_find() {
        for module in library::modules() {
            let is_for_others = ["docker/", "terraform/"]
                .iter()
                .any(|area| module.path.starts_with(area));
            // What reads other files is not exported.
            let reads_others = ["data.inventory", "data.terraform_configuration"];
            if is_for_others || reads_others.iter().any(|read| module.text.contains(read)) {
                continue;
            }
            let moved = parse(&below_lib(module.text), Dialect::V1).expect("it parses");
            assert_eq!(foreign_data(&moved), [], "{}", module.path);
            assert_eq!(unnamed_libraries(&moved), [], "{}", module.path);
        }
    }

    #[test]
    fn names_move_below_lib_and_parameters_to_the_input() {
        let text = "package kpolicy.kubernetes.a.b\n\nimport data.kpolicy.lib.x\n\nwanted := data.params.a.b.c\n\n# data.params stay here\ndeny contains x.f(1) if input.params.a\n";
        let moved = below_lib(text);
        assert_eq!(
            moved,
            "package lib.kpolicy.kubernetes.a.b\n\nimport data.lib.kpolicy.lib.x\n\nwanted := input.parameters.a.b.c\n\n# data.params stay here\ndeny contains x.f(1) if input.params.a\n"
        );
    }

    #[test]
    fn a_kind_is_named_after_the_policy() {
        assert_eq!(kind("kubernetes/images/mutable_tag"), "KpolicyImagesMutableTag");
    }
}
