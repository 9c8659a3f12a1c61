//! The text format of protocol buffers: as protojson writes the message, with the names of the .proto files.
//!
//! The comment `# proto-message: full.Name` says which message it is. protox compiles the .proto files and prost-reflect
//! reads the message; [`tree`] reads the text beside it for the places.

use std::sync::LazyLock;

use miette::Diagnostic as _;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage as _, SerializeOptions,
};
use regex::Regex;

use crate::comments::{Code, Comments, Quote, SHELL_AND_C};
use crate::document::{Node, Span};
use crate::{Meter, ParseError, Parsed, Row, json};
pub(super) use protos::Protos;

mod places;
mod protos;
mod tree;

static HEADER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"#\s+proto-message:\s+(\S+)").expect("the pattern is valid"));

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "textproto",
    aliases: &[],
    files: &["*.textproto", "*.textpb"],
    further: &["*.pbtxt", "*.txtpb"],
    about: "The message as protojson writes it, with the field names of the .proto file: 64-bit integers as strings, bytes \
            in base64, default values left out. `# proto-message: package.Message` names its type, and \
            `--proto-file-dirs` the folders of the .proto files.",
    comments: Comments::Code(&Code {
        line: &["#"],
        block: &[],
        quotes: &[Quote::DOUBLE, Quote::SINGLE],
        ..SHELL_AND_C
    }),
    imports: |context| context.proto_file_dirs.to_vec(),
    example: (
        "wait.textproto",
        "# proto-message: google.protobuf.Struct\nfields { key: \"image\" value { string_value: \"nginx\" } }\n",
    ),
    parse: |text, context, meter| {
        let protos = Protos::read(context.proto_file_dirs)?;
        parse(text, &protos, meter).map(Parsed::of)
    },
};

/// The message of a text, of a type that the files define.
pub(super) fn parse(text: &str, protos: &Protos, mut meter: Meter) -> Result<Node, ParseError> {
    let tree = tree::parse(text, &mut meter)?;
    let pool = protos.compile()?;
    let kind = message_type(text, &pool)?;
    let message = DynamicMessage::parse_text_format(kind, text).map_err(|error| {
        let labels = error.labels().into_iter().flatten();
        let span = labels.last().map(|label| within(text, label.offset(), label.len()));
        let end = text.trim_end().len();
        ParseError::new(error.to_string(), span.unwrap_or(Span::new(end, end)))
    })?;
    if let Some(field) = missing(&message) {
        let message = format!("the required field `{field}` is not set");
        return Err(ParseError::new(message, Span::new(0, 0)));
    }
    let value = json::parse(&written(&message)?, json::Comments::Refused)?.value;
    let spans = places::of(&value, &tree, Span::new(0, text.len()));
    Ok(Node { value, spans })
}

/// A range of the crate as a span of whole characters.
fn within(text: &str, start: usize, length: usize) -> Span {
    let boundary = |at: usize| kpolicy_value::boundary(text, at.min(text.len()));
    Span::new(boundary(start), boundary(start + length).max(boundary(start)))
}

/// The type that the comment names.
fn message_type(text: &str, pool: &DescriptorPool) -> Result<MessageDescriptor, ParseError> {
    let Some(name) = HEADER.captures(text).and_then(|found| found.get(1)) else {
        return Err(ParseError::new("no comment says which message it is", Span::new(0, 0))
            .with_help("begin the file with `# proto-message: package.Message`"));
    };
    pool.get_message_by_name(name.as_str()).ok_or_else(|| {
        let message = format!(
            "could not look up message type `{}`: no .proto file defines it",
            name.as_str()
        );
        let help = "name the folders of the .proto files with --proto-file-dirs";
        ParseError::new(message, Span::new(name.start(), name.end())).with_help(help)
    })
}

