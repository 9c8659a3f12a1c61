//! `spec.match` of a constraint: which objects it is for.
//!
//! Follows gatekeeper v3.23 pkg/mutation/match/match.go: Matches.

use kpolicy_value::Value;

use super::labels::Selector;

/// Which objects a constraint is for. A part that is absent is for all.
#[derive(Clone, Debug, Default)]
pub struct Match {
    kinds: Vec<Kinds>,
    scope: Option<Scope>,
    namespaces: Vec<Wildcard>,
    excluded_namespaces: Vec<Wildcard>,
    labels: Option<Selector>,
    namespace_labels: Option<Selector>,
    name: Option<Wildcard>,
    source: Option<Source>,
}

/// Groups and kinds; no entry means any.
#[derive(Clone, Debug)]
struct Kinds {
    groups: Vec<String>,
    kinds: Vec<String>,
}

/// Whether objects are in a namespace. Any other word is for all objects, as in Gatekeeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Cluster,
    Namespaced,
}

/// Where an object comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is the one that was given.
    Original,
    /// It was expanded from one.
    Generated,
}

/// A name with `*` at its start, its end or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard(String);

/// An object, and what is known of its namespace.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The object.
    pub object: &'a Value,
    /// Its API group.
    pub group: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace; nothing for an object of the whole cluster.
    pub namespace: Option<&'a str>,
    /// The Namespace, where it is known.
    pub namespace_object: Option<&'a Value>,
    /// Where it comes from.
    pub source: Source,
}

/// Why it cannot be said whether a constraint is for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The labels of its Namespace decide, and the Namespace is not known.
    Namespace,
}

impl Candidate<'_> {
    /// Whether it is a Namespace.
    pub fn is_namespace(&self) -> bool {
        self.kind == "Namespace" && self.group.is_empty()
    }

    fn metadata(&self, field: &str) -> &str {
        let metadata = self.object.field("metadata");
        let text = metadata.and_then(|metadata| metadata.field(field)?.as_str());
        text.unwrap_or_default()
    }

    /// The namespace that names of namespaces are compared with: a Namespace's own name.
    fn own_namespace(&self) -> Option<&str> {
        if self.is_namespace() {
            Some(self.metadata("name"))
        } else {
            self.namespace
        }
    }
}

impl Match {
    /// What `spec.match` says; or the keys to what is wrong there, and what it is.
    pub fn of(given: Option<&Value>) -> Result<Self, (Vec<Value>, String)> {
        let Some(given) = given else {
            return Ok(Self::default());
        };
        let text = |name: &str| given.field(name).and_then(Value::as_str);
        let selector = |name: &str| {
            let selector = given.field(name).map(Selector::of).transpose();
            selector.map_err(|(path, message)| ([vec![name.into()], path].concat(), message))
        };
        Ok(Self {
            kinds: given
                .field("kinds")
                .and_then(Value::as_array)
                .unwrap_or_default()
                .iter()
                .map(Kinds::of)
                .collect(),
            scope: match text("scope") {
                Some("Cluster") => Some(Scope::Cluster),
                Some("Namespaced") => Some(Scope::Namespaced),
                _ => None,
            },
            namespaces: wildcards(given, "namespaces"),
            excluded_namespaces: wildcards(given, "excludedNamespaces"),
            labels: selector("labelSelector")?,
            namespace_labels: selector("namespaceSelector")?,
            name: text("name").filter(|name| !name.is_empty()).map(Wildcard::of),
            source: match text("source") {
                Some("Original") => Some(Source::Original),
                Some("Generated") => Some(Source::Generated),
                _ => None,
            },
        })
    }

    /// Whether it asks for more than the object: its Namespace, or whether its kind is in a namespace at all.
    pub fn asks_for_set(&self) -> bool {
        self.namespace_labels.is_some() || self.scope.is_some()
    }

