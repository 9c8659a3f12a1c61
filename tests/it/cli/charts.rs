//! Helm charts, with a program in place of helm: what it is given, what becomes of its output, and its errors.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use super::{POLICY, run, run_with};
use crate::common::projects::project;

/// What the program in place of helm writes for the chart.
const OUTPUT: &str = "---\n# Source: shop/templates/web.yaml\nkind: One\na: 1\n---\n# Source: shop/charts/db/templates/db.yaml\nb: 1\n---\n# Source: shop/templates/web.yaml\nkind: Two\na: 2\n";

/// A project with a chart, and with a program `helm` that notes its arguments and then runs this script.
fn charts(files: &[(&str, &str)], script: &str) -> TempDir {
    let chart = [
        ("policy/p.rego", POLICY),
        ("charts/shop/Chart.yaml", "name: shop\nversion: 1.0.0\n"),
        ("charts/shop/values.yaml", "a: 2\n"),
        (
            "charts/shop/templates/web.yaml",
            "kind: {{ .Kind }}\na: {{ .Values.a }}\n",
        ),
        ("charts/shop/charts/db/Chart.yaml", "name: db\nversion: 1.0.0\n"),
        ("charts/shop/charts/db/templates/db.yaml", "b: {{ 1 }}\n"),
        ("output.yaml.txt", OUTPUT),
    ];
    let root = project(&[&chart[..], files].concat());
    let helm = root.path().join("helm");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = version ]; then printf v3.99.0; exit; fi\necho \"$@\" >>arguments.txt\n{script}\n"
    );
    fs::write(&helm, script).expect("the program can be written");
    fs::set_permissions(&helm, fs::Permissions::from_mode(0o755)).expect("the program can be started");
    root
}

/// The arguments that the program was started with, a line for each start.
fn arguments(root: &Path) -> String {
    fs::read_to_string(root.join("arguments.txt")).unwrap_or_default()
}

#[test]
fn a_chart_is_rendered_and_its_parts_are_no_documents() {
    let root = charts(&[], "cat output.yaml.txt");
    insta::assert_snapshot!("chart", run(root.path(), "test --helm ./helm charts"));
    insta::assert_snapshot!("chart_json", run(root.path(), "test --helm ./helm -o json charts/shop"));
    let expected = "template --include-crds --kube-version=1.37.0 ./charts/shop\n";
    assert!(
        arguments(root.path()).starts_with(expected),
        "{}",
        arguments(root.path())
    );
}

#[test]
fn a_chart_is_rendered_once_per_run_and_also_where_it_is_the_working_directory() {
    let root = charts(&[], "cat output.yaml.txt");
    let chart = root.path().join("charts/shop");
    let found = run(&chart, "test --helm ../../helm -p ../../policy . ../shop");
    // The program does not find its output there.
    assert!(found.contains("cannot render .:"), "{found}");
    assert_eq!(arguments(&chart).lines().count(), 1);
}

#[test]
fn several_entries_are_several_environments() {
    let settings = "[[helm]]\nchart = \"charts/shop\"\nvalues = [\"values.yaml\", \"env/prod.yaml\"]\nset = { \"image.tag\" = \"1,2\", replicas = 3 }\n\n[[helm]]\nchart = \"charts/shop\"\nenvironment = \"test\"\nname = \"web\"\nnamespace = \"shop\"\nkube-version = \"1.30.0\"\napi-versions = [\"monitoring.coreos.com/v1\"]\n";
    let root = charts(
        &[("kpolicy.toml", settings), ("env/prod.yaml", "a: 3\n")],
        "cat output.yaml.txt",
    );
    insta::assert_snapshot!("environments", run(root.path(), "test --helm ./helm charts"));
    let mut started: Vec<String> = arguments(root.path()).lines().map(str::to_owned).collect();
    started.sort();
    started.dedup();
    assert!(started.contains(&"template --include-crds --kube-version=1.37.0 --values=./charts/shop/values.yaml --values=./env/prod.yaml --set-json=image.tag=\"1,2\" --set-json=replicas=3 ./charts/shop".to_owned()), "{started:#?}");
    assert!(started.contains(&"template web --include-crds --kube-version=1.30.0 --namespace=shop --api-versions=monitoring.coreos.com/v1 ./charts/shop".to_owned()), "{started:#?}");
}

#[test]
fn settings_of_charts_are_checked() {
    let settings = "[[helm]]\nchart = \"charts/none\"\nvalues = [1]\nrelease = \"a\"\n\n[[helm]]\nset = 1\n";
    let root = charts(&[("kpolicy.toml", settings)], "exit 1");
    insta::assert_snapshot!("settings_of_charts", run(root.path(), "test --helm ./helm charts"));
    let settings = "[[helm]]\nchart = \"charts/shop\"\nvalues = [\"none.yaml\"]\n";
    let root = charts(&[("kpolicy.toml", settings)], "exit 1");
    insta::assert_snapshot!("no_values_file", run(root.path(), "test --helm ./helm charts"));
}

