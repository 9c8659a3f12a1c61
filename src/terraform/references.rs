//! The names that expressions refer to, by their text.

use std::collections::BTreeSet;

use kpolicy_value::Value;

/// The names after a prefix in the expressions of a value: of `${var.acl}` after `var.` that is `acl`.
pub(super) fn names_after(prefix: &str, value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => text.as_str().map(|text| in_text(prefix, text)).unwrap_or_default(),
        Value::Array(items) => items.iter().flat_map(|item| names_after(prefix, item)).collect(),
        Value::Object(object) => object
            .iter()
            .flat_map(|(_, value)| names_after(prefix, value))
            .collect(),
        _ => BTreeSet::new(),
    }
}

fn in_text(prefix: &str, text: &str) -> BTreeSet<String> {
    let is_of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let starts = text.match_indices(prefix).filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        text.contains("${") && !before.is_some_and(|letter| is_of_name(letter) || letter == '.')
    });
    let name = |(at, word): (usize, &str)| -> String {
        text[at + word.len()..]
            .chars()
            .take_while(|letter| is_of_name(*letter))
            .collect()
    };
    starts.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_expressions_alone() {
        let of = |text: &str| in_text("var.", text).into_iter().collect::<Vec<_>>();
        assert_eq!(of("${var.acl}"), ["acl"]);
        assert_eq!(of("a-${lower(var.a_b)}-${var.c[0]}"), ["a_b", "c"]);
        assert!(of("var.acl").is_empty() && of("${local.var.x}${myvar.y}").is_empty());
        assert_eq!(in_text("local.", "${local.a}").into_iter().collect::<Vec<_>>(), ["a"]);
    }
}
