//! Names that may have been meant.
//!
//! Follows gqlparser v2.5.64 validator/core/helpers.go

/// The options that are close to a name, the closest first.
pub(super) fn close<'n>(name: &str, options: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let threshold = name.len() * 2 / 5 + 1;
    let mut found: Vec<(usize, &str)> = options
        .map(|option| (distance(name, option), option))
        .filter(|(distance, _)| *distance <= threshold)
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, option)| option).collect()
}

/// The hint behind a message, with the close options in quotes; nothing where none is close.
pub(super) fn hint<'n>(start: &str, name: &str, options: impl Iterator<Item = &'n str>) -> String {
    match &close(name, options)[..] {
        [] => String::new(),
        found => format!(" {start} {}?", quoted_list(found)),
    }
}

/// `"A", "B", or "C"`; at most five.
pub(super) fn quoted_list(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().take(5).map(|item| format!("\"{item}\"")).collect();
    match &items[..] {
        [first, second] => format!("{first} or {second}"),
        [start @ .., last] if !start.is_empty() => format!("{}, or {last}", start.join(", ")),
        other => other.concat(),
    }
}

/// How many characters have to be changed; a difference in case counts for one.
fn distance(a: &str, b: &str) -> usize {
    if a == b {
        return 0;
    }
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    if a == b {
        return 1;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, character) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}
