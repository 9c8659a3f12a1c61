//! A rule to run: what its module and METADATA say of it, and which documents it is for.

use super::module::{Parsed, Shape, address, name, shape};
use super::{check, library};
use crate::finding::{Kind, RuleInfo, Severity};
use crate::subject::Subject;
use kpolicy_parse::Format;
use kpolicy_value::Value;

/// A rule to run.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its package, without `data.`.
    pub namespace: String,
    /// Its name in the package.
    pub name: String,
    /// Which sort of rule it is.
    pub kind: Kind,
    /// How many clauses it has.
    pub clauses: usize,
    /// Its id in reports.
    pub id: String,
    /// How much its findings matter.
    pub severity: Severity,
    /// What else it says of itself.
    pub info: RuleInfo,
    /// Where its first clause stands: the module's path, line and column.
    pub place: Option<(String, usize, usize)>,
    /// Whether its module comes with the binary.
    pub embedded: bool,
    /// The kinds of Kubernetes objects it is for, or a word for several (see [`Subject`]); empty for any document.
    pub kinds: Vec<String>,
    /// The kinds of documents that its conditions on `input.kind` leave; nothing where it has none.
    pub conditions: Option<Vec<String>>,
    /// The formats it is run on; empty for any.
    pub formats: Vec<Format>,
    /// Whether it reads the whole set, so that what it finds in a file depends on the others.
    pub reads_inventory: bool,
    /// Whether it reads `data.terraform_configuration`, which nobody has given.
    pub reads_configuration: bool,
}

impl Rule {
    /// Whether what it finds in a file depends on other files.
    pub fn depends_on_others(&self) -> bool {
        self.reads_inventory || self.reads_configuration
    }

    /// The path that the engine evaluates.
    pub fn query(&self) -> String {
        format!("data.{}.{}", self.namespace, self.name)
    }

    /// Whether it is one of the library's, also where its files are named with `--policy`.
    pub fn is_of_library(&self) -> bool {
        self.embedded || library::is_policy(&self.id)
    }

    /// Whether it is run on documents of a format. Comments make no other format of JSON.
    pub fn is_for_format(&self, format: Format) -> bool {
        // Jsonnet and CUE are evaluated to the same objects: a pod is a pod in them.
        let written_out = match format {
            Format::Jsonc | Format::Jsonnet | Format::Cue => Format::Json,
            other => other,
        };
        self.formats.is_empty() || [format, written_out].iter().any(|known| self.formats.contains(known))
    }

