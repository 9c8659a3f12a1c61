//! `kpolicy doc`: pages from METADATA.

use std::fs;
use std::path::Path;

use super::{project, run};
use crate::common::program;

const MAIN: &str = r#"# METADATA
# title: Services & ports
# description: |
#   What services may *expose*.
#
#   Two paragraphs.
# organizations: [Platform]
# authors:
#   - Jane Doe <jane@example.com>
#   - name: John
# related_resources:
#   - https://example.com/a
#   - ref: https://example.com/b
#     description: More
package main

import rego.v1

# METADATA
# title: Ports
# description: No <low> ports | at all.
# entrypoint: true
# custom:
#   severity: high
#   limits: {low: 1024}
deny contains "x" if input.port < 1024

# METADATA
# scope: document
# title: Names
names.of[x] contains y if some x, y in input.names
"#;

const SUB: &str = "# METADATA\n# scope: subpackages\n# title: Sub\npackage main.sub[\"a/b\"]\n\nimport rego.v1\n\n# METADATA\n# description: only a description\nwarn contains \"y\" if input.y\n";

/// Not part of the documentation.
const TEST: &str = "# METADATA\n# title: A test\npackage main_test\n\nimport rego.v1\n\ntest_it if true\n";

fn policies() -> tempfile::TempDir {
    project(&[
        ("policy/main.rego", MAIN),
        ("policy/sub/sub.rego", SUB),
        ("policy/main_test.rego", TEST),
        ("policy/none.rego", "package none\n\nimport rego.v1\n\nallow if true\n"),
    ])
}

/// The files of a folder with their texts, as one text.
fn folder(path: &Path) -> String {
    let mut files: Vec<_> = fs::read_dir(path)
        .expect("the folder is there")
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let text = |path: &std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        format!("==> {name}\n{}", fs::read_to_string(path).expect("a text"))
    };
    files.iter().map(text).collect()
}

#[test]
fn each_package_has_a_page_in_markdown_or_html() {
    let root = policies();
    insta::assert_snapshot!("doc_output", run(root.path(), "doc -o out/md policy"));
    insta::assert_snapshot!("doc_markdown", folder(&root.path().join("out/md")));
    run(root.path(), "doc -o out/html --markup html policy");
    insta::assert_snapshot!("doc_html", folder(&root.path().join("out/html")));
}

#[test]
fn html_pages_hold_no_markup_of_policies() {
    let policy = "# METADATA\n# title: <script>alert(1)</script>\n# description: \"</p><img onerror=x>\"\n# related_resources:\n#   - javascript:alert(1)\n#   - ref: https://a.example/?q=\"><b>\n#     description: <i>\n# custom:\n#   <k>: [<v>]\npackage main\n";
    let root = project(&[("policy/p.rego", policy)]);
    run(root.path(), "doc -o out --markup html policy");
    let page = folder(&root.path().join("out"));
    for markup in [
        "<script",
        "<img",
        "<b>",
        "<i>",
        "<k>",
        "<v>",
        "href=\"javascript",
        "onerror=x>",
    ] {
        assert!(!page.contains(markup), "{markup}: {page}");
    }
    assert!(page.contains("<code>javascript:alert(1)</code>"), "{page}");
}

#[test]
fn templates_and_pages_are_as_in_conftest() {
    let template = "{{ range . -}}\n{{ .MarkdownHeading }}{{ .Depth }} {{ .RegoPackageName }}: {{ .Annotations }} {{ .Annotations.Scope }} {{ range .Annotations.RelatedResources }}{{ .Ref }} {{ .Description }};{{ end }}{{ range .Annotations.Authors }}{{ . }} {{ .Name }} {{ .Email }};{{ end }}{{ .Annotations.Organizations }} {{ .Annotations.Custom.severity }} {{ .Annotations.Location.Row }}\n{{ end -}}\n";
    let root = policies();
    fs::write(root.path().join("page.tmpl"), template).expect("a file");
    let words = "doc --pages directory -t page.tmpl -o out policy policy/sub";
    insta::assert_snapshot!("doc_directories", run(root.path(), words));
    insta::assert_snapshot!("doc_template", folder(&root.path().join("out")));
}

#[cfg(unix)]
#[test]
fn under_conftests_name_each_directory_has_a_page_and_nothing_is_printed() {
    let root = policies();
    let conftest = root.path().join("conftest");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kpolicy"), &conftest).expect("a link");
    let mut command = program(&conftest.display().to_string());
    command
        .current_dir(root.path().join("policy"))
        .args(["doc", "--outDir", "../out", "."]);
    let output = command.output().expect("kpolicy starts");
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    // The directory has no name of its own there.
    assert!(root.path().join("out/policy.md").is_file());
    assert!(!root.path().join("out/index.md").exists());
}

#[test]
fn what_cannot_be_documented_is_an_error() {
    let root = policies();
    fs::write(root.path().join("bad.tmpl"), "{{ range . }}").expect("a file");
    fs::write(root.path().join("wrong.tmpl"), "{{ range . }}{{ .Name }}{{ end }}").expect("a file");
    fs::write(root.path().join("file"), "").expect("a file");
    fs::create_dir(root.path().join("plain")).expect("a folder");
    fs::write(root.path().join("plain/p.rego"), "package plain\n").expect("a file");
    let words = [
        "doc",
        "doc nowhere",
        "doc plain",
        "doc -t bad.tmpl policy",
        "doc -t wrong.tmpl policy",
        "doc -t nowhere.tmpl policy",
        "doc -o file policy",
        "doc --pages directory policy policy",
    ];
    let told: String = words
        .iter()
        .map(|words| format!("> {words}\n{}", run(root.path(), words)))
        .collect();
    insta::assert_snapshot!("doc_errors", told);
}
