//! Every parser against what conftest answers.

use std::fmt::Write as _;
use std::path::Path;

use kpolicy::reading::whole;
use kpolicy_parse::{Format, ParseError};
use kpolicy_value::{LineIndex, Value};

/// Cases where kpolicy answers otherwise: format, name, reason. "Refused" is a clear error where conftest goes on.
const DELIBERATE: &[(&str, &str, &str)] = &[
    ("nginx", "bom_a", "a byte-order mark is no part of the text"),
    ("nginx", "case_a", "names are not checked against a list"),
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
    ("json", "int_large", "integers stay exact"),
    ("jsonc", "bom", "a byte-order mark is no part of the text, as in JSON"),
    ("jsonc", "large", "integers stay exact"),
    ("jsonc", "block_comment_unclosed", "refused: the comment has no end"),
    (
        "jsonc",
        "comment_in_number",
        "refused: conftest joins what is around it",
    ),
    ("jsonc", "comment_in_word", "refused: conftest joins what is around it"),
    (
        "jsonc",
        "newline_in_string",
        "refused: conftest drops the line break without a word",
    ),
    ("jsonc", "slash_alone", "refused: conftest drops it without a word"),
    ("jsonc", "slash_end", "refused: conftest drops it without a word"),
    ("toml", "redefine_dotted", "refused, as TOML says"),
    ("toml", "inline_extend", "refused, as TOML says"),
    ("toml", "inline_table_extend", "refused, as TOML says"),
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

/// Each format with its name and how many cases it has at least.
/// How many cases each format has at least: a file that loses some is noticed.
const CASES: &[(&str, usize)] = &[
    ("dockerfile", 94),
    ("hcl2", 1175),
    ("json", 79),
    ("jsonc", 68),
    ("toml", 92),
    ("codeowners", 54),
    ("dotenv", 64),
    ("ignore", 33),
    ("ini", 73),
    ("nginx", 63),
    ("properties", 59),
    ("xml", 67),
    ("cyclonedx", 27),
    ("spdx", 29),
    ("yaml", 173),
];

/// The formats whose errors are compared with conftest's line by line.
const WITH_LINES: [Format; 6] = [
    Format::Yaml,
    Format::Hcl2,
    Format::Dockerfile,
    Format::Json,
    Format::Jsonc,
    Format::Toml,
];

/// The cases of a format. They are read by kpolicy's own JSON reader, since some nest deeper than serde_json follows.
pub(crate) fn cases(format: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/parsers/{format}.jsonl"));
    let text = std::fs::read_to_string(path).expect("the cases are in the repository");
    text.lines()
        .map(|line| whole(Format::Json.parse(line).expect("a case is JSON")))
        .collect()
}

pub(crate) fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case.field(field)
        .and_then(Value::as_str)
        .expect("every case has a name and an input")
}

