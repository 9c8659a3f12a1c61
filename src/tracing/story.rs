//! How a rule was evaluated, in plain data: what a recorder kept, with the text of the policy and the values of its parts.

use super::bodies::{Bodies, Branch};
use super::events::Traced;
use super::parts::KnownPart;
use super::recording::{Cause, End, Evaluated, Reached, Recording, Tried, Way};
use crate::provenance::Origin;
use kpolicy_rego::syntax::tree::{Expression, ExpressionKind, Term, TermKind};
use kpolicy_rego::trace::Site;
use kpolicy_value::{LineIndex, Span, Value};

/// How a rule was evaluated on a document.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The rule, then the rules and functions that it asked for, in the order in which they were evaluated.
    pub evaluations: Vec<ToldRule>,
    /// How many further ones were not kept.
    pub dropped: usize,
    /// The error that stopped it.
    pub error: Option<String>,
}

/// How a rule or a call was evaluated.
#[derive(Clone, Debug)]
pub struct ToldRule {
    /// The path from `data` on.
    pub path: String,
    /// The operands of a call.
    pub operands: Vec<Value>,
    /// Its value; nothing where it is undefined.
    pub value: Option<Value>,
    /// Whether its evaluation came to an end.
    pub ended: bool,
    /// What became of its clauses, in the order in which they were evaluated.
    pub clauses: Vec<ToldClause>,
}

/// What became of a clause, or of an `else` branch.
#[derive(Clone, Debug)]
pub struct ToldClause {
    /// The module's path.
    pub file: String,
    /// The line of its head.
    pub line: usize,
    /// Its head.
    pub head: String,
    /// Whether it is the default.
    pub is_default: bool,
    /// The first ways that gave a value.
    pub gave: Vec<ToldWay>,
    /// How many such ways there are.
    pub count: usize,
    /// The way that came furthest of those that failed.
    pub stopped: Option<ToldWay>,
    /// How many ways failed, by the line and text of the statement at which they did.
    pub stops: Vec<Stops>,
}

/// How many ways failed at a statement.
#[derive(Clone, Debug)]
pub struct Stops {
    /// The line of the statement.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// How many.
    pub count: usize,
}

/// A way through a clause.
#[derive(Clone, Debug)]
pub struct ToldWay {
    /// The statements that it came to, in the order in which they were evaluated.
    pub statements: Vec<ToldStatement>,
    /// How near it is to the part of the input that is wanted.
    pub nearness: usize,
    /// How it ended.
    pub end: ToldEnd,
}

/// A statement that a way came to.
#[derive(Clone, Debug)]
pub struct ToldStatement {
    /// Its line.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// Its text, in one line.
    pub text: String,
    /// What it is for.
    pub role: Role,
    /// The values of its parts.
    pub parts: Vec<ToldPart>,
    /// The rules and functions that it asked for, by their places among the evaluations.
    pub calls: Vec<usize>,
    /// Of a negation that holds: the part in it that failed, and why.
    pub denied: Option<(String, Cause)>,
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The head: its arguments or its value.
    Head,
    /// It gives variables their values.
    Binding,
    /// It decides.
    Condition,
    /// A condition that holds where its operand does not.
    Negation,
}

/// A part of a statement, with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldPart {
    /// The part as it was written, in one line.
    pub text: String,
    /// Its value; nothing where it is undefined.
    pub value: Option<Value>,
    /// Where in the input it comes from.
    pub origin: Option<Origin>,
    /// The evaluation that gave it, where it is a rule's or a function's.
    pub call: Option<usize>,
}

/// How a way ended.
#[derive(Clone, Debug)]
pub enum ToldEnd {
    /// With a value.
    Gave(Value),
    /// Its last statement failed.
    Failed {
        /// Why.
        cause: Cause,
        /// The part of the statement that failed, in one line.
        part: String,
    },
}

