//! A text that is a template which nobody rendered: `{{` outside of quotes, comments and block scalars.

use crate::ParseError;

/// What to do about it.
const HINT: &str = "the text contains `{{` outside of quotes, as templates do: render it first (helm template, \
                    kustomize build), or quote the value";

/// The error with the hint that the text may be a template, where `{{` is before the error or on its line.
pub(crate) fn hinted(text: &str, error: ParseError) -> ParseError {
    let mut end = (error.span.end as usize).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let end = text[end..].find('\n').map_or(text.len(), |line| end + line);
    if is_template(&text[..end]) {
        error.with_help(HINT)
    } else {
        error
    }
}

/// Whether the text has `{{` where YAML, JSON and TOML have no text of a string.
fn is_template(text: &str) -> bool {
    let mut quote = None;
    // The indentation that the lines of a block scalar are deeper than.
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let blank = line.trim_start().is_empty();
        let indentation = line.len() - line.trim_start_matches(' ').len();
        if quote.is_none()
            && let Some(parent) = block
        {
            if blank || indentation > parent {
                continue;
            }
            block = None;
        }
        let content = match scan(line, &mut quote) {
            Scanned::Template => return true,
            Scanned::Text(content) => content,
        };
        if quote.is_none() && opens_block(content) {
            block = Some(parent_of_block(line));
        }
    }
    false
}

/// What a line is.
enum Scanned<'a> {
    /// A line of a template.
    Template,
    /// A line without its comment.
    Text(&'a str),
}

/// Reads a line, within the quote that an earlier line opened, if one did.
fn scan<'a>(line: &'a str, quote: &mut Option<char>) -> Scanned<'a> {
    let mut before = ' ';
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match *quote {
            Some('"') if escaped => escaped = false,
            Some('"') if character == '\\' => escaped = true,
            // Two single quotes are one of the text; the second opens the text again.
            Some(open) if character == open => *quote = None,
            Some(_) => {}
            None if line[at..].starts_with("{{") => return Scanned::Template,
            None if character == '#' && before.is_whitespace() => return Scanned::Text(&line[..at]),
            // Within a word they are characters as others.
            None if matches!(character, '"' | '\'') && !before.is_alphanumeric() => *quote = Some(character),
            None => {}
        }
        before = character;
    }
    Scanned::Text(line)
}

/// Whether a line ends with the header of a block scalar: `|`, `>-`, `|2+`.
fn opens_block(line: &str) -> bool {
    let Some(header) = line.split_whitespace().next_back() else {
        return false;
    };
    let before = line.trim_end().strip_suffix(header).unwrap_or_default().trim_end();
    let is_value = before.is_empty() || before.ends_with([':', '-', '?']) || before.contains(['&', '!']);
    let indicators = header.strip_prefix(['|', '>']);
    is_value && indicators.is_some_and(|rest| rest.chars().all(|mark| matches!(mark, '+' | '-' | '0'..='9')))
}

/// The indentation of the node that a block scalar is in: that of its key, or of the dash before it.
fn parent_of_block(line: &str) -> usize {
    let mut at = line.len() - line.trim_start_matches(' ').len();
    while let Some(rest) = line[at..].strip_prefix("- ") {
        let next = at + 2 + (rest.len() - rest.trim_start_matches(' ').len());
        if line[next..].starts_with(['|', '>']) {
            break;
        }
        at = next;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::is_template;

    #[test]
    fn braces_of_templates_are_outside_of_strings() {
        for text in [
            "a: {{ .Values.a }}\n",
            "{{- if .Values.a }}\na: 1\n{{- end }}\n",
            "a:\n  {{- include \"labels\" . | nindent 4 }}\n",
            "a: |\n  {{ x }}\nb: {{ y }}\n",
            "- |\n  {{ x }}\n- {{ y }}\n",
            "- a: |\n    {{ x }}\n  b: {{ y }}\n",
            "a: it's\nb: {{ y }}\n",
            "a: 'it''s'\nb: {{ y }}\n",
            "{\"a\": {{ y }}}",
        ] {
            assert!(is_template(text), "{text}");
        }
        for text in [
            "a: \"{{ x }}\"\nb: '{{ y }}'\n",
            "a: |\n  {{ x }}\n\n  {{ y }}\nb: 1\n",
            "a:\n  - >-\n    {{ x }}\n",
            "- b: &x |2-\n    {{ x }}\n",
            "# {{ x }}\na: 1 # {{ y }}\n",
            "a: \"one\n  {{ x }}\"\n",
            "a: \"\\\"{{ x }}\"\n",
            "a: {b: {c: 1}}\n",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }
}