/// The text of a case as a reader gets it: a file's byte-order mark is gone before its text is read.
pub(crate) fn input(case: &Value) -> &str {
    let text = text(case, "input");
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What kpolicy makes of a case.
pub(crate) fn found(format: Format, case: &Value) -> Result<Value, ParseError> {
    format.parse(input(case)).map(whole)
}

/// Why kpolicy may answer otherwise: conftest's answer looks wrong, it has none, or a row of the table says so.
pub(crate) fn reason(format: Format, case: &Value) -> Option<&str> {
    let title = text(case, "name");
    let known = DELIBERATE
        .iter()
        .find(|known| (known.0, known.1) == (format.name(), title));
    let of_case = || case.field("suspect").or(case.field("note")).and_then(Value::as_str);
    known.map(|known| known.2).or_else(of_case)
}

pub(crate) fn is_of_conftest(found: &Result<Value, ParseError>, case: &Value) -> bool {
    match (found, case.field("expected")) {
        (Ok(value), Some(expected)) => value == expected,
        (Err(_), None) => true,
        _ => false,
    }
}

#[test]
fn every_case_reads_as_conftest_reads_it() {
    let mut wrong = Vec::new();
    for format in Format::ALL.iter().copied() {
        let cases = cases(format.name());
        let least = CASES.iter().find(|row| row.0 == format.name());
        assert_eq!(
            Some(cases.len()),
            least.map(|row| row.1),
            "{}: a row of CASES has its count",
            format.name()
        );
        for case in cases {
            let found = found(format, &case);
            if reason(format, &case).is_none() && !is_of_conftest(&found, &case) {
                let found = found.map(|value| value.to_json());
                wrong.push(format!("{}: {found:?} instead of {}", format.name(), case.to_json()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Cases whose error kpolicy reports on another line than conftest, each with kpolicy's line: mostly what is never
/// closed, which kpolicy reports where it opens.
const OTHER_LINES: &[(&str, &str, usize)] = &[
    ("yaml", "bad_indent", 3),
    ("yaml", "multi_second_bad", 3),
    ("yaml", "nokey_colon", 2),
    ("yaml", "two_roots", 2),
    ("hcl2", "hd_noeol", 1),
    ("hcl2", "expression033", 1),
    ("hcl2", "expression125", 1),
    ("hcl2", "expression392", 1),
    ("hcl2", "expression397", 1),
    ("hcl2", "expression406", 1),
    ("hcl2", "expression408", 1),
    ("hcl2", "expression417", 1),
    ("hcl2", "expression421", 1),
    ("hcl2", "expression423", 1),
    ("hcl2", "expression426", 1),
    ("hcl2", "expression428", 1),
    ("hcl2", "lines018", 1),
    ("hcl2", "heredoc179", 1),
    ("hcl2", "heredoc180", 1),
    ("hcl2", "heredoc185", 1),
    ("hcl2", "heredoc186", 1),
    ("hcl2", "heredoc187", 1),
    ("hcl2", "heredoc191", 1),
    ("hcl2", "body153", 1),
    ("toml", "header_unclosed", 1),
    ("toml", "header_double_unclosed", 1),
    ("toml", "basic_newline", 2),
    ("toml", "multi_unclosed", 2),
    ("toml", "carriage_return", 2),
];

#[test]
fn an_error_is_on_the_line_that_conftest_names() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for format in WITH_LINES {
        let name = format.name();
        for case in cases(name) {
            let Some(expected) = case.field("error").and_then(Value::as_str).and_then(line_of) else {
                continue;
            };
            let Err(error) = format.parse(input(&case)) else {
                continue;
            };
            compared += 1;
            let (line, _) = LineIndex::new(input(&case)).position(error.span.start as usize);
            let title = text(&case, "name");
            let known = OTHER_LINES.iter().find(|known| (known.0, known.1) == (name, title));
            if line != known.map_or(expected, |known| known.2) {
                let input = text(&case, "input");
                wrong.push(format!(
                    "(\"{name}\", \"{title}\", {line}), // {expected} {error:?} {input:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 300, "only {compared} errors have a line");
}

/// The line that a message of conftest names: `:3,2-3:` of HCL, `line 3` of TOML and YAML.
fn line_of(message: &str) -> Option<usize> {
    let rest = message.split_once("[:").or_else(|| message.split_once("line "))?.1;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    for format in Format::ALL.iter().copied() {
        let mut messages = String::new();
        for case in cases(format.name()) {
            if let Err(error) = format.parse(input(&case)) {
                let lines = LineIndex::new(input(&case));
                let ((line, column), (to_line, to_column)) = (
                    lines.position(error.span.start as usize),
                    lines.position(error.span.end as usize),
                );
                let title = text(&case, "name");
                let message = error.message;
                writeln!(messages, "{title} {line}:{column}-{to_line}:{to_column} {message}")
                    .expect("a string can be written");
            }
        }
        insta::assert_snapshot!(format!("errors@{}", format.name()), messages);
    }
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
        let found = Format::Yaml.parse(input(&case));
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
