//! The crate regorus as an engine: values in and out, limits, and its errors with their place.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use ::regorus::utils::limits::{ExecutionTimerConfig, PolicyLengthConfig};
use ::regorus::{Engine as Inner, LimitError, Value as Theirs};

use super::{Engine, EngineError, ErrorKind, Evaluated, MemberLocations, Program, Worker};
use kpolicy_rego::builtins::sprintf::sprintf;
use kpolicy_value::{Number, Value};

/// How many numbers `numbers.range` may give; the time limit cannot interrupt a builtin.
const LONGEST_RANGE: u64 = 1_000_000;
/// Longest line, in columns, and largest module, in bytes and lines, that are taken.
const POLICY_COLUMNS: u32 = 1 << 20;
const POLICY_BYTES: usize = 64 << 20;
const POLICY_LINES: usize = 2_000_000;

/// A program compiled by regorus.
pub struct Regorus {
    engine: Inner,
    data: Value,
}

impl Regorus {
    /// Compiles the program.
    ///
    /// regorus finds some errors only when a rule is first evaluated: these are errors of that evaluation.
    pub fn compile(program: &Program) -> Result<Self, Vec<EngineError>> {
        let mut engine = Inner::new();
        engine.set_policy_length_config(length_limits());
        engine.set_strict_builtin_errors(program.strict_builtins);
        engine.set_gather_prints(true);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: program.timeout,
            check_interval: NonZeroU32::new(64).expect("64 is not zero"),
        });
        replace_builtins(&mut engine, program.strict_builtins).map_err(|error| vec![EngineError::of(&error)])?;
        let mut errors = Vec::new();
        for module in &program.modules {
            engine.set_rego_v0(module.v0);
            if let Err(error) = engine.add_policy(module.path.to_owned(), module.text.to_owned()) {
                errors.push(EngineError::of(&error));
            }
        }
        if let Err(error) = engine.add_data(to_theirs(&program.data)) {
            errors.push(EngineError::of(&error));
        }
        if errors.is_empty() {
            Ok(Self {
                engine,
                data: program.data.clone(),
            })
        } else {
            Err(errors)
        }
    }
}

impl Engine for Regorus {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(RegorusWorker {
            engine: self.engine.clone(),
            data: self.data.clone(),
        })
    }
}

struct RegorusWorker {
    engine: Inner,
    data: Value,
}

impl Worker for RegorusWorker {
    fn overlay(&mut self, key: &str, value: Value) -> Result<(), EngineError> {
        let mut entries: Vec<(Value, Value)> = self
            .data
            .as_object()
            .map(|object| object.iter().cloned().collect())
            .unwrap_or_default();
        entries.push((key.into(), value));
        self.data = Value::object(entries);
        self.engine.clear_data();
        self.engine
            .add_data(to_theirs(&self.data))
            .map_err(|error| EngineError::of(&error))
    }

    fn set_input(&mut self, input: &Value) {
        self.engine.set_input(to_theirs(input));
    }

    fn evaluate(&mut self, rule: &str) -> Evaluated {
        match self.engine.eval_rule(rule.to_owned()) {
            Ok(value) => Evaluated {
                value: to_ours(&value),
                error: None,
            },
            Err(error) => EngineError::of(&error).into(),
        }
    }

    /// It does not tell what a rule looked at.
    fn locations(&mut self, _rule: &str) -> Result<Vec<MemberLocations>, EngineError> {
        Ok(Vec::new())
    }

    fn take_prints(&mut self) -> Vec<String> {
        self.engine.take_prints().unwrap_or_default()
    }
}

/// The lengths of policies that are taken: far above what people write.
pub fn length_limits() -> PolicyLengthConfig {
    PolicyLengthConfig {
        max_col: NonZeroU32::new(POLICY_COLUMNS).expect("a positive constant"),
        max_file_bytes: NonZeroUsize::new(POLICY_BYTES).expect("a positive constant"),
        max_lines: NonZeroUsize::new(POLICY_LINES).expect("a positive constant"),
    }
}

/// Puts our own functions in place of builtins whose answer would lose a violation or never end.
fn replace_builtins(engine: &mut Inner, strict: bool) -> anyhow::Result<()> {
    let settled = move |result: Result<Theirs, String>| match result {
        Ok(value) => Ok(value),
        Err(message) if strict => Err(anyhow::Error::msg(message)),
        Err(_) => Ok(Theirs::Undefined),
    };
    let format = move |args: Vec<Theirs>| settled(call_sprintf(&args));
    let range = move |args: Vec<Theirs>| settled(call_range(&args));
    engine.add_extension("sprintf".to_owned(), 2, Box::new(format))?;
    engine.add_extension("numbers.range".to_owned(), 2, Box::new(range))
}

