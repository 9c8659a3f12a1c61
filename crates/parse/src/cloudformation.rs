//! Short forms of CloudFormation's functions in YAML, `!Ref Name` and `!Sub text`, as the long ones that JSON has:
//! `{"Ref": "Name"}` and `{"Fn::Sub": "text"}`.
//!
//! A tag of YAML leaves no trace in a value, so that it is looked up in the text before the value. Templates alone are
//! changed: other documents use the same tags with other meanings.

use crate::document::{Entry, Node, Span, Spans};
use kpolicy_value::Value;

/// The functions whose long form starts with `Fn::`.
const FUNCTIONS: [&str; 18] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// The document with the long forms of functions, if it is a template.
pub(super) fn expanded(text: &str, node: Node) -> Node {
    // The text is that of a whole stream: it is searched for templates alone.
    if !is_template(&node.value) || !text.contains('!') {
        return node;
    }
    changed(text, &node.value, &node.spans).unwrap_or(node)
}

/// Whether a document is a template: it states the version of the format, or has resources of AWS alone.
fn is_template(value: &Value) -> bool {
    let is_of_aws = |resource: &Value| {
        let kind = resource.field("Type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind.starts_with("AWS::") || kind.starts_with("Custom::"))
    };
    let resources = value.field("Resources").and_then(Value::as_object);
    value.field("AWSTemplateFormatVersion").is_some()
        || resources.is_some_and(|all| !all.is_empty() && all.iter().all(|(_, resource)| is_of_aws(resource)))
}

/// The value with long forms; none if it has no short form. The reader of YAML limits how deep it nests.
fn changed(text: &str, value: &Value, spans: &Spans) -> Option<Node> {
    let inner = parts(text, value, spans);
    let Some((tag, name)) = function(text, spans.value) else {
        return inner;
    };
    let node = inner.unwrap_or_else(|| Node {
        value: value.clone(),
        spans: spans.clone(),
    });
    let node = match (name.as_str(), node.value.as_str()) {
        ("Fn::GetAtt", Some(path)) => attribute(path, node.spans.value),
        _ => node,
    };
    let whole = tag.to(spans.value);
    let node = Node::object(vec![Entry::new(name, tag, node)], whole);
    Some(Node {
        spans: Spans {
            key: spans.key,
            ..node.spans
        },
        ..node
    })
}

/// The array or object with the long forms in its parts; none if they have no short form.
fn parts(text: &str, value: &Value, spans: &Spans) -> Option<Node> {
    let children = spans.children.as_deref()?;
    let (values, keys): (Vec<&Value>, Vec<Option<&Value>>) = match value {
        Value::Array(items) => items.iter().map(|item| (item, None)).unzip(),
        Value::Object(object) => object.iter().map(|(key, value)| (value, Some(key))).unzip(),
        _ => return None,
    };
    let new: Vec<Option<Node>> = values
        .iter()
        .zip(children)
        .map(|(value, spans)| changed(text, value, spans))
        .collect();
    if new.iter().all(Option::is_none) {
        return None;
    }
    let old = values.into_iter().zip(children);
    let nodes = new.into_iter().zip(old).map(|(new, (value, spans))| {
        new.unwrap_or_else(|| Node {
            value: value.clone(),
            spans: spans.clone(),
        })
    });
    let (values, children): (Vec<Value>, Vec<Spans>) = nodes.map(|node| (node.value, node.spans)).unzip();
    let value = match value {
        Value::Array(_) => Value::array(values),
        _ => Value::object(keys.into_iter().flatten().cloned().zip(values).collect()),
    };
    Some(Node {
        value,
        spans: Spans {
            key: spans.key,
            value: spans.value,
            children: Some(children.into()),
        },
    })
}

/// The tag before a value, and the long form of its function.
fn function(text: &str, span: Span) -> Option<(Span, String)> {
    let written = text.get(..span.start as usize)?;
    let before = written.trim_end();
    let name_at = before.rfind(|character: char| !character.is_ascii_alphanumeric())?;
    let name = &before[name_at + 1..];
    let starts = before[..name_at].ends_with([' ', '\t', '\n', '[', '{', ',']) || name_at == 0;
    if before.len() == written.len() || !before[name_at..].starts_with('!') || !starts {
        return None;
    }
    // What is at the end of an earlier line may be a comment.
    if written[before.len()..].contains('\n') {
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..name_at];
        if line.contains('#') {
            return None;
        }
    }
    let long = match name {
        "Ref" | "Condition" => name.to_owned(),
        _ if FUNCTIONS.contains(&name) => format!("Fn::{name}"),
        _ => return None,
    };
    Some((Span::new(name_at, before.len()), long))
}

/// The array that `!GetAtt resource.attribute` stands for.
fn attribute(path: &str, span: Span) -> Node {
    let (resource, attribute) = path.split_once('.').unwrap_or((path, ""));
    let start = span.start as usize;
    let at = |from: usize, to: usize| match path.len() == (span.end - span.start) as usize {
        true => Span::new(start + from, start + to),
        false => span,
    };
    let first = Node::text(resource, at(0, resource.len()));
    let second = Node::text(attribute, at(path.len() - attribute.len(), path.len()));
    Node::array(vec![first, second], span)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Context, Format};

    fn read(text: &str, conftest: bool) -> crate::document::Node {
        let context = Context {
            conftest,
            ..Context::default()
        };
        let parsed = Format::Yaml.read_in(text, &context, 1000).expect(text);
        parsed.documents.into_iter().next().expect("a document")
    }

    const TEMPLATE: &str = "\
Resources:
  Web:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image # !Ref Other
      Name: !GetAtt Role.Name.Short
      UserData: !Base64
        Fn::Sub: x
      Zone: !Select [0, !GetAZs '']
      Tags: !If
        - IsLarge
        - !Sub |
          a ${B}
        - !Unknown c
";

    #[test]
    fn short_forms_are_read_as_long_ones() {
        let node = read(TEMPLATE, false);
        assert_eq!(
            node.value.to_json()["Resources"]["Web"]["Properties"],
            json!({
                "ImageId": {"Ref": "Image"},
                "Name": {"Fn::GetAtt": ["Role", "Name.Short"]},
                "UserData": {"Fn::Base64": {"Fn::Sub": "x"}},
                "Zone": {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
                "Tags": {"Fn::If": ["IsLarge", {"Fn::Sub": "a ${B}\n"}, "c"]},
            })
        );
    }

    #[test]
    fn other_documents_keep_their_text() {
        let expected = json!({"kind": "X", "image": "Image"});
        assert_eq!(read("kind: X\nimage: !Ref Image\n", false).value.to_json(), expected);
        assert_eq!(
            read(TEMPLATE, true).value.to_json()["Resources"]["Web"]["Properties"]["ImageId"],
            "Image"
        );
    }

    #[test]
    fn spans_are_those_of_the_text() {
        let node = read("AWSTemplateFormatVersion: x\nb: [!Ref Image]\n", false);
        let all = node.spans.children.expect("parts");
        let reference = &all[1].children.as_deref().expect("an item")[0];
        let text = "AWSTemplateFormatVersion: x\nb: [!Ref Image]\n";
        assert_eq!(reference.value.of(text), "!Ref Image");
        let name = &reference.children.as_deref().expect("the name")[0];
        assert_eq!((name.key.of(text), name.value.of(text)), ("!Ref", "Image"));
    }
}
