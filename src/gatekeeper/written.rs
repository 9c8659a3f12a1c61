//! Where the text of a scalar stands in the file that it was written in: what maps a position in a template's Rego to
//! the YAML or JSON file that holds it.

use kpolicy_value::Span;

/// Where the characters of a text stand in a file.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Positions in the text, each with the position in the file that its characters stand at from there on; sorted.
    runs: Vec<(usize, usize)>,
    /// The length of the text.
    length: usize,
}

impl Written {
    /// The text `decoded`, which was written at a range of a file's text as a scalar of YAML or JSON.
    pub fn of(file: &str, span: Span, decoded: &str) -> Self {
        let source = span.of(file);
        let start = span.start as usize;
        let mut written = match source.bytes().next() {
            Some(b'|') => literal(source, decoded),
            Some(quote @ (b'"' | b'\'')) => flowing(&source[1..], decoded, quote).moved(1),
            Some(b'>') => {
                let header = source.find('\n').map_or(source.len(), |end| end + 1);
                flowing(&source[header..], decoded, b'>').moved(header)
            }
            _ => flowing(source, decoded, b' '),
        };
        written.length = decoded.len();
        written.moved(start)
    }

    /// The position in the file of a position in the text.
    pub fn at(&self, offset: usize) -> usize {
        let run = self.runs.partition_point(|(from, _)| *from <= offset);
        match run.checked_sub(1).and_then(|run| self.runs.get(run)) {
            Some((from, to)) => to + (offset - from),
            None => self.runs.first().map_or(0, |(_, to)| *to),
        }
    }

    /// The range in the file of a range in the text.
    pub fn span(&self, span: Span) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let from = self.at(start.min(self.length));
        // The end is one past the last character, whose own place may be lines before the next one's.
        let to = match end > start {
            true => self.at(end.min(self.length).saturating_sub(1)) + 1,
            false => from,
        };
        Span::new(from, to.max(from))
    }

    fn moved(mut self, by: usize) -> Self {
        for (_, to) in &mut self.runs {
            *to += by;
        }
        self
    }

    fn note(&mut self, offset: usize, at: usize) {
        let continues = self.runs.last().is_some_and(|(from, to)| at == to + (offset - from));
        if !continues {
            self.runs.push((offset, at));
        }
    }
}

/// A literal block: each line of the text is a line of the file after its indentation.
fn literal(source: &str, decoded: &str) -> Written {
    let mut written = Written::default();
    let header = source.find('\n').map_or(source.len(), |end| end + 1);
    let lines = |text: &str| -> Vec<(usize, usize)> {
        let mut at = 0;
        text.split_inclusive('\n')
            .map(|line| {
                let from = at;
                at += line.len();
                (from, from + line.trim_end_matches(['\n', '\r']).len())
            })
            .collect()
    };
    let body = &source[header..];
    let of_file = lines(body);
    let of_text = lines(decoded);
    let is_written = |(from, to): &(usize, usize)| !decoded[*from..*to].trim().is_empty();
    let indent = of_text.iter().zip(&of_file).find(|(text, _)| is_written(text));
    let indent = indent.map_or(0, |((from, to), (start, end))| (end - start).saturating_sub(to - from));
    for ((from, _), (start, end)) in of_text.iter().zip(&of_file) {
        written.note(*from, header + (start + indent).min(*end));
    }
    written
}

/// A scalar in quotes, a folded one or a plain one: the characters one by one, with escapes and folded breaks.
fn flowing(source: &str, decoded: &str, style: u8) -> Written {
    let mut written = Written::default();
    let mut at = 0;
    for (offset, wanted) in decoded.char_indices() {
        loop {
            let rest = &source[at..];
            let Some(found) = rest.chars().next() else {
                return written;
            };
            if style == b'"' && found == '\\' {
                let (length, meant) = escape(rest);
                match meant {
                    // A line that goes on: its break and the blanks after it are nothing.
                    None => {
                        at += length;
                        continue;
                    }
                    Some(meant) if meant == wanted => {
                        written.note(offset, at);
                        at += length;
                    }
                    Some(_) if wanted.is_whitespace() => written.note(offset, at),
                    // A blank that was taken for the break before it.
                    Some(meant) if meant.is_whitespace() => {
                        at += length;
                        continue;
                    }
                    Some(_) => return written,
                }
                break;
            }
            if found == wanted {
                written.note(offset, at);
                at += found.len_utf8() + usize::from(style == b'\'' && found == '\'');
                at = at.min(source.len());
                break;
            }
            if wanted.is_whitespace() {
                // A break that was folded.
                written.note(offset, at);
                break;
            }
            if !found.is_whitespace() {
                return written;
            }
            at += found.len_utf8();
        }
    }
    written
}

