//! The engine of kpolicy's own: the language as `rego` has it.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{Engine, EngineError, ErrorKind, Evaluated, MemberLocations, Worker};
use crate::gatekeeper::written::Written;
use crate::provenance::{self, LocationTracer};
use crate::tracing::bodies::Bodies;
use crate::tracing::events::{Detail, Events, Traced};
use crate::tracing::profile::{Profile, Profiler};
use crate::tracing::recorder::Recorder;
use crate::tracing::story::{self, Story};
use kpolicy_rego::Dialect;
use kpolicy_rego::Program;
use kpolicy_rego::builtins::Allowed;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::Module;
use kpolicy_rego::{EvalError, EvalErrorCode as Code, Evaluation, Query, Settings};
use kpolicy_value::LineIndex;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A module's path and text, for the locations of errors.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The path.
    pub path: String,
    /// The text.
    pub text: String,
    /// Where the text is written, where it is a part of a file in another format.
    pub embedded: Option<Embedded>,
}

/// A module's text in a file of another format.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The file's text.
    pub file: Arc<str>,
    /// Where the module's text stands in it.
    pub written: Written,
}

impl Origin {
    /// The text of the file that the module is in.
    fn file(&self) -> &str {
        self.embedded.as_ref().map_or(&self.text, |embedded| &embedded.file)
    }

    /// The position in the file of a position in the module's text.
    fn offset(&self, at: usize) -> usize {
        self.embedded.as_ref().map_or(at, |embedded| embedded.written.at(at))
    }
}

/// A program compiled by `rego`.
pub struct Own {
    program: Arc<Program>,
    data: Value,
    settings: Settings,
    allowed: Allowed,
    origins: Arc<[Origin]>,
}

impl Own {
    /// An engine for a compiled program, whose modules have these origins, over a base document.
    pub fn new(program: impl Into<Arc<Program>>, data: Value, settings: Settings, origins: Arc<[Origin]>) -> Self {
        Self {
            program: program.into(),
            data,
            settings,
            allowed: Allowed::default(),
            origins,
        }
    }

    /// The engine with what its builtins may use beside their operands.
    #[must_use]
    pub fn allowing(self, allowed: Allowed) -> Self {
        Self { allowed, ..self }
    }
}

impl Engine for Own {
    fn worker(&self) -> Box<dyn Worker + '_> {
        let mut evaluation = self.program.evaluation(self.data.clone(), self.settings);
        evaluation.allow(self.allowed.clone());
        Box::new(OwnWorker {
            evaluation,
            settings: self.settings,
            locating: None,
            profiling: None,
            origins: self.origins.iter().map(|origin| (origin, OnceCell::new())).collect(),
            queries: HashMap::default(),
            syntax: OnceCell::new(),
        })
    }
}

struct OwnWorker<'e> {
    evaluation: Evaluation<'e>,
    settings: Settings,
    /// The evaluation that traces locations, once they were asked for on the current input.
    locating: Option<Evaluation<'e, LocationTracer>>,
    /// The evaluation that counts what rules cost, once that was asked for.
    profiling: Option<Evaluation<'e, Profiler>>,
    /// The modules' origins, each with the lines of its text once a location in it was asked for.
    origins: Vec<(&'e Origin, OnceCell<LineIndex<'e>>)>,
    /// What the rules that were asked for are, by their names.
    queries: HashMap<String, Query, RandomState>,
    /// The policy as it was written, once a trace was asked for.
    syntax: OnceCell<Syntax>,
}

/// The modules' syntax trees, and where their statements are.
struct Syntax {
    trees: Vec<Option<Module>>,
    bodies: Arc<Bodies>,
}

/// The syntax tree of a module that was compiled, in whichever version of Rego it is.
fn tree(origin: &Origin) -> Option<Module> {
    let parsed = |dialect| parse(&origin.text, dialect).ok();
    parsed(Dialect::V1).or_else(|| parsed(Dialect::V0))
}

/// The path from `data` on that a rule's name is.
fn path(rule: &str) -> Vec<&str> {
    rule.split('.').skip(1).collect()
}

