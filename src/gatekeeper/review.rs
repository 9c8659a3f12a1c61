//! What a template gets as `input.review`: an object of a document in the shape of an AdmissionRequest, and where the
//! parts of that stand in the document.

use kpolicy_parse::document::Document;
use kpolicy_value::Value;

use super::cluster::Cluster;
use super::expansion::Generated;
use super::matching::{Candidate, Source};
use super::schema::put;
use crate::engine::{Candidate as Place, Preference};
use crate::kubernetes::{Found, objects};

/// What is asked of the webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    /// The object is to be created.
    #[default]
    Create,
    /// It is to take the place of one that is there.
    Update,
    /// It is to go.
    Delete,
    /// It is not said.
    None,
}

impl Operation {
    /// The word in a review.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::None => "",
        }
    }
}

/// An object under review.
#[derive(Clone, Debug)]
pub struct Review {
    /// `input.review`.
    pub value: Value,
    /// What is matched: the object, and the one before it.
    pub objects: Vec<Value>,
    /// The API group of the object.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace; nothing for an object of the whole cluster.
    pub namespace: Option<String>,
    /// The Namespace, where it is known.
    pub namespace_object: Option<Value>,
    /// Where it comes from.
    pub source: Source,
    /// The operation.
    pub operation: String,
    /// Where its parts stand.
    pub origin: Origin,
}

/// Where the parts of an object under review stand in its document.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// What leads to the object.
    pub object: Vec<Value>,
    /// Of a whole request, what leads to it.
    pub request: Option<Vec<Value>>,
    /// Of an object that was expanded from the one in the document, what leads from that to its parts.
    pub generated: Option<Vec<Value>>,
    /// Whether what is there is the spec of the expanded object alone.
    pub spec_only: bool,
}

impl Origin {
    /// The path in the document of a path in `input`; nothing for what is not in the document.
    fn path(&self, path: &[Value]) -> Option<Vec<Value>> {
        let names: Vec<Option<&str>> = path.iter().map(Value::as_str).collect();
        let [Some("review"), rest @ ..] = names.as_slice() else {
            return None;
        };
        let of_object = |keys: &[&str]| {
            let keys = keys.iter().map(|key| Value::from(*key));
            Some(self.object.iter().cloned().chain(keys).collect())
        };
        match rest {
            [] => Some(self.object.clone()),
            [Some("object" | "oldObject"), ..] => Some(self.below_object(&path[2..])),
            _ if self.request.is_some() => {
                let request = self.request.iter().flatten();
                Some(request.chain(&path[1..]).cloned().collect())
            }
            [Some("name"), ..] => of_object(&["metadata", "name"]),
            [Some("namespace"), ..] => of_object(&["metadata", "namespace"]),
            [Some("kind"), Some("kind"), ..] => of_object(&["kind"]),
            [Some("kind"), ..] => of_object(&["apiVersion"]),
            _ => None,
        }
    }

    /// The path in the document of a path in the object.
    fn below_object(&self, below: &[Value]) -> Vec<Value> {
        let Some(source) = &self.generated else {
            return [&self.object[..], below].concat();
        };
        let names: Vec<Option<&str>> = below.iter().map(Value::as_str).collect();
        let is_given = matches!(
            names.as_slice(),
            [Some("apiVersion" | "kind")] | [Some("metadata"), Some("name" | "namespace" | "ownerReferences"), ..]
        );
        match is_given {
            // These are made from the object in the document.
            true => [&self.object[..], &below[..below.len().min(2)]].concat(),
            false if self.spec_only => [&self.object[..], source, below.get(1..).unwrap_or_default()].concat(),
            false => [&self.object[..], source, below].concat(),
        }
    }

    /// Where an object is that this one creates.
    pub fn of_generated(&self, generated: &Generated) -> Self {
        Self {
            object: self.object.clone(),
            request: None,
            generated: Some(generated.source.clone()),
            spec_only: generated.spec_only,
        }
    }

