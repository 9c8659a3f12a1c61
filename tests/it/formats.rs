//! docs/formats.md, and what kpolicy answers where conftest's answer is not the measure.

use std::fmt::Write as _;
use std::path::Path;

use kpolicy::reading::whole;
use kpolicy_parse::Format;

use crate::common::projects::project;
use crate::common::{bless, kpolicy};
use crate::parsers::{cases, found, is_of_conftest, reason, text};

/// The beginning of docs/formats.md.
const PAGE: &str = "\
<!-- Generated from the registry of formats: cargo xtask bless formats. -->

# Formats

A file is of the first format in this table whose patterns match its name, whatever the case of its letters. `--parser
NAME` reads every file as one format, and `[parser]` in `kpolicy.toml` reads the files that a glob matches
([configuration](configuration.md)). `kpolicy parse FILE` prints what a policy sees. Every value has a location in its
file, in all formats, so that a finding is underlined where its value is written. A syntax error is an error with a line
and a column.

With `--compat conftest`, a walk through a directory skips the further files, since conftest does not find them.

A table of differences has one example for each difference from conftest 0.71 that the recorded cases show.

";

/// What kpolicy answers where conftest's answer is not the measure.
#[test]
fn where_conftest_is_not_followed() {
    for format in Format::ALL.iter().copied() {
        let mut record = String::new();
        for case in cases(format.name()) {
            let Some(reason) = reason(format, &case) else { continue };
            let found = found(format, &case);
            let answer = match &found {
                _ if is_of_conftest(&found, &case) => "as conftest".to_owned(),
                Ok(value) => value.to_json().to_string(),
                Err(error) => format!("error: {}", error.message),
            };
            let _ = writeln!(record, "{}: {reason}\n  {answer}", text(&case, "name"));
        }
        insta::assert_snapshot!(format!("differences@{}", format.name()), record);
    }
}

#[test]
fn the_page_of_formats_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let page = page();
    if bless() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/formats.md is not up to date: cargo xtask bless formats"
    );
}

/// A finding is underlined where its value is written, in every format.
#[test]
fn findings_are_underlined() {
    let policy = "package main\n\nimport rego.v1\n\ndeny contains \"found\" if {\n\tsome path, value\n\twalk(input, [path, value])\n\tvalue in {\"bad\", \"@bad\"}\n}\n";
    let files = [
        (".gitignore", "# all\nbad\n"),
        (".env", "A=1\nexport B=\"bad\"\n"),
        ("nginx.conf", "http {\n  server {\n    listen 80 bad;\n  }\n}\n"),
        ("CODEOWNERS", "# all\n*.rs @bad\n"),
        ("a.ini", "[s]\nk = 1\nx = bad ; note\n"),
        ("a.properties", "a = 1\nb.c : bad\n"),
        ("pom.xml", "<project>\n  <scope>bad</scope>\n</project>\n"),
        ("b.xml", "<project>\n  <scope name=\"bad\">x</scope>\n</project>\n"),
        (
            "a.spdx",
            "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: bad\n",
        ),
        (
            "bom.xml",
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">\n  <components>\n    <component type=\"library\"><name>bad</name></component>\n  </components>\n</bom>\n",
        ),
    ];
    for (name, text) in files {
        let root = project(&[("policy/main.rego", policy), (name, text)]);
        let output = kpolicy()
            .current_dir(root.path())
            .args(["test", "-o", "text", name])
            .output();
        let output = String::from_utf8(output.expect("it runs").stdout).expect("UTF-8");
        insta::assert_snapshot!(format!("underlined@{name}"), output);
    }
}

