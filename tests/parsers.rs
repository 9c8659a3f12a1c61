//! Every parser against what conftest answers, and against random text.

use std::path::Path;

use kpolicy::document::{Span, Spans};
use kpolicy::parse::Format;
use kpolicy::reading::whole;
use kpolicy::value::Value;

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

/// A small generator of random numbers with a fixed seed, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).expect("below a usize")
    }
}

const PIECES: [&str; 32] = [
    "\\",
    "\"",
    "'",
    "\n",
    "\r\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "=",
    ".",
    "<<EOF",
    "EOF\n",
    "#",
    "--x=y ",
    " ",
    "\t",
    "é",
    "\u{1F600}",
    "\u{85}",
    "1e9",
    "-",
    "\\u12",
    "ONBUILD ",
    "RUN ",
    "ENV ",
    "`",
    "$",
    "\0",
    "//",
    "/*",
];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(characters.len() + 1);
        let end = (at + random.below(6)).min(characters.len());
        if random.below(3) == 0 {
            characters.drain(at..end);
        } else {
            characters.splice(at..at, PIECES[random.below(PIECES.len())].chars());
        }
    }
    characters.into_iter().collect()
}

fn check(span: Span, text: &str, input: &str) {
    let range = span.start as usize..span.end as usize;
    assert!(text.get(range).is_some(), "{span:?} is no range of {input:?}");
}

fn check_all(spans: &Spans, text: &str) {
    check(spans.key, text, text);
    check(spans.value, text, text);
    for child in spans.children.iter().flat_map(|children| children.iter()) {
        check_all(child, text);
    }
}

#[test]
fn random_text_never_panics_and_spans_stay_within_it() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for (format, name) in FORMATS {
        let cases = cases(name);
        for _ in 0..3000 {
            let case = &cases[random.below(cases.len())];
            let text = mutate(text(case, "input"), &mut random);
            match format.parse(&text) {
                Ok(nodes) => nodes.iter().for_each(|node| check_all(&node.spans, &text)),
                Err(error) => check(error.span, &text, &text),
            }
        }
    }
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
