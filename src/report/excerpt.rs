//! The lines around a location, with the range underlined, whatever tabs, wide characters and long lines hold.

use std::io::{self, Write};

use unicode_width::UnicodeWidthChar;

use super::palette::Palette;
use super::plain::{is_command, is_hostile, line as line_of};
use crate::finding::{Line, Location};

/// Columns of source that are shown of one line: with its number and the mark of a cut, 80 are enough for it.
const WIDTH: usize = 72;
/// Characters of a part of a line that a page shows.
const MOST: usize = 200;
/// Columns that a tab is shown as.
const TAB: usize = 4;

/// How wide the line numbers of an excerpt are.
pub(super) fn gutter(lines: &[Line]) -> usize {
    lines
        .iter()
        .map(|line| line.number.to_string().len())
        .max()
        .unwrap_or(1)
}

/// The characters of a line's text that belong to a location: of its first line, what the location spans there.
fn range(place: &Location, line: &Line) -> std::ops::Range<usize> {
    let length = line.text.chars().count();
    let at = |column: usize| column.saturating_sub(1 + line.skipped);
    let end = if place.end_line > line.number {
        length
    } else {
        at(place.end_column).min(length)
    };
    let start = if place.line < line.number {
        0
    } else {
        at(place.column).min(end)
    };
    start..end
}

/// The parts of a line before, in and after a location, each cut to a length that a page can show.
pub(super) fn parts(place: &Location, line: &Line) -> [String; 3] {
    let plain = |text: &mut dyn Iterator<Item = char>, most: usize| {
        let (text, mut shown) = (text.take(most).collect::<String>(), String::new());
        text.char_indices()
            .for_each(|(at, character)| push(&mut shown, character, &text[at..]));
        shown
    };
    if !(place.line..=place.end_line).contains(&line.number) {
        return [plain(&mut line.text.chars(), MOST), String::new(), String::new()];
    }
    let range = range(place, line);
    let skipped = range.start.saturating_sub(MOST);
    let before = plain(&mut line.text.chars().take(range.start).skip(skipped), MOST);
    let marked = plain(&mut line.text.chars().skip(range.start).take(range.len()), MOST);
    let after = plain(&mut line.text.chars().skip(range.end), MOST);
    [before, marked, after]
}

/// Writes the excerpt of a location, its range underlined.
pub(super) fn write(place: &Location, gutter: usize, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    if place.excerpt.is_empty() {
        return Ok(());
    }
    let bar = palette.frame("|");
    writeln!(out, "{:gutter$} {bar}", "")?;
    for line in &place.excerpt {
        let range = range(place, line);
        let marked = line.number == place.line;
        let (text, before, marks) = layout(&line.text, if marked { range } else { 0..0 });
        write_line(line.number, gutter, &text, palette, out)?;
        if marked {
            let add = place
                .missing_text()
                .map(|missing| format!(" add `{}` here", line_of(&missing)));
            let underline = palette.error(&format!("{}{}", "^".repeat(marks.max(1)), add.unwrap_or_default()));
            writeln!(out, "{:gutter$} {bar} {:before$}{underline}", "", "")?;
        }
    }
    writeln!(out, "{:gutter$} {bar}", "")
}

fn write_line(number: usize, gutter: usize, text: &str, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let number = palette.frame(&format!("{number:gutter$} |"));
    if text.is_empty() {
        writeln!(out, "{number}")
    } else {
        writeln!(out, "{number} {text}")
    }
}

/// The line as it is shown, the columns before the range, and the columns of the range.
fn layout(text: &str, range: std::ops::Range<usize>) -> (String, usize, usize) {
    let columns: Vec<usize> = text.chars().map(columns_of).collect();
    let before: usize = columns[..range.start].iter().sum();
    // A range far to the right of a long line is brought into sight.
    let start = if before + 20 > WIDTH {
        range.start.saturating_sub(30)
    } else {
        0
    };
    let mut shown = String::new();
    let (mut width, mut offset, mut marks) = (0, 0, 0);
    if start > 0 {
        shown.push('…');
        (width, offset) = (1, 1);
    }
    for (index, (at, character)) in text.char_indices().enumerate().skip(start) {
        let columns = columns_of(character);
        if width + columns > WIDTH {
            shown.push('…');
            break;
        }
        width += columns;
        if index < range.start {
            offset += columns;
        } else if index < range.end {
            marks += columns;
        }
        push(&mut shown, character, &text[at..]);
    }
    (shown, offset, marks)
}

fn columns_of(character: char) -> usize {
    if character == '\t' {
        TAB
    } else {
        character.width().unwrap_or(1)
    }
}

/// A character, the first of the `rest` of a line, as a terminal may see it: a tab as blanks, a control character and
/// what begins a command as their replacement.
fn push(shown: &mut String, character: char, rest: &str) {
    match character {
        '\t' => shown.push_str("    "),
        other if is_hostile(other) || is_command(rest, false) => shown.push('\u{fffd}'),
        other => shown.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_underline_stands_below_the_range() {
        assert_eq!(layout("\timage: x", 8..9), ("    image: x".to_owned(), 11, 1));
        assert_eq!(layout("名: 値段", 3..5), ("名: 値段".to_owned(), 4, 4));
        let long = format!("{}target", "x".repeat(500));
        let (shown, before, marks) = layout(&long, 500..506);
        assert_eq!((before, marks), (31, 6));
        assert!(shown.starts_with('…') && shown.ends_with("target"));
    }
}
