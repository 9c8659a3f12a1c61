//! Marks in templates: each line that a template writes gets blanks at its end, and their number says which line of which
//! template it is.
//!
//! Blanks at the end of a line mean nothing in YAML but in the text of a block scalar, and a template that writes nothing
//! writes nothing still. Comments would end a plain scalar of several lines, and would make a document of a file that a
//! condition empties.

use super::template::{Kind, Template, Token, last_command};
use kpolicy_value::{LineIndex, Lines};

/// A line that is written before each document ends: helm cuts the blanks of the last line off, which must not be a line
/// of the document then.
pub(super) const LAST: &str = "#~";

/// Functions whose result is text of whole lines, where an action ends with them.
const TEXTS: [&str; 11] = [
    "nindent",
    "indent",
    "include",
    "tpl",
    "toYaml",
    "toYamlPretty",
    "trim",
    "trimAll",
    "trimSuffix",
    "trimPrefix",
    "replace",
];

/// A template with its marks.
pub(super) struct Marked<'t> {
    template: &'t Template,
    lines: Lines,
    breaks: Vec<bool>,
    /// For each token, whether it is in a named template that gets no marks.
    is_bare: Vec<bool>,
    /// Whether it is a file of helpers.
    is_helper: bool,
}

/// What is written, and where the line that is being written stands.
struct Writer<'m> {
    out: String,
    /// The mark of a line of the template; the second argument is whether it is one of a helper.
    mark: &'m dyn Fn(usize, bool) -> String,
}

impl<'t> Marked<'t> {
    /// Finds where marks can be.
    pub(super) fn new(template: &'t Template, is_helper: bool) -> Self {
        let bare: Vec<bool> = (0..template.tokens.len()).map(|at| is_bare(template, at)).collect();
        let is_bare = (0..template.tokens.len()).map(|at| template.in_define(at).is_some_and(|define| bare[define]));
        Self {
            is_bare: is_bare.collect(),
            lines: Lines::of(&template.source),
            breaks: template.breaks(),
            template,
            is_helper,
        }
    }

    /// The template with marks.
    pub(super) fn text(&self, mark: &dyn Fn(usize, bool) -> String) -> String {
        let mut writer = Writer {
            out: String::with_capacity(self.template.source.len() * 2),
            mark,
        };
        for at in 0..self.template.tokens.len() {
            match &self.template.tokens[at] {
                Token::Text(range) if self.is_bare[at] => writer.out.push_str(&self.template.source[range.clone()]),
                Token::Text(range) => {
                    self.write_text(at, range.start, &self.template.source[range.clone()], &mut writer)
                }
                Token::Action {
                    kind: Kind::Comment, ..
                } => {}
                Token::Action { inner, .. } => self.write_action(at, inner.clone(), &mut writer),
            }
        }
        if !self.is_helper {
            writer.out.push_str(&format!("\n{LAST}\n"));
        }
        writer.out
    }

    fn line(&self, offset: usize) -> usize {
        LineIndex::with_lines(&self.template.source, &self.lines)
            .position(offset)
            .0
    }

    fn is_helper(&self, at: usize) -> bool {
        self.is_helper || self.template.in_define(at).is_some()
    }

