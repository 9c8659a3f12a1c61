//! How a text is changed: by bytes, by the words of its format, and by its lines.

use std::ops::Range;

use crate::generator::choices::Random;

/// The size from which a text is no longer made larger.
const LARGE: usize = 16 << 10;

/// One of these.
fn one<'a, T: ?Sized>(random: &mut Random, of: &[&'a T]) -> &'a T {
    of[random.below(of.len())]
}

/// A place between two characters.
fn place(random: &mut Random, text: &str) -> usize {
    boundary(text, random.below(text.len() + 1))
}

/// A short range, from the start of a character to the end of one.
fn range(random: &mut Random, text: &str, longest: usize) -> Range<usize> {
    let start = place(random, text);
    start..boundary(text, start + 1 + random.below(longest))
}

/// Some whole lines.
fn lines(random: &mut Random, text: &str) -> Range<usize> {
    let at = place(random, text);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut end = start;
    for line in text[start..].split_inclusive('\n').take(1 + random.below(4)) {
        end += line.len();
    }
    start..end
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
        0 => text.replace_range(range(random, text, 6), ""),
        1 => text.replace_range(lines(random, text), ""),
        2 => text.truncate(place(random, text)),
        3 => text.replace_range(range(random, text, 3), one(random, pieces)),
        4 => indent(text, random),
        5 | 6 => text.insert_str(place(random, text), one(random, pieces)),
        7 => {
            let character = char::from_u32(random.below(0x300) as u32).expect("no surrogate");
            text.insert(place(random, text), character);
        }
        8 => {
            let line = text[lines(random, text)].to_owned();
            text.insert_str(lines(random, text).start, &line);
        }
        9 => {
            let other = &seeds[random.below(seeds.len())];
            let part = other[lines(random, other)].to_owned();
            text.insert_str(lines(random, text).start, &part);
        }
        10 => {
            let part = text[range(random, text, 12)].to_owned();
            let times = 1 << random.below(10);
            text.insert_str(place(random, text), &part.repeat(times));
        }
        _ => nest(text, random),
    }
}

/// Some lines further in, or further out.
fn indent(text: &mut String, random: &mut Random) {
    let range = lines(random, text);
    let by = one(random, &[" ", "  ", "\t", "- "]);
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
    let range = range(random, text, 12);
    let inner = text[range.clone()].to_owned();
    // Now and then a bracket is left open.
    let closed = depth - random.below(2).min(depth);
    text.replace_range(range, &format!("{}{inner}{}", open.repeat(depth), close.repeat(closed)));
}
