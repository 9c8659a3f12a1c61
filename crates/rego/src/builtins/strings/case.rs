//! Upper and lower case, character by character as Go maps them: one character always becomes one.

/// The text in lower case.
pub(in crate::builtins) fn lower(text: &str) -> String {
    text.chars().map(lower_character).collect()
}

/// The text in upper case.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(upper_character).collect()
}

fn lower_character(character: char) -> char {
    let mut mapped = character.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => known(character, single),
        // The dotted capital I becomes an i and a dot in full.
        _ => 'i',
    }
}

fn upper_character(character: char) -> char {
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => known(character, single),
        _ => match character {
            // Greek letters with an iota below have capitals of their own, which Unicode's full mapping takes apart.
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(character, 8),
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(character, 9),
            other => other,
        },
    }
}

/// The mapped character; the character itself where Unicode 15, which Go has, knows no such pair.
fn known(character: char, mapped: char) -> char {
    if is_newer(character) || is_newer(mapped) {
        character
    } else {
        mapped
    }
}

/// Whether a letter with case came to Unicode after version 15.
fn is_newer(character: char) -> bool {
    matches!(
        character,
        '\u{1c89}'..='\u{1c8a}'
            | '\u{a7cb}'..='\u{a7cf}'
            | '\u{a7d2}'
            | '\u{a7d4}'
            | '\u{a7da}'..='\u{a7dc}'
            | '\u{10d50}'..='\u{10d85}'
            | '\u{16ea0}'..='\u{16ed3}'
    )
}

fn shifted(character: char, by: u32) -> char {
    char::from_u32(u32::from(character) + by).unwrap_or(character)
}