#[test]
fn what_cannot_be_rendered_is_an_error() {
    let fails = "printf 'Error: execution error at (shop/templates/web.yaml:3:4): name is required\\n\\nUse --debug flag to render out invalid YAML\\n' >&2; exit 1";
    let root = charts(&[], fails);
    insta::assert_snapshot!("helm_fails", run(root.path(), "test --helm ./helm charts"));
    insta::assert_snapshot!(
        "helm_is_missing",
        run(root.path(), "test --helm ./no-such-program charts")
    );
    let without = run_with(root.path(), "test charts", "", &[("PATH", "/no/such/folder")]);
    assert!(without.contains("the program helm was not found"), "{without}");
    assert!(without.ends_with("--- exit code 2\n"), "{without}");
    let needy = "name: shop\ndependencies: [{name: kafka}, {name: db}]\n";
    let root = charts(&[("charts/shop/Chart.yaml", needy)], "exit 1");
    insta::assert_snapshot!(
        "dependencies_are_missing",
        run(root.path(), "test --helm ./helm charts")
    );
    assert_eq!(arguments(root.path()), "");
}

#[test]
fn charts_without_objects_are_named() {
    let library = ("charts/lib/Chart.yaml", "name: lib\ntype: library\n");
    let root = charts(&[library], "printf ''");
    insta::assert_snapshot!("charts_without_objects", run(root.path(), "test --helm ./helm charts"));
}

#[test]
fn charts_are_plain_files_where_that_is_asked_for() {
    let root = charts(&[("charts/shop/templates/plain.yaml", "a: 2\n")], "exit 1");
    for words in [
        "test --no-render charts/shop/templates/plain.yaml charts/shop/Chart.yaml",
        "test charts/shop/templates/plain.yaml",
        "test --no-render --ignore web|db charts",
    ] {
        let found = run(root.path(), words);
        assert!(
            found.contains("charts/shop/templates/plain.yaml:1:4"),
            "{words}: {found}"
        );
    }
    let compat = run(root.path(), "test --compat conftest --ignore web|db charts");
    assert!(compat.contains("plain.yaml - main - a is 2"), "{compat}");
    assert_eq!(arguments(root.path()), "");
}

#[test]
fn what_a_chart_gives_is_printed_too() {
    let root = charts(&[], "cat output.yaml.txt");
    insta::assert_snapshot!("parse_chart", run(root.path(), "parse --helm ./helm charts"));
}

#[test]
fn what_is_beside_the_parts_of_a_chart_is_evaluated() {
    let root = charts(&[("charts/shop/more/a.yaml", "a: 7\n")], "printf ''");
    let found = run(root.path(), "test --helm ./helm -o compact charts");
    assert!(
        found.contains("charts/shop/more/a.yaml:1:4: deny[main/deny] a is 7"),
        "{found}"
    );
}

/// With helm itself: a value, a helper, a loop and a subchart are found in the line that writes them.
#[test]
#[ignore = "needs helm"]
fn findings_are_at_the_line_of_the_template() {
    let web = "kind: Web\nitems:\n{{- range .Values.items }}\n- name: {{ .name }}\n{{- end }}\n{{- with .Values.deep }}\na: {{ .a }}\n{{- end }}\n---\n{{ include \"shop.b\" . }}\n";
    let helper = "{{- define \"shop.b\" -}}\nkind: Helper\nb: true\n{{- end }}\n";
    let values = "items:\n- name: one\n- name: two\ndeep:\n  a: 2\n";
    let root = charts(
        &[
            ("charts/shop/templates/web.yaml", web),
            ("charts/shop/templates/_helpers.tpl", helper),
            (
                "charts/shop/charts/db/templates/db.yaml",
                "# {{ .Chart.Name }}\nb: {{ .Values.b }}\n",
            ),
            ("charts/shop/charts/db/values.yaml", "b: 0\n"),
            ("charts/shop/values.yaml", values),
            ("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
            (
                "charts/shop/charts/db/Chart.yaml",
                "apiVersion: v2\nname: db\nversion: 1.0.0\n",
            ),
            ("prod.yaml", "deep:\n  a: 7\n"),
            (
                "kpolicy.toml",
                "[[helm]]\nchart = \"charts/shop\"\nvalues = [\"prod.yaml\"]\n",
            ),
        ],
        "exit 1",
    );
    let found = run(root.path(), "test charts");
    for expected in [
        "charts/shop/templates/web.yaml:7:4\n",
        ".Values.deep.a is set at prod.yaml:2: a: 7",
        "charts/shop/templates/_helpers.tpl:3:4\n",
        "charts/shop/charts/db/templates/db.yaml:2:4\n",
        ".Values.b is set at charts/shop/charts/db/values.yaml:1: b: 0",
    ] {
        assert!(found.contains(expected), "{expected}: {found}");
    }
}
