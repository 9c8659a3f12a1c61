//! Whether values of two types can be equal, as OPA decides it.

use crate::types::{Array, Object, Type};

/// Whether a value can be of both types.
pub(super) fn unifies(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Unknown, _) | (_, Type::Unknown) => false,
        (Type::Function(a), Type::Function(b)) => {
            let pairs = a.operands.iter().zip(&b.operands);
            a.operands.len() == b.operands.len() && pairs.into_iter().all(|(a, b)| unifies(a, b))
        }
        (Type::Function(_), _) | (_, Type::Function(_)) => false,
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::OneOf(one_of), other) | (other, Type::OneOf(one_of)) => {
            one_of.types.iter().any(|each| unifies(each, other))
        }
        (Type::Array(a), Type::Array(b)) => arrays(a, b),
        (Type::Object(a), Type::Object(b)) => objects(a, b),
        // The empty set is one of every type of sets.
        (Type::Set(a), Type::Set(b)) => !a.of.is_known() || !b.of.is_known() || unifies(&a.of, &b.of),
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn arrays(a: &Array, b: &Array) -> bool {
    let longest = a.first.len().max(b.first.len());
    let item = |array: &Array, at: usize| array.first.get(at).unwrap_or(&array.rest).clone();
    (0..longest).all(|at| unifies(&item(a, at), &item(b, at)))
        && (!a.rest.is_known() || !b.rest.is_known() || unifies(&a.rest, &b.rest))
}

fn objects(a: &Object, b: &Object) -> bool {
    known_fit(a, b)
        && known_fit(b, a)
        && match (&a.others, &b.others) {
            (Some((_, a)), Some((_, b))) if a.is_known() && b.is_known() => unifies(a, b),
            _ => true,
        }
}

/// Whether the values under the known keys of one object can be in the other.
fn known_fit(a: &Object, b: &Object) -> bool {
    let has_others = |object: &Object| object.others.as_ref().is_some_and(|(_, value)| value.is_known());
    let open = has_others(a) || has_others(b);
    a.known.iter().all(|(key, value)| match b.select(key) {
        Type::Unknown => open,
        found => unifies(value, &found),
    })
}