impl ToldPart {
    /// Whether it is a reference to a part of the document that another one, `text`, leads through.
    pub fn leads_to(&self, text: &str) -> bool {
        let rest = text.strip_prefix(self.text.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

impl ToldRule {
    /// Its name with its operands.
    pub fn name(&self) -> &str {
        self.path.strip_prefix("data.").unwrap_or(&self.path)
    }

    /// The clause that came furthest of those that gave nothing.
    pub fn furthest(&self) -> Option<&ToldClause> {
        let stopped = |clause: &&ToldClause| clause.count == 0 && clause.stopped.is_some();
        let depth = |clause: &&ToldClause| clause.stopped.as_ref().map_or(0, |way| way.statements.len());
        let mut furthest: Option<&ToldClause> = None;
        for clause in self.clauses.iter().filter(stopped) {
            if furthest.is_none_or(|known| depth(&clause) > depth(&known)) {
                furthest = Some(clause);
            }
        }
        furthest
    }
}

/// Tells what a recorder kept of a program of these modules.
pub fn tell(recording: Recording, bodies: &Bodies, modules: &[Option<Traced>], error: Option<String>) -> Story {
    let teller = Teller {
        bodies,
        modules,
        indexes: modules
            .iter()
            .map(|module| LineIndex::new(module.map_or("", |module| module.text)))
            .collect(),
    };
    Story {
        dropped: recording.dropped,
        evaluations: recording
            .evaluations
            .into_iter()
            .map(|kept| teller.rule(kept))
            .collect(),
        error,
    }
}

struct Teller<'t, 'm> {
    bodies: &'t Bodies,
    modules: &'t [Option<Traced<'m>>],
    indexes: Vec<LineIndex<'m>>,
}

impl Teller<'_, '_> {
    fn rule(&self, kept: Evaluated) -> ToldRule {
        let clauses = kept.clauses.iter().filter_map(|tried| self.clause(tried));
        ToldRule {
            clauses: clauses.collect(),
            path: kept.path,
            operands: kept.operands,
            value: kept.value,
            ended: kept.ended,
        }
    }

    fn clause(&self, tried: &Tried) -> Option<ToldClause> {
        let module = (*self.modules.get(tried.head.module)?)?;
        let branch = self.bodies.branch(tried.head, tried.branch, module.tree)?;
        let way = |way: &Way| self.way(tried.head, &branch, way);
        let head = head_of(tried.branch, &branch);
        let stops = tried.stops.iter().map(|(statement, count)| {
            let span = statement
                .and_then(|at| branch.body.get(at))
                .map_or(branch.start, |statement| statement.span);
            Stops {
                line: self.position(tried.head.module, span).0,
                text: in_line(span.of(module.text)),
                count: *count,
            }
        });
        Some(ToldClause {
            file: module.path.to_owned(),
            line: self.position(tried.head.module, branch.start).0,
            head: in_line(head.of(module.text)),
            is_default: branch.rule.default,
            gave: tried.gave.iter().map(way).collect(),
            count: tried.count,
            stopped: tried.stopped.as_ref().map(way),
            stops: stops.collect(),
        })
    }

    fn position(&self, module: usize, span: Span) -> (usize, usize) {
        self.indexes
            .get(module)
            .map_or((1, 1), |index| index.position(span.start as usize))
    }

    fn text(&self, module: usize, span: Span) -> String {
        let module = self.modules.get(module).copied().flatten();
        in_line(module.map_or("", |module| span.of(module.text)))
    }

    fn way(&self, head: Site, branch: &Branch, way: &Way) -> ToldWay {
        let last = way.reached.len().saturating_sub(1);
        let mut statements: Vec<ToldStatement> = Vec::new();
        for (at, reached) in way.reached.iter().enumerate() {
            let failed = at == last && matches!(way.end, End::Failed(_));
            let written = reached.statement.and_then(|at| branch.body.get(at));
            let inner = written.map(|statement| innermost(statement, way.snapshot.at));
            match (written, inner) {
                // What failed is a statement inside it.
                (Some(outer), Some(inner)) if failed && !std::ptr::eq(outer, inner) => {
                    statements.push(self.statement(head.module, way, outer, false, None));
                    statements.push(self.statement(head.module, way, inner, true, Some(reached)));
                }
                (Some(statement), _) => {
                    statements.push(self.statement(head.module, way, statement, failed, Some(reached)));
                }
                (None, _) => statements.push(self.head(head.module, branch, way, reached)),
            }
        }
        let end = match &way.end {
            End::Gave(value) => ToldEnd::Gave(value.clone().unwrap_or(Value::Null)),
            End::Failed(cause) => ToldEnd::Failed {
                cause: cause.clone(),
                part: self.text(head.module, way.snapshot.at),
            },
        };
        ToldWay {
            statements,
            nearness: way.nearness,
            end,
        }
    }

    fn statement(
        &self,
        module: usize,
        way: &Way,
        written: &Expression,
        failed: bool,
        reached: Option<&Reached>,
    ) -> ToldStatement {
        let calls = reached.map_or(&[][..], |reached| &reached.calls);
        let role = role(written);
        let denied = reached.and_then(|reached| reached.denied.as_ref());
        let denied = denied.filter(|_| role == Role::Negation && !failed);
        let (line, column) = self.position(module, written.span);
        ToldStatement {
            line,
            column,
            text: self.text(module, written.span),
            role,
            denied: denied.map(|(span, cause)| {
                let part = self.text(module, *span);
                (part.strip_prefix("not ").unwrap_or(&part).to_owned(), cause.clone())
            }),
            parts: self.parts(module, way, written, failed, calls),
            calls: calls.iter().map(|(_, call)| *call).collect(),
        }
    }

    /// The head as a statement: it can fail by its arguments or its value.
    fn head(&self, module: usize, branch: &Branch, way: &Way, reached: &Reached) -> ToldStatement {
        let calls = &reached.calls;
        let (line, column) = self.position(module, branch.start);
        let terms = branch.key.iter().chain(&branch.value);
        let known = terms.flat_map(|term| way.snapshot.parts_of_term(term));
        ToldStatement {
            line,
            column,
            text: self.text(
                module,
                branch.start.to(branch.value.map_or(branch.start, |value| value.span)),
            ),
            role: Role::Head,
            denied: None,
            parts: known.map(|part| self.part(module, part, calls)).collect(),
            calls: calls.iter().map(|(_, call)| *call).collect(),
        }
    }

    /// The values that a statement is about: of one that gives variables their values these, of others those of their
    /// operands.
    fn parts(
        &self,
        module: usize,
        way: &Way,
        statement: &Expression,
        failed: bool,
        calls: &[(Span, usize)],
    ) -> Vec<ToldPart> {
        let snapshot = &way.snapshot;
        let known = match &statement.kind {
            ExpressionKind::SomeIn { key, value, .. } if !failed => key
                .iter()
                .chain([value])
                .flat_map(|term| snapshot.parts_of_term(term))
                .collect(),
            // What gets its value there has none.
            ExpressionKind::SomeIn { collection, .. } => snapshot.parts_of_term(collection),
            ExpressionKind::Term(term) if let Some((left, right)) = assigned(term) => {
                snapshot.parts_of_term(if failed { right } else { left })
            }
            // What is in it has no value that decided where it holds.
            ExpressionKind::Every { key, value, .. } => key
                .iter()
                .chain([value])
                .flat_map(|term| snapshot.parts_of_term(term))
                .collect(),
            _ => snapshot.parts(statement),
        };
        let whole = match &statement.kind {
            ExpressionKind::Term(term) => Some(term.span),
            _ => None,
        };
        let says = |part: &KnownPart| {
            // That a condition is true or false is said of the statement.
            let is_said = Some(part.span) == whole && matches!(part.value, Some(Value::Bool(_)));
            !is_said || is_plain(statement)
        };
        let mut parts: Vec<ToldPart> = Vec::new();
        for part in known.into_iter().filter(says) {
            let part = self.part(module, part, calls);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }

    fn part(&self, module: usize, part: KnownPart, calls: &[(Span, usize)]) -> ToldPart {
        let mut calls = calls.iter().rev();
        ToldPart {
            call: calls.find(|(span, _)| *span == part.span).map(|(_, call)| *call),
            text: self.text(module, part.span),
            value: part.value,
            origin: part.origin,
        }
    }
}

/// The head of a clause; of an `else` branch, from there to its value.
fn head_of(branch: usize, written: &Branch) -> Span {
    if branch == 0 {
        // The clause begins with `default` where it is that.
        return Span {
            start: written.rule.span.start,
            end: written.rule.head.span.end,
        };
    }
    let keyword = Span {
        start: written.start.start,
        end: written.start.start + 4,
    };
    written.value.map_or(keyword, |value| keyword.to(value.span))
}

/// Whether a statement is a reference or a variable alone: its value is what there is to say.
fn is_plain(statement: &Expression) -> bool {
    matches!(&statement.kind, ExpressionKind::Term(term) if matches!(term.kind, TermKind::Ref { .. } | TermKind::Var(_)))
}

/// What a statement is for.
fn role(statement: &Expression) -> Role {
    match &statement.kind {
        _ if statement.negated => Role::Negation,
        ExpressionKind::Not(_) => Role::Negation,
        ExpressionKind::Some(_) | ExpressionKind::SomeIn { .. } => Role::Binding,
        ExpressionKind::Term(term) if assigned(term).is_some() => Role::Binding,
        _ => Role::Condition,
    }
}

/// The sides of `x := y`, and of `x = y` where the left one is a variable.
fn assigned(term: &Term) -> Option<(&Term, &Term)> {
    let TermKind::Call {
        function,
        arguments,
        infix: true,
    } = &term.kind
    else {
        return None;
    };
    let TermKind::Var(name) = &function.kind else {
        return None;
    };
    let [left, right] = arguments.as_slice() else {
        return None;
    };
    match &**name {
        "assign" => Some((left, right)),
        "eq" if matches!(left.kind, TermKind::Var(_)) => Some((left, right)),
        _ => None,
    }
}

/// The statement that failed inside a statement with a body of its own, such as `every`.
pub fn innermost(statement: &Expression, at: Span) -> &Expression {
    let body = match &statement.kind {
        ExpressionKind::Every { body, .. } => body,
        _ => return statement,
    };
    let inner = body.iter().find(|inner| inner.span.contains(at));
    inner.map_or(statement, |inner| innermost(inner, at))
}

/// A text of the policy in one line.
fn in_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
