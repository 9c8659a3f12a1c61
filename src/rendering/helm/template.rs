//! The syntax of Go templates, as far as it says which text is written where: text, actions, and the blocks that these
//! make. Follows Go text/template/parse/lex.go: lexText, lexLeftDelim, lexInsideAction, lexRightDelim.

use std::ops::Range;

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is a comment.
    Comment,
    /// It writes a value.
    Print,
    /// It sets a variable.
    Assign,
    /// It starts a block.
    If,
    /// It starts a block with another dot.
    With,
    /// It starts a loop.
    Range,
    /// It starts a further branch of a block, with a condition or without.
    Else {
        /// Whether it has a condition.
        conditional: bool,
    },
    /// It ends a block.
    End,
    /// It starts a named template, which writes nothing here.
    Define,
    /// It starts a named template and writes it.
    Block,
    /// It writes a named template.
    Template,
    /// It leaves a loop or starts its next round.
    Jump,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text, without what the actions around it trim.
    Text(Range<usize>),
    /// An action.
    Action {
        /// What it does.
        kind: Kind,
        /// With its braces.
        range: Range<usize>,
        /// What is between the braces and marks of trimming.
        inner: Range<usize>,
    },
}

/// A block: where its branches start and where it ends, by the numbers of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// The actions of its further branches.
    pub(super) branches: Vec<usize>,
    /// The action that ends it.
    pub(super) end: usize,
}

/// A template.
#[derive(Debug)]
pub(super) struct Template {
    /// Its text.
    pub(super) source: String,
    /// Its parts.
    pub(super) tokens: Vec<Token>,
    /// For each token that starts a block, the block.
    pub(super) blocks: Vec<Option<Block>>,
    /// For each token, the one that starts the block around it.
    pub(super) parents: Vec<Option<usize>>,
}

impl Template {
    /// Reads a template; gives nothing where it is none that Go would read.
    pub(super) fn parse(source: &str) -> Option<Self> {
        let tokens = tokens(source)?;
        let mut blocks: Vec<Option<Block>> = vec![None; tokens.len()];
        let mut parents = vec![None; tokens.len()];
        let mut open: Vec<usize> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            parents[at] = open.last().copied();
            let Token::Action { kind, .. } = token else {
                continue;
            };
            match kind {
                Kind::If | Kind::With | Kind::Range | Kind::Define | Kind::Block => {
                    blocks[at] = Some(Block::default());
                    open.push(at);
                }
                Kind::Else { .. } => blocks[*open.last()?].as_mut()?.branches.push(at),
                Kind::End => blocks[open.pop()?].as_mut()?.end = at,
                Kind::Comment | Kind::Print | Kind::Assign | Kind::Template | Kind::Jump => {}
            }
        }
        open.is_empty().then(|| Self {
            source: source.to_owned(),
            tokens,
            blocks,
            parents,
        })
    }

    /// The kind of a token that is an action.
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        match self.tokens.get(at)? {
            Token::Action { kind, .. } => Some(*kind),
            Token::Text(_) => None,
        }
    }

    /// For each token, and for the end, whether what is written from there on is sure to begin with a line break, or to
    /// end. A loop may go on at its start; the greatest answer that agrees with itself is taken.
    pub(super) fn breaks(&self) -> Vec<bool> {
        let mut breaks = vec![true; self.tokens.len() + 1];
        loop {
            let before = breaks.clone();
            for at in (0..self.tokens.len()).rev() {
                breaks[at] = self.breaks_at(at, &breaks);
            }
            if breaks == before {
                return breaks;
            }
        }
    }

    fn breaks_at(&self, at: usize, breaks: &[bool]) -> bool {
        let (kind, inner) = match &self.tokens[at] {
            Token::Text(range) => {
                let text = &self.source[range.clone()];
                return match text.is_empty() {
                    true => breaks[at + 1],
                    false => text.starts_with('\n') || text.starts_with("\r\n"),
                };
            }
            Token::Action { kind, inner, .. } => (*kind, &self.source[inner.clone()]),
        };
        let block = |opener: usize| self.blocks[opener].as_ref().map_or(at, |block| block.end);
        match kind {
            Kind::Comment | Kind::Assign => breaks[at + 1],
            Kind::Print => last_command(inner) == "nindent",
            Kind::Template | Kind::Jump | Kind::Block => false,
            Kind::Define => breaks[block(at) + 1],
            Kind::If | Kind::With | Kind::Range => {
                let branches = self.blocks[at]
                    .as_ref()
                    .map(|block| block.branches.as_slice())
                    .unwrap_or_default();
                let is_exhaustive = branches
                    .last()
                    .is_some_and(|last| self.kind(*last) == Some(Kind::Else { conditional: false }));
                let after = is_exhaustive || breaks[block(at) + 1];
                after && breaks[at + 1] && branches.iter().all(|branch| breaks[branch + 1])
            }
            Kind::Else { .. } | Kind::End => {
                let Some(opener) = self.opener(at) else { return false };
                let after = breaks[block(opener) + 1];
                match self.kind(opener) {
                    Some(Kind::Define) => true,
                    Some(Kind::Range) => after && breaks[opener + 1],
                    _ => after,
                }
            }
        }
    }

    /// The token that starts the block that an `else` or `end` belongs to.
    pub(super) fn opener(&self, at: usize) -> Option<usize> {
        self.parents[at]
    }

    /// For each token, whether it is in a named template.
    pub(super) fn in_define(&self, at: usize) -> Option<usize> {
        let mut parent = self.parents[at];
        while let Some(opener) = parent {
            if matches!(self.kind(opener), Some(Kind::Define | Kind::Block)) {
                return Some(opener);
            }
            parent = self.parents[opener];
        }
        None
    }
}

