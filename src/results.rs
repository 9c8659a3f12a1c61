//! What a rule's value means: results become violations, and exceptions set rules aside.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use kpolicy_value::Value;

/// The field of a result that says where the error is, in conftest's convention.
const LOCATION: &str = "_loc";
/// The field of a result that leads to the value at fault: keys and indexes into the input.
const PATH: &str = "path";

/// One result of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The result as the rule gave it.
    pub result: Value,
    /// What is wrong, as the policy words it.
    pub message: String,
    /// Where, as the policy says it: keys and indexes into the input.
    pub path: Option<Vec<Value>>,
    /// Where, as the policy says it in conftest's `_loc`: a file and a line.
    pub reported: Option<Reported>,
    /// All other fields of the result.
    pub metadata: Map<String, Json>,
}

impl Violation {
    /// Whether the policy says itself where it is.
    pub fn has_location(&self) -> bool {
        self.path.is_some() || self.reported.as_ref().is_some_and(|reported| reported.line.is_some())
    }
}

/// A location that a policy reports in `_loc`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// The field as it was written.
    pub json: Json,
    /// The file, where it names one.
    pub file: Option<String>,
    /// The line, where it is a positive number.
    pub line: Option<usize>,
}

/// The violations that a rule's value holds. Anything that is not a set of results is an error, never silence; but to
/// conftest it is a rule that finds nothing, which a warning says when the policy is loaded.
pub fn violations(value: &Value, conftest: bool) -> Result<Vec<Violation>, String> {
    match value {
        Value::Set(members) => members.iter().map(violation).collect(),
        Value::Array(items) => items.iter().map(violation).collect(),
        _ if conftest => Ok(Vec::new()),
        other => Err(format!("expected a set of results, found {}", described(other))),
    }
}

fn violation(result: &Value) -> Result<Violation, String> {
    match result {
        Value::String(message) => Ok(Violation {
            result: result.clone(),
            message: message.to_string(),
            path: None,
            reported: None,
            metadata: Map::new(),
        }),
        Value::Object(object) => {
            let Some(message) = object.field("msg").and_then(Value::text) else {
                return Err(format!("a result has no string in `msg`: {}", result.to_json()));
            };
            let path = object
                .field(PATH)
                .and_then(Value::as_array)
                .filter(|steps| is_path(steps));
            let metadata = object
                .iter()
                .map(|(key, value)| (key.key_text(), value.to_json()))
                .filter(|(key, _)| key != "msg" && key != LOCATION)
                .collect();
            let reported = object.field(LOCATION).and_then(reported);
            Ok(Violation {
                result: result.clone(),
                message: message.into_owned(),
                path: path.map(<[Value]>::to_vec),
                reported,
                metadata,
            })
        }
        other => Err(format!(
            "expected a string or an object with `msg` as a result, found {}",
            described(other)
        )),
    }
}

/// Whether these are keys and indexes; any other `path` is metadata of the policy's own.
fn is_path(steps: &[Value]) -> bool {
    steps
        .iter()
        .all(|step| matches!(step, Value::String(_) | Value::Number(_)))
}

fn reported(location: &Value) -> Option<Reported> {
    let file = location.field("file").and_then(Value::text).map(Cow::into_owned);
    let line = match location.field("line") {
        Some(Value::Number(line)) => line
            .as_i64()
            .and_then(|line| usize::try_from(line).ok())
            .filter(|line| *line > 0),
        _ => None,
    };
    (file.is_some() || line.is_some()).then(|| Reported {
        json: location.to_json(),
        file,
        line,
    })
}

fn described(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) | Value::Set(_) => format!("an {}", value.type_name()),
        other => format!("the {} {}", other.type_name(), other.to_json()),
    }
}

/// How often `exception` sets this rule aside: conftest's `data.<namespace>.exception[_][_] == <name>`.
///
/// The name is the rule's without `deny_`, `violation_` or `warn_`; a plain `deny` has the empty name.
pub fn exceptions(exception: &Value, rule_name: &str) -> usize {
    let wanted = Value::from(excepted_name(rule_name));
    parts(exception)
        .into_iter()
        .flat_map(parts)
        .filter(|name| **name == wanted)
        .count()
}

/// The name under which `exception` sets a rule aside.
pub fn excepted_name(rule_name: &str) -> &str {
    rule_name.split_once('_').map_or("", |(_, rest)| rest)
}

fn parts(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Set(members) => members.iter().collect(),
        Value::Object(object) => object.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(&json)
    }

    #[test]
    fn results_are_texts_or_objects_with_a_message() {
        let found = violations(
            &value(serde_json::json!([
                "plain", "", {"msg": "m", "path": ["a", 0], "x": 1, "_loc": {"file": "f", "line": 3}}
            ])),
            false,
        )
        .expect("results");
        assert_eq!(found.len(), 3);
        assert_eq!(found[2].path, Some(vec!["a".into(), 0i64.into()]));
        assert_eq!(found[2].reported.as_ref().and_then(|place| place.line), Some(3));
        assert_eq!(found[2].metadata.get("x"), Some(&1.into()));
    }

    #[test]
    fn anything_else_is_an_error() {
        for json in [
            serde_json::json!(true),
            serde_json::json!({"msg": "m"}),
            serde_json::json!([1]),
            serde_json::json!([{"m": 1}]),
        ] {
            assert!(violations(&value(json.clone()), false).is_err(), "{json}");
        }
    }

    #[test]
    fn exceptions_name_rules_without_their_prefix() {
        let exception = value(serde_json::json!([["foo", ""], ["foo"]]));
        assert_eq!(exceptions(&exception, "deny_foo"), 2);
        assert_eq!(exceptions(&exception, "deny"), 1);
        assert_eq!(exceptions(&exception, "warn_bar"), 0);
    }
}
