//! What a plan says about a resource: its module, what is planned for it, what is not known yet.

use std::collections::HashMap;

use kpolicy_value::Value;

/// A plan.
pub(super) struct Plan<'a> {
    document: &'a Value,
    /// The changes that are planned, by their addresses.
    changes: HashMap<&'a str, &'a Value>,
}

/// The resource that a path of a plan leads into, and the attribute.
pub(super) struct Planned<'a> {
    /// Its address.
    pub(super) address: &'a str,
    /// The names of the module calls that lead to it, outermost first.
    pub(super) modules: Vec<String>,
    /// Whether it is a data source.
    pub(super) is_data: bool,
    /// Its type.
    pub(super) kind: &'a str,
    /// Its name in the configuration.
    pub(super) name: &'a str,
    /// What is planned: `create`, `replace`.
    pub(super) action: Option<String>,
    /// The path below the resource's attributes.
    pub(super) attribute: Vec<Value>,
    /// The planned attributes.
    pub(super) values: Option<&'a Value>,
    /// Whether the attribute has no value before the plan was applied.
    pub(super) is_unknown: bool,
    /// Whether the attribute, or a part of it, must not be shown.
    pub(super) is_sensitive: bool,
}

impl<'a> Plan<'a> {
    /// The plan that a document is, if it is one.
    pub(super) fn of(document: &'a Value) -> Option<Self> {
        let has_version = document
            .field("format_version")
            .is_some_and(|version| version.as_str().is_some());
        let is_plan = document.field("resource_changes").is_some() || document.field("planned_values").is_some();
        (has_version && is_plan).then(|| Self {
            document,
            changes: changes(document),
        })
    }

    /// The resource that a path leads into.
    pub(super) fn at(&self, path: &[Value]) -> Option<Planned<'a>> {
        let mut value = self.document;
        let mut found = None;
        for (at, step) in path.iter().enumerate() {
            let Some(below) = value.get(step) else { break };
            value = below;
            if is_resource(value) {
                found = Some((value, &path[at + 1..]));
            }
        }
        let (resource, rest) = found?;
        let text = |field: &str| resource.field(field).and_then(Value::as_str);
        let address = text("address")?;
        let change = self.changes.get(address).copied();
        let (attribute, values) = attribute(resource, change, rest);
        let unknown = change.and_then(|change| change.field("after_unknown"));
        let of_change = |field: &str| change.and_then(|change| change.field(field));
        let mut sensitive = [
            of_change("before_sensitive"),
            of_change("after_sensitive"),
            resource.field("sensitive_values"),
        ]
        .into_iter()
        .flatten();
        Some(Planned {
            address,
            modules: modules(address),
            is_data: text("mode") == Some("data"),
            kind: text("type")?,
            name: text("name")?,
            action: change.and_then(action),
            is_unknown: !attribute.is_empty() && unknown.is_some_and(|unknown| is_marked(unknown, &attribute)),
            is_sensitive: sensitive.any(|marks| is_marked(marks, &attribute) || is_marked_below(marks, &attribute)),
            attribute,
            values,
        })
    }

    /// The configuration of the root module.
    pub(super) fn root_module(&self) -> Option<&'a Value> {
        self.document.field("configuration")?.field("root_module")
    }

    /// The value that a variable of the root module was given.
    pub(super) fn variable(&self, name: &str) -> Option<&'a Value> {
        self.document.field("variables")?.field(name)?.field("value")
    }
}

impl Planned<'_> {
    /// The attribute as people write it.
    pub(super) fn attribute_text(&self) -> String {
        let steps = self.attribute.iter().map(|step| match step {
            Value::Number(index) => format!("[{index}]"),
            step => format!(".{}", step.key_text()),
        });
        steps.collect::<String>().trim_start_matches('.').to_owned()
    }
}

fn changes(document: &Value) -> HashMap<&str, &Value> {
    let all = document.field("resource_changes").and_then(Value::as_array);
    let all = all.into_iter().flatten();
    all.filter_map(|resource| Some((resource.field("address")?.as_str()?, resource.field("change")?)))
        .collect()
}

fn is_resource(value: &Value) -> bool {
    ["address", "type", "name"]
        .iter()
        .all(|field| value.field(field).is_some_and(|text| text.as_str().is_some()))
}

