//! The instances of a block with `count` or `for_each`.

use super::convert::whole;
use super::evaluate::{Evaluator, Names, pairs};
use super::module::Block;
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

/// The instances of a block. Where none are known, or none are there unless others who use the module set a variable, there
/// may be one of which nothing more is known.
pub(super) fn instances(evaluator: Evaluator, block: &Block) -> Instances {
    let of = |name: &str| {
        let (value, is_open) = evaluator
            .world
            .watched(|| evaluator.attribute(block, name, &Names::NONE));
        Some((value?, is_open))
    };
    let none = || Instances {
        known: Vec::new(),
        is_all: false,
    };
    if let Some((count, is_open)) = of("count") {
        let Some(count) = whole(&count).ok().and_then(|count| usize::try_from(count).ok()) else {
            return none();
        };
        if count > MOST || count == 0 && is_open {
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
    if let Some((each, is_open)) = of("for_each") {
        let Ok(pairs) = pairs(&each) else { return none() };
        if pairs.len() > MOST || pairs.is_empty() && is_open {
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
