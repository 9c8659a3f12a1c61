//! `--capabilities`: which builtins and features policies may use, in the format of `opa capabilities`.

use std::path::Path;

use super::module::Parsed;
use crate::finding::Problem;
use crate::problem;
use kpolicy_rego::builtins::Available;
use kpolicy_rego::syntax::tree::{Import, Module, RegoVersion, TermKind};
use kpolicy_rego::syntax::visit::{self, Node};
use kpolicy_rego::{Dialect, Span};
use serde::Deserialize;

/// What a file lists.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Capabilities {
    #[serde(default)]
    builtins: Vec<Named>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    future_keywords: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

/// The keywords of v1 that v0 imports from `future.keywords`.
const V1_KEYWORDS: [&str; 4] = ["contains", "every", "if", "in"];

impl Capabilities {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let wrong = |message: String| {
            let help = "name a file that opa capabilities --current has written";
            vec![problem::of_path(path, &message, help)]
        };
        let text = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        serde_json::from_slice(&text).map_err(|error| wrong(format!("is not a capabilities file: {error}")))
    }

    /// Those of the builtins that policies may call.
    pub(super) fn within(&self, builtins: Available) -> Available {
        builtins.only(self.builtins.iter().map(|builtin| builtin.name.as_str()))
    }

    /// What the user's modules have that the file does not list.
    ///
    /// Follows OPA v1.22 ast/parser.go: Parse, regoV1Import, futureImport and parseTemplateString.
    pub(super) fn unsupported(&self, modules: &[Parsed]) -> Vec<Problem> {
        let of_user = modules.iter().filter(|module| !module.file.embedded);
        let described = of_user.flat_map(|module| {
            let found = self.of_module(&module.tree).into_iter();
            found.map(|(span, message)| {
                let help = "add it to the file of --capabilities, or change the policy";
                module.error(span, format!("rego_parse_error: {message}"), Some(help.to_owned()))
            })
        });
        described.collect()
    }

    fn of_module(&self, module: &Module) -> Vec<(Span, String)> {
        let mut found: Vec<(Span, String)> = module
            .imports
            .iter()
            .filter_map(|import| self.of_import(import))
            .collect();
        let imports_version = module.imports.iter().any(|import| import.rego_version().is_some());
        if module.dialect == Dialect::V1 && !imports_version && !self.has("rego_v1") {
            let message = "the capabilities lack the feature rego_v1, which policies in Rego v1 need";
            found.push((module.package.span, message.to_owned()));
        }
        if !self.has("template_strings") {
            visit::walk_module(module, &mut |node| {
                if let Node::Term(term) = node
                    && matches!(term.kind, TermKind::Template(_))
                {
                    let message = "the capabilities lack the feature template_strings";
                    found.push((term.span, message.to_owned()));
                }
                true
            });
        }
        found
    }

    fn of_import(&self, import: &Import) -> Option<(Span, String)> {
        let lacks = |features: &str| (import.span, format!("the capabilities lack the feature {features}"));
        match import.rego_version() {
            Some(RegoVersion::V1) => {
                let known = ["rego_v1_import", "rego_v1", "rego_v2"];
                return (!known.iter().any(|feature| self.has(feature))).then(|| lacks("rego_v1_import"));
            }
            Some(RegoVersion::V2) => {
                let known = ["rego_v2_import", "rego_v2"];
                return (!known.iter().any(|feature| self.has(feature))).then(|| lacks("rego_v2_import"));
            }
            None => {}
        }
        let [future, keywords, keyword] = &*import.path else {
            return None;
        };
        let is_keyword = (&**future, &**keywords) == ("future", "keywords");
        let is_known = self.future_keywords.iter().any(|known| **known == **keyword)
            || self.has("rego_v1") && V1_KEYWORDS.contains(&&**keyword);
        (is_keyword && !is_known).then(|| (import.span, format!("the capabilities lack the keyword {keyword}")))
    }

    fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|known| known == feature)
    }
}