/// A required field that has no value. The text nests as deep as [`tree`] allows.
fn missing(message: &DynamicMessage) -> Option<String> {
    let of_value = |value: &prost_reflect::Value| match value {
        prost_reflect::Value::Message(inner) => missing(inner),
        prost_reflect::Value::List(items) => items.iter().find_map(|item| item.as_message().and_then(missing)),
        prost_reflect::Value::Map(entries) => entries.values().find_map(|item| item.as_message().and_then(missing)),
        _ => None,
    };
    let kind = message.descriptor();
    let mut fields = kind.fields();
    let own = fields.find(|field| field.cardinality() == Cardinality::Required && !message.has_field(field));
    let own = own.map(|field| field.full_name().to_owned());
    own.or_else(|| message.fields().find_map(|(_, value)| of_value(value)))
        .or_else(|| message.extensions().find_map(|(_, value)| of_value(value)))
}

/// The message as JSON.
fn written(message: &DynamicMessage) -> Result<String, ParseError> {
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .skip_default_fields(true);
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut out);
    message
        .serialize_with_options(&mut serializer, &options)
        .map_err(|error| ParseError::new(format!("the message has no JSON: {error}"), Span::new(0, 0)))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTO: &str = "syntax = \"proto3\";\npackage t;\nimport \"google/protobuf/any.proto\";\n\
        message M { string s = 1; int64 n = 2; repeated M ms = 3; map<string, M> map = 4; google.protobuf.Any any = 5; \
        optional double d = 6; enum E { A = 0; B = 1; } E e = 7; }\n";

    fn parse(text: &str) -> Result<Node, ParseError> {
        let protos = Protos::of([("p/t.proto".to_owned(), PROTO.to_owned())], vec!["p".to_owned()]);
        super::parse(&format!("# proto-message: t.M\n{text}"), &protos, Meter::new(10_000))
    }

    fn json(text: &str) -> String {
        match parse(text) {
            Ok(node) => node.value.to_json().to_string(),
            Err(error) => {
                let whole = format!("# proto-message: t.M\n{text}");
                format!("error at `{}`: {}", error.span.of(&whole), error.message)
            }
        }
    }

    #[test]
    fn messages_are_written_as_protojson_writes_them() {
        for (text, expected) in [
            (
                "s: 'a' \"b\" n: 5, ms { s: \"x\" } ms < >",
                r#"{"ms":[{"s":"x"},{}],"n":"5","s":"ab"}"#,
            ),
            (
                "map { key: \"k\" value { n: 1 } } d: -inf e: B",
                r#"{"d":"-Infinity","e":"B","map":{"k":{"n":"1"}}}"#,
            ),
            (
                "any { [type.googleapis.com/t.M] { s: \"x\" } }",
                r#"{"any":{"@type":"type.googleapis.com/t.M","s":"x"}}"#,
            ),
            ("ms: [{ s: \"a\" }, { s: \"b\" }]", r#"{"ms":[{"s":"a"},{"s":"b"}]}"#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            ("nope: 1", "error at `nope`: field 'nope' not found for message 't.M'"),
            ("s: \"a\" s: \"b\"", "error at `\"b\"`: 's' is already set"),
            ("ms {", "error at `{`: this `{` is never closed"),
            ("s: \"a", "error at `\"`: this string is never closed"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
        assert!(json(&"ms {".repeat(10_000)).contains("nest deeper"));
        assert!(json(&"s: [".repeat(10_000)).starts_with("error"));
    }

    #[test]
    fn values_and_keys_have_their_place() {
        let text = "ms { s: \"x\" }\nmap { key: \"k\" value { n: 1 } }";
        let whole = format!("# proto-message: t.M\n{text}");
        let root = parse(text).expect("valid").spans.children.expect("an object");
        let k = &root[0].children.as_ref().expect("a map")[0];
        let n = &k.children.as_ref().expect("a message")[0];
        let s = &root[1].children.as_ref().expect("a list")[0]
            .children
            .as_ref()
            .expect("a message")[0];
        assert_eq!((k.key.of(&whole), k.value.of(&whole)), ("\"k\"", "{ n: 1 }"));
        assert_eq!((n.key.of(&whole), n.value.of(&whole)), ("n", "1"));
        assert_eq!((s.key.of(&whole), s.value.of(&whole)), ("s", "\"x\""));
    }
}
