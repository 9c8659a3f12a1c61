//! Hostile text made plain: a message reaches no terminal raw and breaks no line.

use std::borrow::Cow;

/// Whether a terminal or a reader could be fooled by this character: controls and bidirectional overrides.
pub(super) fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text in one line: line breaks and other controls are written as escapes.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// The text with its line breaks and tabs, other controls written as escapes.
pub(super) fn paragraph(text: &str) -> Cow<'_, str> {
    escape(text, |character| matches!(character, '\n' | '\t'))
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hostile = |character: char| is_hostile(character) && !keep(character);
    if !text.contains(hostile) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().flat_map(|character| {
        let written = if hostile(character) {
            character.escape_default().to_string()
        } else {
            character.to_string()
        };
        written.chars().collect::<Vec<_>>()
    });
    Cow::Owned(escaped.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_written_as_escapes() {
        assert_eq!(line("a\nb\u{1b}[31m\u{202e}c é"), "a\\nb\\u{1b}[31m\\u{202e}c é");
        assert_eq!(paragraph("a\n\tb\rc"), "a\n\tb\\rc");
    }
}