    /// The steps of its path from `data` on.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        self.namespace.split('.').chain([self.name.as_str()])
    }

    /// Whether a document of this subject is one that it is for.
    pub fn is_for(&self, subject: &Subject) -> bool {
        subject.is_one_of(&self.kinds)
    }

    /// Whether its conditions on `input.kind` let it find anything in a document of this subject.
    pub fn can_match(&self, subject: &Subject) -> bool {
        let is_left = |kinds: &Vec<String>| subject.own_kind.is_some_and(|own| kinds.iter().any(|kind| kind == own));
        self.is_for(subject) && self.conditions.as_ref().is_none_or(is_left)
    }

    /// Whether it is a user's own and names a kind of objects in METADATA.
    pub fn names_kind(&self, kind: &str) -> bool {
        !self.is_of_library() && self.kinds.iter().any(|known| known == kind)
    }

    fn new(parsed: &[Parsed], module: &Parsed, at: usize, name: &str, kind: Kind) -> Self {
        let head = &module.tree.rules[at].head;
        let (row, column) = module.lines().position(head.span.start as usize);
        let field = |key: &str| module.annotations(at).find_map(|said| said.field(key).cloned());
        let said = |key: &str| {
            let custom = |annotations: &'_ Value| annotations.field("custom")?.field(key).cloned();
            module.annotations(at).find_map(custom)
        };
        let default = if kind.fails() { Severity::High } else { Severity::Medium };
        let package = &module.tree.package.path;
        let id = match library::id(package) {
            Some(id) => id,
            None => format!("{}/{name}", package.join("/")),
        };
        let severity = said("severity")
            .as_ref()
            .and_then(Value::as_str)
            .and_then(Severity::of_name);
        Self {
            namespace: module.namespace(),
            name: name.to_owned(),
            kind,
            clauses: 1,
            id,
            severity: severity.unwrap_or(default),
            info: RuleInfo {
                title: field("title").as_ref().and_then(trimmed),
                description: field("description").as_ref().and_then(trimmed),
                remediation: said("remediation").as_ref().and_then(trimmed),
                links: field("related_resources").as_ref().map(links).unwrap_or_default(),
                severity: None,
                advises: false,
            },
            place: Some((module.file.path.clone(), row, column)),
            embedded: module.file.embedded,
            kinds: kinds(parsed, module, at),
            conditions: None,
            formats: match library::id(package) {
                Some(_) => said("formats").as_ref().map(formats).unwrap_or_default(),
                None => Vec::new(),
            },
            reads_inventory: false,
            reads_configuration: false,
        }
    }

    /// Counts one more clause: the rule is for what any of them is for. What only one of several clauses says of itself is not said of the rule, since the
    /// clause that a result came from is not known.
    fn merge(&mut self, parsed: &[Parsed], module: &Parsed, at: usize) {
        self.clauses += 1;
        match kinds(parsed, module, at) {
            further if further.is_empty() || self.kinds.is_empty() => self.kinds.clear(),
            further => self.kinds.extend(further),
        }
        self.kinds.sort();
        self.kinds.dedup();
        let own = module
            .annotations(at)
            .find_map(|annotations| annotations.field("custom")?.field("remediation"))
            .and_then(trimmed);
        if own.is_some() && own != self.info.remediation {
            self.info.remediation = None;
        }
    }
}

/// Every rule of the modules, its clauses counted together; by namespace, and there as they are written.
pub(super) fn rules(parsed: &[Parsed]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for module in parsed.iter().filter(|module| !module.file.is_test()) {
        let namespace = module.namespace();
        for (at, clause) in module.tree.rules.iter().enumerate() {
            let Some(name) = name(&clause.head) else { continue };
            let Some(kind) = check::kind_of(name).filter(|_| shape(&clause.head) != Shape::Function) else {
                continue;
            };
            match rules
                .iter_mut()
                .find(|rule| rule.namespace == namespace && rule.name == *name)
            {
                Some(rule) => rule.merge(parsed, module, at),
                None => rules.push(Rule::new(parsed, module, at, name, kind)),
            }
        }
    }
    rules.sort_by(|a, b| a.namespace.cmp(&b.namespace));
    rules
}

/// The kinds that a clause is for by its METADATA, or else by its package's, in whichever of its modules that stands, or
/// else by that of the packages above.
fn kinds(parsed: &[Parsed], module: &Parsed, at: usize) -> Vec<String> {
    let kinds = |annotations: &Value| annotations.field("custom")?.field("kinds").map(texts);
    let package = &module.tree.package.path;
    let own = module.annotations(at).find_map(kinds);
    let of_package = || {
        let mut beside = parsed.iter().filter(|other| other.tree.package.path == *package);
        beside.find_map(|other| other.of_package().find_map(kinds))
    };
    let of_those_above = || {
        let mut ends = (1..package.len()).rev();
        ends.find_map(|end| {
            let mut above = parsed
                .iter()
                .filter(|other| other.tree.package.path[..] == package[..end]);
            above.find_map(|other| other.of_subpackages().find_map(kinds))
        })
    };
    own.or_else(of_package).or_else(of_those_above).unwrap_or_default()
}

fn trimmed(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.trim().to_owned())
}

fn links(value: &Value) -> Vec<String> {
    let items = value.as_array().unwrap_or_default().iter();
    items.filter_map(address).map(str::to_owned).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The formats that a policy of the library says it is for; a test holds it to names of formats.
fn formats(value: &Value) -> Vec<Format> {
    let names = texts(value).into_iter();
    names.filter_map(|name| Format::of_name(&name)).collect()
}
