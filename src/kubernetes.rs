//! Kubernetes objects in documents: a manifest, the items of lists, the object of a review.

use kpolicy_value::Value;

pub mod fields;

/// An object in a document.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The object as it is there.
    pub value: &'a Value,
    /// Keys and indexes that lead to it.
    pub path: Vec<Value>,
    /// Its kind: its own, or the one that its list has items of.
    pub kind: Option<&'a str>,
    /// Its `apiVersion`, or its list's.
    pub api_version: Option<&'a str>,
    /// Whether a review says that it goes: there is then no object that stays.
    pub is_deleted: bool,
}

/// The objects in a document, those in lists (also of lists) instead of the lists.
pub fn objects(document: &Value) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut left = given(document);
    left.reverse();
    while let Some(object) = left.pop() {
        match items(&object) {
            Some(items) => left.extend(items.into_iter().rev()),
            None => found.push(object),
        }
    }
    found
}

/// The kinds in a document, each once: its own, its lists', its objects'.
pub fn kinds(document: &Value) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let own = text(document, "kind");
    for kind in own
        .into_iter()
        .chain(objects(document).iter().filter_map(|object| object.kind))
    {
        if !found.contains(&kind) {
            found.push(kind);
        }
    }
    found
}

/// The document itself; of a review the object under review instead, where it has one.
fn given(document: &Value) -> Vec<Found<'_>> {
    let mut found: Vec<Found> = ["request", "review"]
        .into_iter()
        .filter_map(|field| {
            let review = document.field(field)?;
            ["object", "oldObject"].into_iter().find_map(|name| {
                let value = review.field(name).filter(|value| value.as_object().is_some())?;
                Some(Found {
                    is_deleted: name == "oldObject",
                    ..at(value, vec![field.into(), name.into()])
                })
            })
        })
        .collect();
    if found.is_empty() {
        found.push(at(document, Vec::new()));
    }
    found
}

fn at(value: &Value, path: Vec<Value>) -> Found<'_> {
    Found {
        value,
        path,
        kind: text(value, "kind"),
        api_version: text(value, "apiVersion"),
        is_deleted: false,
    }
}

/// The items of a list. Those of a typed list, such as PodList, need not say their kind.
fn items<'a>(list: &Found<'a>) -> Option<Vec<Found<'a>>> {
    let of = list.kind?.strip_suffix("List")?;
    let items = list.value.field("items")?.as_array()?;
    let item = |(index, value): (i64, &'a Value)| {
        let path = [&list.path[..], &["items".into(), index.into()]].concat();
        let item = at(value, path);
        Found {
            kind: item.kind.or(Some(of).filter(|of| !of.is_empty())),
            api_version: item.api_version.or(list.api_version),
            is_deleted: list.is_deleted,
            ..item
        }
    };
    Some((0..).zip(items).map(item).collect())
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.field(field).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{kinds, objects};
    use kpolicy_value::Value;

    #[test]
    fn kinds_are_found_in_lists_of_lists_and_in_reviews() {
        let pod = json!({"kind": "Pod"});
        let of_review = json!({"request": {"object": null, "oldObject": pod}});
        let in_lists = json!({"kind": "List", "items": [{"kind": "List", "items": [pod]}]});
        for document in [of_review, in_lists, json!({"kind": "PodList", "items": [{}]})] {
            let value = Value::from_json(&document);
            assert!(kinds(&value).contains(&"Pod"), "{document}");
        }
        let update = json!({"review": {"object": {"kind": "Pod"}, "oldObject": {"kind": "Job"}}});
        assert_eq!(kinds(&Value::from_json(&update)), ["Pod"]);
        let no_list = json!({"kind": "Backup", "items": [pod]});
        assert_eq!(kinds(&Value::from_json(&no_list)), ["Backup"]);
    }

    #[test]
    fn objects_of_lists_and_reviews_have_their_path() {
        let list =
            json!({"kind": "PodList", "apiVersion": "v1", "items": [{}, {"kind": "List", "items": [{"kind": "Job"}]}]});
        let review = Value::from_json(&json!({"request": {"oldObject": list}}));
        let found: Vec<_> = objects(&review)
            .into_iter()
            .map(|object| {
                (
                    Value::array(object.path.clone()).to_json().to_string(),
                    object.kind,
                    object.api_version,
                )
            })
            .collect();
        let pod = (
            r#"["request","oldObject","items",0]"#.to_owned(),
            Some("Pod"),
            Some("v1"),
        );
        let job = (
            r#"["request","oldObject","items",1,"items",0]"#.to_owned(),
            Some("Job"),
            Some("v1"),
        );
        assert_eq!(found, [pod, job]);
        assert!(objects(&review).iter().all(|object| object.is_deleted));
    }
}
