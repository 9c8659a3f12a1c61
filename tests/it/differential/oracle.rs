//! The two that are asked: OPA, as a process that is asked line by line, and the engine.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kpolicy_rego::Dialect;
use kpolicy_rego::Settings;
use kpolicy_rego::to_rego_text;
use kpolicy_rego::{Options, Program, Source};
use kpolicy_value::Value;
use serde::Deserialize;

use super::named;
use crate::generator::Request;

/// The classes of what is refused, or an answer for each query.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Reply {
    #[serde(default)]
    pub(crate) refused: Vec<String>,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) answers: Vec<String>,
}

/// OPA.
pub(crate) struct Oracle {
    process: Child,
    asked: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Oracle {
    /// The program that `OPA_ORACLE` names.
    pub(crate) fn start() -> Self {
        let process = Command::new(named("OPA_ORACLE"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = process.expect("OPA_ORACLE names a program");
        let asked = process.stdin.take().expect("its input is a pipe");
        let replies = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self {
            process,
            asked,
            replies,
        }
    }

    /// OPA's reply; nothing where it crashed on the request.
    pub(crate) fn ask(&mut self, request: &Request) -> Option<Reply> {
        let line = serde_json::to_string(request).expect("a request is JSON");
        writeln!(self.asked, "{line}").expect("the oracle listens");
        let mut reply = String::new();
        self.replies.read_line(&mut reply).expect("the oracle replies");
        if reply.is_empty() {
            *self = Self::start();
            return None;
        }
        Some(serde_json::from_str(&reply).unwrap_or_else(|error| panic!("{error}: {reply} to {line}")))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The engine's reply, in OPA's words.
pub(crate) fn own(request: &Request) -> Reply {
    let dialect = if request.v0 { Dialect::V0 } else { Dialect::V1 };
    let sources: Vec<Source> = request.modules.iter().map(|text| Source { text, dialect }).collect();
    let program = match Program::compile(
        &sources,
        Options {
            strict: request.strict,
            ..Options::default()
        },
    ) {
        Ok(program) => program,
        Err(faults) => {
            let message = |fault: &kpolicy_rego::CompileError| format!("{} {}", fault.code.name(), fault.message);
            return Reply {
                refused: faults.iter().map(|fault| fault.code.name().to_owned()).collect(),
                message: faults.iter().map(message).collect::<Vec<_>>().join("\n"),
                answers: Vec::new(),
            };
        }
    };
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX);
    let settings = Settings {
        strict_builtins: false,
        time: Some(Duration::from_secs(5)),
        now: Some(now),
        ..Settings::default()
    };
    let answers = request.queries.iter().map(|query| {
        let mut evaluation = program.evaluation(Value::from_json(&request.data), settings);
        evaluation.set_input((!request.input.is_null()).then(|| Value::from_json(&request.input)));
        let path: Vec<&str> = query.split('.').skip(1).collect();
        match evaluation.evaluate(&path) {
            Ok(Some(value)) => format!("= {}", to_rego_text(&value)),
            Ok(None) => "undefined".to_owned(),
            Err(error) => error.code.name().to_owned(),
        }
    });
    Reply {
        answers: answers.collect(),
        ..Reply::default()
    }
}
