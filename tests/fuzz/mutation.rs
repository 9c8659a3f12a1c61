//! How a text is changed: by bytes, by the words of its format, and by its lines.

/// The size from which a text is no longer made larger.
const LARGE: usize = 16 << 10;

/// A small generator of random numbers, so that a failure repeats.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `bound`, or zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).expect("below a usize")
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        boundary(text, self.below(text.len() + 1))
    }

    /// A short range, from the start of a character to the end of one.
    fn range(&mut self, text: &str, longest: usize) -> std::ops::Range<usize> {
        let start = self.place(text);
        start..boundary(text, start + 1 + self.below(longest))
    }

    /// Some whole lines.
    fn lines(&mut self, text: &str) -> std::ops::Range<usize> {
        let at = self.place(text);
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let mut end = start;
        for line in text[start..].split_inclusive('\n').take(1 + self.below(4)) {
            end += line.len();
        }
        start..end
    }
}

/// The first boundary of characters at or behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}

/// A seed with some changes.
pub(crate) fn mutate(seeds: &[String], pieces: &[&str], random: &mut Random) -> String {
    let mut text = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(5) {
        change(&mut text, seeds, pieces, random);
    }
    text
}

fn change(text: &mut String, seeds: &[String], pieces: &[&str], random: &mut Random) {
    let grown = text.len() > LARGE;
    match random.below(if grown { 5 } else { 12 }) {
        0 => text.replace_range(random.range(text, 6), ""),
        1 => text.replace_range(random.lines(text), ""),
        2 => text.truncate(random.place(text)),
        3 => text.replace_range(random.range(text, 3), random.one(pieces)),
        4 => indent(text, random),
        5 | 6 => text.insert_str(random.place(text), random.one(pieces)),
        7 => {
            let character = char::from_u32(random.below(0x300) as u32).expect("no surrogate");
            text.insert(random.place(text), character);
        }
        8 => {
            let line = text[random.lines(text)].to_owned();
            text.insert_str(random.lines(text).start, &line);
        }
        9 => {
            let other = &seeds[random.below(seeds.len())];
            let part = other[random.lines(other)].to_owned();
            text.insert_str(random.lines(text).start, &part);
        }
        10 => {
            let part = text[random.range(text, 12)].to_owned();
            let times = 1 << random.below(10);
            text.insert_str(random.place(text), &part.repeat(times));
        }
        _ => nest(text, random),
    }
}

/// Some lines further in, or further out.
fn indent(text: &mut String, random: &mut Random) {
    let range = random.lines(text);
    let by = random.one(&[" ", "  ", "\t", "- "]);
    let lines = text[range.clone()].split_inclusive('\n');
    let moved: String = match random.below(2) {
        0 => lines.map(|line| format!("{by}{line}")).collect(),
        _ => lines.map(|line| line.strip_prefix(by).unwrap_or(line)).collect(),
    };
    text.replace_range(range, &moved);
}

/// A part of the text within many brackets.
fn nest(text: &mut String, random: &mut Random) {
    let (open, close) = [
        ("[", "]"),
        ("{", "}"),
        ("(", ")"),
        ("\"", "\""),
        ("${", "}"),
        ("{a: ", "}"),
        ("{\"a\":", "}"),
    ][random.below(7)];
    let depth = 1 << random.below(11);
    let range = random.range(text, 12);
    let inner = text[range.clone()].to_owned();
    // Now and then a bracket is left open.
    let closed = depth - random.below(2).min(depth);
    text.replace_range(range, &format!("{}{inner}{}", open.repeat(depth), close.repeat(closed)));
}