    /// Writes text: each line that has something in it gets its mark, the last one where its end is sure to be here.
    fn write_text(&self, at: usize, start: usize, text: &str, writer: &mut Writer) {
        let mut offset = start;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let content = line.trim_end_matches(['\n', '\r']);
            let is_ended = line.ends_with('\n');
            writer.out.push_str(content);
            let is_said = match (content.trim(), number) {
                // What is before it has written the line, and has marked it where it could not.
                ("", 0) => is_ended && self.leaves_line_open(at),
                ("", _) => false,
                // The separator of documents is none of their lines.
                (text, _) => !text.starts_with("---"),
            };
            if is_said && (is_ended || self.breaks[at + 1]) {
                // An empty rest of a line belongs to the line that the action before it is on.
                let of = if content.trim().is_empty() {
                    offset.saturating_sub(1)
                } else {
                    offset
                };
                writer.out.push_str(&(writer.mark)(self.line(of), self.is_helper(at)));
            }
            writer.out.push_str(&line[content.len()..]);
            offset += line.len();
            let next = &text[offset - start..];
            if is_ended && next.starts_with("---") && !self.is_helper(at) {
                writer.out.push_str(LAST);
                writer.out.push('\n');
            }
        }
    }

    /// Whether the token before writes a value in a line that has text before it, and no mark.
    fn leaves_line_open(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        self.template.kind(before) == Some(Kind::Print) && !self.is_text(before) && self.has_text_before(before)
    }

    /// Whether there is text in the line before a token.
    fn has_text_before(&self, at: usize) -> bool {
        let mut at = at;
        while let Some(before) = at.checked_sub(1) {
            match &self.template.tokens[before] {
                Token::Text(range) => {
                    let text = &self.template.source[range.clone()];
                    let line = text.rsplit('\n').next().unwrap_or_default();
                    if !line.trim().is_empty() {
                        return true;
                    }
                    if text.contains('\n') {
                        return false;
                    }
                }
                Token::Action { kind: Kind::Print, .. } => {}
                Token::Action { .. } => return false,
            }
            at = before;
        }
        false
    }

    /// Whether an action writes text of whole lines, which end with it.
    fn is_text(&self, at: usize) -> bool {
        let Token::Action {
            kind: Kind::Print,
            inner,
            ..
        } = &self.template.tokens[at]
        else {
            return false;
        };
        TEXTS.contains(&last_command(&self.template.source[inner.clone()])) && self.breaks[at + 1]
    }

    fn write_action(&self, at: usize, inner: std::ops::Range<usize>, writer: &mut Writer) {
        let content = &self.template.source[inner.clone()];
        if self.is_bare[at] || self.template.kind(at) != Some(Kind::Print) {
            writer.out.push_str(&format!("{{{{ {content} }}}}"));
            return;
        }
        let mark = (writer.mark)(self.line(inner.start), self.is_helper(at));
        if self.is_text(at) {
            let pattern = r#"(?m)([^ \r\n])(\r?)$"#.replace('\\', "\\\\");
            writer.out.push_str(&format!(
                "{{{{ regexReplaceAll \"{pattern}\" ({content}) \"${{1}}{mark}${{2}}\" }}}}"
            ));
            return;
        }
        writer.out.push_str(&format!("{{{{ {content} }}}}"));
        // A text after it marks the line itself.
        let is_before_text = matches!(&self.template.tokens.get(at + 1), Some(Token::Text(range)) if !range.is_empty());
        if !is_before_text && self.breaks[at + 1] && self.has_text_before(at) {
            writer.out.push_str(&mark);
        }
    }
}

/// Whether a named template writes no lines of YAML: names and values are compared and cut, and get no marks.
fn is_bare(template: &Template, at: usize) -> bool {
    let Some(block) = template.blocks[at].as_ref() else {
        return false;
    };
    if !matches!(template.kind(at), Some(Kind::Define | Kind::Block)) {
        return false;
    }
    let texts = template.tokens[at..block.end].iter().filter_map(|token| match token {
        Token::Text(range) => Some(&template.source[range.clone()]),
        Token::Action { .. } => None,
    });
    let has_key = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let key = line
            .split_once(':')
            .filter(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\r', '\t']));
        key.is_some_and(|(key, _)| !key.is_empty() && !key.contains([' ', '{', '(']))
    };
    !texts.flat_map(str::lines).any(has_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(source: &str) -> String {
        let template = Template::parse(source).expect("a template");
        let text = Marked::new(&template, true).text(&|line, _| format!("<{line}>"));
        text.replace(r#"regexReplaceAll "(?m)([^ \\r\\n])(\\r?)$" "#, "mark ")
    }

    #[test]
    fn each_line_is_marked_at_its_end() {
        assert_eq!(
            marked("a: 1\n\nb:\n- c\n---\nd: 1"),
            "a: 1<1>\n\nb:<3>\n- c<4>\n---\nd: 1<6>"
        );
        assert_eq!(
            marked("a: {{ .x }}\nb: {{ .y }}z\n"),
            "a: {{ .x }}<1>\nb: {{ .y }}z<2>\n"
        );
    }

    #[test]
    fn lines_before_blocks_are_marked_where_a_break_follows() {
        assert_eq!(
            marked("a: 1\n{{- if x }}\nb: {{ y }}\n{{- end }}\nc: 2\n"),
            "a: 1<1>{{ if x }}\nb: {{ y }}<3>{{ end }}\nc: 2<5>\n"
        );
        assert_eq!(marked("a: {{ if x }}b{{ end }}\n"), "a: {{ if x }}b<1>{{ end }}\n");
    }

    #[test]
    fn texts_of_several_lines_are_marked_by_a_function() {
        assert_eq!(
            marked("a:\n  {{- toYaml .x | nindent 2 }}\nb: 1\n"),
            "a:<1>{{ mark (toYaml .x | nindent 2) \"${1}<2>${2}\" }}\nb: 1<3>\n"
        );
        // Within a line the text is left alone.
        assert_eq!(
            marked("a: {{ include \"x\" . }}-b\n"),
            "a: {{ include \"x\" . }}-b<1>\n"
        );
    }

    #[test]
    fn names_get_no_marks() {
        let source = "{{- define \"name\" -}}\n{{ .x | trunc 63 }}-a\n{{- end }}\n{{ define \"labels\" }}\na: {{ .b }}\n{{- end }}";
        assert_eq!(
            marked(source),
            "{{ define \"name\" }}{{ .x | trunc 63 }}-a{{ end }}\n{{ define \"labels\" }}\na: {{ .b }}<5>{{ end }}"
        );
    }
}
