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
        "anchor_unused_odd",
        "YAML 1.2 allows the anchor's name, and nothing is read otherwise for it",
    ),
    (
        "yaml",
        "directive12",
        "%YAML 1.2 is what most files that say a version say",
    ),
    (
        "yaml",
        "directive_unknown",
        "YAML says to pass over a directive that is not known",
    ),
    ("yaml", "doc_tabs_start", "the text means nothing else, and is judged"),
    (
        "yaml",
        "dq_surr",
        "JSON's surrogate pairs are valid in YAML 1.2, a superset of JSON",
    ),
    (
        "yaml",
        "json_multi",
        "conftest drops what follows the first object without a word",
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
    ("yaml", "nel", "YAML 1.2 has no such line break: the text is refused"),
    ("yaml", "s077", "integers stay exact"),
    ("yaml", "s080", "integers stay exact"),
    ("yaml", "s101", "integers stay exact"),
    ("yaml", "s102", "integers stay exact"),
    ("yaml", "s103", "integers stay exact"),
    (
        "yaml",
        "tab_blank_line",
        "a line of blanks means nothing, and YAML 1.2 allows tabs in it",
    ),
    ("yaml", "tab_sep_list", "YAML 1.2 separates with tabs too"),
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
