//! The values that a line of a template writes, and where values files set them.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::chart::LARGEST;
use super::template::{Kind, Template, Token, variables};
use crate::finding::{Location, Step};
use crate::input;
use crate::locate::{Target, locate};
use kpolicy_parse::document::{Document, File};
use kpolicy_parse::{Format, text};
use kpolicy_value::Value;

/// What an expression is about: a path from the root of what the template is given. Of what a loop goes over, the path of
/// the whole.
type Dot = Option<Vec<String>>;

/// A path below `.Values` that a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValuePath {
    /// The keys after `Values`.
    pub(super) keys: Vec<String>,
    /// Whether all that is below it is written too.
    pub(super) is_whole: bool,
}

/// The paths below `.Values` that the actions in a range of a template name.
pub(super) fn paths(template: &Template, range: &Range<usize>) -> Vec<ValuePath> {
    let mut walk = Walk {
        dots: vec![Some(Vec::new())],
        variables: HashMap::new(),
        found: Vec::new(),
    };
    for token in &template.tokens {
        if let Token::Action { kind, range: at, inner } = token {
            let is_here = at.start < range.end && range.start < at.end;
            walk.action(*kind, &template.source[inner.clone()], is_here);
        }
    }
    walk.found
}

struct Walk {
    /// The dots of the blocks around.
    dots: Vec<Dot>,
    variables: HashMap<String, Dot>,
    found: Vec<ValuePath>,
}

impl Walk {
    fn action(&mut self, kind: Kind, content: &str, is_here: bool) {
        if is_here && kind != Kind::Comment {
            self.note(content);
        }
        let dot = self.dots.last().cloned().flatten();
        match kind {
            Kind::Assign => self.assign(content),
            Kind::If => self.dots.push(dot),
            Kind::With | Kind::Range => {
                let word = if kind == Kind::With { "with" } else { "range" };
                let subject = content.trim_start_matches(word).trim();
                let value = variables(subject).map_or(subject, |(_, value)| value);
                let path = self.path(value);
                if let Some((names, _)) = variables(subject) {
                    // Of two variables of a loop the first is the key.
                    let value = names
                        .last()
                        .filter(|_| kind == Kind::With || names.len() != 2)
                        .or(names.get(1));
                    if let Some(name) = value {
                        self.variables.insert((*name).to_owned(), path.clone());
                    }
                }
                self.dots.push(path);
            }
            // What a named template is given is told by its callers; by convention it is all.
            Kind::Define | Kind::Block => self.dots.push(Some(Vec::new())),
            Kind::Else { .. } => {
                let outer = self.dots.len().checked_sub(2).and_then(|at| self.dots[at].clone());
                if let Some(last) = self.dots.last_mut() {
                    *last = outer;
                }
            }
            Kind::End => {
                if self.dots.len() > 1 {
                    self.dots.pop();
                }
            }
            Kind::Comment | Kind::Print | Kind::Template | Kind::Jump => {}
        }
    }

    fn assign(&mut self, content: &str) {
        if let Some((names, value)) = variables(content) {
            let path = self.path(value);
            if let [name] = names.as_slice() {
                self.variables.insert((*name).to_owned(), path);
            }
        }
    }

    /// The path of an expression that is nothing but one.
    fn path(&self, expression: &str) -> Dot {
        let (path, length) = self.path_at(expression)?;
        (length == expression.trim_end().len()).then_some(path)
    }

    /// The path that a text starts with, and how long that is.
    fn path_at(&self, text: &str) -> Option<(Vec<String>, usize)> {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let (base, mut at) = match text.strip_prefix('$') {
            Some(rest) => {
                let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                let base = match &rest[..end] {
                    "" => Some(Vec::new()),
                    name => self.variables.get(name).cloned().flatten(),
                };
                (base?, end + 1)
            }
            None => (self.dots.last().cloned().flatten()?, 0),
        };
        let mut path = base;
        while let Some(rest) = text[at..].strip_prefix('.') {
            let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            if end == 0 {
                // A dot alone.
                at += usize::from(at == 0);
                break;
            }
            path.push(rest[..end].to_owned());
            at += end + 1;
        }
        (at > 0).then_some((path, at))
    }

