//! What the texts grow from: the repository's own files and cases, and the words of each format.

use std::path::Path;

use kpolicy_parse::Format;
use walkdir::WalkDir;

/// The texts of a target.
pub(crate) fn of(target: &str) -> Vec<String> {
    let (folders, endings): (&[&str], &[&str]) = match target {
        "yaml" => (&["examples"], &[".yaml"]),
        "hcl2" => (&["examples"], &[".tf"]),
        "dockerfile" => (&["examples"], &["Dockerfile"]),
        "toml" => (&["examples"], &[".toml"]),
        "policy" => (&["policy", "examples", "benches"], &[".rego"]),
        _ => (&[], &[]),
    };
    let mut texts = cases(target);
    texts.extend(
        folders
            .iter()
            .flat_map(|folder| files(folder, endings))
            .map(|(_, text)| text),
    );
    texts.extend(Format::of_name(target).map(|format| format.row().example.1.to_owned()));
    texts.extend(further(target).iter().map(|text| (*text).to_owned()));
    assert!(texts.len() > 5, "{target} has something to start from");
    texts
}

/// The texts that once went wrong.
pub(crate) fn kept(target: &str) -> Vec<String> {
    let texts = files(&format!("tests/fuzz/kept/{target}"), &[""]);
    texts.into_iter().map(|(_, text)| text).collect()
}

/// The files of the repository below a folder whose names end so: the path of each, and its text.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = WalkDir::new(root.join(folder)).sort_by_file_name();
    let files = entries
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    let named = files.filter_map(|entry| {
        let path = entry.path().strip_prefix(root).expect("it is below the root");
        let path = path.to_string_lossy().replace('\\', "/");
        let wanted = endings.iter().any(|ending| path.ends_with(ending));
        wanted.then(|| {
            (
                path,
                std::fs::read_to_string(entry.path()).expect("the repository's files are text"),
            )
        })
    });
    named.collect()
}

fn cases(target: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/parsers/{target}.jsonl"));
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // A case that nests deeper than serde_json follows is in tests/it/parsers.rs.
    let cases = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    cases
        .filter_map(|case| Some(case.get("input")?.as_str()?.to_owned()))
        .collect()
}

/// Texts with what the repository's files do not show.
fn further(target: &str) -> &'static [&'static str] {
    match target {
        "yaml" => &[
            "a: &x {b: [1, *y], c: &y 2}\nd:\n  <<: *x\n  ? complex\n  : - |2-\n      text\n    - >+\n\n      folded\n",
            "%YAML 1.2\n%TAG !e! tag:example.com,2000:\n---\n!e!x !!str a: !!binary aGk=\n...\n---\n- ? a\n- \"\\u00e9\\\n  b\"\n",
        ],
        "json" | "jsonc" => &[
            "{\"a\": [1, -2.5e+10, true, null, \"\\ud83d\\ude00\\n\"], \"b\": {\"c\": {}, \"d\": []}, \"a\": 0}\n",
            "// one\n{\n  \"a\": 1, /* two\n */ \"b\": \"/*\" # three\n}\n",
        ],
        "toml" => &[
            "a.b.\"c d\" = 1_000\nd = 1979-05-27T07:32:00.5-07:00\n[[x.y]]\nk = '''\nraw'''\n[[x.y]]\nz = [0x1F, inf, {q = \"\"\"\\\n  s\"\"\"}]\n[x.t]\n",
        ],
        "dockerfile" => &[
            "# escape=`\nARG V=1\nFROM --platform=$P a:${V} AS b\nRUN --mount=type=cache,target=/x <<EOF sh\n  a `\nEOF\n",
            "FROM a\nCOPY --from=b --chown=1:1 [\"x y\", \"/z\"]\nENV A=1 B=\"2 3\" C=\\ d\nONBUILD HEALTHCHECK --interval=5s CMD c \\\n # note\n  d\n",
        ],
        "hcl2" => &[
            "a \"b\" c {\n  d = [for k, v in m : \"${k}-%{ if v }x%{ else }y%{ endif ~}\" if v != null]\n  e = <<-EOT\n    ${f(x...)[*].y}\n  EOT\n}\n",
        ],
        "policy" => &[
            "package a.b\n\nimport data.c.d as e\n\ndefault ok := false\n\nok if {\n\tevery k, v in input.x { not v == k with input as {\"a\": 1} }\n}\n\nf(x, [y, _]) := {z: [w | w := y[_]; w > -1.5e3] | some z in x} else := `raw`\n",
        ],
        _ => &[],
    }
}

