//! Compiled patterns, and searching with them as Go does.
//!
//! A search takes the pattern's size times the text's length at worst, and nothing can interrupt it: one that could be
//! long runs on a thread of its own, which is left behind where the time is up.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::super::{Context, Failure, before};
use super::syntax::translate;
use kpolicy_value::Runes;

/// How large a compiled pattern may be.
const LARGEST: usize = 16 << 20;
/// How large one may be to count as small.
const SMALL: usize = 64 << 10;
/// The longest text that a small pattern, and that any pattern, is searched for in on the thread at hand.
const SHORT: usize = 256 << 10;
const SHORTEST: usize = 1 << 10;
/// How many matches a search may be ahead of who asked for them.
const AHEAD: usize = 1024;

/// A compiled pattern of Go.
#[derive(Debug)]
pub(in crate::builtins) struct Pattern {
    regex: Regex,
    is_small: bool,
    pub(super) names: Vec<Option<String>>,
    pub(super) is_empty: bool,
}

impl Pattern {
    /// Compiles a pattern. That can take as long as thousands of instructions, so that it has to begin before `deadline`.
    pub(in crate::builtins) fn new(pattern: &str, deadline: Option<Instant>) -> Result<Self, Failure> {
        before(deadline)?;
        let translated = translate(pattern).map_err(|error| Failure::Builtin(error.to_string()))?;
        // Of bytes, because only there a word's edge can be one of ASCII; strings are matched in whole characters still.
        let built = |size| RegexBuilder::new(&translated.pattern).size_limit(size).build();
        let small = built(SMALL);
        let is_small = small.is_ok();
        let regex = small.or_else(|_| built(LARGEST)).map_err(|_| {
            Failure::Limit(format!(
                "the pattern `{pattern}` is too large, or nests too deeply, to compile"
            ))
        })?;
        Ok(Self {
            regex,
            is_small,
            names: translated.names,
            is_empty: pattern.is_empty(),
        })
    }

    /// By when a search in a text has to end; nothing where it is sure to be short.
    fn deadline(&self, context: &Context, text: &str) -> Option<Instant> {
        let short = if self.is_small { SHORT } else { SHORTEST };
        context.deadline.filter(|_| text.len() > short)
    }

    /// Whether the pattern matches anywhere.
    pub(in crate::builtins) fn is_match(&self, context: &Context, text: &str) -> Result<bool, Failure> {
        let Some(deadline) = self.deadline(context, text) else {
            return Ok(is_match(&self.regex, text));
        };
        let (found, answers) = mpsc::sync_channel(1);
        let (regex, text) = (self.regex.clone(), text.to_owned());
        std::thread::spawn(move || found.send(is_match(&regex, &text)));
        let found = next(context, &answers, deadline)?;
        Ok(found.expect("a search that ends has an answer"))
    }

    /// Every match, at most so many, handed on with its groups. No empty match follows right after another.
    pub(super) fn for_each(
        &self,
        context: &mut Context,
        runes: &Runes<'_>,
        most: usize,
        mut take: impl FnMut(&mut Context, &Groups<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let text = runes.text();
        let Some(deadline) = self.deadline(context, text) else {
            return matches(&self.regex, text, most, |places| {
                context.step()?;
                take(context, &Groups { runes, places })
            });
        };
        let (found, answers) = mpsc::sync_channel(AHEAD);
        let (regex, whole) = (self.regex.clone(), text.to_owned());
        std::thread::spawn(move || matches(&regex, &whole, most, |places| found.send(places.clone())));
        while let Some(places) = next(context, &answers, deadline)? {
            take(context, &Groups { runes, places: &places })?;
        }
        Ok(())
    }
}

/// The next answer of a search; nothing where it has ended.
fn next<T>(context: &Context, answers: &mpsc::Receiver<T>, deadline: Instant) -> Result<Option<T>, Failure> {
    context.check_time()?;
    match answers.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(answer) => Ok(Some(answer)),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => Err(Failure::Timeout),
    }
}

fn is_match(regex: &Regex, text: &str) -> bool {
    // Where no character is of several bytes, where the match starts need not be known.
    if text.is_ascii() {
        return regex.is_match(text.as_bytes());
    }
    match regex.find(text.as_bytes()) {
        Some(found) if text.is_char_boundary(found.start()) => true,
        Some(_) => find_at(regex, &mut regex.capture_locations(), text, 0).is_some(),
        None => false,
    }
}

/// Where the first match at or after a place starts and ends.
fn find_at(regex: &Regex, places: &mut CaptureLocations, text: &str, mut at: usize) -> Option<(usize, usize)> {
    while at <= text.len() {
        let found = regex.captures_read_at(places, text.as_bytes(), at)?;
        if text.is_char_boundary(found.start()) {
            return Some((found.start(), found.end()));
        }
        // Only an empty match stands within a character.
        at = found.start() + 1;
    }
    None
}

/// Hands on where every match and its groups are, at most so many, until that fails.
fn matches<E>(
    regex: &Regex,
    text: &str,
    most: usize,
    mut take: impl FnMut(&CaptureLocations) -> Result<(), E>,
) -> Result<(), E> {
    let mut places = regex.capture_locations();
    let (mut at, mut count) = (0, 0);
    let mut last_end = None;
    while count < most && at <= text.len() {
        let Some((start, end)) = find_at(regex, &mut places, text, at) else {
            break;
        };
        let accepted = end != at || last_end != Some(start);
        if end == at {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        } else {
            at = end;
        }
        last_end = Some(end);
        if accepted {
            take(&places)?;
            count += 1;
        }
    }
    Ok(())
}

/// One match.
pub(super) struct Groups<'t> {
    runes: &'t Runes<'t>,
    places: &'t CaptureLocations,
}

impl<'t> Groups<'t> {
    /// Where in the characters the match starts and ends.
    pub(super) fn span(&self) -> (usize, usize) {
        self.places.get(0).expect("a match has its whole")
    }

    /// How many groups the pattern has, the whole match among them.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// What a group matched; nothing where it took no part.
    pub(super) fn get(&self, index: usize) -> Option<&'t [u8]> {
        let (start, end) = self.places.get(index)?;
        Some(self.runes.bytes(start, end))
    }
}
