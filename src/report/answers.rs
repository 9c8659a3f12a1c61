//! The answers of a query, as `opa eval` writes them.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::plain;
use super::table::grid;
use crate::finding::Problem;
use crate::policy::query::{Answers, Row};
use kpolicy_value::Value;

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum AnswerStyle {
    /// All that is known, as an object.
    #[default]
    Json,
    /// A value, or a table of values and variables.
    Pretty,
    /// The values, a line for each row; strings without quotes.
    Raw,
    /// The values, an array for each row.
    Values,
    /// The variables, an object for each row.
    Bindings,
}

/// Writes answers in a style.
pub fn render(answers: &Answers, style: AnswerStyle, out: &mut dyn Write) -> io::Result<()> {
    match style {
        AnswerStyle::Json => write_json(&whole(answers), out),
        AnswerStyle::Pretty => pretty(answers, out),
        AnswerStyle::Raw => answers.rows.iter().try_for_each(|row| {
            let values: Vec<String> = row.values.iter().map(raw).collect();
            writeln!(out, "{}", values.join(" "))
        }),
        AnswerStyle::Values => answers.rows.iter().try_for_each(|row| {
            let values: Vec<Json> = row.values.iter().map(Value::to_json).collect();
            write_json(&values.into(), out)
        }),
        AnswerStyle::Bindings => answers.rows.iter().try_for_each(|row| write_json(&bindings(row), out)),
    }
}

/// Writes errors of a query as the object that `opa eval` gives for them.
pub fn render_errors(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    let error = |problem: &Problem| {
        let (code, message) = match problem.message.split_once(": ") {
            Some((code, message)) if code.starts_with("rego_") || code.starts_with("eval_") => (Some(code), message),
            _ => (None, problem.message.as_str()),
        };
        let mut error = json!({ "message": message });
        if let Some(code) = code {
            error["code"] = code.into();
        }
        if let Some(place) = &problem.excerpt {
            error["location"] = json!({"file": &*place.file, "row": place.line, "col": place.column});
        }
        error
    };
    write_json(&json!({"errors": problems.iter().map(error).collect::<Json>()}), out)
}

/// All that is known, as OPA's result set.
fn whole(answers: &Answers) -> Json {
    let row = |row: &Row| {
        let statements = row.values.iter().zip(&answers.expressions);
        let expressions = statements.map(|(value, statement)| {
            json!({
                "value": value.to_json(),
                "text": statement.text,
                "location": {"row": statement.row, "col": statement.column},
            })
        });
        let mut json = json!({"expressions": expressions.collect::<Json>()});
        if !row.bindings.is_empty() {
            json["bindings"] = bindings(row);
        }
        json
    };
    match answers.rows.is_empty() {
        true => json!({}),
        false => json!({"result": answers.rows.iter().map(row).collect::<Json>()}),
    }
}

fn bindings(row: &Row) -> Json {
    let entries = row.bindings.iter().map(|(name, value)| (name.clone(), value.to_json()));
    Json::Object(entries.collect::<Map<_, _>>())
}

fn raw(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => escaped(&value.to_json().to_string()),
    }
}

/// Follows OPA v1.22 internal/presentation/presentation.go: prettyResult, generateResultKeys
fn pretty(answers: &Answers, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = answers.rows.first() else {
        return writeln!(out, "undefined");
    };
    let is_boolean = |value: &Value| matches!(value, Value::Bool(_));
    let has_bindings = !first.bindings.is_empty();
    let is_one = answers.rows.len() == 1 && !has_bindings;
    if is_one && (first.values.len() == 1 || first.values.iter().all(is_boolean)) {
        return first
            .values
            .first()
            .map_or(Ok(()), |value| write_json(&value.to_json(), out));
    }
    let shown: Vec<usize> = (0..first.values.len())
        .filter(|at| !has_bindings || !is_boolean(&first.values[*at]))
        .collect();
    let texts = shown
        .iter()
        .map(|at| plain::line(&answers.expressions[*at].text).into_owned());
    let head: Vec<String> = texts
        .chain(first.bindings.iter().map(|(name, _)| name.clone()))
        .collect();
    let cell = |value: &Value| escaped(&value.to_json().to_string());
    let cells = |row: &Row| {
        let values = shown.iter().filter_map(|at| row.values.get(*at));
        values
            .chain(row.bindings.iter().map(|(_, value)| value))
            .map(cell)
            .collect()
    };
    let rows: Vec<Vec<String>> = answers.rows.iter().map(cells).collect();
    grid(&head, &rows, out)
}

fn write_json(json: &Json, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", escaped(&format!("{json:#}")))
}

/// JSON as Go writes it: what HTML reads as markup is escaped.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => text += &format!("\\u{:04x}", u32::from(letter)),
            _ => text.push(letter),
        }
    }
    plain::json(&text).into_owned()
}