/// How long an escape is, and the character that it means; nothing for a line that goes on, or half a pair of JSON's.
fn escape(text: &str) -> (usize, Option<char>) {
    let Some(letter) = text[1..].chars().next() else {
        return (1, None);
    };
    let hexadecimal = |digits: usize| {
        let code = text
            .get(2..2 + digits)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        (text.len().min(2 + digits), code.and_then(char::from_u32))
    };
    let simple = |meant: char| (2, Some(meant));
    match letter {
        'n' => simple('\n'),
        't' | '\t' => simple('\t'),
        'r' => simple('\r'),
        '0' => simple('\0'),
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'v' => simple('\u{b}'),
        'f' => simple('\u{c}'),
        'e' => simple('\u{1b}'),
        'N' => simple('\u{85}'),
        '_' => simple('\u{a0}'),
        'L' => simple('\u{2028}'),
        'P' => simple('\u{2029}'),
        'x' => hexadecimal(2),
        'u' => hexadecimal(4),
        'U' => hexadecimal(8),
        '\n' | '\r' => {
            let blank = |character: char| matches!(character, ' ' | '\t');
            let after = text[1..].trim_start_matches(['\r', '\n']).trim_start_matches(blank);
            (text.len() - after.len(), None)
        }
        other => (1 + other.len_utf8(), Some(other)),
    }
}

#[cfg(test)]
mod tests {
    use kpolicy_parse::Format;
    use kpolicy_value::Span;

    use super::Written;

    /// For each word of the decoded text, what stands in the file where it is said to stand.
    fn words(file: &str) -> Vec<(String, String)> {
        let node = Format::Yaml.parse(file).expect("YAML").swap_remove(0);
        let decoded = node.value.field("rego").and_then(|text| text.as_str()).expect("text");
        let at = node
            .value
            .as_object()
            .and_then(|object| object.position(&"rego".into()));
        let spans = &node.spans.children.as_ref().expect("parts")[at.expect("it is there")];
        let written = Written::of(file, spans.value, decoded);
        let start = |word: &str| word.as_ptr() as usize - decoded.as_ptr() as usize;
        let place = |word: &str| written.span(Span::new(start(word), start(word) + word.len()));
        decoded
            .split_whitespace()
            .map(|word| (word.to_owned(), place(word).of(file).to_owned()))
            .collect()
    }

    #[test]
    fn each_word_is_found_in_each_style() {
        for file in [
            "a: 1\nrego: |\n  package x\n\n  y {\n    1 == 1\n  }\nb: 2\n",
            "rego: |2-\n    package x\n  y { true }\n",
            "rego: |+\n\n\n  package x\n\n\n",
            "rego: \"package x\\n\\ny {\\n\\t1 == 1 # \\\"é\\\" \\u00e9\\n}\\n\"\n",
            "rego: \"package x\\n\\n\\\n  \\ y {\\n\n  \\ 1 == 1 }\\n\"\n",
            "rego: \"package x\n  \n  y := 1\n\n\n  z\"\n",
            "rego: 'package x\n\n  y := \"it''s\"\n\n  z := 1'\n",
            "rego: >\n  package x\n\n  y\n  z\n\n    more\n  less\n",
            "rego: package x\n\n  y := 1\n",
            "{\"rego\": \"package x\\n\\ty := 1\\r\\n\"}",
        ] {
            for (word, found) in words(file) {
                let plain = found.replace("''", "'").replace("\\\"", "\"").replace("\\u00e9", "é");
                // The last character of a word may be an escape, of which the range holds the first characters.
                let plain = plain.trim_end_matches("\\u").trim_end_matches('\\');
                assert!(word.starts_with(plain.trim_end_matches('\'')), "{file}: {word} {found}");
                assert!(!found.is_empty(), "{file}: {word}");
            }
        }
    }
}
