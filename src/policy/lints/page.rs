//! The pages of lints: for a terminal, and in Markdown.

use super::super::library::page::fill;
use super::{LINTS, Lint};

/// How wide a page for a terminal is.
const WIDTH: usize = 80;

/// The page of a lint for a terminal.
pub fn plain(lint: &Lint) -> String {
    let indented = |text: &str| -> String {
        let line = |line: &str| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("    {line}\n")
            }
        };
        text.lines().map(line).collect()
    };
    let mut page = format!("{} ({})\n\n", lint.id, lint.level.name());
    page += &fill(&format!("{}.", lint.title), "", "", WIDTH);
    page += "\n";
    page += &fill(lint.page, "", "", WIDTH);
    page += &format!(
        "\nFound in:\n\n{}\nNot found in:\n\n{}",
        indented(lint.bad),
        indented(lint.good)
    );
    if !lint.regal.is_empty() {
        page += &format!("\nIn regal: {}\n", lint.regal.join(", "));
    }
    page + &format!(
        "\nIgnore it with a comment on the line or above it: # kpolicy: ignore[{}] reason\n",
        lint.id
    )
}

/// The pages of all lints in Markdown.
pub fn markdown() -> String {
    let mut page = String::from("| lint | level | finds | in regal |\n| --- | --- | --- | --- |\n");
    for lint in LINTS {
        let regal: Vec<String> = lint.regal.iter().map(|name| format!("`{name}`")).collect();
        page += &format!(
            "| [{0}](#{0}) | {1} | {2} | {3} |\n",
            lint.id,
            lint.level.name(),
            lint.title,
            regal.join(", ")
        );
    }
    for lint in LINTS {
        page += &format!("\n## {}\n\n{}.\n\n", lint.id, lint.title);
        page += &fill(lint.page, "", "", 120);
        page += &format!("\n```rego\n{}```\n\nInstead:\n\n```rego\n{}```\n", lint.bad, lint.good);
    }
    page
}