/// The path below the attributes, and the attributes: of a change what will be, or, where it is deleted, what was.
fn attribute<'a>(resource: &'a Value, change: Option<&'a Value>, rest: &[Value]) -> (Vec<Value>, Option<&'a Value>) {
    let words: Vec<Option<&str>> = rest.iter().map(Value::as_str).collect();
    match words.as_slice() {
        [Some("change"), Some("after" | "after_unknown" | "after_sensitive"), ..] => {
            (rest[2..].to_vec(), change.and_then(|change| change.field("after")))
        }
        [Some("change"), Some("before"), ..] => (rest[2..].to_vec(), change.and_then(|change| change.field("before"))),
        [Some("values" | "sensitive_values"), ..] => (rest[1..].to_vec(), resource.field("values")),
        _ => (Vec::new(), resource.field("values")),
    }
}

/// The planned action in a word: the two of a replacement are one.
fn action(change: &Value) -> Option<String> {
    let actions = change.field("actions")?.as_array()?;
    let words: Vec<&str> = actions.iter().filter_map(Value::as_str).collect();
    match words.as_slice() {
        [] => None,
        ["delete", "create"] | ["create", "delete"] => Some("replace".to_owned()),
        words => Some(words.join(" and ")),
    }
}

/// Whether a path leads to `true`, or below one.
fn is_marked(marks: &Value, path: &[Value]) -> bool {
    if *marks == Value::Bool(true) {
        return true;
    }
    let [step, rest @ ..] = path else { return false };
    marks.get(step).is_some_and(|below| is_marked(below, rest))
}

/// Whether there is `true` in what a path leads to.
fn is_marked_below(marks: &Value, path: &[Value]) -> bool {
    let Some(marks) = path.iter().try_fold(marks, |marks, step| marks.get(step)) else {
        return false;
    };
    match marks {
        Value::Array(items) => items.iter().any(|item| is_marked_below(item, &[])),
        Value::Object(object) => object.iter().any(|(_, value)| is_marked_below(value, &[])),
        marks => *marks == Value::Bool(true),
    }
}

/// The names of the module calls in an address: `module.a["x"].module.b[0].aws_vpc.main` has `a` and `b`.
pub(super) fn modules(address: &str) -> Vec<String> {
    let (mut names, mut words) = (Vec::new(), words(address).into_iter());
    while let Some(word) = words.next() {
        match word.as_str() {
            "module" => names.extend(words.next()),
            _ => break,
        }
    }
    names
}

/// The parts of an address between its dots, without indexes.
fn words(address: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut in_brackets, mut in_string, mut is_escaped) = (false, false, false);
    for letter in address.chars() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' if in_brackets => in_string = !in_string,
            ']' if !in_string => in_brackets = false,
            '[' if !in_string => in_brackets = true,
            '.' if !in_brackets => words.push(std::mem::take(&mut word)),
            letter if !in_brackets => word.push(letter),
            _ => {}
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn module_calls_are_read_from_an_address() {
        assert_eq!(modules("aws_vpc.main[0]"), Vec::<String>::new());
        assert_eq!(modules("module.a.aws_vpc.main"), ["a"]);
        assert_eq!(
            modules("module.a[\"x.module.y\\\"]\"].module.b[0].data.aws_ami.it"),
            ["a", "b"]
        );
    }

    #[test]
    fn an_attribute_is_unknown_where_it_or_what_it_is_in_is() {
        let unknown = Value::from_json(&json!({"id": true, "input": {"tags": [false, true]}}));
        let of = |path: serde_json::Value| is_marked(&unknown, Value::from_json(&path).as_array().expect("a path"));
        assert!(of(json!(["id"])) && of(json!(["id", "x"])) && of(json!(["input", "tags", 1])));
        assert!(is_marked_below(&unknown, &["input".into()]) && !is_marked_below(&unknown, &["other".into()]));
        assert!(!of(json!(["input"])) && !of(json!(["input", "tags", 0])) && !of(json!(["other"])));
    }

    #[test]
    fn two_actions_are_a_replacement() {
        let of = |actions: serde_json::Value| action(&Value::from_json(&json!({"actions": actions})));
        assert_eq!(of(json!(["delete", "create"])).as_deref(), Some("replace"));
        assert_eq!(of(json!(["no-op"])).as_deref(), Some("no-op"));
        assert_eq!(of(json!([])), None);
    }
}
