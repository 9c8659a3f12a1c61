//! Where rendered lines come from, told by their text alone: the longest row of lines that a template may have written in
//! its order. It is a guess, since an action may have written any line.

use super::template::{Kind, Template, Token};

/// Pairs of lines beyond which texts are not compared.
const MOST_PAIRS: usize = 4_000_000;

/// A line of a template as what it may write: literal parts, with actions between them.
struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// How well a line fits, where it does: by the text that agrees.
    fn score(&self, line: &str) -> Option<u32> {
        let line = line.trim();
        let [first, rest @ ..] = self.parts.as_slice() else {
            return None;
        };
        let Some((last, between)) = rest.split_last() else {
            return (first == line).then(|| 2 * length(first) + 2);
        };
        let mut left = line.strip_prefix(first.as_str())?.strip_suffix(last.as_str())?;
        for part in between {
            left = &left[left.find(part.as_str())? + part.len()..];
        }
        let said = self.parts.iter().map(|part| length(part)).sum();
        (said > 0).then_some(said)
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX / 4).min(1000)
}

/// For each of these lines the line of the template, from 1, that it may come from.
pub(super) fn align(template: &Template, lines: &[&str]) -> Vec<Option<usize>> {
    let patterns = patterns(template);
    let width = patterns.len() + 1;
    if lines.len().saturating_mul(width) > MOST_PAIRS {
        return vec![None; lines.len()];
    }
    // The best sum of scores of the first lines with the first patterns.
    let mut best = vec![0u32; (lines.len() + 1) * width];
    let score = |row: usize, column: usize| patterns[column].score(lines[row]);
    for row in 1..=lines.len() {
        for column in 1..width {
            let skipped = best[(row - 1) * width + column].max(best[row * width + column - 1]);
            let matched = score(row - 1, column - 1).map_or(0, |score| best[(row - 1) * width + column - 1] + score);
            best[row * width + column] = skipped.max(matched);
        }
    }
    let mut found = vec![None; lines.len()];
    let (mut row, mut column) = (lines.len(), width - 1);
    while row > 0 && column > 0 {
        let here = best[row * width + column];
        if here == best[row * width + column - 1] {
            column -= 1;
        } else if here == best[(row - 1) * width + column] {
            row -= 1;
        } else {
            found[row - 1] = Some(column);
            row -= 1;
            column -= 1;
        }
    }
    found
}

/// What each line of a template may write; lines of named templates and of control alone write nothing here.
fn patterns(template: &Template) -> Vec<Pattern> {
    let count = template.source.lines().count();
    let mut lines: Vec<Vec<String>> = vec![vec![String::new()]; count];
    let mut number = 0;
    let mut offset = 0;
    let mut advance = |to: usize, number: &mut usize| {
        *number += template.source[offset..to].matches('\n').count();
        offset = to;
    };
    for (at, token) in template.tokens.iter().enumerate() {
        if template.in_define(at).is_some() {
            continue;
        }
        match token {
            Token::Text(range) => {
                advance(range.start, &mut number);
                for (further, text) in template.source[range.clone()].split('\n').enumerate() {
                    if let Some(part) = lines.get_mut(number + further).and_then(|parts| parts.last_mut()) {
                        part.push_str(text);
                    }
                }
            }
            Token::Action {
                kind: Kind::Print | Kind::Template | Kind::Block,
                range,
                ..
            } => {
                advance(range.start, &mut number);
                if let Some(parts) = lines.get_mut(number) {
                    parts.push(String::new());
                }
            }
            Token::Action { .. } => {}
        }
    }
    let pattern = |mut parts: Vec<String>| {
        if let Some(first) = parts.first_mut() {
            *first = first.trim_start().to_owned();
        }
        if let Some(last) = parts.last_mut() {
            *last = last.trim_end().to_owned();
        }
        let is_blank = parts.iter().all(String::is_empty);
        Pattern {
            parts: if is_blank { Vec::new() } else { parts },
        }
    };
    lines.into_iter().map(pattern).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_their_order() {
        let template = Template::parse(
            "{{- define \"x\" }}\na: 1\n{{- end }}\na: 1\nname: {{ .x }}-web\n{{- if y }}\nb: {{ .c }}\n{{- end }}\nspec:\n  a: 1\n",
        );
        let template = template.expect("a template");
        let lines = ["a: 1", "name: shop-web", "labels: x", "spec:", "  a: 1"];
        assert_eq!(align(&template, &lines), [Some(4), Some(5), None, Some(9), Some(10)]);
    }
}
