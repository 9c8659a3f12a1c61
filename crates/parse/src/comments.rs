//! Comments: where they are in a text, so that what only looks like one in a string is not taken for one.

use kpolicy_value::Value;

use crate::document::{Document, Span, Spans};

/// How a format writes comments.
#[derive(Clone, Copy, Debug)]
pub enum Comments {
    /// It has none.
    None,
    /// Whole lines that start with one of these.
    Lines(&'static [&'static str]),
    /// As YAML: after `#`, at the start of a line or after a blank, and not in a scalar.
    Yaml,
    /// Between strings.
    Code(&'static Code),
}

/// A format whose comments stand between strings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Code {
    /// What starts a comment that ends with its line.
    pub(crate) line: &'static [&'static str],
    /// Whether that has to stand at the start of a line or after a blank.
    pub(crate) spaced: bool,
    /// The starts and ends of other comments.
    pub(crate) block: &'static [(&'static str, &'static str)],
    /// Strings, the longer starts first.
    pub(crate) quotes: &'static [Quote],
    /// Whether there are here documents, `<<END` or `<<-END`.
    pub(crate) heredoc: bool,
}

/// A sort of string.
#[derive(Clone, Copy, Debug)]
pub struct Quote {
    start: &'static str,
    end: &'static str,
    /// Whether a backslash takes the meaning of the next character.
    escapes: bool,
    /// Whether it goes on over the end of a line.
    lines: bool,
}

impl Quote {
    /// A string of one line with escapes.
    pub const DOUBLE: Self = Self::new("\"", "\"", true, false);
    /// As [`Self::DOUBLE`], between apostrophes.
    pub const SINGLE: Self = Self::new("'", "'", true, false);
    /// A string of several lines, between three quotes.
    pub const TRIPLE: Self = Self::new("\"\"\"", "\"\"\"", true, true);
    /// As [`Self::TRIPLE`], between apostrophes.
    pub const TRIPLE_SINGLE: Self = Self::new("'''", "'''", true, true);

    /// A string between these, in which a backslash escapes or not, of one line or several.
    pub const fn new(start: &'static str, end: &'static str, escapes: bool, lines: bool) -> Self {
        Self {
            start,
            end,
            escapes,
            lines,
        }
    }
}

/// Languages that look like C, with `#` as well.
pub(crate) const SHELL_AND_C: Code = Code {
    line: &["#", "//"],
    spaced: false,
    block: &[("/*", "*/")],
    quotes: &[Quote::DOUBLE],
    heredoc: false,
};

/// Configuration with comments after `#` alone, as that of nginx.
#[cfg(any(feature = "nginx", feature = "dotenv"))]
pub(crate) const HASH: Code = Code {
    line: &["#"],
    spaced: true,
    block: &[],
    quotes: &[Quote::DOUBLE, Quote::SINGLE],
    heredoc: false,
};

/// XML; a section of CDATA is a string.
#[cfg(any(feature = "xml", feature = "cyclonedx"))]
pub(crate) const XML: Code = Code {
    line: &[],
    spaced: false,
    block: &[("<!--", "-->")],
    quotes: &[Quote::new("<![CDATA[", "]]>", false, true)],
    heredoc: false,
};

impl Comments {
    /// The comments of a text in its order, with what starts and ends them. `documents` are those of the text.
    pub fn of(self, text: &str, documents: &[Document]) -> Vec<Span> {
        match self {
            Self::None => Vec::new(),
            Self::Lines(starts) => lines(text)
                .filter(|(_, line)| starts.iter().any(|start| line.trim_start().starts_with(start)))
                .map(|(at, line)| span(at + (line.len() - line.trim_start().len()), at + line.len()))
                .collect(),
            Self::Yaml => yaml(text, documents),
            Self::Code(code) => code.comments(text),
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    Span {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
    }
}

/// The lines of a text without their ends, each with where it starts.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

fn yaml(text: &str, documents: &[Document]) -> Vec<Span> {
    let mut scalars = Vec::new();
    for document in documents {
        collect(&document.value, &document.spans, &mut scalars);
    }
    scalars.sort_unstable();
    // Aliases share spans, and nothing else overlaps.
    scalars.dedup();
    let is_in_scalar = |at: usize| {
        let before = scalars.partition_point(|scalar| (scalar.start as usize) <= at);
        let Some(scalar) = before.checked_sub(1).map(|last| scalars[last]) else {
            return false;
        };
        let (start, end) = (scalar.start as usize, (scalar.end as usize).min(text.len()));
        // The line of `|` or `>` may end with a comment.
        let is_header = text[start..].starts_with(['|', '>']) && !text[start..at].contains('\n');
        at < end && !is_header
    };
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let starts = line.match_indices('#').filter(|(at, _)| {
            let before = line[..*at].chars().next_back();
            before.is_none_or(|before| matches!(before, ' ' | '\t'))
        });
        let first = starts.map(|(at, _)| start + at).find(|at| !is_in_scalar(*at));
        found.extend(first.map(|at| span(at, start + line.len())));
    }
    found
}

/// The ranges of keys and scalars. Those of a value that is shared are collected each time, and few values are.
fn collect(value: &Value, spans: &Spans, into: &mut Vec<Span>) {
    let mut left = vec![(value, spans)];
    while let Some((value, spans)) = left.pop() {
        if spans.key.start < spans.key.end {
            into.push(spans.key);
        }
        let children = spans.children.as_deref().unwrap_or_default();
        match value {
            Value::Array(items) => left.extend(items.iter().zip(children)),
            Value::Object(entries) => left.extend(entries.iter().map(|(_, value)| value).zip(children)),
            _ => into.push(spans.value),
        }
    }
}

impl Code {
    fn comments(&self, text: &str) -> Vec<Span> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if let Some(quote) = self.quotes.iter().find(|quote| rest.starts_with(quote.start)) {
                at += quote.start.len() + quote.length(&rest[quote.start.len()..]);
            } else if self.line.iter().any(|start| rest.starts_with(start)) && self.may_start(&text[..at]) {
                let end = at + rest.find('\n').unwrap_or(rest.len());
                found.push(span(at, end));
                at = end;
            } else if let Some((start, end)) = self.block.iter().find(|(start, _)| rest.starts_with(start)) {
                let inner = &rest[start.len()..];
                let length = inner.find(end).map_or(inner.len(), |length| length + end.len());
                let end = at + start.len() + length;
                found.push(span(at, end));
                at = end;
            } else if self.heredoc && rest.starts_with("<<") {
                at += heredoc(rest);
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        found
    }

