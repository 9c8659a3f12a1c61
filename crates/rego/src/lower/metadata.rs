//! The annotations of rules by what they are about; and what `rego.metadata.chain` and `rego.metadata.rule` give: those of the
//! rule that calls them, put in the place of the call.
//!
//! Follows OPA v1.22 ast/compile.go: rewriteRegoMetadataCalls, and ast/annotations.go: Chain.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::Callee;
use crate::syntax::parse_term;
use crate::syntax::tree::{Annotations, Module, Rule, Scope, Step, TermKind};
use crate::text::to_rego_text;
use kpolicy_value::Value;

/// The annotations of all modules, by what they are about.
pub(crate) struct Metadata<'a> {
    modules: &'a [Module],
    packages: BTreeMap<&'a [Arc<str>], &'a Annotations>,
    /// Those of documents, and of packages with all below them.
    paths: BTreeMap<Vec<Value>, &'a Annotations>,
}

/// A rule whose annotations are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    pub(crate) module: usize,
    /// Its place in the module.
    pub(crate) rule: usize,
    /// Whether an `else` of it asks: a rule of its own to OPA, which no annotation describes.
    pub(crate) is_else: bool,
}

impl<'a> Metadata<'a> {
    pub(crate) fn of(modules: &'a [Module]) -> Self {
        let (mut packages, mut paths) = (BTreeMap::new(), BTreeMap::new());
        for module in modules {
            for annotations in &module.annotations {
                match annotations.scope {
                    Scope::Package => _ = packages.insert(&*module.package.path, annotations),
                    Scope::Subpackages => _ = paths.insert(package_path(module), annotations),
                    Scope::Document => {
                        if let Some(rule) = annotations.rule.and_then(|rule| module.rules.get(rule)) {
                            paths.insert(rule_path(module, rule), annotations);
                        }
                    }
                    Scope::Rule => {}
                }
            }
        }
        Self {
            modules,
            packages,
            paths,
        }
    }

    /// What a call gives, if it is one of metadata.
    pub(super) fn value(&self, callee: &Callee, asking: Asking) -> Option<Value> {
        let Callee::Builtin(builtin) = callee else { return None };
        match builtin.name {
            "rego.metadata.rule" => Some(self.own(asking).first().map_or_else(empty, |own| described(own))),
            "rego.metadata.chain" => Some(self.chain(asking)),
            _ => None,
        }
    }

    /// The annotations that are about a rule, from the widest on: those of the packages around it, its own package's, the
    /// document's, and its own.
    ///
    /// Follows OPA v1.22 ast/check.go: getRuleAnnotation
    pub(crate) fn around(&self, asking: Asking) -> Vec<&'a Annotations> {
        let module = &self.modules[asking.module];
        let package = package_path(module);
        let packages = (1..=package.len()).filter_map(|end| self.paths.get(&package[..end]));
        let own_package = self.packages.get(&*module.package.path);
        let document = self.paths.get(&rule_path(module, &module.rules[asking.rule]));
        let wide = packages.chain(own_package).chain(document).copied();
        wide.chain(self.own(asking)).collect()
    }

    /// The annotations of the clause itself, from the first line on.
    fn own(&self, asking: Asking) -> Vec<&'a Annotations> {
        let is_own = |annotations: &&Annotations| {
            annotations.scope == Scope::Rule && annotations.rule == Some(asking.rule) && !asking.is_else
        };
        self.modules[asking.module].annotations.iter().filter(is_own).collect()
    }

    fn chain(&self, asking: Asking) -> Value {
        let module = &self.modules[asking.module];
        let (package, path) = (package_path(module), rule_path(module, &module.rules[asking.rule]));
        let own = self.own(asking);
        let mut links: Vec<Value> = own.iter().rev().map(|own| link(&path, Some(own))).collect();
        if links.is_empty() {
            links.push(link(&path, None));
        }
        links.extend(self.paths.get(&path).map(|document| link(&path, Some(document))));
        let of_package = self.packages.get(&*module.package.path);
        links.extend(of_package.map(|annotations| link(&package, Some(annotations))));
        for end in (1..=package.len()).rev() {
            let above = &package[..end];
            links.extend(self.paths.get(above).map(|annotations| link(above, Some(annotations))));
        }
        Value::array(links)
    }
}

fn package_path(module: &Module) -> Vec<Value> {
    module.package.path.iter().cloned().map(Value::string).collect()
}

/// The path of a rule up to the first step that is not a constant.
fn rule_path(module: &Module, rule: &Rule) -> Vec<Value> {
    let steps = rule.head.path.iter().map_while(constant);
    package_path(module).into_iter().chain(steps).collect()
}

fn link(path: &[Value], annotations: Option<&Annotations>) -> Value {
    let path = ("path".into(), Value::array(path.to_vec()));
    let annotations = annotations.map(|annotations| ("annotations".into(), described(annotations)));
    Value::object([path].into_iter().chain(annotations).collect())
}

fn empty() -> Value {
    Value::object(Vec::new())
}

/// Annotations as OPA gives them to policies: lists in the long form, and no field that is empty.
///
/// Follows OPA v1.22 ast/annotations.go: Annotations.toTerm.
fn described(annotations: &Annotations) -> Value {
    let scope = match annotations.scope {
        Scope::Rule => "rule",
        Scope::Document => "document",
        Scope::Package => "package",
        Scope::Subpackages => "subpackages",
    };
    let fields = annotations.fields.as_object();
    let fields = fields.into_iter().flat_map(|fields| fields.iter());
    let known = fields.filter_map(|(name, value)| Some((name.clone(), field(name.as_str()?, value)?)));
    Value::object(known.chain([("scope".into(), scope.into())]).collect())
}