    /// The candidates for the location of a result, in the document; the object itself where there are none.
    pub fn candidates(&self, derivations: &[Vec<Place>]) -> Vec<Vec<Place>> {
        let place = |place: &Place| {
            let whole: Vec<Value> = place.path.iter().chain(&place.missing).cloned().collect();
            Some(Place {
                path: self.path(&whole)?,
                missing: Vec::new(),
                ..place.clone()
            })
        };
        let moved = derivations
            .iter()
            .map(|all| all.iter().filter_map(place).collect::<Vec<_>>());
        let found: Vec<Vec<Place>> = moved.filter(|all| !all.is_empty()).collect();
        if !found.is_empty() {
            return found;
        }
        let object = match &self.generated {
            Some(source) => [&self.object[..], source].concat(),
            None => self.object.clone(),
        };
        vec![vec![Place {
            path: object,
            missing: Vec::new(),
            key: false,
            preference: Preference::None,
        }]]
    }
}

impl Review {
    /// What a constraint's `match` is compared with: the object, and the one before it.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate<'_>> {
        self.objects.iter().map(|object| Candidate {
            object,
            group: &self.group,
            kind: &self.kind,
            namespace: self.namespace.as_deref(),
            namespace_object: self.namespace_object.as_ref(),
            source: self.source,
        })
    }

    /// The name of the object.
    pub fn name(&self) -> &str {
        text(self.objects.first(), &["metadata", "name"]).unwrap_or_default()
    }
}

/// The reviews of a document: of each object in it, or the one that the document is.
pub fn reviews(document: &Document, cluster: &Cluster) -> Vec<Review> {
    if let Some(request) = request(&document.value) {
        return of_request(request, cluster).into_iter().collect();
    }
    let found = match cluster.is_gator() {
        true => whole_document(&document.value),
        false => objects(&document.value),
    };
    found
        .into_iter()
        .filter_map(|found| {
            let kind = found.kind?;
            let api_version = found.api_version.or_else(|| cluster.is_unknown().then_some(""))?;
            let object = whole(found.value, kind, api_version);
            let origin = Origin {
                object: found.path,
                ..Origin::default()
            };
            Some(of_object(object, origin, Source::Original, cluster))
        })
        .collect()
}

/// A document as one object, also where it is a list.
fn whole_document(document: &Value) -> Vec<Found<'_>> {
    vec![Found {
        value: document,
        path: Vec::new(),
        kind: text(Some(document), &["kind"]),
        api_version: text(Some(document), &["apiVersion"]),
        is_deleted: false,
    }]
}

/// The request of an AdmissionReview.
pub fn request(document: &Value) -> Option<&Value> {
    let is_review = text(Some(document), &["kind"]) == Some("AdmissionReview")
        && text(Some(document), &["apiVersion"]).is_some_and(|version| version.starts_with("admission.k8s.io/"));
    document.field("request").filter(|_| is_review)
}

/// An object with its kind and version, where its list says them.
fn whole(object: &Value, kind: &str, api_version: &str) -> Value {
    let mut object = object.clone();
    for (key, text) in [("kind", kind), ("apiVersion", api_version)] {
        if object.field(key).is_none() && !text.is_empty() {
            object = put(&object, key, text.into());
        }
    }
    object
}

fn text<'v>(value: Option<&'v Value>, keys: &[&str]) -> Option<&'v str> {
    keys.iter().try_fold(value?, |value, key| value.field(key))?.as_str()
}

/// A group and a version of an `apiVersion`.
fn split(api_version: &str) -> (&str, &str) {
    api_version.rsplit_once('/').unwrap_or(("", api_version))
}

fn triple(names: [&str; 3], values: [&str; 3]) -> Value {
    let pairs = names.into_iter().zip(values);
    Value::object(pairs.map(|(name, value)| (name.into(), value.into())).collect())
}

