//! A value under change: what is not touched stays shared with the value that it was.

use std::collections::BTreeMap;

use super::path;
use crate::text::to_rego_text;
use kpolicy_value::{Array, Object, Set, Value};

/// A value, taken apart as far as it was touched.
pub(super) enum Tree {
    Leaf(Value),
    Array(Array, Vec<Item>),
    Object(Object, BTreeMap<Value, Member>),
    Set(Set, BTreeMap<Value, Member>),
}

/// An item of an array.
pub(super) enum Item {
    Untouched(Value),
    Touched(Tree),
}

/// A member of an object or set that was touched.
pub(super) enum Member {
    Present(Tree),
    Deleted(&'static str),
}

/// OPA's words for an edit that cannot be.
type Words = String;

impl Tree {
    pub(super) fn new(value: Value) -> Self {
        Self::Leaf(value)
    }

    /// The value that the tree now is.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Leaf(value) => value.clone(),
            Self::Array(_, items) => Value::array(items.iter().map(Item::value).collect()),
            Self::Object(object, changes) => {
                let untouched = object.iter().filter(|(key, _)| !changes.contains_key(key)).cloned();
                let changed = changes
                    .iter()
                    .filter_map(|(key, member)| Some((key.clone(), member.value()?)));
                Value::object(untouched.chain(changed).collect())
            }
            Self::Set(set, changes) => Value::Set(rendered(set, changes)),
        }
    }

    /// The tree, one level taken apart.
    fn open(&mut self) {
        let Self::Leaf(value) = self else {
            return;
        };
        *self = match value {
            Value::Array(items) => {
                let untouched = items.iter().cloned().map(Item::Untouched).collect();
                Self::Array(items.clone(), untouched)
            }
            Value::Object(object) => Self::Object(object.clone(), BTreeMap::new()),
            Value::Set(set) => Self::Set(set.clone(), BTreeMap::new()),
            _ => return,
        };
    }

    /// The part under `key`.
    pub(super) fn child(&mut self, key: &Value) -> Result<&mut Self, Words> {
        self.open();
        match self {
            Self::Leaf(scalar) => Err(format!(
                "expected composite type for path {}, found value: {} (type: {})",
                to_rego_text(key),
                to_rego_text(scalar),
                go_type(scalar)
            )),
            Self::Array(original, items) => item(original, items, key),
            Self::Object(original, changes) => {
                if !changes.contains_key(key) {
                    let found = original
                        .get(key)
                        .ok_or_else(|| missing(key, "object", self_text(original)))?;
                    changes.insert(key.clone(), Member::Present(Self::Leaf(found.clone())));
                }
                present(changes, key)
            }
            Self::Set(set, changes) => {
                settle(set, changes, key);
                if !changes.contains_key(key) {
                    let text = || to_rego_text(&Value::Set(set.clone()));
                    let found = set.get(key).ok_or_else(|| missing(key, "set", text()))?;
                    changes.insert(key.clone(), Member::Present(Self::Leaf(found.clone())));
                }
                present(changes, key)
            }
        }
    }

    /// Puts a value under `key`; in an array, before the item that is there.
    pub(super) fn insert(&mut self, key: &Value, value: Value) -> Result<(), Words> {
        self.open();
        match self {
            Self::Leaf(scalar) => Err(no_composite(scalar)),
            Self::Array(_, items) => {
                let at = usize::try_from(path::index(key, items.len())?).ok();
                let at = at.filter(|at| *at <= items.len());
                let at = at.ok_or("index for array insertion out of bounds")?;
                items.insert(at, Item::Touched(Self::Leaf(value)));
                Ok(())
            }
            Self::Object(_, changes) => {
                changes.insert(key.clone(), Member::Present(Self::Leaf(value)));
                Ok(())
            }
            Self::Set(..) if *key != value => Err(format!(
                "set key {} does not equal value to be inserted {}",
                to_rego_text(key),
                to_rego_text(&value)
            )),
            Self::Set(set, changes) => {
                settle(set, changes, key);
                changes.insert(key.clone(), Member::Present(Self::Leaf(value)));
                Ok(())
            }
        }
    }

    /// Takes away what is under `key`.
    pub(super) fn delete(&mut self, key: &Value) -> Result<(), Words> {
        self.open();
        match self {
            Self::Leaf(scalar) => Err(no_composite(scalar)),
            Self::Array(_, items) => {
                let at = usize::try_from(path::index(key, items.len())?).ok();
                let at = at.filter(|at| *at < items.len());
                items.remove(at.ok_or("index for array delete out of bounds")?);
                Ok(())
            }
            Self::Object(original, changes) => delete(changes, key, original.get(key)),
            Self::Set(set, changes) => {
                settle(set, changes, key);
                delete(changes, key, set.get(key))
            }
        }
    }

    /// Whether the tree is a scalar or a composite value, in OPA's words.
    fn kind(&self) -> &'static str {
        match self {
            Self::Leaf(value) => kind(value),
            _ => "composite",
        }
    }
}

