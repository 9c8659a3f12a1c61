//! Every parser against what conftest answers.

use std::path::Path;

use kpolicy::reading::whole;
use kpolicy_parse::Format;
use kpolicy_value::Value;

/// Cases where kpolicy answers otherwise: format, name, reason. "Refused" is a clear error where conftest goes on.
const DELIBERATE: &[(&str, &str, &str)] = &[
    ("hcl2", "deep_list251", "refused: more than 250 levels"),
    (
        "hcl2",
        "dedent_combining",
        "conftest drops the accent on the last blank without a word",
    ),
    ("hcl2", "forty_accents", "conftest puts a joiner between them"),
    (
        "hcl2",
        "identifier_of_unicode_13",
        "conftest knows identifiers as of Unicode 9",
    ),
    (
        "json",
        "json_12",
        "OPA takes 1e400, and so do policies that are evaluated by it",
    ),
    ("hcl2", "long_decimal", "decimals stay exact"),
    ("hcl2", "long_integer", "integers stay exact"),
    (
        "hcl2",
        "null_alone_else",
        "refused: conftest drops the `else` without a word",
    ),
    (
        "hcl2",
        "null_alone_if",
        "refused: conftest drops the text without a word",
    ),
    ("hcl2", "tiny_number", "decimals stay exact"),
    (
        "yaml",
        "block_eof_keep",
        "the last line is ended, as Kubernetes ends it before it reads",
    ),
    (
        "yaml",
        "directive12",
        "%YAML 1.2 is what most files that name a version name",
    ),
    (
        "yaml",
        "json_multi",
        "conftest drops what follows the first object without a word; kubectl reads it",
    ),
    (
        "yaml",
        "multi_dots_only",
        "conftest drops the document behind `...` without a word",
    ),
    (
        "yaml",
        "multi_empty_mid",
        "an empty document is a document of its stream; it is not judged",
    ),
    (
        "yaml",
        "multi_sep_inline",
        "conftest drops the document behind `--- {` without a word",
    ),
    (
        "yaml",
        "multi_sep_space",
        "conftest drops the document behind `--- ` without a word",
    ),
    ("yaml", "s077", "integers stay exact"),
    ("yaml", "s080", "integers stay exact"),
    ("yaml", "s101", "integers stay exact"),
    ("yaml", "s102", "integers stay exact"),
    ("yaml", "s103", "integers stay exact"),
];

const FORMATS: [(Format, &str); 6] = [
    (Format::Yaml, "yaml"),
    (Format::Hcl2, "hcl2"),
    (Format::Dockerfile, "dockerfile"),
    (Format::Json, "json"),
    (Format::Jsonc, "jsonc"),
    (Format::Toml, "toml"),
];

/// The cases of a format. They are read by kpolicy's own JSON reader, since some nest deeper than serde_json follows.
fn cases(format: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/parsers/{format}.jsonl"));
    let text = std::fs::read_to_string(path).expect("the cases are in the repository");
    text.lines()
        .map(|line| whole(Format::Json.parse(line).expect("a case is JSON")))
        .collect()
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case.field(field)
        .and_then(Value::as_str)
        .expect("every case has a name and an input")
}

#[test]
fn every_case_reads_as_conftest_reads_it() {
    let mut wrong = Vec::new();
    for (format, name) in FORMATS {
        for case in cases(name) {
            let title = text(&case, "name");
            if DELIBERATE.iter().any(|known| (known.0, known.1) == (name, title)) {
                continue;
            }
            let found = format.parse(text(&case, "input"));
            let agrees = match (&found, case.field("expected")) {
                (Ok(nodes), Some(expected)) => whole(nodes.clone()) == *expected,
                (Err(_), None) => true,
                _ => false,
            };
            if !agrees {
                let found = found.map(|nodes| nodes.iter().map(|node| node.value.to_json()).collect::<Vec<_>>());
                wrong.push(format!("{name} {title}: {found:?} instead of {}", case.to_json()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts that Kubernetes refuses and kpolicy reads: docs/fidelity.md has the table.
const WIDER: &[&str] = &[
    "dashtext",
    "directive12",
    "directive13",
    "f_konly-34feb849",
    "f_konly-6df26495",
    "f_konly-7777d88e",
    "f_konly-91aedaee",
    "f_konly-caf867f2",
    "f_konly-e0c99e72",
    "f_konly-e9ec2a20",
];

#[test]
fn every_yaml_text_reads_as_kubernetes_reads_it() {
    let mut wrong = Vec::new();
    for case in cases("kubernetes-yaml") {
        // A file's byte-order mark is gone before its text is read.
        let input = text(&case, "input");
        let found = Format::Yaml.parse(input.strip_prefix('\u{feff}').unwrap_or(input));
        let values = found.map(|nodes| nodes.into_iter().map(|node| node.value));
        let values = values.map(|values| Value::array(values.filter(|value| *value != Value::Null).collect()));
        let agrees = match (&values, case.field("documents")) {
            (Ok(values), Some(documents)) => values == documents,
            (Ok(_), None) => WIDER.contains(&text(&case, "name")),
            (Err(_), documents) => documents.is_none(),
        };
        if !agrees {
            wrong.push(format!("{values:?} instead of {}", case.to_json()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn deep_nesting_is_an_error() {
    for text in ["[".repeat(10_000), "{\"a\":".repeat(10_000)] {
        assert!(Format::Yaml.parse(&text).is_err());
        assert!(Format::Hcl2.parse(&format!("a = {text}")).is_err());
        assert!(Format::Json.parse(&text).is_err());
        assert!(Format::Jsonc.parse(&text).is_err());
    }
}

#[test]
fn a_sign_before_a_signed_number_stays_text() {
    let nodes = Format::Hcl2.parse("a = --1\nb = [--1.5]\n").expect("an expression");
    assert_eq!(
        whole(nodes).to_json(),
        serde_json::json!({"a": "${--1}", "b": ["${--1.5}"]})
    );
}