    fn may_start(&self, before: &str) -> bool {
        !self.spaced || before.chars().next_back().is_none_or(char::is_whitespace)
    }
}

impl Quote {
    /// How long a string is from its start on, with its end; up to the end of the line if it has none there.
    fn length(&self, text: &str) -> usize {
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if rest.starts_with(self.end) {
                return at + self.end.len();
            }
            if !self.lines && rest.starts_with('\n') {
                return at;
            }
            let mut characters = rest.chars();
            let character = characters.next().map_or(1, char::len_utf8);
            let escaped = characters
                .next()
                .filter(|next| self.escapes && rest.starts_with('\\') && *next != '\n');
            at += character + escaped.map_or(0, char::len_utf8);
        }
        text.len()
    }
}

/// How long a here document is; of what only starts like one, its first characters.
fn heredoc(text: &str) -> usize {
    let after = text[2..].strip_prefix('-').unwrap_or(&text[2..]);
    let word_end = after
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(after.len());
    let word = &after[..word_end];
    let Some(first) = text.find('\n').filter(|_| !word.is_empty()) else {
        return 2;
    };
    let mut at = first + 1;
    for line in text[at..].split_inclusive('\n') {
        at += line.len();
        if line.trim() == word {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Format;
    use crate::document::{Document, File};

    /// The comments of a text.
    fn of(format: Format, text: &str) -> Vec<String> {
        let nodes = format.parse(text).expect("a text of the format");
        let file = Arc::new(File::new("a", text));
        let documents = nodes.into_iter().enumerate().map(|(index, node)| Document {
            file: Arc::clone(&file),
            index,
            value: node.value,
            spans: node.spans,
        });
        let documents: Vec<Document> = documents.collect();
        let spans = format.row().comments.of(text, &documents);
        spans
            .into_iter()
            .map(|span| text[span.start as usize..span.end as usize].to_owned())
            .collect()
    }

    #[test]
    fn a_scalar_of_yaml_holds_no_comment() {
        let text = "# a\na: 'x # no' # b\nb: | # c\n  # no\n  y # no\n# d\nc: x#no\nd: \"\n  # no\n  \" # e\n'k # no': [1, # f\n  2]\ne: plain # g\n---\n# h\n- z # i\n";
        let expected = ["# a", "# b", "# c", "# d", "# e", "# f", "# g", "# h", "# i"];
        assert_eq!(of(Format::Yaml, text), expected);
    }

    #[test]
    fn a_string_of_a_language_holds_no_comment() {
        let hcl = "# a\nx = \"# no // no\" // b\ny = <<-END\n  # no\n  END\n/* c\n d */ z = \"\\\"# no\" # e\nw = [1, # f\n 2]\n";
        assert_eq!(of(Format::Hcl2, hcl), ["# a", "// b", "/* c\n d */", "# e", "# f"]);
        let toml = "a = '\\' # a\nb = \"\"\"\n# no\n\"\"\" # b\nc = \"# no\"\n";
        assert_eq!(of(Format::Toml, toml), ["# a", "# b"]);
        let json = "{\"a\": \"// no\", // a\n\"b\": 1 /* b */}";
        assert_eq!(of(Format::Jsonc, json), ["// a", "/* b */"]);
        assert!(of(Format::Json, "{\"a\": \"# no\"}").is_empty());
        let docker = "# a\nFROM a\nRUN b # no \\\n  # c\n  d\n";
        assert_eq!(of(Format::Dockerfile, docker), ["# a", "# c"]);
    }
}
