//! Compiled patterns, and searching with them as Go does.

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::super::{Context, Failure};
use super::syntax::translate;

/// How large a compiled pattern may be.
const LARGEST: usize = 16 << 20;

/// A compiled pattern of Go.
pub(in crate::rego::builtins) struct Pattern {
    regex: Regex,
    pub(super) names: Vec<Option<String>>,
    pub(super) is_empty: bool,
}

impl Pattern {
    /// Compiles a pattern.
    pub(in crate::rego::builtins) fn new(pattern: &str) -> Result<Self, Failure> {
        let translated = translate(pattern).map_err(|fault| Failure::Builtin(fault.to_string()))?;
        // Of bytes, because only there a word's edge can be one of ASCII; texts are matched in whole characters still.
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(LARGEST)
            .build()
            .map_err(|_| {
                Failure::Limit(format!(
                    "the pattern `{pattern}` is too large, or nests too deeply, to compile"
                ))
            })?;
        Ok(Self {
            regex,
            names: translated.names,
            is_empty: pattern.is_empty(),
        })
    }

    /// The first match at or behind a place.
    fn find_at<'t>(&self, text: &'t str, mut at: usize) -> Option<Captures<'t>> {
        while at <= text.len() {
            let found = self.regex.captures_at(text.as_bytes(), at)?;
            let place = found.get(0)?.start();
            if text.is_char_boundary(place) {
                return Some(found);
            }
            // Only an empty match stands within a character.
            at = place + 1;
        }
        None
    }

    /// Whether the pattern matches anywhere.
    pub(in crate::rego::builtins) fn is_match(&self, text: &str) -> bool {
        match self.regex.find(text.as_bytes()) {
            Some(found) => text.is_char_boundary(found.start()) || self.find_at(text, 0).is_some(),
            None => false,
        }
    }

    /// Every match, at most so many, handed on with its groups. No empty match follows right behind another.
    pub(super) fn for_each<'t>(
        &self,
        context: &mut Context,
        text: &'t str,
        most: usize,
        mut take: impl FnMut(&mut Context, &Groups<'t>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (mut at, mut count) = (0, 0);
        let mut last_end = None;
        while count < most && at <= text.len() {
            context.step()?;
            let Some(found) = self.find_at(text, at) else {
                break;
            };
            let groups = Groups { text, found };
            let (start, end) = groups.span();
            let accepted = end != at || last_end != Some(start);
            if end == at {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
            } else {
                at = end;
            }
            last_end = Some(end);
            if accepted {
                take(context, &groups)?;
                count += 1;
            }
        }
        Ok(())
    }
}

/// One match.
pub(super) struct Groups<'t> {
    text: &'t str,
    found: Captures<'t>,
}

impl<'t> Groups<'t> {
    /// Where the match starts and ends.
    pub(super) fn span(&self) -> (usize, usize) {
        let whole = self.found.get(0).expect("a match has its whole");
        (whole.start(), whole.end())
    }

    /// How many groups the pattern has, the whole match among them.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// What a group matched; nothing where it took no part.
    pub(super) fn get(&self, index: usize) -> Option<&'t str> {
        let group = self.found.get(index)?;
        Some(&self.text[group.start()..group.end()])
    }
}