impl Item {
    fn value(&self) -> Value {
        match self {
            Self::Untouched(value) => value.clone(),
            Self::Touched(tree) => tree.value(),
        }
    }
}

impl Member {
    fn value(&self) -> Option<Value> {
        match self {
            Self::Present(tree) => Some(tree.value()),
            Self::Deleted(_) => None,
        }
    }
}

/// An array's item. As in OPA, one that was not touched yet is looked up in the array as it was, even when items
/// before it have come or gone since.
fn item<'t>(original: &Array, items: &'t mut [Item], key: &Value) -> Result<&'t mut Tree, Words> {
    let at = path::index(key, items.len())?;
    let missing = || missing(&at.into(), "array", to_rego_text(&Value::Array(original.clone())));
    let at = usize::try_from(at).map_err(|_| missing())?;
    let touched = matches!(items.get(at), Some(Item::Touched(_)));
    if !touched {
        let found = original.get(at).ok_or_else(missing)?;
        let slot = items.get_mut(at).ok_or("index for array delete out of bounds")?;
        *slot = Item::Touched(Tree::Leaf(found.clone()));
    }
    match &mut items[at] {
        Item::Touched(tree) => Ok(tree),
        Item::Untouched(_) => unreachable!("the item was just touched"),
    }
}

fn present<'t>(changes: &'t mut BTreeMap<Value, Member>, key: &Value) -> Result<&'t mut Tree, Words> {
    match changes.get_mut(key).expect("the member was touched") {
        Member::Present(tree) => Ok(tree),
        Member::Deleted(kind) => Err(format!(
            "cannot unfold the already deleted {kind} node for key {}",
            to_rego_text(key)
        )),
    }
}

fn delete(changes: &mut BTreeMap<Value, Member>, key: &Value, original: Option<&Value>) -> Result<(), Words> {
    let text = || to_rego_text(key);
    let kind = match (changes.get(key), original) {
        (Some(Member::Present(tree)), _) => tree.kind(),
        (Some(Member::Deleted(kind)), _) => {
            return Err(format!(
                "cannot delete the already deleted {kind} node for key {}",
                text()
            ));
        }
        (None, Some(value)) => kind(value),
        (None, None) => return Err(format!("cannot delete child key {} that does not exist", text())),
    };
    changes.insert(key.clone(), Member::Deleted(kind));
    Ok(())
}

/// Takes a set's changes into it before a composite member is looked up: those are found by what they are now.
fn settle(set: &mut Set, changes: &mut BTreeMap<Value, Member>, key: &Value) {
    if kind(key) == "composite" {
        *set = rendered(set, changes);
        changes.clear();
    }
}

fn rendered(set: &Set, changes: &BTreeMap<Value, Member>) -> Set {
    let untouched = set.iter().filter(|member| !changes.contains_key(member)).cloned();
    Set::new(untouched.chain(changes.values().filter_map(Member::value)).collect())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) | Value::Object(_) | Value::Set(_) => "composite",
        _ => "scalar",
    }
}

fn self_text(object: &Object) -> String {
    to_rego_text(&Value::Object(object.clone()))
}

fn missing(key: &Value, collection: &str, text: String) -> Words {
    let key = match key {
        // As in OPA, without quotes.
        Value::String(key) if collection == "set" => key.to_string(),
        other => to_rego_text(other),
    };
    format!("path {key} does not exist in {collection} term {text}")
}

fn no_composite(scalar: &Value) -> Words {
    format!(
        "expected composite type, found value: {} (type: {})",
        to_rego_text(scalar),
        go_type(scalar)
    )
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "ast.Null",
        Value::Bool(_) => "ast.Boolean",
        Value::Number(_) => "ast.Number",
        _ => "ast.String",
    }
}
