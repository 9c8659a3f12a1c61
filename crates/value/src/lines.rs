//! Where the lines of a text start: byte offsets become lines and columns, and back.

use std::borrow::Cow;

/// How many bytes a block has.
const BLOCK: usize = 4096;

/// The lines of a text, apart from the text: what a [`LineIndex`] needs to be made again at no cost.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<u32>,
    /// How many characters start before each block of so many bytes: a line can be a whole file.
    characters: Vec<u32>,
}

impl Lines {
    /// The lines of a text. A line ends at a line feed, at a carriage return, or at both together.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let is_end = |at: &usize| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).filter(is_end);
        let mut characters = vec![0];
        for block in bytes.chunks(BLOCK) {
            characters.push(characters[characters.len() - 1] + offset(started(block)));
        }
        Self {
            starts: std::iter::once(0).chain(ends.map(|at| offset(at + 1))).collect(),
            characters,
        }
    }
}

/// A text and its lines.
#[derive(Clone, Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    lines: Cow<'a, Lines>,
}

impl<'a> LineIndex<'a> {
    /// The index of a text, made for it.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            lines: Cow::Owned(Lines::of(text)),
        }
    }

    /// The index of a text whose lines are known: `lines` is [`Lines::of`] this text.
    pub fn with_lines(text: &'a str, lines: &'a Lines) -> Self {
        Self {
            text,
            lines: Cow::Borrowed(lines),
        }
    }

    /// How many characters start before a byte offset.
    fn characters_before(&self, at: usize) -> usize {
        let block = at / BLOCK;
        self.lines.characters[block] as usize + started(&self.text.as_bytes()[block * BLOCK..at])
    }

    /// How many characters start in a range of bytes.
    pub fn characters(&self, from: usize, to: usize) -> usize {
        self.characters_before(to) - self.characters_before(from)
    }

    /// Line and column, 1-based, the column in characters, of a byte offset.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let line = self.lines.starts.partition_point(|start| *start as usize <= at);
        (line, self.characters(self.start(line), boundary(self.text, at)) + 1)
    }

    /// The byte offset of a line and column, both 1-based, the column in characters. Past the end of the text it is the
    /// text's length.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let known = self.lines.starts.get(line.saturating_sub(1));
        let start = known.map_or(self.text.len(), |start| *start as usize);
        let rest = &self.text[start..];
        let within = rest.char_indices().nth(column.saturating_sub(1));
        start + within.map_or(rest.len(), |(at, _)| at)
    }

    /// How many lines there are; a final line break starts an empty one.
    pub fn count(&self) -> usize {
        self.lines.starts.len()
    }

    /// The byte offset at which a line starts, by its 1-based number.
    pub fn start(&self, number: usize) -> usize {
        self.lines.starts[number - 1] as usize
    }

    /// One line by its 1-based number, without its line break.
    pub fn line(&self, number: usize) -> &'a str {
        let next = self.lines.starts.get(number);
        let end = next.map_or(self.text.len(), |end| *end as usize);
        self.text[self.start(number)..end].trim_end_matches(['\r', '\n'])
    }
}

/// The last boundary between two characters at or before an offset; past the end of the text its length.
pub fn boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    let found = (0..=offset).rev().find(|at| text.is_char_boundary(*at));
    found.unwrap_or(0)
}

/// How many characters start in these bytes of a text.
fn started(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("input over 4 GiB is rejected before parsing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_all_line_ends() {
        let text = "é: 1\r\nb\rc: ü!\n";
        let known = Lines::of(text);
        for lines in [LineIndex::new(text), LineIndex::with_lines(text, &known)] {
            assert_eq!(lines.position(4), (1, 4));
            assert_eq!(lines.position(7), (2, 1));
            assert_eq!(lines.position(9), (3, 1));
            assert_eq!(lines.position(14), (3, 5));
            assert_eq!((lines.count(), lines.line(3)), (4, "c: ü!"));
            assert_eq!(lines.offset(3, 5), 14);
        }
    }
}
