//! The instances of a block with `count` or `for_each`.

use std::collections::BTreeSet;

use super::convert::whole;
use super::evaluate::{Evaluator, Names, pairs};
use super::module::Block;
use crate::terraform::references::names_after;
use kpolicy_value::Value;

/// The most instances of a block that are told apart.
const MOST: usize = 100;

/// An instance.
pub(super) struct Instance {
    /// Its index or key.
    pub(super) key: Option<Value>,
    /// What `each` or `count` is in it.
    pub(super) names: Vec<(String, Value)>,
}

/// The instances of a block.
pub(super) struct Instances {
    /// Those that are known: of a block without `count` and `for_each` one.
    pub(super) known: Vec<Instance>,
    /// Whether there are no others.
    pub(super) is_all: bool,
}

/// The instances of a block. Where none are known, there may be one of which nothing more is known.
pub(super) fn instances(evaluator: Evaluator, block: &Block) -> Instances {
    let of = |name: &str| evaluator.attribute(block, name, &Names::NONE);
    let none = || Instances {
        known: Vec::new(),
        is_all: false,
    };
    if let Some(count) = of("count") {
        let Some(count) = whole(&count).ok().and_then(|count| usize::try_from(count).ok()) else {
            return none();
        };
        if count > MOST || count == 0 && is_open(evaluator, block, "count") {
            return none();
        }
        let instance = |at: usize| Instance {
            key: Some(at.into()),
            names: vec![("count".to_owned(), Value::object(vec![("index".into(), at.into())]))],
        };
        return Instances {
            known: (0..count).map(instance).collect(),
            is_all: true,
        };
    }
    if let Some(each) = of("for_each") {
        let Ok(pairs) = pairs(&each) else { return none() };
        if pairs.len() > MOST || pairs.is_empty() && is_open(evaluator, block, "for_each") {
            return none();
        }
        let is_list = matches!(each, Value::Array(_));
        let instance = |(key, value): (Value, Value)| {
            // Of a list, which Terraform would refuse, the items are taken.
            let key = if is_list { value.clone() } else { key };
            let each = Value::object(vec![("key".into(), key.clone()), ("value".into(), value)]);
            Instance {
                key: Some(key),
                names: vec![("each".to_owned(), each)],
            }
        };
        return Instances {
            known: pairs.into_iter().map(instance).collect(),
            is_all: true,
        };
    }
    Instances {
        known: vec![Instance {
            key: None,
            names: Vec::new(),
        }],
        is_all: true,
    }
}

/// Whether the number of instances depends on a variable that others who use the module may set.
fn is_open(evaluator: Evaluator, block: &Block, name: &str) -> bool {
    let mut path = block.path.clone();
    path.push(name.into());
    let (mut seen, mut next) = (BTreeSet::new(), vec![block.file.find(&path).value.clone()]);
    while let Some(value) = next.pop() {
        if names_after("var.", &value)
            .iter()
            .any(|name| evaluator.is_default(name))
        {
            return true;
        }
        for name in names_after("local.", &value) {
            let Some(block) = evaluator.module.locals.get(&name) else {
                continue;
            };
            if seen.insert(name.clone()) {
                let mut path = block.path.clone();
                path.push(name.as_str().into());
                next.push(block.file.find(&path).value.clone());
            }
        }
    }
    false
}