#[test]
fn a_walk_with_compat_conftest_finds_what_conftest_finds() {
    let policy = "package main\n\nimport rego.v1\n\ndeny contains \"found\" if input.s\n";
    let root = project(&[("policy/main.rego", policy), ("f/a.cfg", "[s]\n"), ("f/a.ini", "[s]\n")]);
    let files = |arguments: &[&str]| {
        let output = kpolicy()
            .current_dir(root.path())
            .args(["test", "-o", "compact"])
            .args(arguments)
            .output();
        String::from_utf8(output.expect("it runs").stdout).expect("UTF-8")
    };
    let (all, conftest, named) = (
        files(&["f"]),
        files(&["--compat", "conftest", "f"]),
        files(&["--compat", "conftest", "f/a.cfg"]),
    );
    assert!(all.contains("a.cfg") && all.contains("a.ini"), "{all}");
    assert!(!conftest.contains("a.cfg") && conftest.contains("a.ini"), "{conftest}");
    assert!(named.contains("a.cfg"), "{named}");
}

/// docs/formats.md.
fn page() -> String {
    let mut page = String::from(PAGE);
    page.push_str("| `--parser` | files, as in conftest | further files |\n| --- | --- | --- |\n");
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    for format in Format::ALL {
        let row = format.row();
        let _ = writeln!(
            page,
            "| [`{}`](#{}) | {} | {} |",
            row.name,
            row.name,
            words(row.files),
            words(row.further)
        );
    }
    for format in Format::ALL.iter().copied() {
        let row = format.row();
        let _ = write!(page, "\n## {}\n\n{}", row.name, row.about);
        if !row.aliases.is_empty() {
            let _ = write!(page, " Other names for `--parser`: {}.", words(row.aliases));
        }
        let (file, example) = row.example;
        let path = Path::new(file);
        assert_eq!(
            Format::of_path(path),
            Some(format),
            "{file} is the example of {}",
            row.name
        );
        let value = whole(format.parse(example).expect("the example is sound"));
        let value = serde_json::to_string_pretty(&value.to_json()).expect("JSON");
        let end = if example.ends_with('\n') { "" } else { "\n" };
        let _ = write!(
            page,
            "\n\n`{file}`:\n\n```text\n{example}{end}```\n\nThe policy sees:\n\n```json\n{value}\n```\n"
        );
        page.push_str(&differences(format));
    }
    page
}

/// The table of a format's differences from conftest, one example for each reason.
fn differences(format: Format) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for case in cases(format.name()) {
        let found = found(format, &case);
        let Some(reason) = reason(format, &case) else { continue };
        if is_of_conftest(&found, &case) || rows.iter().any(|row| row.0 == reason) {
            continue;
        }
        let conftest = match case.field("expected") {
            Some(expected) => code(&expected.to_json().to_string()),
            None if case.field("error").is_some() => "error".to_owned(),
            None => "no answer".to_owned(),
        };
        let own = match &found {
            Ok(value) => code(&value.to_json().to_string()),
            Err(error) => format!("error: {}", escaped(&error.message)),
        };
        let input = code(text(&case, "input"));
        let line = format!("| {} | {input} | {conftest} | {own} |", escaped(reason));
        rows.push((reason.to_owned(), line));
    }
    if rows.is_empty() {
        return String::new();
    }
    let head = "\nDifferences from conftest:\n\n| conftest | for example | conftest's answer | kpolicy's answer |\n| --- | --- | --- | --- |\n";
    let lines = rows.iter().map(|row| format!("{}\n", row.1));
    head.to_owned() + &lines.collect::<String>()
}

/// A text as code in a cell of a table: one line, not too long.
fn code(text: &str) -> String {
    let line = text
        .escape_debug()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'");
    let short: String = line.chars().take(80).collect();
    let dots = if short.len() < line.len() { "…" } else { "" };
    let fence = if short.contains('`') { "``" } else { "`" };
    let blank = if short.contains('`') || short.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{}{dots}{blank}{fence}", short.replace('|', "\\|"))
}

/// Prose in a cell of a table.
fn escaped(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('<', "&lt;").replace('|', "\\|").replace('*', "\\*")
}
