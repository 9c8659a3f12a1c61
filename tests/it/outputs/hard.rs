//! Reports that are hard to write, and that nothing breaks out of any output of them.

use clap::ValueEnum;
use kpolicy::report::Style;
use serde_json::json;
use tempfile::TempDir;

use super::{PROJECT, WARNS, name, project, read, written};

/// Five rules, one of each severity, that find a hundred faults each.
fn many() -> String {
    let severities = ["critical", "high", "medium", "low", "info"];
    let rule = |severity: &&str| {
        format!(
            "# METADATA\n# custom:\n#   severity: {severity}\ndeny_{severity} contains sprintf(\"%d\", [n]) if {{\n\tinput.b\n\tsome n in numbers.range(1, 100)\n}}\n\n"
        )
    };
    format!("package main\n\n{}", severities.iter().map(rule).collect::<String>())
}

/// Whatever could break out of a report or be taken for a command.
fn hostile() -> String {
    let mut text = "\n::set-output name=x::y\n  ::error::z\n##vso[task.setvariable variable=x]y\n##[error]q\n]]>\
        <script>alert(1)</script><img src=x onerror=alert(1)>\" ' & | \\| `a` ``` @team #1 [l](javascript:x) \
        # SKIP # TODO \u{1b}[31m\u{202e}evil\u{2028}\u{0}\u{7f}\u{fffe} 值 é\n- x\n"
        .to_owned();
    text.push_str(&"long ".repeat(20_000));
    text
}

/// All characters that turn the direction of what a terminal shows, and those that end a line there.
const DIRECTIONS: &str = "a\u{200e}b\u{200f}c\u{2028}d\u{2029}e\u{202a}f\u{202b}g\u{202c}h\u{202d}i\u{202e}j\u{2066}k\u{2067}l\u{2068}m\u{2069}n";

/// A file's name that would end an attribute, a property, a table's cell or a line.
const NAME: &str = "a\n::error::b\t\"'&<x>|`@c],;%0A\u{1b}\u{202e}.yaml";

/// Reports that are hard to write: a name, files, and the words after `test`.
pub(crate) fn hard() -> Vec<(&'static str, TempDir, Vec<&'static str>)> {
    let warns = ("policy/p.rego", WARNS);
    let evil = json!({"b": hostile()}).to_string();
    // Nothing else that an output escapes is in it.
    let overrides = json!({"b": DIRECTIONS}).to_string();
    let says = "package main\n\ndeny contains {\"msg\": input.b, \"path\": [\"b\"]}\n\nexception contains [\"it\"] if input.b\n\nwarn_it contains input.b\n";
    let many = many();
    vec![
        ("nothing", project(&[warns, ("in.yaml", "c: 1\n")]), vec!["in.yaml"]),
        ("one", project(&[warns, ("in.yaml", "b: 1\n")]), vec!["in.yaml"]),
        (
            "many",
            project(&[("policy/p.rego", &many), ("in.yaml", "b: 1\n")]),
            vec!["in.yaml"],
        ),
        (
            "hostile",
            project(&[("policy/p.rego", says), ("a b ü#%.json", &evil)]),
            vec!["a b ü#%.json"],
        ),
        (
            "directions",
            project(&[("policy/p.rego", says), ("in.json", &overrides)]),
            vec!["in.json"],
        ),
        (
            "names",
            project(&[
                (
                    "policy/p.rego",
                    "# METADATA\n# related_resources: [\"https://example.com/\\\"'<x>`|\"]\npackage main\n\nwarn contains \"b\" if input.b\n",
                ),
                (NAME, "b: 1\n"),
            ]),
            vec![NAME],
        ),
        (
            "combined",
            project(&[
                (
                    "policy/p.rego",
                    "package main\n\ndeny contains \"all\" if count(input) == 2\n",
                ),
                ("a.yaml", "b: 1\n"),
                ("b.yaml", "b: 1\n"),
            ]),
            vec!["--combine", "a.yaml", "b.yaml"],
        ),
        ("stdin", project(&[warns]), vec!["-"]),
        (
            "errors",
            project(&[
                (
                    "policy/p.rego",
                    "package main\n\nwarn contains \"b\" if input.b\n\ndeny contains \"x\" if to_number(input.b)\n",
                ),
                ("in.yaml", "b: x\n"),
                ("bad.yaml", "a: [\n"),
            ]),
            vec!["in.yaml", "bad.yaml"],
        ),
        ("waived", project(&PROJECT), vec!["deploy"]),
        (
            "unjudged",
            project(&[
                (
                    "pod.yaml",
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n",
                ),
                ("values.yaml", "a: 1\n"),
            ]),
            vec!["--profile", "strict", "pod.yaml", "values.yaml"],
        ),
        (
            "unusable",
            project(&[
                ("policy/p.rego", "package main\n\ndeny contains\n"),
                ("in.yaml", "b: 1\n"),
            ]),
            vec!["in.yaml"],
        ),
    ]
}

