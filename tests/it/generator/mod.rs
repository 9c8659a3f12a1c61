//! Random well-formed policies with random documents for them, for every test that wants policies nobody wrote. Names are
//! few, so that what is written by one rule is met by another; what rules there are is settled before their bodies are
//! written, so that they can name each other.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use choices::Choices;

pub(crate) mod choices;
mod document;
mod expression;
mod rule;
mod statement;
mod with;
pub(crate) mod words;

/// Modules, documents, and what is asked of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) modules: Vec<String>,
    #[serde(default)]
    pub(crate) v0: bool,
    #[serde(default)]
    pub(crate) strict: bool,
    pub(crate) data: Json,
    pub(crate) input: Json,
    pub(crate) queries: Vec<String>,
}

/// The packages, and how each names its rules elsewhere.
const PACKAGES: [&str; 4] = ["a", "a.b", "c", "a.d.e"];

/// What a rule is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Complete,
    Set,
    Object,
    /// An object of sets.
    Sets,
    /// An object with keys two deep.
    Deep,
    /// A path of names: `p.x.y`.
    Path,
    Function(usize),
}

const KINDS: [Kind; 9] = [
    Kind::Complete,
    Kind::Set,
    Kind::Object,
    Kind::Function(1),
    Kind::Function(2),
    Kind::Sets,
    Kind::Path,
    Kind::Deep,
    Kind::Complete,
];

/// Names of builtins, of operators, of rules and of imports: variables may have them, as they may have those of others.
const OTHERS: [&str; 12] = [
    "count", "max", "plus", "minus", "eq", "equal", "json", "concat", "r0", "r1", "stored", "given",
];

#[derive(Clone)]
struct Rule {
    package: &'static str,
    name: String,
    kind: Kind,
}

/// What a clause started with.
struct Start {
    text: String,
    /// The variables that are bound behind it.
    bound: Vec<String>,
    /// How many had been named.
    named: usize,
}

/// A policy that is being written.
struct Writer<'c, 'r> {
    choices: &'c mut Choices<'r>,
    v0: bool,
    /// Whether a v0 module imports the keywords that came later.
    keywords: bool,
    rules: Vec<Rule>,
    /// The rule that is being written: it names those before it, and seldom itself or one behind it.
    at: usize,
    /// The variables that are bound.
    bound: Vec<String>,
    /// Whether some variables have the names of other things: most of such policies are refused.
    shadowing: bool,
    /// How many variables have been named.
    named: usize,
    /// What the last clause started with: another may start with the same.
    start: Option<Start>,
    /// How many negations what is being written stands in: a wildcard there is unsafe.
    closed: usize,
    /// How deep what is being written may still nest.
    depth: usize,
}

/// A policy with its documents, and all rules as queries.
pub(crate) fn policy(choices: &mut Choices) -> Request {
    let v0 = choices.once_in(6);
    let rules = (0..1 + choices.among(5))
        .map(|at| Rule {
            package: PACKAGES[choices.among(PACKAGES.len())],
            name: format!("r{at}"),
            kind: *choices.pick(&KINDS),
        })
        .collect();
    let mut writer = Writer {
        choices,
        v0,
        keywords: false,
        rules,
        at: 0,
        bound: Vec::new(),
        shadowing: false,
        named: 0,
        start: None,
        closed: 0,
        depth: 0,
    };
    writer.shadowing = writer.choices.once_in(3);
    let modules = writer.modules();
    let mut queries: Vec<String> = Vec::new();
    for rule in &writer.rules {
        if !matches!(rule.kind, Kind::Function(_)) {
            queries.push(format!("data.{}.{}", rule.package, rule.name));
        }
    }
    for package in PACKAGES {
        if writer.rules.iter().any(|rule| rule.package == package) {
            queries.push(format!("data.{package}"));
        }
    }
    queries.push("data".to_owned());
    let base = json!({
        "base": writer.document(3),
        "a": {"base": writer.document(2), "b": {"base": writer.document(2)}},
        "c": {"base": writer.document(1), "x": writer.document(1)},
    });
    let input = match writer.choices.once_in(30) {
        true => Json::Null,
        false => writer.input(),
    };
    Request {
        modules,
        v0,
        strict: false,
        data: base,
        input,
        queries,
    }
}

impl Writer<'_, '_> {
    /// The modules: one for each package that has rules, sometimes two.
    fn modules(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        for package in PACKAGES {
            let mine: Vec<usize> = (0..self.rules.len())
                .filter(|at| self.rules[*at].package == package)
                .collect();
            if mine.is_empty() {
                continue;
            }
            self.keywords = !self.v0 || self.choices.once_in(2);
            let split = if self.choices.once_in(6) { mine.len() / 2 } else { 0 };
            for part in [&mine[..split], &mine[split..]] {
                if !part.is_empty() {
                    texts.push(self.module(package, part));
                }
            }
        }
        texts
    }

    fn module(&mut self, package: &str, rules: &[usize]) -> String {
        let mut text = format!("package {package}\n\n");
        if self.v0 && self.keywords {
            text.push_str("import future.keywords\n");
        }
        if self.choices.once_in(3) {
            text.push_str("import data.base as stored\nimport input.m as given\n");
        }
        for at in rules {
            self.at = *at;
            let rule = self.rules[*at].clone();
            self.start = None;
            let more = if self.choices.once_in(3) { 4 } else { 2 };
            for clause in 0..1 + self.choices.among(more) {
                text.push('\n');
                text.push_str(&self.clause(&rule, clause == 0));
                text.push('\n');
            }
        }
        text
    }

    /// A name that is not used yet; seldom one that means something else too.
    fn fresh(&mut self) -> String {
        if self.shadowing && self.choices.once_in(6) {
            return match self.choices.once_in(3) {
                true => (*self.choices.pick(&OTHERS)).to_owned(),
                false => format!("v{}", 1 + self.choices.among(self.named + 2)),
            };
        }
        self.named += 1;
        format!("v{}", self.named)
    }

    /// What is written inside, its variables forgotten behind it; nothing where it would be too deep.
    fn inside<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.bound.len();
        self.depth -= 1;
        let written = write(self);
        self.depth += 1;
        self.bound.truncate(known);
        written
    }
}
