//! Lints: what OPA accepts in a policy and is likely not meant. A lint is a row of [`LINTS`], with its function and the
//! text of its page.
//!
//! Lints look at the user's policies only. Those of the library are checked by the project's own tests.

mod conditions;
mod functions;
mod ignored;
mod loops;
mod metadata;
mod names;
mod negation;
pub mod page;
mod registry;
mod scope;
mod texts;
mod written;

use crate::finding::Problem;
use crate::settings::lints::Levels;
use ignored::Ignored;
pub(super) use names::{did_you_mean, nearly_rule};
pub use registry::{LINTS, lint};
pub(super) use scope::Scope;

use kpolicy_value::Span;

/// What becomes of what a lint finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The lint is not run.
    Off,
    /// A warning.
    Warning,
    /// An error of `kpolicy check`.
    Error,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warning, Self::Error];

    /// Its name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A lint.
#[derive(Debug)]
pub struct Lint {
    /// Its name.
    pub id: &'static str,
    /// The names of regal's rules that find the same.
    pub regal: &'static [&'static str],
    /// Its level where the settings give none.
    pub level: Level,
    /// Whether what it finds depends on the data of a run, so that `kpolicy test` prints it in full.
    pub of_run: bool,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// Why that is likely not meant, and what to do: Markdown.
    pub page: &'static str,
    /// A module in which it finds something.
    pub bad: &'static str,
    /// The module as it is likely meant, in which no lint finds anything.
    pub good: &'static str,
    /// Finds it.
    check: fn(&Scope) -> Vec<Found>,
}

/// What a lint found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The module, by its index in the scope.
    pub module: usize,
    /// Where.
    pub span: Span,
    /// What is likely not meant.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Found {
    pub(super) fn new(module: usize, span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            module,
            span,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// What a lint found, at its location.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The lint.
    pub lint: &'static Lint,
    /// Its level in this run.
    pub level: Level,
    /// Where, what and what to do.
    pub problem: Problem,
    /// The reason of the comment that it is ignored for, where there is one.
    pub ignored: Option<String>,
}

impl Reported {
    /// The warning of a run: the name of the lint before the message.
    pub fn warning(self) -> Problem {
        let message = format!("{}: {}", self.lint.id, self.problem.message);
        Problem {
            message,
            ..self.problem
        }
    }
}

/// What the lints find, by file and location; what comments ignore is marked.
pub(super) fn check(scope: &Scope, levels: &Levels) -> Vec<Reported> {
    let ignored: Vec<Option<Ignored>> = scope.modules.iter().map(|module| Ignored::of(&module.tree)).collect();
    let mut reported = Vec::new();
    for lint in LINTS {
        let level = levels.of(lint);
        if level == Level::Off {
            continue;
        }
        let mut found = (lint.check)(scope);
        found.sort_by_key(|each| (each.module, each.span));
        found.dedup();
        reported.extend(found.into_iter().map(|each| {
            let module = scope.modules[each.module];
            let ignored = ignored[each.module].as_ref();
            let line = module.lines().position(each.span.start as usize).0;
            Reported {
                lint,
                level,
                ignored: ignored.and_then(|ignored| ignored.reason(lint, line, module.lines())),
                problem: module.error(each.span, each.message, Some(each.help)),
            }
        }));
    }
    reported
}

#[cfg(test)]
mod tests {
    use super::super::files::PolicyFile;
    use super::super::module::Parsed;
    use super::{LINTS, Lint, Scope};
    use crate::policy::config;
    use kpolicy_rego::{Options, Program};
    use kpolicy_value::Value;

    /// What a lint finds in a module: the lines.
    pub(super) fn found(id: &str, text: &str) -> Vec<usize> {
        let lint = super::lint(id).expect("it is a lint");
        let file = |v0| {
            let file = PolicyFile {
                path: "p.rego".to_owned(),
                text: text.to_owned(),
                embedded: false,
            };
            Parsed::of(&file, v0).is_ok().then_some((file, v0))
        };
        let (file, v0) = file(false).or_else(|| file(true)).expect("it parses");
        let module = Parsed::of(&file, v0).expect("it parses");
        let options = Options {
            builtins: config::builtins(),
            ..Options::default()
        };
        let program = Program::of_modules(std::slice::from_ref(&module.tree), options).expect("it compiles");
        let scope = Scope {
            modules: &[&module],
            program: program.core(),
            data: &Value::object(Vec::new()),
            allowed: &[],
        };
        let mut lines: Vec<usize> = (lint.check)(&scope)
            .iter()
            .map(|found| module.lines().position(found.span.start as usize).0)
            .collect();
        lines.sort_unstable();
        lines
    }

    #[test]
    fn each_lint_finds_its_own_example_and_no_lint_finds_the_other() {
        for Lint { id, bad, good, .. } in LINTS {
            assert_eq!(found(id, bad).len(), 1, "{id}: {bad}");
            for Lint { id: other, .. } in LINTS {
                assert_eq!(found(other, good), [0; 0], "{id}: {other} finds {good}");
            }
        }
    }

    #[test]
    fn the_registry_is_sorted_by_the_names_of_the_lints() {
        assert!(LINTS.is_sorted_by_key(|lint| lint.id));
    }
}
