//! The prompt at a terminal: line editing, history and completion, by rustyline.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::complete::complete;
use super::{Prompt, is_open};
use crate::error::Error;
use crate::problem;
use crate::report;

/// How many queries the history keeps.
const HISTORY: usize = 1000;

/// Answers what is typed until it ends.
pub fn run(prompt: &mut Prompt, out: &mut dyn Write, notes: &mut dyn Write) -> Result<(), Error> {
    let failed = |error: ReadlineError| {
        let message = format!("the terminal cannot be used: {error}");
        Error::Problems(vec![problem::of_run(message, "name a query: kpolicy eval QUERY")])
    };
    let config = Config::builder().completion_type(CompletionType::List);
    let config = config
        .max_history_size(HISTORY)
        .map_err(failed)?
        .auto_add_history(true)
        .build();
    let mut editor: Editor<Words, DefaultHistory> = Editor::with_config(config).map_err(failed)?;
    let history = history();
    if let Some(path) = &history {
        // Without a history that can be read, it starts empty.
        let _ = editor.load_history(path);
    }
    let _ = report::render_notice("kpolicy eval: type a query, or :help; Ctrl-D ends", notes);
    editor.set_helper(Some(Words(prompt.words())));
    loop {
        match editor.readline("> ") {
            Ok(line) => {
                if !prompt.answer(&line, out, notes)? {
                    break;
                }
                if line.trim_start().starts_with(':') {
                    editor.set_helper(Some(Words(prompt.words())));
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    if let Some(path) = &history
        && let Err(error) = save(&mut editor, path)
    {
        let line = format!("the history could not be written to {}: {error}", path.display());
        let _ = report::render_notice(&line, notes);
    }
    Ok(())
}

fn save(editor: &mut Editor<Words, DefaultHistory>, path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    editor.save_history(path).map_err(io::Error::other)
}

/// The file of the history: in the directory for the state of programs, where the system names one.
fn history() -> Option<PathBuf> {
    let directory = |name: &str| {
        std::env::var_os(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    let state = directory("XDG_STATE_HOME").or_else(|| directory("HOME").map(|home| home.join(".local/state")));
    let state = state.or_else(|| directory("LOCALAPPDATA"))?;
    Some(state.join("kpolicy").join("eval-history"))
}

/// The words that can be completed.
struct Words(Vec<String>);

impl Helper for Words {}

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(&self.0, line, at))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match is_open(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}