fn tokens(source: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let (mut at, mut trims) = (0, false);
    loop {
        let open = source[at..].find("{{").map(|found| at + found);
        let mut text = at..open.unwrap_or(source.len());
        if trims {
            text.start = text.end - source[text.clone()].trim_start_matches(BLANKS).len();
        }
        let Some(open) = open else {
            tokens.push(Token::Text(text));
            return Some(tokens);
        };
        let mut start = open + 2;
        let rest = &source[start..];
        let trims_before = rest.starts_with('-') && rest[1..].starts_with(BLANKS);
        if trims_before {
            start += 1;
            text.end = text.start + source[text.clone()].trim_end_matches(BLANKS).len();
        }
        tokens.push(Token::Text(text));
        let close = close(source, start)?;
        let mut inner = start..close;
        let content = &source[inner.clone()];
        trims = content.ends_with('-') && content[..content.len() - 1].ends_with(BLANKS);
        if trims {
            inner.end -= 1;
        }
        let content = &source[inner.clone()];
        inner.start += content.len() - content.trim_start_matches(BLANKS).len();
        inner.end = inner.start + source[inner.clone()].trim_end_matches(BLANKS).len();
        tokens.push(Token::Action {
            kind: kind(&source[inner.clone()]),
            range: open..close + 2,
            inner,
        });
        at = close + 2;
    }
}