/// What is inserted: the words of every format, and of this one.
pub(crate) fn pieces(target: &str) -> Vec<&'static str> {
    let own: &[&str] = match target {
        "yaml" => &[
            "- ",
            ": ",
            "? ",
            "---\n",
            "...\n",
            "&a ",
            "*a",
            "<<: ",
            "<<: *a\n",
            "|",
            ">-",
            "|+2\n",
            "!!int ",
            "!!merge ",
            "!!binary ",
            "!!timestamp ",
            "!<x> ",
            "%YAML 1.1\n",
            "~",
            "0o7",
            ".inf",
            "\u{feff}",
            "\u{2028}",
            "\u{85}",
            "@",
            "- - - ",
            "'",
            "{? a: b}",
        ],
        "hcl2" => &[
            "<<EOF\n",
            "<<-EOF\n",
            "EOF\n",
            "${",
            "%{",
            "%{ if a }",
            "%{ endif }",
            "%{ for a in b }",
            "$${",
            "~}",
            "...",
            "=>",
            "? :",
            "for a in b : ",
            "a.*.b",
            "[*]",
            "&&",
            "!=",
            "==",
            "||",
            "\"a\" {\n",
            "=",
            "\\u00e9",
            "/*",
            "*/",
            "//",
            "null",
        ],
        "dockerfile" => &[
            "FROM ",
            "RUN ",
            "ENV ",
            "ONBUILD ",
            "COPY --from=x ",
            "HEALTHCHECK ",
            "CMD [",
            "<<EOF\n",
            "<<-\"E F\" ",
            "EOF\n",
            "# escape=`\n",
            "# syntax=x\n",
            "\\\n",
            "`\n",
            " \\ \n",
            "--x=y ",
            "$",
            "${A:-",
            "LABEL ",
            "ARG ",
            "= ",
        ],
        "json" | "jsonc" => &[
            "\\ud800", "\\u12", "\\u0000", "1e400", "-0", "1E-9", "/*", "*/", "//", "true", "nul", "\"a\":", ",", "00",
            ".5",
        ],
        "toml" => &[
            "[[a]]\n",
            "[a.b]\n",
            "\"\"\"",
            "'''",
            "a.b = ",
            "1979-05-27",
            "07:32:00",
            "inf",
            "-nan",
            "0x",
            "1_",
            "\\U0001F600",
            "{a = 1}",
        ],
        _ => &[
            "deny contains msg if ",
            "package ",
            "import ",
            " if ",
            " else := ",
            "some ",
            "every x in ",
            " with input as ",
            " := ",
            " == ",
            "not ",
            "import rego.v1\n",
            "import future.keywords\n",
            "default ",
            " | ",
            "`",
            "sprintf(",
            "data.",
            "input.",
            "[_]",
            "..",
            "${",
            "# METADATA\n",
            "# title: a\n",
            "# custom: {a: 1\n",
            "contains ",
            "print(",
            "x :: y",
            "f(x) := ",
            "walk(",
            "null",
            "$\"{x}\"",
        ],
    };
    let common = [
        "\\",
        "\"",
        "'",
        "\n",
        "\r\n",
        "\r",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ",",
        ":",
        "=",
        ".",
        "#",
        " ",
        "\t",
        "é",
        "\u{1F600}",
        "\0",
        "1e9",
        "-",
        "0",
        "9223372036854775808",
    ];
    own.iter().chain(&common).copied().collect()
}
