//! What is known of the cluster that objects are applied to: Namespaces, scopes of kinds, objects that are there.

use crate::inventory::Scopes;
use kpolicy_value::Value;

use super::matching::Wildcard;
use super::review::Operation;
use super::schema::put;

/// How objects are applied.
#[derive(Clone, Debug)]
pub struct Applying {
    /// What is asked of the webhook.
    pub operation: Operation,
    /// The namespace of an object that is in one and does not say which. Where there is nothing, whether an object is in
    /// a namespace is what it says, whatever its kind.
    pub namespace: Option<String>,
    /// Whether what `gator test` does counts, where that is not what the webhook does: an object without a namespace has
    /// an empty Namespace, only the Namespace `default` is known without being given, templates see no Namespace, lists
    /// are not opened, and no namespace is left alone.
    pub gator: bool,
}

impl Default for Applying {
    fn default() -> Self {
        Self {
            operation: Operation::Create,
            namespace: Some("default".to_owned()),
            gator: false,
        }
    }
}

/// The cluster, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    applying: Applying,
    /// The objects, in the shape of `data.inventory`.
    inventory: Option<Value>,
    /// Those that are there before any of the files is applied, in the same shape.
    before: Option<Value>,
    scopes: Scopes,
    excluded: Vec<Wildcard>,
}

impl Cluster {
    /// The cluster that holds these objects, where objects are applied in this way. Namespaces that fit one of
    /// `excluded` are none of Gatekeeper's business.
    pub fn new(applying: Applying, inventory: Option<&Value>, excluded: Vec<Wildcard>) -> Self {
        let own = |inventory: &Value| {
            let part = |name: &str| Some((name.into(), inventory.field(name)?.clone()));
            Value::object(["namespace", "cluster"].into_iter().filter_map(part).collect())
        };
        let inventory = inventory.map(own);
        Self {
            scopes: inventory.as_ref().map(Scopes::of_inventory).unwrap_or_default(),
            inventory,
            before: None,
            applying,
            excluded,
        }
    }

    /// The cluster with what is there before any of the files is applied.
    #[must_use]
    pub fn with_state(self, before: Option<Value>) -> Self {
        Self { before, ..self }
    }

    /// What is asked of the webhook.
    pub fn operation(&self) -> Operation {
        self.applying.operation
    }

    /// `data.inventory` of templates.
    pub fn inventory(&self) -> Value {
        self.inventory.clone().unwrap_or_else(|| Value::object(Vec::new()))
    }

    /// Whether objects of a kind are in no namespace.
    pub fn is_cluster(&self, kind: &str, api_version: &str) -> bool {
        self.scopes.is_cluster(kind, Some(api_version))
    }

    /// An object with its namespace, where it does not say it, and that namespace; nothing for an object of the whole
    /// cluster.
    pub fn placed(&self, object: Value, kind: &str, api_version: &str) -> (Value, Option<String>) {
        let metadata = object.field("metadata");
        let own = metadata.and_then(|metadata| metadata.field("namespace")?.as_str());
        let own = own.filter(|namespace| !namespace.is_empty());
        let own = own.map(str::to_owned);
        if self.applying.gator {
            return (object, Some(own.unwrap_or_default()));
        }
        let Some(namespace) = &self.applying.namespace else {
            return (object, own);
        };
        if self.is_cluster(kind, api_version) {
            return (object, None);
        }
        if own.is_some() {
            return (object, own);
        }
        let empty = Value::object(Vec::new());
        let metadata = put(metadata.unwrap_or(&empty), "namespace", namespace.as_str().into());
        (put(&object, "metadata", metadata), Some(namespace.clone()))
    }

    /// Whether nothing is known of kinds and namespaces, as in tests of templates: an object may be without a version.
    pub fn is_unknown(&self) -> bool {
        self.applying.namespace.is_none()
    }

    /// Whether what `gator test` does counts.
    pub fn is_gator(&self) -> bool {
        self.applying.gator
    }

    /// The Namespace of a name.
    pub fn namespace(&self, name: &str) -> Option<Value> {
        let keys = ["cluster", "v1", "Namespace", name];
        let inventory = self.inventory.as_ref();
        let found = inventory.and_then(|inventory| keys.iter().try_fold(inventory, |value, key| value.field(key)));
        let is_known = self.applying.gator && matches!(name, "" | "default");
        found.cloned().or_else(|| is_known.then(|| Value::object(Vec::new())))
    }

    /// The object of the same kind and name that is there before.
    pub fn present(&self, object: &Value, namespace: Option<&str>) -> Option<Value> {
        let text = |keys: &[&str]| keys.iter().try_fold(object, |value, key| value.field(key))?.as_str();
        let (api_version, kind, name) = (text(&["apiVersion"])?, text(&["kind"])?, text(&["metadata", "name"])?);
        let keys = match namespace {
            Some(namespace) => vec!["namespace", namespace, api_version, kind, name],
            None => vec!["cluster", api_version, kind, name],
        };
        keys.into_iter()
            .try_fold(self.before.as_ref()?, |value, key| value.field(key))
            .cloned()
    }

    /// Whether Gatekeeper leaves objects of a namespace alone.
    pub fn excludes(&self, namespace: &str) -> bool {
        !self.applying.gator && self.excluded.iter().any(|excluded| excluded.matches(namespace))
    }
}
