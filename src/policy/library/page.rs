//! A policy's page: made once as blocks, shown as Markdown in `docs/policies` and as plain text on a terminal.

use std::path::Path;

use toml::{Table, Value as Toml};

use super::Embedded;
use super::catalog::Policy;
use crate::policy::parameter::Parameter;
use crate::settings::Profile;
use kpolicy_value::Value;

/// How wide text is on a terminal.
const TERMINAL: usize = 80;
/// How wide text is in a page.
const PAGE: usize = 120;

/// What the list of all pages starts with.
const INTRODUCTION: &str = "`kpolicy list` prints this list, `kpolicy explain ID` the page of a policy. Each entry gives the \
    severity of the policy and its [profiles](../configuration.md#the-librarys-policies); select a policy without a \
    profile with `--library ID`.";

/// A part of a page.
enum Block {
    Title(String),
    Heading(&'static str),
    Text(String),
    Items(Vec<String>),
    Code { language: String, text: String },
}

/// The page as Markdown.
pub fn markdown(policy: &Policy) -> String {
    let id = &policy.id;
    let note = format!("<!-- Generated from policy/{id}.rego and examples/policies/{id}/: change it there. -->\n");
    let blocks = blocks(policy).into_iter().map(|block| match block {
        Block::Title(title) => format!("# {title}\n"),
        Block::Heading(heading) => format!("## {heading}\n"),
        Block::Text(text) => fill(&text, "", "", PAGE),
        Block::Items(items) => items.iter().map(|item| fill(item, "- ", "  ", PAGE)).collect(),
        Block::Code { language, text } => format!("```{language}\n{}\n```\n", text.trim_end()),
    });
    [note].into_iter().chain(blocks).collect::<Vec<_>>().join("\n")
}

/// The page for a terminal.
pub fn plain(policy: &Policy) -> String {
    let blocks = blocks(policy).into_iter().map(|block| match block {
        Block::Title(title) => format!("{title}\n{}\n", "=".repeat(title.chars().count())),
        Block::Heading(heading) => format!("{heading}\n{}\n", "-".repeat(heading.chars().count())),
        Block::Text(text) => fill(&text, "", "", TERMINAL),
        Block::Items(items) => items.iter().map(|item| fill(item, "- ", "  ", TERMINAL)).collect(),
        Block::Code { text, .. } => text.trim_end().lines().map(|line| indented(line) + "\n").collect(),
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// The list of all pages, as Markdown.
pub fn index(policies: &[Policy]) -> String {
    let mut text = "<!-- Generated from policy/: change it there. -->\n\n# The built-in library\n\n".to_owned();
    text += &fill(INTRODUCTION, "", "", PAGE);
    let mut last = "";
    for policy in policies {
        let (area, name) = policy.id.rsplit_once('/').unwrap_or(("", &policy.id));
        if area != last {
            text += &format!("\n## {area}\n\n");
            last = area;
        }
        let (id, severity, title) = (&policy.id, policy.severity.name(), &policy.title);
        let (profiles, needs) = (in_profiles(policy), needs(policy));
        text += &fill(
            &format!("[{name}]({id}.md), {severity}{profiles}{needs}: {title}"),
            "- ",
            "  ",
            PAGE,
        );
    }
    text
}

/// The profiles that a policy is in, as the list of all pages says them.
fn in_profiles(policy: &Policy) -> String {
    let profile = |profile: &Profile| format!("`{}`", profile.name());
    let warning = |profile: &Profile| format!("`{}` (warns)", profile.name());
    let fails = policy.profiles.iter().map(profile);
    let profiles: Vec<String> = fails.chain(policy.warns_in.iter().map(warning)).collect();
    if profiles.is_empty() {
        return String::new();
    }
    format!(", {}", profiles.join(" "))
}

/// What has to be given for a policy to be run, as the list of all pages says it.
fn needs(policy: &Policy) -> String {
    let needed = policy.parameters.iter().filter(|parameter| parameter.required);
    let names: Vec<&str> = needed.map(|parameter| parameter.name.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(", requires {}", names.join(" and "))
}

fn blocks(policy: &Policy) -> Vec<Block> {
    let mut blocks = vec![Block::Title(policy.title.clone()), facts(policy)];
    blocks.extend(paragraphs(&policy.description));
    blocks.push(Block::Heading("What to do"));
    blocks.extend(paragraphs(&policy.remediation));
    blocks.extend(parameters(policy));
    if let Some(settings) = &policy.settings {
        blocks.extend([Block::Heading("The examples use these settings"), example(settings)]);
    }
    blocks.extend([Block::Heading("This fails"), example(&policy.fails)]);
    blocks.extend([Block::Heading("This passes"), example(&policy.passes)]);
    blocks.extend([Block::Heading("Run this policy alone"), command(policy)]);
    if !policy.links.is_empty() {
        blocks.push(Block::Heading("See also"));
        blocks.push(Block::Items(policy.links.clone()));
    }
    blocks
}

fn facts(policy: &Policy) -> Block {
    let mut items = vec![
        format!("id: `{}`", policy.id),
        format!("severity: {}", policy.severity.name()),
    ];
    if !policy.kinds.is_empty() {
        items.push(format!("kinds: {}", policy.kinds.join(", ")));
    }
    items.push(format!(
        "formats: {}",
        joined(&policy.formats, |format| format.name().to_owned())
    ));
    if !policy.profiles.is_empty() {
        items.push(format!(
            "profiles: {}",
            joined(&policy.profiles, |profile| profile.name().to_owned())
        ));
    }
    if !policy.warns_in.is_empty() {
        items.push(format!(
            "warns in: {}",
            joined(&policy.warns_in, |profile| profile.name().to_owned())
        ));
    }
    Block::Items(items)
}

/// The names of several things, in a line.
pub fn joined<T: Copy>(items: &[T], name: impl Fn(T) -> String) -> String {
    items.iter().map(|item| name(*item)).collect::<Vec<_>>().join(", ")
}

/// METADATA breaks lines as its author likes; an empty line ends a paragraph.
fn paragraphs(text: &str) -> impl Iterator<Item = Block> + '_ {
    text.split("\n\n").map(|paragraph| Block::Text(paragraph.to_owned()))
}

fn parameters(policy: &Policy) -> Vec<Block> {
    if policy.parameters.is_empty() {
        return Vec::new();
    }
    let item = |parameter: &Parameter| {
        format!(
            "`{}`, {}, {}: {}",
            parameter.name,
            parameter.kind,
            default(parameter),
            parameter.description
        )
    };
    let items = policy.parameters.iter().map(item).collect();
    let mut blocks = vec![Block::Heading("Parameters"), Block::Items(items)];
    blocks.extend(settings(policy).map(|text| Block::Code {
        language: "toml".to_owned(),
        text,
    }));
    blocks
}

/// A parameter's default in words, written as in `kpolicy.toml`.
pub fn default(parameter: &Parameter) -> String {
    match &parameter.default {
        Some(value) => format!("`{}` by default", toml_of(value)),
        None => "needed".to_owned(),
    }
}

/// The defaults as they would be in `kpolicy.toml`.
fn settings(policy: &Policy) -> Option<String> {
    let of_parameter = |parameter: &Parameter| Some((parameter.name.clone(), toml_of(parameter.default.as_ref()?)));
    let defaults: Table = policy.parameters.iter().filter_map(of_parameter).collect();
    if defaults.is_empty() {
        return None;
    }
    let path = ["params"].into_iter().chain(policy.params_path());
    let nested = |below: Table, key: &str| Table::from_iter([(key.to_owned(), Toml::Table(below))]);
    Some(path.rev().fold(defaults, nested).to_string())
}

/// A default in TOML, which has no null and no sets; METADATA's YAML gives no sets either.
fn toml_of(value: &Value) -> Toml {
    match value {
        Value::Null => Toml::String("null".to_owned()),
        Value::Bool(flag) => Toml::Boolean(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Toml::Integer(whole),
            None => Toml::Float(number.as_f64()),
        },
        Value::String(text) => Toml::String(text.to_string()),
        Value::Array(items) => items.iter().map(toml_of).collect::<Vec<_>>().into(),
        Value::Set(members) => members.iter().map(toml_of).collect::<Vec<_>>().into(),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.key_text(), toml_of(value)))
            .collect::<Table>()
            .into(),
    }
}

fn example(file: &Embedded) -> Block {
    let extension = Path::new(file.path).extension().unwrap_or_default();
    Block::Code {
        language: extension.to_string_lossy().to_lowercase(),
        text: file.text.to_owned(),
    }
}

fn command(policy: &Policy) -> Block {
    Block::Code {
        language: "sh".to_owned(),
        text: format!("kpolicy test --library {} PATH", policy.id),
    }
}

fn indented(line: &str) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("    {line}")
    }
}

/// The text in lines of at most `width` characters, where its words allow; the first line starts with `first`, the
/// others with `rest`.
pub fn fill(text: &str, first: &str, rest: &str, width: usize) -> String {
    let mut filled = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            filled += &line;
            filled.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    filled + &line + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fill, toml_of};
    use kpolicy_value::Value;

    #[test]
    fn defaults_are_written_as_in_the_settings_file() {
        let cases = [
            (json!(["a", "b"]), r#"["a", "b"]"#),
            (json!({"a": [1, 2.5]}), "{ a = [1, 2.5] }"),
            (json!("%s"), r#""%s""#),
        ];
        for (value, text) in cases {
            assert_eq!(toml_of(&Value::from_json(&value)).to_string(), text);
        }
    }

    #[test]
    fn text_is_filled_and_a_long_word_keeps_its_line() {
        assert_eq!(fill("a b\nc", "- ", "  ", 5), "- a b\n  c\n");
        assert_eq!(
            fill("ab https://example.com c", "", "", 4),
            "ab\nhttps://example.com\nc\n"
        );
    }
}
