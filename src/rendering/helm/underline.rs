//! The columns of a template's line that show what a rendered line has in some columns.

use std::ops::Range;

/// The characters of a template's line, from 0, for those of the line that was rendered from it: the same text where the
/// two agree, the actions where they write it.
pub(super) fn underlined(template: &str, rendered: &str, range: Range<usize>) -> Range<usize> {
    let template: Vec<char> = template.trim_end().chars().collect();
    let rendered: Vec<char> = rendered.trim_end().chars().collect();
    let indent = |line: &[char]| line.iter().take_while(|letter| letter.is_whitespace()).count();
    let (in_template, in_rendered) = (indent(&template), indent(&rendered));
    let alike = template[in_template..]
        .iter()
        .zip(&rendered[in_rendered..])
        .take_while(|(a, b)| a == b)
        .count();
    let moved = |at: usize| (at + in_template).saturating_sub(in_rendered);
    if in_rendered + alike >= range.end && range.end > in_rendered {
        return moved(range.start)..moved(range.end);
    }
    // The end of the line may agree too: what comes before it is written by actions.
    let behind = template[in_template + alike..]
        .iter()
        .rev()
        .zip(rendered[in_rendered + alike..].iter().rev());
    let behind = behind.take_while(|(a, b)| a == b).count();
    let start = match in_rendered + alike > range.start {
        true => moved(range.start),
        false => start_of_action(&template, in_template + alike),
    };
    let rest = rendered.len().saturating_sub(range.end);
    let end = match rest <= behind && rest < rendered.len() {
        true => template.len().saturating_sub(rest),
        false => template.len(),
    };
    if start < end {
        start..end
    } else {
        in_template..template.len()
    }
}

/// Where the action starts that a character is in or before.
fn start_of_action(template: &[char], at: usize) -> usize {
    let opens = |at: usize| template[at..].starts_with(&['{', '{']);
    let at = at.min(template.len());
    // A part of the braces may agree with what was rendered.
    let before = (0..=at)
        .rev()
        .take_while(|from| !template[*from..at].ends_with(&['}', '}']));
    let within = before.into_iter().find(|from| opens(*from));
    within
        .or_else(|| (at..template.len()).find(|from| opens(*from)))
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &str, rendered: &str, marked: &str) -> String {
        let start = rendered.find(marked).expect("it is there");
        let range = underlined(template, rendered, start..start + marked.len());
        template.chars().skip(range.start).take(range.len()).collect()
    }

    #[test]
    fn what_agrees_is_shown_itself() {
        assert_eq!(shown("  image: nginx", "  image: nginx", "nginx"), "nginx");
        assert_eq!(shown("image: nginx", "      image: nginx", "nginx"), "nginx");
        assert_eq!(
            shown("privileged: {{ .a }}", "  privileged: true", "privileged"),
            "privileged"
        );
    }

    #[test]
    fn what_an_action_writes_is_shown_as_the_action() {
        assert_eq!(shown("  image: {{ .a }}", "  image: nginx", "nginx"), "{{ .a }}");
        assert_eq!(
            shown(
                "image: \"{{ .a }}:{{ .b }}\" # c",
                "image: \"nginx:1\" # c",
                "\"nginx:1\""
            ),
            "\"{{ .a }}:{{ .b }}\""
        );
        assert_eq!(
            shown("  {{- toYaml .x | nindent 4 }}", "    cpu: 1", "1"),
            "{{- toYaml .x | nindent 4 }}"
        );
        assert_eq!(shown("a: {{ .x }}", "a: {\"b\": 1}", "{\"b\": 1}"), "{{ .x }}");
    }
}
