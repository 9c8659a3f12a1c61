//! A compiled program: the entry to the engine.

use foldhash::{HashSet, HashSetExt};

use super::builtins::Available;
use super::check;
use super::core;
use super::error::{CompileError, CompileErrorCode as Code, CompileErrors};
use super::eval::{Evaluation, Settings};
use super::lower;
use super::plan::code::{Plan, Rule};
use super::plan::encoding;
use super::plan::plan;
use super::plan::print::print;
use super::schemas::Schemas;
use super::syntax::parse;
use super::syntax::tree::{Dialect, Module};
use super::test_cases;
use super::trace::RuleRef;
use kpolicy_value::{Span, Value};

/// A module's text.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The text.
    pub text: &'a str,
    /// The dialect that it is written in, unless its imports say otherwise.
    pub dialect: Dialect,
}

/// How a program is compiled.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether what `opa check --strict` refuses is refused.
    pub strict: bool,
    /// Whether rules whose names start with `test_` tell which of their cases is evaluated, and builtins that kpolicy
    /// does not have are errors only where they are called: a test can replace them.
    pub tests: bool,
    /// The builtins that modules may call: OPA's, unless this adds or withholds some.
    pub builtins: Available,
    /// The schemas that types are checked with, those that METADATA holds among them; without it these are not read.
    pub schemas: Option<Schemas>,
}

/// A compiled program: immutable, and shared by threads.
#[derive(Debug)]
pub struct Program {
    core: core::Program,
    plan: Plan,
}

impl Program {
    /// Compiles modules.
    ///
    /// # Errors
    /// Every error of the first stage that finds any.
    pub fn compile(sources: &[Source], options: Options) -> Result<Self, CompileErrors> {
        let modules = read(sources).map_err(CompileErrors)?;
        Self::of_modules(&modules, options)
    }

    /// Compiles modules that have been parsed.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub fn of_modules(modules: &[Module], options: Options) -> Result<Self, CompileErrors> {
        let core = checked(modules, options).map_err(CompileErrors)?;
        let plan = plan(&core).map_err(CompileErrors)?;
        Ok(Self { core, plan })
    }

    /// The compiled program as bytes, from which [`Self::decode`] makes it again, without its [core form](Self::core).
    pub fn encode(&self) -> Vec<u8> {
        encoding::encode(&self.plan)
    }

    /// The program that [`Self::encode`] has made these bytes of, in a build of the same sources. Its rules are decoded when
    /// they are first evaluated. Its core form is empty.
    ///
    /// # Panics
    /// Where the bytes are others.
    pub fn decode(encoded: &'static [u8]) -> Self {
        Self {
            core: core::Program::default(),
            plan: encoding::decode(encoded),
        }
    }

    /// The core form, for [analysis](crate::analysis).
    pub fn core(&self) -> &core::Program {
        &self.core
    }

    /// The plan as text, to be read by people: every rule with its clauses, guards and instructions. `source` gives the
    /// text of a span of a module.
    pub fn plan_text(&self, source: &dyn Fn(usize, Span) -> String) -> String {
        print(&self.plan, source)
    }

    #[cfg(test)]
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The rules and functions of the program.
    pub fn rules(&self) -> impl Iterator<Item = RuleRef<'_>> {
        self.plan.rules.iter().take(self.plan.own).map(Rule::to_ref)
    }

    /// An evaluation of the program's rules over a base document.
    pub fn evaluation(&self, data: Value, settings: Settings) -> Evaluation<'_> {
        Evaluation::new(&self.plan, data, settings)
    }
}

/// The modules' syntax trees.
///
/// # Errors
/// Every error of every text.
fn read(sources: &[Source]) -> Result<Vec<Module>, Vec<CompileError>> {
    let (mut modules, mut all) = (Vec::new(), Vec::new());
    for (at, source) in sources.iter().enumerate() {
        match parse(source.text, source.dialect) {
            Ok(module) => modules.push(module),
            Err(errors) => all.extend(errors.into_iter().map(|error| CompileError {
                code: Code::Parse,
                message: error.message,
                module: at,
                span: error.span,
                help: error.help,
                undefined_function: None,
                undefined_step: None,
            })),
        }
    }
    if all.is_empty() { Ok(modules) } else { Err(all) }
}

/// Each error once.
fn once(mut all: Vec<CompileError>) -> Vec<CompileError> {
    let mut seen = HashSet::new();
    all.retain(|error| seen.insert((error.module, error.span, error.message.clone())));
    all
}