impl OwnWorker<'_> {
    /// The policy as it was written.
    fn policy(&self) -> &Syntax {
        self.syntax.get_or_init(|| {
            let trees: Vec<Option<Module>> = self.origins.iter().map(|(origin, _)| tree(origin)).collect();
            let bodies = Arc::new(Bodies::of(trees.iter().map(Option::as_ref)));
            Syntax { trees, bodies }
        })
    }

    /// The modules with their trees.
    fn modules(&self) -> Vec<Option<Traced<'_>>> {
        let origins = self.origins.iter().zip(&self.policy().trees);
        origins
            .map(|((origin, _), tree)| {
                Some(Traced {
                    path: &origin.path,
                    text: &origin.text,
                    tree: tree.as_ref()?,
                })
            })
            .collect()
    }

    fn place(&self, module: usize, span: Span) -> Option<(String, usize, usize)> {
        let (origin, lines) = self.origins.get(module)?;
        let lines = lines.get_or_init(|| LineIndex::new(origin.file()));
        let (line, column) = lines.position(origin.offset(span.start as usize));
        Some((origin.path.clone(), line, column))
    }

    fn describe(&self, error: EvalError) -> EngineError {
        let kind = match error.code {
            Code::Timeout => ErrorKind::Timeout,
            Code::Type | Code::Builtin => ErrorKind::Builtin,
            Code::Conflict => ErrorKind::Conflict,
            Code::Limit => ErrorKind::Limit,
            Code::Internal | Code::Order => ErrorKind::Value,
        };
        let mut message = format!("{}: {}", error.code.name(), error.message);
        for (at, given) in error.values.iter().enumerate() {
            let separator = if at == 0 { ": " } else { ", " };
            message.push_str(separator);
            message.push_str(&given.value);
            if let Some((path, line, _)) = self.place(given.module, given.span) {
                message.push_str(&format!(" at {path}:{line}"));
            }
        }
        EngineError {
            kind,
            place: self.place(error.module, error.span),
            message,
        }
    }
}

impl Worker for OwnWorker<'_> {
    fn overlay(&mut self, key: &str, value: Value) -> Result<(), EngineError> {
        self.locating = None;
        self.profiling = None;
        self.evaluation.set_data(key, value);
        Ok(())
    }

    fn set_input(&mut self, input: &Value) {
        self.locating = None;
        if let Some(profiling) = &mut self.profiling {
            profiling.set_input(Some(input.clone()));
        }
        self.evaluation.set_input(Some(input.clone()));
    }

    fn evaluate(&mut self, rule: &str) -> Evaluated {
        let query = match self.queries.get(rule) {
            Some(query) => query,
            None => {
                let query = self.evaluation.query(&path(rule));
                self.queries.entry(rule.to_owned()).or_insert(query)
            }
        };
        let (value, error) = self.evaluation.answer_despite_failures(query);
        let error = error.map(|error| self.describe(error));
        Evaluated { value, error }
    }

    fn locations(&mut self, rule: &str) -> Result<Vec<MemberLocations>, EngineError> {
        // It evaluates every derivation, also those after the first: a builtin that fails there is not an error.
        let settings = Settings {
            strict_builtins: false,
            ..self.settings
        };
        let query = self.evaluation.query(&path(rule));
        let locating = self
            .locating
            .get_or_insert_with(|| self.evaluation.traced_in_input(LocationTracer::default(), settings));
        let found = provenance::locations(locating, &query);
        locating.take_prints();
        found.map_err(|error| self.describe(error))
    }

    fn story(&mut self, rule: &str, about: Option<&[Value]>) -> Option<Story> {
        let bodies = self.policy().bodies.clone();
        let recorder = Recorder::of(bodies.clone()).about(about.map(<[Value]>::to_vec));
        let mut traced = self.evaluation.traced(recorder, self.settings);
        let error = traced.evaluate(&path(rule)).err();
        let recording = traced.tracer_mut().take();
        let error = error.map(|error| self.describe(error).message);
        Some(story::tell(recording, &bodies, &self.modules(), error))
    }

    fn profile(&mut self, rule: &str) {
        if self.profiling.is_none() {
            let profiler = Profiler::of(self.policy().bodies.clone());
            self.profiling = Some(self.evaluation.traced(profiler, self.settings));
        }
        if let Some(profiling) = &mut self.profiling {
            // What failed was reported by the evaluation itself.
            let _ = profiling.evaluate(&path(rule));
            profiling.take_prints();
        }
    }

    fn take_profile(&mut self) -> Profile {
        let counted = self.profiling.as_mut().map(|profiling| profiling.tracer_mut().take());
        counted.map_or_else(Profile::default, |counted| counted.profile(&self.modules()))
    }

    fn trace(&mut self, rule: &str) -> Vec<String> {
        let modules: Vec<Traced> = self.modules().into_iter().flatten().collect();
        let mut traced = self
            .evaluation
            .traced(Events::of(modules.iter().copied()), self.settings);
        // What was traced before an error is shown; the error is reported by the evaluation itself.
        let _ = traced.evaluate(&path(rule));
        traced.tracer().lines(rule, &modules, Detail::Full)
    }

    fn take_prints(&mut self) -> Vec<String> {
        let prints = self.evaluation.take_prints();
        let describe = prints
            .into_iter()
            .map(|print| match self.place(print.module, print.span) {
                Some((path, line, _)) => format!("{path}:{line}: {}", print.text),
                None => print.text,
            });
        describe.collect()
    }
}