/// The review of an object.
pub fn of_object(object: Value, origin: Origin, source: Source, cluster: &Cluster) -> Review {
    let api_version = text(Some(&object), &["apiVersion"]).unwrap_or_default().to_owned();
    let kind = text(Some(&object), &["kind"]).unwrap_or_default().to_owned();
    let (group, version) = split(&api_version);
    let (object, namespace) = cluster.placed(object, &kind, &api_version);
    let name = text(Some(&object), &["metadata", "name"])
        .unwrap_or_default()
        .to_owned();
    let namespace_object = namespace.as_deref().and_then(|name| cluster.namespace(name));
    let operation = cluster.operation();
    let before = match operation {
        Operation::Create | Operation::None => None,
        Operation::Delete => Some(object.clone()),
        Operation::Update => Some(
            cluster
                .present(&object, namespace.as_deref())
                .unwrap_or_else(|| object.clone()),
        ),
    };
    let empty = || Value::object(Vec::new());
    let shown = namespace_object.as_ref().filter(|_| !cluster.is_gator());
    let mut entries: Vec<(Value, Value)> = vec![
        ("uid".into(), "".into()),
        (
            "kind".into(),
            triple(["group", "version", "kind"], [group, version, &kind]),
        ),
        (
            "resource".into(),
            triple(["group", "version", "resource"], ["", "", ""]),
        ),
        ("operation".into(), operation.word().into()),
        ("userInfo".into(), empty()),
        ("object".into(), object.clone()),
        ("oldObject".into(), before.clone().unwrap_or(Value::Null)),
        ("options".into(), Value::Null),
        ("namespaceObject".into(), shown.cloned().unwrap_or_else(empty)),
    ];
    entries.extend((!name.is_empty()).then(|| ("name".into(), name.as_str().into())));
    let written = namespace.as_deref().filter(|namespace| !namespace.is_empty());
    entries.extend(written.map(|namespace| ("namespace".into(), namespace.into())));
    Review {
        value: Value::object(entries),
        objects: std::iter::once(object).chain(before).collect(),
        group: group.to_owned(),
        kind,
        namespace,
        namespace_object,
        source,
        operation: operation.word().to_owned(),
        origin,
    }
}

/// The review that an AdmissionReview holds, whole; nothing where it has no object. What is deleted is the object, as
/// Gatekeeper has it.
fn of_request(request: &Value, cluster: &Cluster) -> Option<Review> {
    let is_object = |value: &&Value| value.as_object().is_some();
    let (new, old) = (
        request.field("object").filter(is_object),
        request.field("oldObject").filter(is_object),
    );
    let operation = text(Some(request), &["operation"]).unwrap_or_default();
    let is_deletion = operation == "DELETE";
    let object = if is_deletion { old } else { new.or(old) }?;
    let which = if is_deletion || new.is_none() {
        "oldObject"
    } else {
        "object"
    };
    let api_version = text(Some(object), &["apiVersion"])?;
    let kind = text(Some(object), &["kind"])?;
    let own = text(Some(object), &["metadata", "namespace"]).or_else(|| text(Some(request), &["namespace"]));
    let namespace = own
        .filter(|namespace| !namespace.is_empty() && !cluster.is_cluster(kind, api_version))
        .map(str::to_owned);
    let namespace_object = namespace.as_deref().and_then(|name| cluster.namespace(name));
    let mut value = request.clone();
    if is_deletion {
        value = put(&value, "object", object.clone());
    }
    let empty = || Value::object(Vec::new());
    value = put(
        &value,
        "namespaceObject",
        namespace_object.clone().unwrap_or_else(empty),
    );
    let objects = match is_deletion {
        true => vec![object.clone()],
        false => new.into_iter().chain(old).cloned().collect(),
    };
    Some(Review {
        value,
        objects,
        group: split(api_version).0.to_owned(),
        kind: kind.to_owned(),
        namespace,
        namespace_object,
        source: Source::Original,
        operation: operation.to_owned(),
        origin: Origin {
            object: vec!["request".into(), which.into()],
            request: Some(vec!["request".into()]),
            ..Origin::default()
        },
    })
}
