//! What is refused beyond the language's own rules: what could only be silence or surprise later.

use super::module::{Parsed, Shape, name, shape};
use crate::finding::{Kind, Problem};
use crate::settings::Allow;
use kpolicy_rego::analysis::{UsedBuiltin, used_builtins};
use kpolicy_rego::core::Program;
use kpolicy_rego::syntax::tree::Rule;
use kpolicy_value::Value;

/// Why modules are refused.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What sort of error it is: the code of OPA, or the name of a check of kpolicy.
    pub code: &'static str,
    /// The error, at its location.
    pub problem: Problem,
}

/// The code of a rule that could never report.
const SILENT: &str = "silent-rule";
/// The code of data over a rule.
const SHADOWED: &str = "data-over-rule";
/// The code of a call that is not allowed.
const NOT_ALLOWED: &str = "not-allowed";

fn fault(code: &'static str) -> impl Fn(Problem) -> Fault {
    move |problem| Fault { code, problem }
}

/// The errors and the warnings of a set of modules.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is refused.
    pub errors: Vec<Fault>,
    /// What is suspicious.
    pub warnings: Vec<Problem>,
}

/// Checks the rules of modules against each other and the data. To conftest a rule that is not a set of results is one
/// that finds nothing.
pub(super) fn check(modules: &[Parsed], data: &Value, conftest: bool) -> Findings {
    let mut found = Findings::default();
    for module in modules {
        for rule in &module.tree.rules {
            match conftest {
                true => found.warnings.extend(silent_head(module, rule)),
                false => found.errors.extend(silent_head(module, rule).map(fault(SILENT))),
            }
            found.errors.extend(shadowed(module, rule, data).map(fault(SHADOWED)));
        }
    }
    found
}

/// The calls that make a verdict depend on more than its input, and that the user does not allow. The program's modules
/// are `modules`.
pub(super) fn guarded(program: &Program, modules: &[&Parsed], allow: &[Allow]) -> Vec<Fault> {
    let refused = |used: UsedBuiltin| {
        let name = used.builtin.name;
        let needed = Allow::of(used.builtin.row.needed()?);
        if allow.contains(&needed) {
            return None;
        }
        Some(modules[used.module].error(
            used.span,
            format!("{name} makes the result depend on more than the input"),
            Some(format!("allow it with --allow {}", needed.name())),
        ))
    };
    let refused = used_builtins(program).into_iter().filter_map(refused);
    refused.map(fault(NOT_ALLOWED)).collect()
}

/// The kind of a rule by its name: `deny`, `deny_root` and so on.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    let (word, rest) = name.split_once('_').unwrap_or((name, "x"));
    let kind = [Kind::Deny, Kind::Violation, Kind::Warn]
        .into_iter()
        .find(|kind| kind.name() == word)?;
    let suffix = rest
        .split('_')
        .all(|part| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric()));
    suffix.then_some(kind)
}

/// A head that reads like a rule and can never report: `deny := true`, `deny if { … }`.
fn silent_head(module: &Parsed, rule: &Rule) -> Option<Problem> {
    let name = name(&rule.head)?;
    kind_of(name)?;
    let given = match shape(&rule.head) {
        Shape::Complete(Some("set" | "array") | None) | Shape::Set | Shape::Function => return None,
        Shape::Complete(Some(literal)) => literal,
        Shape::Object => "object",
    };
    let article = if given == "object" { "an" } else { "a" };
    Some(module.error(
        rule.head.span,
        format!("{name} is {article} {given}, expected a set: it can never report a result"),
        Some(format!("write `{name} contains msg if {{ … }}`")),
    ))
}

/// Data that stands where a rule does would hide the rule, or be hidden.
fn shadowed(module: &Parsed, rule: &Rule, data: &Value) -> Option<Problem> {
    let path = module.full_path(rule);
    let mut at = data;
    for step in path.split('.').skip(1) {
        // A value that is not an object hides everything below it.
        let Some(object) = at.as_object() else { break };
        at = object.field(step)?;
    }
    Some(module.error(
        rule.head.span,
        format!("data files define a value at or above {path}, which is the path of this rule"),
        Some("rename the package of the rule, or remove the value from the data".to_owned()),
    ))
}