fn call_sprintf(args: &[Theirs]) -> Result<Theirs, String> {
    let [format, values] = args else {
        return Err("sprintf takes two operands".to_owned());
    };
    match (to_ours(format), to_ours(values)) {
        (Some(Value::String(format)), Some(Value::Array(values))) => sprintf(format.as_bytes(), &values)
            .map(|text| to_theirs(&Value::bytes(text)))
            .map_err(|error| error.to_string()),
        (Some(Value::String(_)), Some(other)) => Err(format!(
            "sprintf: operand 2 must be array but got {}",
            other.type_name()
        )),
        (Some(other), _) => Err(format!(
            "sprintf: operand 1 must be string but got {}",
            other.type_name()
        )),
        (None, _) => Ok(Theirs::Undefined),
    }
}

fn call_range(args: &[Theirs]) -> Result<Theirs, String> {
    let bound = |at: usize| match args.get(at).and_then(to_ours) {
        Some(Value::Number(number)) => number.as_i64().ok_or_else(|| {
            format!(
                "numbers.range: operand {} must be integer number but got floating-point number",
                at + 1
            )
        }),
        _ => Err(format!("numbers.range: operand {} must be number", at + 1)),
    };
    let (from, to) = (bound(0)?, bound(1)?);
    if to.abs_diff(from) > LONGEST_RANGE {
        return Err(format!(
            "numbers.range: {from} to {to} is more than {LONGEST_RANGE} numbers"
        ));
    }
    let numbers: Vec<Theirs> = if from <= to {
        (from..=to).map(Theirs::from).collect()
    } else {
        (to..=from).rev().map(Theirs::from).collect()
    };
    Ok(Theirs::from(numbers))
}

fn to_theirs(value: &Value) -> Theirs {
    match value {
        Value::Null => Theirs::Null,
        Value::Bool(flag) => Theirs::from(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Theirs::from(number),
            None => Theirs::from_numeric_string(&number.to_string()).unwrap_or_else(|_| Theirs::from(number.as_f64())),
        },
        Value::String(text) => Theirs::String(text.to_shared()),
        Value::Array(items) => Theirs::from(items.iter().map(to_theirs).collect::<Vec<_>>()),
        Value::Set(members) => Theirs::from(members.iter().map(to_theirs).collect::<BTreeSet<_>>()),
        Value::Object(object) => Theirs::from(
            object
                .iter()
                .map(|(key, value)| (to_theirs(key), to_theirs(value)))
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}

/// Our value; nothing for their undefined.
fn to_ours(value: &Theirs) -> Option<Value> {
    Some(match value {
        Theirs::Null => Value::Null,
        Theirs::Bool(flag) => Value::Bool(*flag),
        Theirs::Number(number) => Value::Number(
            Number::parse(&number.format_decimal())
                .or_else(|| Number::parse(&value.to_json_str().ok()?))
                .expect("regorus prints numbers as JSON"),
        ),
        Theirs::String(text) => Value::string(Arc::clone(text)),
        Theirs::Array(items) => Value::array(items.iter().map(to_ours).collect::<Option<_>>()?),
        Theirs::Set(members) => Value::set(members.iter().map(to_ours).collect::<Option<_>>()?),
        Theirs::Object(entries) => Value::object(
            entries
                .iter()
                .map(|(key, value)| Some((to_ours(key)?, to_ours(value)?)))
                .collect::<Option<_>>()?,
        ),
        Theirs::Undefined => return None,
    })
}

impl EngineError {
    /// Their error: an excerpt with `--> file:line:column` and, last, `error: message`.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let text = format!("{error:#}");
        let place = text.lines().find_map(|line| {
            let mut parts = line.trim().strip_prefix("--> ")?.rsplitn(3, ':');
            let (column, row) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some((parts.next()?.to_owned(), row, column))
        });
        let message = match (place.is_some(), text.rsplit_once("error: ")) {
            (true, Some((_, message))) => message.trim().to_owned(),
            _ => text.trim().to_owned(),
        };
        let timed_out = |limit: &LimitError| matches!(limit, LimitError::TimeLimitExceeded { .. });
        let kind = match error.downcast_ref::<LimitError>() {
            Some(limit) if timed_out(limit) => ErrorKind::Timeout,
            _ => ErrorKind::Other,
        };
        Self { kind, message, place }
    }
}
