//! The prompt of `kpolicy eval`: queries and commands, one after the other.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use crate::command::eval::read_input;
use crate::error::Error;
use crate::policy::data;
use crate::policy::query::Session;
use crate::problem;
use crate::report::{self, answers, answers::AnswerStyle};
use crate::settings::Settings;
use crate::suggest::nearest;
use kpolicy_value::Value;

mod complete;
pub mod terminal;

/// The commands, with what they take and do.
const COMMANDS: [(&str, &str, &str); 7] = [
    (":data", "PATH", "load JSON and YAML files as data"),
    (
        ":format",
        "NAME",
        "print answers as json, pretty, raw, values or bindings",
    ),
    (":help", "", "print this"),
    (":input", "FILE", "read a file of any format as input"),
    (":load", "PATH", "load policies"),
    (":quit", "", "leave; so does Ctrl-D"),
    (":trace", "", "switch the trace of each query on or off"),
];

/// What the prompt knows.
pub struct Prompt<'a> {
    session: Session<'a>,
    style: AnswerStyle,
    settings: &'a Settings,
    traces: bool,
}

impl<'a> Prompt<'a> {
    /// A prompt with these policies, data and input.
    pub fn new(session: Session<'a>, style: AnswerStyle, settings: &'a Settings) -> Self {
        Self {
            session,
            style,
            settings,
            traces: false,
        }
    }

    /// Answers a query or does a command; whether to go on. What is wrong is said, and ends nothing.
    pub fn answer(&mut self, text: &str, out: &mut dyn Write, notes: &mut dyn Write) -> Result<bool, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(true);
        }
        if text == ":quit" {
            return Ok(false);
        }
        let done = match text.strip_prefix(':') {
            Some(_) => self.command(text, out),
            None => self.query(text, out, notes),
        };
        out.flush().map_err(Error::Output)?;
        match done {
            Err(Error::Problems(problems)) => {
                let color = self.settings.color.on(io::stderr().is_terminal());
                let _ = report::render_problems(&problems, false, color, notes);
                Ok(true)
            }
            done => done.map(|()| true),
        }
    }

    fn query(&self, text: &str, out: &mut dyn Write, notes: &mut dyn Write) -> Result<(), Error> {
        let answers = self.session.ask(text, self.traces).map_err(Error::Problems)?;
        for line in answers.trace.iter().chain(&answers.prints) {
            let _ = report::render_notice(line, notes);
        }
        answers::render(&answers, self.style, out).map_err(Error::Output)
    }

    fn command(&mut self, text: &str, out: &mut dyn Write) -> Result<(), Error> {
        let (name, operand) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let operand = operand.trim();
        let takes = COMMANDS
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, takes, _)| *takes);
        if let Some(takes) = takes.filter(|takes| takes.is_empty() != operand.is_empty()) {
            let help = format!("write {name} {takes}");
            return refuse(
                format!("{name} takes {}", if takes.is_empty() { "nothing" } else { takes }),
                help.trim(),
            );
        }
        let said = match name {
            ":help" => help(),
            ":trace" => {
                self.traces = !self.traces;
                format!("trace is {}\n", if self.traces { "on" } else { "off" })
            }
            ":input" => {
                let value = read_input(operand, self.settings).map_err(|problem| Error::Problems(vec![problem]))?;
                self.session.input = Some(value);
                String::new()
            }
            ":load" => {
                self.session.load(&[PathBuf::from(operand)]).map_err(Error::Problems)?;
                String::new()
            }
            ":data" => {
                let (mut warnings, paths) = (Vec::new(), [PathBuf::from(operand)]);
                let limits = self.settings.limits();
                self.session.data = data::load(&paths, &[], limits, &mut warnings).map_err(Error::Problems)?;
                String::new()
            }
            ":format" => match AnswerStyle::from_str(operand, true) {
                Ok(style) => {
                    self.style = style;
                    String::new()
                }
                Err(_) => {
                    return refuse(
                        format!("there is no format {operand}"),
                        "use json, pretty, raw, values or bindings",
                    );
                }
            },
            _ => {
                let near = nearest(name, COMMANDS.iter().map(|(known, ..)| *known));
                let help = near.map_or("see :help".to_owned(), |near| format!("did you mean {near}?"));
                return refuse(format!("there is no command {name}"), &help);
            }
        };
        write!(out, "{said}").map_err(Error::Output)
    }

    /// What can be typed: commands, the names of rules and builtins, and the paths into the input.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.session.names().into_iter().collect();
        words.extend(COMMANDS.map(|(name, ..)| name.to_owned()));
        words.extend(["input", "data"].map(str::to_owned));
        if let Some(input) = &self.session.input {
            paths("input", input, 0, &mut words);
        }
        paths("data", &self.session.data, 0, &mut words);
        words.sort();
        words.dedup();
        words
    }
}

/// How deep the paths into a document are completed, and how many.
const DEEPEST: usize = 12;
const MOST: usize = 20_000;

/// The paths of the keys of a document.
fn paths(root: &str, value: &Value, depth: usize, words: &mut Vec<String>) {
    if depth >= DEEPEST || words.len() >= MOST {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, below) in object.iter() {
                let key = key.key_text();
                let is_name = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                    && key.chars().all(|each| each.is_ascii_alphanumeric() || each == '_');
                let path = match is_name {
                    true => format!("{root}.{key}"),
                    false => format!("{root}[{key:?}]"),
                };
                words.push(path.clone());
                paths(&path, below, depth + 1, words);
            }
        }
        Value::Array(items) => {
            for (at, below) in items.iter().enumerate() {
                paths(&format!("{root}[{at}]"), below, depth + 1, words);
            }
        }
        _ => {}
    }
}

fn refuse(message: String, help: &str) -> Result<(), Error> {
    Err(Error::Problems(vec![problem::of_run(message, help)]))
}

fn help() -> String {
    let line = |(name, takes, does): &(&str, &str, &str)| {
        let call = format!("{name} {takes}");
        format!("{call:15}{does}\n")
    };
    let mut text: String = COMMANDS.iter().map(line).collect();
    text += "Everything else is a query. It goes on in the next line while a bracket or a string is open.\n";
    text
}

/// Whether a query goes on in the next line: a bracket or a raw string is open, or its last sign wants an operand.
pub fn is_open(text: &str) -> bool {
    if text.trim_start().starts_with(':') {
        return false;
    }
    let mut depth = 0_i64;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '#' => {
                letters.by_ref().find(|next| *next == '\n');
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '`' if !letters.by_ref().any(|next| next == '`') => return true,
            '"' => {
                while let Some(next) = letters.next() {
                    match next {
                        '\\' => drop(letters.next()),
                        // A text ends with its line.
                        '"' | '\n' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let last = text.trim_end();
    depth > 0
        || [":=", "==", "!=", "<", ">", "<=", ">=", "+", "|", "&", ",", ";"]
            .iter()
            .any(|sign| last.ends_with(sign))
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn a_query_goes_on_while_something_is_open() {
        for open in [
            "[x |",
            "f(1,",
            "x := ",
            "`a\n",
            "{\"a\": \"}\",",
            "x; ",
            "a ==",
            "[ # ]",
        ] {
            assert!(is_open(open), "{open}");
        }
        for closed in [
            "[x | x := 1]",
            "\"[\"",
            "`[`",
            "x # [",
            ":input [",
            "\"a\\\"[\"",
            "])",
            "",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