/// What trimming takes away.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Where the braces are that end the action whose content starts here.
fn close(source: &str, start: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let content = source[start..].trim_start_matches(BLANKS);
    let mut at = source.len() - content.len();
    if content.starts_with("/*") {
        let end = at + content.find("*/")? + 2;
        return Some(end + source[end..].find("}}")?);
    }
    while at < bytes.len() {
        match bytes[at] {
            b'}' if bytes[at..].starts_with(b"}}") => return Some(at),
            b'`' => at += source[at + 1..].find('`')? + 2,
            quote @ (b'"' | b'\'') => {
                at += 1;
                while *bytes.get(at)? != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    None
}

/// What an action of this content does.
fn kind(inner: &str) -> Kind {
    if inner.starts_with("/*") {
        return Kind::Comment;
    }
    let word: &str = inner
        .split(|letter: char| !letter.is_alphanumeric())
        .next()
        .unwrap_or_default();
    match word {
        "if" => Kind::If,
        "with" => Kind::With,
        "range" => Kind::Range,
        "else" => Kind::Else {
            conditional: inner.trim() != "else",
        },
        "end" => Kind::End,
        "define" => Kind::Define,
        "block" => Kind::Block,
        "template" => Kind::Template,
        "break" | "continue" if inner == word => Kind::Jump,
        _ if variables(inner).is_some() => Kind::Assign,
        _ => Kind::Print,
    }
}

/// The variables that a content sets, and what to: of `$a, $b := X`.
pub(super) fn variables(content: &str) -> Option<(Vec<&str>, &str)> {
    let mut names = Vec::new();
    let mut rest = content.trim_start();
    loop {
        let name = rest.strip_prefix('$')?;
        let end = name
            .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .unwrap_or(name.len());
        names.push(&name[..end]);
        rest = name[end..].trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    let value = rest.strip_prefix(":=").or_else(|| rest.strip_prefix('='))?;
    Some((names, value.trim()))
}

/// The first word of the last command of a pipeline.
pub(super) fn last_command(pipeline: &str) -> &str {
    let bytes = pipeline.as_bytes();
    let (mut depth, mut start, mut at) = (0usize, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 => start = at + 1,
            b'`' => at += pipeline[at + 1..].find('`').map_or(bytes.len(), |end| end + 1),
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
    let command = pipeline[start..].trim_start();
    command
        .split(|letter: char| !letter.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let template = Template::parse(source).expect("a template");
        let texts = template.tokens.iter().filter_map(|token| match token {
            Token::Text(range) => Some(source[range.clone()].to_owned()),
            Token::Action { .. } => None,
        });
        texts.collect()
    }

    #[test]
    fn trims_take_blanks_from_the_text_around() {
        assert_eq!(texts("a \n{{- if x -}} \n b {{ end }}\n"), ["a", "b ", "\n"]);
        assert_eq!(texts("a {{-3}} b"), ["a ", " b"]);
        assert_eq!(texts("a {{- /* }} */ -}} b"), ["a", "b"]);
    }

    #[test]
    fn braces_in_strings_end_no_action() {
        assert_eq!(texts(r#"{{ "}}\"" }}a{{ `}}` }}b{{ '}' }}c"#), ["", "a", "b", "c"]);
        assert!(Template::parse("{{ \"a }}").is_none());
        assert!(Template::parse("{{ if a }}").is_none());
        assert!(Template::parse("{{ end }}").is_none());
    }

    #[test]
    fn actions_have_kinds() {
        for (source, expected) in [
            ("$a := 1", Kind::Assign),
            ("$a, $b := f", Kind::Assign),
            ("$a = 1", Kind::Assign),
            ("$a", Kind::Print),
            ("$a.b", Kind::Print),
            ("ifx", Kind::Print),
            ("else if x", Kind::Else { conditional: true }),
            ("else", Kind::Else { conditional: false }),
            ("include \"a\" .", Kind::Print),
        ] {
            assert_eq!(kind(source), expected, "{source}");
        }
        assert_eq!(last_command("include (print \"a|b\" | x) . | nindent 4"), "nindent");
        assert_eq!(last_command(".Values.a"), "");
    }

    #[test]
    fn it_is_known_where_a_line_break_must_follow() {
        let breaks = |source: &str| {
            let template = Template::parse(source).expect("a template");
            template.breaks()[1]
        };
        assert!(breaks("a{{ if x }}\nb{{ else }}\nc{{ end }}"));
        assert!(!breaks("a{{ if x }}\nb{{ end }}c"));
        assert!(breaks("a{{ if x }}\nb{{ end }}\nc"));
        assert!(breaks("a{{ range x }}\nb{{ end }}\nc"));
        assert!(!breaks("a{{ range x }}\nb{{ end }}c"));
        assert!(breaks("a{{ include \"x\" . | nindent 2 }}"));
        assert!(!breaks("a{{ .x }}"));
        assert!(breaks("a{{/* c */}}"));
    }
}
