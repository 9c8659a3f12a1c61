//! How two values differ, for the report of a failed equality.

use kpolicy_rego::to_rego_text;
use kpolicy_value::Value;

/// How many differences are listed.
const MOST: usize = 10;
/// How many characters of a value are shown.
const WIDTH: usize = 100;
/// How many characters of equal text are shown around a difference.
const AROUND: usize = 20;

/// The lines that say how `right` differs from `left`; none where the values say it themselves.
pub(super) fn lines(left: &Value, right: &Value) -> Vec<String> {
    if left == right {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut path = String::new();
    compare(left, right, &mut path, &mut found);
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    if more > 0 {
        found.push(format!("… and {more} more"));
    }
    found
}

fn compare(left: &Value, right: &Value, path: &mut String, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Set(_), Value::Set(_)) => sets(left, right, path, found),
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in ours.iter() {
                descend(path, &step(key), |path| match theirs.get(key) {
                    Some(other) if other != value => compare(value, other, path, found),
                    Some(_) => {}
                    None => found.push(format!("only on the left{}: {}", at(path), short(value))),
                });
            }
            for (key, value) in theirs.iter().filter(|(key, _)| ours.get(key).is_none()) {
                descend(path, &step(key), |path| {
                    found.push(format!("only on the right{}: {}", at(path), short(value)));
                });
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            for (index, (value, other)) in ours.iter().zip(theirs.iter()).enumerate() {
                if value != other {
                    descend(path, &format!("[{index}]"), |path| compare(value, other, path, found));
                }
            }
            if ours.len() != theirs.len() {
                found.push(format!(
                    "length{}: {} on the left, {} on the right",
                    at(path),
                    ours.len(),
                    theirs.len()
                ));
            }
        }
        (Value::String(_), Value::String(_)) => {
            let (ours, theirs) = (to_rego_text(left), to_rego_text(right));
            let (ours, theirs) = around(&ours, &theirs);
            found.push(format!(
                "differs{}: {ours} on the left, {theirs} on the right",
                at(path)
            ));
        }
        // What is not nested is shown beside the statement.
        _ if path.is_empty() => {}
        _ => found.push(format!(
            "differs{}: {} on the left, {} on the right",
            at(path),
            short(left),
            short(right)
        )),
    }
}

/// Members that only one of two sets has.
fn sets(left: &Value, right: &Value, path: &str, found: &mut Vec<String>) {
    let only = |of: &Value, other: &Value| -> Vec<Value> {
        let Value::Set(members) = of else { return Vec::new() };
        members
            .iter()
            .filter(|member| other.get(member).is_none())
            .cloned()
            .collect()
    };
    let (ours, theirs) = (only(left, right), only(right, left));
    if let ([Value::String(_)], [Value::String(_)]) = (ours.as_slice(), theirs.as_slice()) {
        return compare(&ours[0], &theirs[0], &mut format!("{path}{{}}"), found);
    }
    for (members, side) in [(ours, "left"), (theirs, "right")] {
        found.extend(
            members
                .iter()
                .map(|member| format!("only on the {side}{}: {}", at(path), short(member))),
        );
    }
}

fn descend(path: &mut String, step: &str, inside: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push_str(step);
    inside(path);
    path.truncate(length);
}

fn step(key: &Value) -> String {
    format!("[{}]", to_rego_text(key))
}

fn at(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(" at {path}")
    }
}

/// A value as Rego writes it, its start where it is long.
fn short(value: &Value) -> String {
    let text = to_rego_text(value);
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Two texts without most of what they have in common at their ends.
fn around(left: &str, right: &str) -> (String, String) {
    let (ours, theirs): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let alike = |(a, b): &(&char, &char)| a == b;
    let start = ours.iter().zip(&theirs).take_while(alike).count();
    let shorter = ours.len().min(theirs.len()) - start;
    let end = ours
        .iter()
        .rev()
        .zip(theirs.iter().rev())
        .take_while(alike)
        .count()
        .min(shorter);
    let cut = |text: &[char]| {
        let from = start.saturating_sub(AROUND);
        let to = (text.len() - end + AROUND).min(text.len());
        let (head, tail) = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
        format!("{head}{}{tail}", text[from..to].iter().collect::<String>())
    };
    (cut(&ours), cut(&theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let set = |members: &[&str]| Value::set(members.iter().map(|member| (*member).into()).collect());
        assert_eq!(
            lines(&set(&["a", "b"]), &set(&["b", "c", "d"])),
            [
                "only on the left: \"a\"",
                "only on the right: \"c\"",
                "only on the right: \"d\""
            ]
        );
        let object = |image: &str| Value::object(vec![("image".into(), image.into()), ("name".into(), "web".into())]);
        assert_eq!(
            lines(&object("nginx:1"), &object("nginx:2")),
            ["differs at [\"image\"]: \"nginx:1\" on the left, \"nginx:2\" on the right"]
        );
        let long = "x".repeat(60);
        assert_eq!(
            lines(
                &format!("{long}a{long}").as_str().into(),
                &format!("{long}b{long}").as_str().into()
            ),
            [format!(
                "differs: …{0}a{0}… on the left, …{0}b{0}… on the right",
                "x".repeat(20)
            )]
        );
        assert!(lines(&Value::from(1i64), &Value::from(2i64)).is_empty());
    }
}