    /// Notes the paths in the content of an action.
    fn note(&mut self, content: &str) {
        let is_whole = ["toYaml", "tpl", "toJson", "range", "with"]
            .iter()
            .any(|word| content.contains(word));
        let mut at = 0;
        let mut quote = None;
        let mut before = ' ';
        while let Some(letter) = content[at..].chars().next() {
            let starts =
                matches!(letter, '.' | '$') && !(before.is_alphanumeric() || matches!(before, '_' | ')' | '.'));
            let found = if quote.is_none() && starts {
                self.path_at(&content[at..])
            } else {
                None
            };
            match letter {
                '"' | '`' if quote.is_none() => quote = Some(letter),
                _ if quote == Some(letter) && before != '\\' => quote = None,
                _ => {}
            }
            let length = found.as_ref().map_or(letter.len_utf8(), |(_, length)| *length);
            if let Some((path, _)) = found
                && let Some(("Values", keys)) = path.split_first().map(|(first, keys)| (first.as_str(), keys))
                && !keys.is_empty()
            {
                let path = ValuePath {
                    keys: keys.to_vec(),
                    is_whole,
                };
                if !self.found.contains(&path) {
                    self.found.push(path);
                }
            }
            before = content[at..at + length].chars().next_back().unwrap_or(' ');
            at += length;
        }
    }
}

/// A values file.
pub(super) struct ValuesFile {
    document: Document,
}

impl ValuesFile {
    /// Reads a file, where it can be read.
    pub(super) fn read(path: &str) -> Option<Self> {
        let bytes = input::read_file(Path::new(path), LARGEST).ok()?;
        let text = text::decode(bytes).ok()?;
        let node = Format::Yaml.parse(&text).ok()?.into_iter().next()?;
        Some(Self {
            document: Document {
                file: Arc::new(File::new(path, text)),
                index: 0,
                value: node.value,
                spans: node.spans,
            },
        })
    }

    /// Where the file sets what a path leads to, for a finding at a path of the rendered document: where the whole of a
    /// value is written, its part at the end of that path.
    pub(super) fn location(&self, prefix: &[String], path: &ValuePath, finding: &[Step]) -> Option<Location> {
        let mut keys: Vec<Value> = prefix
            .iter()
            .chain(&path.keys)
            .map(|key| Value::from(key.as_str()))
            .collect();
        if self.document.find(&keys).depth < keys.len() {
            return None;
        }
        if path.is_whole {
            let steps: Vec<Value> = finding.iter().map(step).collect();
            let longer = (0..steps.len()).map(|from| [&keys[..], &steps[from..]].concat());
            let longer = longer
                .into_iter()
                .find(|longer| self.document.find(longer).depth == longer.len());
            keys = longer.unwrap_or(keys);
        }
        Some(locate(&self.document, &Target::Value(keys)))
    }
}

fn step(step: &Step) -> Value {
    match step {
        Step::Key(key) => key.as_str().into(),
        Step::Index(index) => i64::try_from(*index).unwrap_or(i64::MAX).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths that a line, from 1, of a template names.
    fn named(source: &str, line: usize) -> Vec<String> {
        let template = Template::parse(source).expect("a template");
        let start: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let end = start + source[start..].find('\n').unwrap_or(source.len() - start);
        let found = paths(&template, &(start..end));
        found.into_iter().map(|path| path.keys.join(".")).collect()
    }

    #[test]
    fn paths_are_named_by_actions() {
        assert_eq!(
            named("a: {{ .Values.image.tag | default $.Values.b }}\n", 1),
            ["image.tag", "b"]
        );
        assert_eq!(
            named(
                "{{ include \".Values.no\" . }}{{ .Release.Name }}{{ (.Values.a).b }}",
                1
            ),
            ["a"]
        );
    }

    #[test]
    fn blocks_and_variables_change_what_a_dot_is() {
        let source = "{{ with .Values.a }}\nx: {{ .b }}{{ $.Values.c }}\n{{ else }}\ny: {{ .b }}\n{{ end }}\n{{ $v := .Values.d }}\nz: {{ $v.e }}\n{{ range $k, $w := .Values.f }}\n{{ $k }}: {{ $w.g }}{{ . }}\n{{ end }}\nq: {{ .Values.h }}";
        assert_eq!(named(source, 2), ["a.b", "c"]);
        assert_eq!(named(source, 4), Vec::<String>::new());
        assert_eq!(named(source, 7), ["d.e"]);
        assert_eq!(named(source, 9), ["f.g", "f"]);
        assert_eq!(named(source, 11), ["h"]);
    }
}