#[test]
fn nothing_breaks_out_of_an_output() {
    for (case, root, words) in hard() {
        written(root.path(), &words);
        for style in Style::value_variants() {
            let text = read(root.path(), *style);
            let place = format!("{case} in {}", name(*style));
            let raw = |character: char| {
                let turns = !character.is_ascii() && DIRECTIONS.contains(character);
                character.is_control() && !matches!(character, '\n' | '\t') || turns
            };
            assert!(!text.contains(raw), "{place}");
            let commands: Vec<&str> = text
                .lines()
                .filter(|line| line.trim_start().starts_with("::"))
                .collect();
            let own = |line: &&str| {
                ["::error ", "::warning ", "::notice "]
                    .iter()
                    .any(|word| line.starts_with(word))
            };
            assert!(
                commands.iter().all(|line| *style == Style::Github && own(line)),
                "{place}: {commands:?}"
            );
            assert!(commands.len() <= 30, "{place}: GitHub shows ten of each level");
            if *style != Style::Azuredevops {
                assert!(!text.contains("##vso[") && !text.contains("##["), "{place}");
            }
        }
        let html = read(root.path(), Style::Html);
        assert_eq!(
            (html.matches("<script").count(), html.contains("<img")),
            (1, false),
            "{case}"
        );
        let attributes = html.split(['<', '>']).filter(|tag| tag.contains("=\""));
        for tag in attributes.filter(|tag| !tag.contains("{")) {
            assert!(!tag.contains(['\n', '\t']), "{case}: {tag}");
        }
        assert!(read(root.path(), Style::Markdown).chars().count() <= 65_536, "{case}");
        let tap = read(root.path(), Style::Tap);
        let failed = |line: &&str| line.starts_with("not ok") && (line.contains(" # SKIP") || line.contains(" # TODO"));
        assert!(!tap.lines().any(|line| failed(&line)), "{case}");
        let points = tap
            .lines()
            .filter(|line| line.starts_with("ok ") || line.starts_with("not ok "))
            .count();
        assert!(tap.contains(&format!("\n1..{points}\n")), "{case}");
    }
}

#[test]
fn markdown_says_how_many_findings_it_leaves_out() {
    let policy = "package main\n\ndeny contains sprintf(\"%d is too many\", [n]) if {\n\tinput.b\n\tsome n in numbers.range(1, 2000)\n}\n";
    let root = project(&[("policy/p.rego", policy), ("in.yaml", "b: 1\n")]);
    written(root.path(), &["in.yaml"]);
    let text = read(root.path(), Style::Markdown);
    let left = text.split_once("… and ").and_then(|(_, rest)| rest.split(' ').next());
    let left: usize = left.and_then(|left| left.parse().ok()).expect("some are left out");
    assert_eq!(text.matches("is too many").count() + left, 2000);
    assert!(text.chars().count() > 20_000, "the page is used");
}
