//! A trace in OPA's long form: each rule that is entered, each statement that is evaluated or fails, each value that a
//! rule gives, and each note that a policy makes with `trace`.
//!
//! What it leaves out: statements that the compiler makes for parts of others, and `Redo`, since a statement that is
//! evaluated again is told as `Eval`.

use std::collections::HashSet;
use std::fmt::Write as _;

use kpolicy_rego::syntax::tree::Module;
use kpolicy_rego::syntax::visit::{Node, walk_module};
use kpolicy_rego::trace::{MarkedRef, RuleRef, Site, Tracer, Variables};
use kpolicy_rego::{Value, to_rego_text};
use kpolicy_value::LineIndex;

/// How many events are kept: a trace beyond that is cut, and says so.
const MOST: usize = 100_000;
/// How wide the column of locations is.
const LOCATION: usize = 28;

/// How much of a trace is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Detail {
    /// The statements that failed, and the rules that lead to them.
    Fails,
    /// What policies note with `trace`, and the rules that lead to it.
    Notes,
    /// Every event.
    Full,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Enter,
    Eval,
    Fail,
    Exit,
    Note,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Enter => "Enter",
            Self::Eval => "Eval",
            Self::Fail => "Fail",
            Self::Exit => "Exit",
            Self::Note => "Note",
        }
    }
}

/// An event.
#[derive(Clone, Debug)]
struct Event {
    kind: Kind,
    at: Site,
    /// How many rules are open.
    depth: usize,
    /// The event with which the clause was entered.
    parent: Option<usize>,
    /// What it is about, where the text at its place does not say it.
    text: Option<String>,
}

/// A rule that is being evaluated.
#[derive(Clone, Debug, Default)]
struct Open {
    path: String,
    /// The event with which the clause at hand was entered.
    entered: Option<usize>,
    /// The statement at hand.
    statement: Option<Site>,
}

/// A module's path, text and tree.
#[derive(Clone, Copy, Debug)]
pub struct Traced<'m> {
    /// The path.
    pub path: &'m str,
    /// The text.
    pub text: &'m str,
    /// The syntax tree.
    pub tree: &'m Module,
}

/// The tracer.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// The statements that were written, by module.
    written: HashSet<Site>,
    open: Vec<Open>,
    events: Vec<Event>,
    /// How many events were dropped.
    dropped: usize,
}

impl Events {
    /// A tracer for a program of these modules.
    pub fn of<'m>(modules: impl Iterator<Item = Traced<'m>>) -> Self {
        let mut written = HashSet::new();
        for (module, traced) in modules.enumerate() {
            walk_module(traced.tree, &mut |node| {
                if let Node::Expression(expression) = node {
                    let span = expression.span;
                    written.insert(Site { module, span });
                }
                true
            });
        }
        Self {
            written,
            ..Self::default()
        }
    }

    fn push(&mut self, kind: Kind, at: Site, text: Option<String>) -> Option<usize> {
        if self.events.len() >= MOST {
            self.dropped += 1;
            return None;
        }
        let depth = self.open.len();
        let parent = match kind {
            Kind::Enter => self.open.len().checked_sub(2).and_then(|at| self.open[at].entered),
            _ => self.open.last().and_then(|open| open.entered),
        };
        self.events.push(Event {
            kind,
            at,
            depth,
            parent,
            text,
        });
        Some(self.events.len() - 1)
    }

    /// Which events are shown, by their indexes.
    fn shown(&self, detail: Detail) -> Vec<bool> {
        let is_meant = |event: &Event| match detail {
            Detail::Full => true,
            Detail::Fails => event.kind == Kind::Fail,
            Detail::Notes => event.kind == Kind::Note,
        };
        let mut shown: Vec<bool> = self.events.iter().map(is_meant).collect();
        // A parent comes before its children.
        for at in (0..self.events.len()).rev() {
            if let (true, Some(parent)) = (shown[at], self.events[at].parent) {
                shown[parent] = true;
            }
        }
        shown
    }

    /// The trace of a query, a line for each event.
    pub fn lines<'m>(&self, query: &str, modules: &[Traced<'m>], detail: Detail) -> Vec<String> {
        let indexes: Vec<LineIndex<'m>> = modules.iter().map(|module| LineIndex::new(module.text)).collect();
        let mut lines = vec![format!("{:LOCATION$}  Enter {query} = _", "query:1")];
        for (event, shown) in self.events.iter().zip(self.shown(detail)) {
            let Some(module) = modules.get(event.at.module).filter(|_| shown) else {
                continue;
            };
            let (row, _) = indexes[event.at.module].position(event.at.span.start as usize);
            let text = match &event.text {
                Some(text) => text.as_str(),
                None => event.at.span.of(module.text),
            };
            let mut line = format!("{:LOCATION$}  ", place(module.path, row));
            for _ in 0..event.depth {
                line.push_str("| ");
            }
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // A write to a string cannot fail.
            let _ = write!(line, "{} {text}", event.kind.name());
            lines.push(line);
        }
        if self.dropped > 0 {
            lines.push(format!("… and {} more events", self.dropped));
        }
        lines
    }
}

/// The file and line, without the start of a long path.
fn place(path: &str, row: usize) -> String {
    let whole = format!("{path}:{row}");
    let count = whole.chars().count();
    match count.checked_sub(LOCATION) {
        None | Some(0) => whole,
        Some(over) => std::iter::once('…').chain(whole.chars().skip(over + 1)).collect(),
    }
}

impl Tracer for Events {
    type Mark = ();
    type Trail = ();
    type FailureSet = ();

    fn enter(&mut self, rule: RuleRef) {
        let names = rule.path.iter().map(|name| &**name);
        self.open.push(Open {
            path: std::iter::once("data").chain(names).collect::<Vec<_>>().join("."),
            ..Open::default()
        });
    }

    fn clause(&mut self, head: Site) {
        let path = self.open.last().map(|open| open.path.clone());
        let entered = self.push(Kind::Enter, head, path);
        if let Some(open) = self.open.last_mut() {
            open.entered = entered;
            open.statement = None;
        }
    }

    fn leave(&mut self, _rule: RuleRef, _value: Option<&Value>) {
        self.open.pop();
    }

    fn reset(&mut self) {
        self.open.clear();
    }

    fn statement(&mut self, at: Site) {
        if !self.written.contains(&at) {
            return;
        }
        if let Some(open) = self.open.last_mut() {
            open.statement = Some(at);
        }
        self.push(Kind::Eval, at, None);
    }

    fn failed(&mut self, at: Site, _variables: Variables<()>) {
        let statement = self.open.last().and_then(|open| open.statement);
        let is_within = |outer: &Site| outer.module == at.module && outer.span.contains(at.span);
        let at = statement.filter(is_within).unwrap_or(at);
        self.push(Kind::Fail, at, None);
    }

    fn given(&mut self, head: Site, _branch: usize, _value: &Value) {
        let path = self.open.last().map(|open| open.path.clone());
        self.push(Kind::Exit, head, path);
    }

    fn builtin<'v>(
        &mut self,
        at: Site,
        name: &'static str,
        mut operands: impl Iterator<Item = MarkedRef<'v, ()>>,
        _value: &Value,
    ) {
        if name == "trace"
            && let Some(note) = operands.next()
        {
            self.push(Kind::Note, at, Some(to_rego_text(note.value)));
        }
    }
}
