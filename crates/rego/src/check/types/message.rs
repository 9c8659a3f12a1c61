//! What is said of a type that does not fit.

use super::reference::Wrong;
use crate::check::print;
use crate::core::{Callee, Clause, Root, Term, TermKind};
use crate::types::{Type, list};
use kpolicy_value::Value;

/// The name of what is called.
pub(super) fn callee(callee: &Callee) -> String {
    match callee {
        Callee::Builtin(builtin) => builtin.name.to_owned(),
        Callee::Function { path, .. } => print::path(path),
    }
}

/// Operands that a function does not take.
pub(super) fn operands(name: &str, what: &str, have: &[Type], want: &[Type], variadic: &Type) -> String {
    let further = match variadic {
        Type::Unknown => String::new(),
        of if want.is_empty() => format!("{of}..."),
        of => format!(", {of}..."),
    };
    format!(
        "{name}: {what}\n    have: ({})\n    want: ({}{further})",
        list(have),
        list(want)
    )
}

/// A reference that leads nowhere.
pub(super) fn reference(clause: &Clause, root: Root, path: &[Term], wrong: &Wrong) -> String {
    let whole = print::reference(clause, root, path);
    match wrong {
        Wrong::NoParts(Type::Function(_)) => format!("function {whole} used as reference, not called"),
        Wrong::NoParts(of) => format!("undefined ref: {whole}\n    have: {of}"),
        Wrong::NoSuch { at, have, want, one_of } => {
            let have = match have {
                Some(of) => format!("have (type): {of}"),
                None => format!("have: {}", print::term(clause, &path[*at])),
            };
            let want = match one_of.is_empty() {
                true if !want.is_known() => "want (one of): []".to_owned(),
                true => format!("want (type): {want}"),
                false => {
                    let keys: Vec<String> = one_of.iter().map(print::value).collect();
                    format!("want (one of): [{}]", keys.join(", "))
                }
            };
            format!("undefined ref: {whole}\n    {have}\n    {want}")
        }
    }
}

/// The constant step that leads nowhere, and those that would lead somewhere.
pub(super) fn undefined_step(path: &[Term], wrong: &Wrong) -> Option<(String, Vec<String>)> {
    let Wrong::NoSuch { at, one_of, .. } = wrong else {
        return None;
    };
    let TermKind::Const(step) = &path.get(*at)?.kind else {
        return None;
    };
    let known = one_of.iter().filter_map(Value::as_str).map(str::to_owned);
    Some((step.as_str()?.to_owned(), known.collect()))
}