fn field(name: &str, value: &Value) -> Option<Value> {
    let listed = |of: fn(&Value) -> Value| {
        let items = value.as_array().filter(|items| !items.is_empty())?;
        Some(Value::array(items.iter().map(of).collect()))
    };
    match name {
        "title" | "description" => Some(text(value)).filter(|text| text.as_str() != Some("")),
        "entrypoint" => (*value == Value::Bool(true)).then(|| value.clone()),
        "organizations" => listed(text),
        "related_resources" => listed(resource),
        "authors" => listed(author),
        "schemas" => listed(schema),
        "custom" | "labels" => (!value.as_object()?.is_empty()).then(|| value.clone()),
        _ => None,
    }
}

/// A scalar as the text that YAML gives for a string.
fn text(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        Value::Null => "".into(),
        other => other.to_json().to_string().as_str().into(),
    }
}

fn resource(item: &Value) -> Value {
    match item {
        Value::Object(_) => trimmed(item, ["description", "ref"]),
        other => Value::object(vec![("ref".into(), other.clone())]),
    }
}

/// Follows OPA v1.22 ast/parser.go: parseAuthorString.
fn author(item: &Value) -> Value {
    let Some(written) = item.as_str() else {
        return trimmed(item, ["email", "name"]);
    };
    let mut names: Vec<&str> = written.split_whitespace().collect();
    let email = names.last().and_then(|last| last.strip_prefix('<')?.strip_suffix('>'));
    if email.is_some() {
        names.pop();
    }
    let name = names.join(" ");
    let fields = [("email", email.unwrap_or_default()), ("name", name.as_str())];
    let fields = fields.into_iter().filter(|(_, text)| !text.is_empty());
    Value::object(fields.map(|(key, text)| (key.into(), text.into())).collect())
}

/// A path of the input or the data, and the schema that it has.
fn schema(item: &Value) -> Value {
    let entry = item.as_object().and_then(|object| object.iter().next());
    let Some((path, schema)) = entry else { return empty() };
    let steps = |text: &Value| Value::array(text.as_str().map(path_of).unwrap_or_default());
    let schema = match schema {
        Value::String(_) => ("schema".into(), steps(schema)),
        definition => ("definition".into(), definition.clone()),
    };
    Value::object(vec![("path".into(), steps(path)), schema])
}

/// The steps of a reference that is written as a string: its first name too.
fn path_of(text: &str) -> Vec<Value> {
    let Some(term) = parse_term(text) else {
        return Vec::new();
    };
    match &term.kind {
        TermKind::Var(name) => vec![Value::string(name.clone())],
        TermKind::Ref { head, steps } => {
            let first = match &head.kind {
                TermKind::Var(name) => Some(Value::string(name.clone())),
                _ => None,
            };
            first.into_iter().chain(steps.iter().map_while(constant)).collect()
        }
        _ => Vec::new(),
    }
}

/// A step that is a scalar, as a string.
///
/// Follows OPA v1.22 ast/term.go: Ref.toArray.
fn constant(step: &Step) -> Option<Value> {
    let value = match &step.term.kind {
        TermKind::Null => Value::Null,
        TermKind::Bool(value) => Value::Bool(*value),
        TermKind::Number(number) => Value::Number(number.clone()),
        TermKind::String(text) => return Some(Value::string(text.clone())),
        _ => return None,
    };
    Some(to_rego_text(&value).as_str().into())
}

/// The fields of an object that are strings with something in them.
fn trimmed(item: &Value, names: [&str; 2]) -> Value {
    let field = |name: &&str| item.field(name).and_then(Value::as_str).map(str::trim);
    let entries = names.iter().filter_map(|name| Some((Value::from(*name), field(name)?)));
    let entries = entries.filter(|(_, text)| !text.is_empty());
    Value::object(entries.map(|(key, text)| (key, text.into())).collect())
}

#[cfg(test)]
mod tests {
    use crate::eval::Settings;
    use crate::program::{Options, Program, Source};
    use crate::syntax::tree::Dialect;
    use kpolicy_value::Value;

    const ABOVE: &str = "# METADATA\n# scope: subpackages\n# title: Above\npackage a\n";

    fn compile(texts: &[&str]) -> Result<Program, String> {
        let dialect = Dialect::V1;
        let sources: Vec<Source> = texts.iter().map(|text| Source { text, dialect }).collect();
        Program::compile(&sources, Options::default()).map_err(|errors| errors.to_string())
    }

    /// What `opa eval -d . data.a.b` gives is in annotated.json.
    #[test]
    fn annotations_are_those_of_opa() {
        let program = compile(&[include_str!("metadata/annotated.rego"), ABOVE]).expect("it is valid");
        let mut evaluation = program.evaluation(Value::object(Vec::new()), Settings::default());
        let got = evaluation
            .evaluate(&["a", "b"])
            .expect("nothing fails")
            .expect("it is defined");
        let want: serde_json::Value =
            serde_json::from_str(include_str!("metadata/annotated.json")).expect("it is JSON");
        let got = got.to_json();
        for (name, want) in want.as_object().expect("it is an object") {
            assert_eq!(
                got[name].to_string(),
                Value::from_json(want).to_json().to_string(),
                "{name}"
            );
        }
    }

    #[test]
    fn types_are_those_of_the_annotations() {
        let of_rule = |body: &str| compile(&[&format!("package p\n\nx if {body}\n")]);
        let error = of_rule("rego.metadata.rule().title").expect_err("it has no title");
        assert!(error.contains("undefined ref"), "{error}");
        assert!(of_rule("rego.metadata.chain()[0].path[0] == \"p\"").is_ok());
        let error = of_rule("true with rego.metadata.rule as 1").expect_err("it cannot be replaced");
        assert!(
            error.contains("replacement of \"rego.metadata.rule\" invalid"),
            "{error}"
        );
    }
}
