//! What holds for every policy and every document that it judges.

use std::time::Duration;

use kpolicy::provenance::{self, LocationTracer};
use kpolicy_rego::Dialect;
use kpolicy_rego::trace::RuleKind;
use kpolicy_rego::{EvalError, Evaluation, Settings};
use kpolicy_rego::{Options, Program, Source};
use kpolicy_value::Value;

use super::case::Case;

/// How many rules are asked for at most.
const MOST: usize = 10;
/// How much longer than it may an evaluation can take, until it is seen that the time is up.
const GRACE: Duration = Duration::from_secs(1);
/// How much the process may grow, beyond the limit on what values take.
const GROWTH: usize = 1 << 30;

/// As `kpolicy test` evaluates, its limits apart.
const USUAL: Settings = Settings {
    time: Some(Duration::from_secs(2)),
    memory: 256 << 20,
    strict_builtins: true,
    now: None,
};
/// As `kpolicy test --builtin-errors undefined` does.
const LENIENT: Settings = Settings {
    strict_builtins: false,
    now: Some(1_700_000_000_000_000_000),
    ..USUAL
};
/// Limits that many policies reach.
const SMALL: Settings = Settings {
    time: Some(Duration::from_millis(2)),
    memory: 4 << 10,
    ..USUAL
};

type Answer = Result<Option<Value>, EvalError>;
/// The answers to each query, input by input.
type Answers = Vec<Vec<Answer>>;

/// The policy is refused, or it judges: within its limits, twice the same, whatever it judged before, with and without
/// a tracer.
pub(crate) fn for_case(case: &Case) {
    let Some(program) = compiled(case) else {
        assert!(compiled(case).is_none(), "compiled in two ways");
        return;
    };
    let before = peak();
    let judged = Judged::new(case, &program);
    for settings in [USUAL, LENIENT] {
        let first = judged.in_turn(settings);
        if first.iter().flatten().any(is_out_of_time) {
            continue;
        }
        judged.once_more(&first, settings);
        judged.other_data(&first, settings);
        judged.locations(&first, settings);
        judged.small(
            &first,
            Settings {
                strict_builtins: settings.strict_builtins,
                now: settings.now,
                ..SMALL
            },
        );
    }
    let grown = peak().saturating_sub(before);
    assert!(grown < USUAL.memory + GROWTH, "it took {} MiB", grown >> 20);
}

fn compiled(case: &Case) -> Option<Program> {
    let dialect = if case.v0 { Dialect::V0 } else { Dialect::V1 };
    let sources: Vec<Source> = case.modules.iter().map(|text| Source { text, dialect }).collect();
    match Program::compile(&sources, Options::default()) {
        Ok(program) => Some(program),
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a word");
            None
        }
    }
}

/// A policy with what it judges.
struct Judged<'c> {
    program: &'c Program,
    /// The same policy, compiled once more.
    twin: Program,
    data: Value,
    /// The data with one part replaced, and this part.
    other: Value,
    replaced: (&'c str, Value),
    inputs: Vec<Value>,
    queries: Vec<Vec<String>>,
}

impl<'c> Judged<'c> {
    fn new(case: &'c Case, program: &'c Program) -> Self {
        let (key, value) = (case.replaced.0.as_str(), &case.replaced.1);
        let mut other = case.data.clone();
        other.insert(key.to_owned(), value.clone());
        Self {
            program,
            twin: compiled(case).expect("it was compiled before"),
            data: Value::from_json(&case.data.clone().into()),
            other: Value::from_json(&other.into()),
            replaced: (key, Value::from_json(value)),
            inputs: case.inputs.iter().map(Value::from_json).collect(),
            queries: queries(program),
        }
    }