    /// Whether it is for an object of these kinds at all, whatever else it says.
    pub fn is_for_kind(&self, group: &str, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kinds| kinds.has(group, kind))
    }

    /// Whether it is for an object.
    ///
    /// # Errors
    /// Where that cannot be said.
    pub fn is_for(&self, candidate: &Candidate) -> Result<bool, Unknown> {
        let holds = self.is_for_kind(candidate.group, candidate.kind)
            && self.has_scope(candidate)
            && self.has_namespace(candidate)
            && self
                .labels
                .as_ref()
                .is_none_or(|labels| labels.selects(labels_of(candidate.object)));
        if !holds || !self.has_namespace_labels(candidate)? {
            return Ok(false);
        }
        Ok(self.has_name(candidate) && self.source.is_none_or(|source| source == candidate.source))
    }

    fn has_scope(&self, candidate: &Candidate) -> bool {
        let is_cluster = candidate.is_namespace() || candidate.namespace.is_none();
        match self.scope {
            None => true,
            Some(Scope::Cluster) => is_cluster,
            Some(Scope::Namespaced) => !is_cluster,
        }
    }

    /// Objects of the whole cluster are in every list of namespaces, and none of those that are excluded.
    fn has_namespace(&self, candidate: &Candidate) -> bool {
        let Some(namespace) = candidate.own_namespace() else {
            return true;
        };
        let is_one = |names: &[Wildcard]| names.iter().any(|name| name.matches(namespace));
        (self.namespaces.is_empty() || is_one(&self.namespaces)) && !is_one(&self.excluded_namespaces)
    }

    fn has_namespace_labels(&self, candidate: &Candidate) -> Result<bool, Unknown> {
        let Some(selector) = &self.namespace_labels else {
            return Ok(true);
        };
        if candidate.is_namespace() {
            return Ok(selector.selects(labels_of(candidate.object)));
        }
        if candidate.namespace.is_none() {
            return Ok(true);
        }
        let namespace = candidate.namespace_object.ok_or(Unknown::Namespace)?;
        Ok(selector.selects(labels_of(namespace)))
    }

    fn has_name(&self, candidate: &Candidate) -> bool {
        self.name.as_ref().is_none_or(|name| {
            name.matches(candidate.metadata("name")) || name.matches_start(candidate.metadata("generateName"))
        })
    }

    /// What it says, in a few words each; nothing where it is for every object.
    pub fn described(&self) -> Vec<String> {
        let kinds = self.kinds.iter().map(Kinds::described).collect::<Vec<_>>();
        let names = |all: &[Wildcard]| all.iter().map(|name| name.0.as_str()).collect::<Vec<_>>().join(", ");
        let listed = |word: &str, text: String| (!text.is_empty()).then(|| format!("{word} {text}"));
        let scope = self.scope.map(|scope| match scope {
            Scope::Cluster => "scope Cluster".to_owned(),
            Scope::Namespaced => "scope Namespaced".to_owned(),
        });
        let selector = |word: &str, selector: &Option<Selector>| {
            selector
                .as_ref()
                .map(|selector| format!("{word} {}", selector.described()))
        };
        let source = self.source.map(|source| format!("source {source:?}"));
        let said = [
            listed("kinds", kinds.join(", ")),
            scope,
            listed("namespaces", names(&self.namespaces)),
            listed("excluded namespaces", names(&self.excluded_namespaces)),
            selector("labels", &self.labels),
            selector("namespace labels", &self.namespace_labels),
            self.name.as_ref().map(|name| format!("name {}", name.0)),
            source,
        ];
        said.into_iter().flatten().collect()
    }
}

impl Kinds {
    fn of(value: &Value) -> Self {
        Self {
            groups: texts(value, "apiGroups"),
            kinds: texts(value, "kinds"),
        }
    }

    fn has(&self, group: &str, kind: &str) -> bool {
        let is_one =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == "*" || known == name);
        is_one(&self.kinds, kind) && is_one(&self.groups, group)
    }

    fn described(&self) -> String {
        let kinds = match self.kinds.is_empty() {
            true => "*".to_owned(),
            false => self.kinds.join("|"),
        };
        let groups: Vec<&str> = self
            .groups
            .iter()
            .map(|group| if group.is_empty() { "core" } else { group })
            .collect();
        match groups.as_slice() {
            [] | ["*"] => kinds,
            groups => format!("{kinds} ({})", groups.join("|")),
        }
    }
}

/// The texts in a field that is a list.
pub fn texts(value: &Value, field: &str) -> Vec<String> {
    let items = value.field(field).and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn wildcards(value: &Value, field: &str) -> Vec<Wildcard> {
    texts(value, field).iter().map(|text| Wildcard::of(text)).collect()
}

fn labels_of(object: &Value) -> Option<&Value> {
    object.field("metadata")?.field("labels")
}

impl Wildcard {
    /// The wildcard that a text is.
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Follows gatekeeper v3.23 pkg/wildcard/wildcard.go: Matches.
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, start, end) = self.parts();
        match (start, end) {
            (true, true) => name.contains(pattern),
            (true, false) => name.ends_with(pattern),
            (false, true) => name.starts_with(pattern),
            (false, false) => name == pattern,
        }
    }

    /// Whether it matches every name that starts like this.
    ///
    /// Follows gatekeeper v3.23 pkg/wildcard/wildcard.go: MatchesGenerateName.
    fn matches_start(&self, start_of_name: &str) -> bool {
        let (pattern, start, end) = self.parts();
        match (start, end) {
            (true, true) => start_of_name.contains(pattern),
            (false, true) => start_of_name.starts_with(pattern),
            (_, false) => false,
        }
    }

    /// The text between the asterisks, and whether there is one at the start and at the end.
    fn parts(&self) -> (&str, bool, bool) {
        let text = self.0.as_str();
        let (start, end) = (text.starts_with('*'), text.ends_with('*'));
        let inner = text.strip_prefix('*').unwrap_or(text);
        (inner.strip_suffix('*').unwrap_or(inner), start, end)
    }
}