/// The core form of modules that OPA's compiler would accept.
fn checked(modules: &[Module], options: Options) -> Result<core::Program, Vec<CompileError>> {
    let Options {
        strict,
        tests,
        builtins,
        schemas,
    } = options;
    // A statement is in parts by then, each with all of its `with`.
    let settled = |all: Vec<CompileError>| if all.is_empty() { Ok(()) } else { Err(once(all)) };
    settled(check::shadowing::check(modules, strict))?;
    let mut program = lower::lower(modules, &lower::Options { strict, builtins })?;
    settled(check::undeclared::check(&program))?;
    settled(check::annotations::check(&program, modules))?;
    settled(check::conflicts(&program, modules))?;
    settled(check::safety::check(&mut program))?;
    if tests {
        test_cases::mark(&mut program);
    }
    lower::flatten(&mut program);
    let schemas = schemas.as_ref().map(|schemas| (modules, schemas));
    settled(check::check(&program, schemas, strict, tests))?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::{Options, Program, Source};
    use crate::Dialect;
    use crate::builtins::Available;
    use crate::builtins::registry::{Builtin, pure};
    use crate::eval::{Evaluation, Settings};
    use crate::trace::{RuleRef, Tracer};
    use kpolicy_value::Value;

    static OWN: &[Builtin] = &[
        pure("own.twice", "(string) -> string", "The string twice.", |_, operands| {
            Ok(operands[0].as_str().map(|text| text.repeat(2).as_str().into()))
        }),
        pure("count", "(any) -> number", "Always one.", |_, _| Ok(Some(1i64.into()))),
    ];

    fn compile(text: &str, builtins: Available) -> Result<Program, String> {
        let dialect = Dialect::V1;
        let options = Options {
            builtins,
            ..Options::default()
        };
        Program::compile(&[Source { text, dialect }], options).map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_caller_adds_builtins_and_replaces_those_of_opa() {
        let text = "package p\n\nx := [own.twice(\"ab\"), count([1, 2]), y]\n\ny := z if z := own.twice(1) with own.twice as lower\n";
        let with_own = || Available::default().with(OWN);
        let error = compile(text, with_own()).expect_err("a number is no string");
        assert!(error.contains("own.twice: invalid argument(s)"), "{error}");
        let text = text.replace("own.twice(1)", "own.twice(\"AB\")");
        let program = compile(&text, with_own()).expect("it is valid");
        let mut evaluation = program.evaluation(Value::object(Vec::new()), Settings::default());
        let want = Value::array(vec!["abab".into(), 1i64.into(), "ab".into()]);
        assert_eq!(evaluation.evaluate(&["p", "x"]), Ok(Some(want)));
    }

    /// The rules that were evaluated.
    #[derive(Debug, Default)]
    struct Entered(Vec<String>);

    impl Tracer for Entered {
        type Mark = ();
        type Trail = ();
        type FailureSet = ();

        fn enter(&mut self, rule: RuleRef) {
            self.0.push(rule.path.join("."));
        }
    }

    #[test]
    fn what_holds_for_every_input_is_not_evaluated_again_for_a_tracer() {
        let text = "package p\n\nall contains name if some name in data.names\n\nx if input.name in all\n";
        let program = compile(text, Available::default()).expect("it is valid");
        let names = Value::array(vec!["a".into(), "b".into()]);
        let data = Value::object(vec![("names".into(), names)]);
        let mut evaluation = program.evaluation(data, Settings::default());
        evaluation.set_input(Some(Value::object(vec![("name".into(), "b".into())])));
        assert_eq!(evaluation.evaluate(&["p", "x"]), Ok(Some(Value::from(true))));
        let entered = |mut traced: Evaluation<'_, Entered>| {
            assert_eq!(traced.evaluate(&["p", "x"]), Ok(Some(Value::from(true))));
            traced.tracer_mut().0.clone()
        };
        let settings = Settings::default();
        assert_eq!(
            entered(evaluation.traced(Entered::default(), settings)),
            ["p.x", "p.all"]
        );
        assert_eq!(
            entered(evaluation.traced_in_input(Entered::default(), settings)),
            ["p.x"]
        );
    }

    #[test]
    fn a_builtin_that_is_withheld_is_an_undefined_function() {
        let text = "package p\n\nx := count([1])\n";
        assert!(compile(text, Available::default().only(["count"])).is_ok());
        let error = compile(text, Available::default().only(["sum"])).expect_err("there is no count");
        assert!(error.contains("undefined function count"), "{error}");
    }
}