    fn fresh(&self, data: &Value, settings: Settings) -> Evaluation<'_> {
        self.program.evaluation(data.clone(), settings)
    }

    /// The answers of one evaluation, input after input.
    fn in_turn(&self, settings: Settings) -> Answers {
        self.answers(&mut self.fresh(&self.data, settings), settings)
    }

    fn answers(&self, evaluation: &mut Evaluation, settings: Settings) -> Answers {
        let all = self.inputs.iter().map(|input| {
            evaluation.set_input(Some(input.clone()));
            self.queries
                .iter()
                .map(|query| timed(evaluation, query, settings))
                .collect()
        });
        all.collect()
    }

    /// What is remembered changes nothing: not of other inputs, not of other rules, not in another program.
    fn once_more(&self, first: &Answers, settings: Settings) {
        let mut backwards = self.twin.evaluation(self.data.clone(), settings);
        for (input, answers) in self.inputs.iter().zip(first).rev() {
            backwards.set_input(Some(input.clone()));
            for (query, answer) in self.queries.iter().zip(answers).rev() {
                same(
                    answer,
                    &timed(&mut backwards, query, settings),
                    query,
                    "in another order",
                );
                let mut alone = self.fresh(&self.data, settings);
                alone.set_input(Some(input.clone()));
                same(answer, &timed(&mut alone, query, settings), query, "alone");
            }
        }
    }

    /// Data that is replaced counts from then on, and no longer once it is put back.
    fn other_data(&self, first: &Answers, settings: Settings) {
        let (key, value) = (self.replaced.0, self.replaced.1.clone());
        let mut evaluation = self.fresh(&self.data, settings);
        self.answers(&mut evaluation, settings);
        evaluation.set_data(key, value);
        let replaced = self.answers(&mut evaluation, settings);
        let other = self.answers(&mut self.fresh(&self.other, settings), settings);
        self.all_same(&replaced, &other, "with this data from the start");
        evaluation.set_data(key, self.data.field(key).expect("the data has the key").clone());
        let back = self.answers(&mut evaluation, settings);
        self.all_same(first, &back, "with the data put back");
    }

    fn all_same(&self, one: &Answers, other: &Answers, how: &str) {
        for (one, other) in one.iter().zip(other) {
            for ((query, one), other) in self.queries.iter().zip(one).zip(other) {
                same(one, other, query, how);
            }
        }
    }

    /// The tracer of locations finds the members that were found without it, and changes nothing.
    fn locations(&self, first: &Answers, settings: Settings) {
        let mut evaluation = self.fresh(&self.data, settings);
        for (input, answers) in self.inputs.iter().zip(first) {
            evaluation.set_input(Some(input.clone()));
            for (query, answer) in self.queries.iter().zip(answers) {
                let path: Vec<&str> = query.iter().map(String::as_str).collect();
                let begun = spent();
                let lenient = Settings {
                    strict_builtins: false,
                    ..settings
                };
                let mut traced = evaluation.traced(LocationTracer::default(), lenient);
                let spoken = provenance::locations(&mut traced, &evaluation.query(&path));
                in_time(begun, settings, query);
                if let (Ok(Some(Value::Set(members))), Ok(spoken)) = (answer, spoken) {
                    let found: Vec<&Value> = spoken.iter().map(|(member, _)| member).collect();
                    assert_eq!(
                        found,
                        members.iter().collect::<Vec<_>>(),
                        "the members of {query:?} with places"
                    );
                }
                same(
                    answer,
                    &timed(&mut evaluation, query, settings),
                    query,
                    "after its locations",
                );
            }
        }
    }

    /// With small limits there is the same answer or none; what was left undone leaves no trace.
    fn small(&self, first: &Answers, settings: Settings) {
        let mut evaluation = self.fresh(&self.data, settings);
        for _ in 0..2 {
            let answers = self.answers(&mut evaluation, settings);
            self.all_same(first, &answers, "with small limits");
        }
    }
}

/// The rules that are no functions, and all of them together.
fn queries(program: &Program) -> Vec<Vec<String>> {
    let rules = program.rules();
    let rules = rules.filter(|rule| !matches!(rule.kind, RuleKind::Function(_)));
    let paths = rules.map(|rule| rule.path.iter().map(ToString::to_string).collect());
    let mut queries: Vec<Vec<String>> = paths.take(MOST).collect();
    queries.push(Vec::new());
    queries.dedup();
    queries
}

fn timed(evaluation: &mut Evaluation, query: &[String], settings: Settings) -> Answer {
    let path: Vec<&str> = query.iter().map(String::as_str).collect();
    let begun = spent();
    let answer = evaluation.evaluate(&path);
    in_time(begun, settings, query);
    answer
}

fn in_time(begun: Duration, settings: Settings, query: &[String]) {
    let took = spent() - begun;
    let longest = settings.time.expect("every evaluation has a limit") + GRACE;
    assert!(took < longest, "{query:?} took {took:?}");
}

/// Both are the same, or one of them reached a limit.
fn same(one: &Answer, other: &Answer, query: &[String], how: &str) {
    if !is_out_of_time(one) && !is_out_of_time(other) {
        assert_eq!(one, other, "{query:?} {how}");
    }
}

/// Whether a limit was reached. How soon depends on what is remembered, and on the machine.
fn is_out_of_time(answer: &Answer) -> bool {
    answer
        .as_ref()
        .is_err_and(|error| error.code.name() == "eval_cancel_error")
}

/// The processor's time that the thread has had, where the system tells: on a busy machine the clock says little.
fn spent() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = times.split(' ').next().and_then(|time| time.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// The most memory that the process has had, in bytes, where the system tells.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kibibytes.unwrap_or(0) << 10
}
