//! What is refused beyond the language's own rules: what could only be silence or surprise later.

use super::module::{Parsed, Shape, name, shape};
use crate::finding::{Kind, Problem};
use crate::settings::Allow;
use kpolicy_rego::analysis::{UsedBuiltin, used_builtins};
use kpolicy_rego::core::Program;
use kpolicy_rego::syntax::tree::Rule;
use kpolicy_value::Value;

/// The errors and the warnings of a set of modules.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is refused.
    pub errors: Vec<Problem>,
    /// What is suspicious.
    pub warnings: Vec<Problem>,
}

impl Findings {
    /// The errors, where there are some, or else the warnings; of strict users the warnings are errors too.
    pub(super) fn refused(mut self, strict: bool) -> Result<Vec<Problem>, Vec<Problem>> {
        if strict {
            self.errors.append(&mut self.warnings);
        }
        if self.errors.is_empty() {
            Ok(self.warnings)
        } else {
            Err(self.errors)
        }
    }
}

/// Checks the rules of modules against each other and the data. To conftest a rule that is not a set of results is one
/// that finds nothing.
pub(super) fn check(modules: &[Parsed], data: &Value, conftest: bool) -> Findings {
    let mut found = Findings::default();
    for module in modules {
        for rule in &module.tree.rules {
            match conftest {
                true => found.warnings.extend(silent_head(module, rule)),
                false => found.errors.extend(silent_head(module, rule)),
            }
            found.errors.extend(shadowed(module, rule, data));
            found.warnings.extend(misspelled(module, rule));
        }
    }
    found
}

/// The calls that make a verdict depend on more than its input, and that the user does not allow. The program's modules
/// are `modules`.
pub(super) fn guarded(program: &Program, modules: &[&Parsed], allow: &[Allow]) -> Vec<Problem> {
    let refused = |used: UsedBuiltin| {
        let name = used.builtin.name;
        let needed = Allow::of(used.builtin.row.needed()?);
        let needed = needed.filter(|needed| !allow.contains(needed))?;
        Some(modules[used.module].error(
            used.span,
            format!("{name} makes the result depend on more than the input"),
            Some(format!("allow it with --allow {}", needed.name())),
        ))
    };
    used_builtins(program).into_iter().filter_map(refused).collect()
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

/// A name that is one slip away from a rule's: `dney`, `warning`.
fn misspelled(module: &Parsed, rule: &Rule) -> Option<Problem> {
    let name = name(&rule.head)?;
    let word = name.split('_').next().unwrap_or(name);
    if module.file.is_test() || shape(&rule.head) != Shape::Set || kind_of(name).is_some() {
        return None;
    }
    let near = ["deny", "violation", "warn"].into_iter().find(|kind| {
        let distance = strsim::damerau_levenshtein(word, kind);
        (1..=2).contains(&distance) && distance * 2 < kind.len() || word.starts_with(kind)
    })?;
    Some(module.error(
        rule.head.span,
        format!("{name} looks like a deny, violation or warn rule, but is never evaluated"),
        Some(format!("did you mean {near}, or {near}_<name>?")),
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
