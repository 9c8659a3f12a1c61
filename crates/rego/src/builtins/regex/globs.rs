//! Whether two patterns of a small language (`.`, `[a-c]`, `+`, `*`, `\`) have a text in common, as OPA's
//! `regex.globs_match` decides it.

use std::collections::BTreeSet;

use super::super::{Context, Failure};

/// What one place of a text may be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    One(char),
    Any,
    Set(BTreeSet<char>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Often {
    Once,
    Plus,
    Star,
}

#[derive(Clone, Debug)]
struct Token {
    place: Place,
    often: Often,
}

/// Whether some text matches both.
pub(super) fn intersect(context: &mut Context, a: &str, b: &str) -> Result<bool, Failure> {
    let (a, b) = (simplified(Reader::tokens(a)?), simplified(Reader::tokens(b)?));
    match trimmed(&a, &b) {
        Some((a, b)) => normal(context, a, b),
        None => Ok(false),
    }
}

/// Of neighbours that repeat the same place only one is left.
fn simplified(tokens: Vec<Token>) -> Vec<Token> {
    let mut simple: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match simple.last_mut() {
            Some(last) if last.often != Often::Once && token.often != Often::Once && last.place == token.place => {
                if token.often == Often::Plus {
                    last.often = Often::Plus;
                }
            }
            _ => simple.push(token),
        }
    }
    simple
}

/// Both without the single places that they begin and end with alike, but one; nothing where these differ.
fn trimmed<'a>(a: &'a [Token], b: &'a [Token]) -> Option<(&'a [Token], &'a [Token])> {
    let single = |pair: &(&Token, &Token)| pair.0.often == Often::Once && pair.1.often == Often::Once;
    let mut left = 0usize;
    for pair in a.iter().zip(b).take_while(single) {
        if !meet(pair.0, pair.1) {
            return None;
        }
        left += 1;
    }
    let left = left.saturating_sub(1);
    let mut right = 0usize;
    let (a, b) = (a.get(left..)?, b.get(left..)?);
    for pair in a.iter().rev().zip(b.iter().rev()).take_while(single) {
        if !meet(pair.0, pair.1) {
            return None;
        }
        right += 1;
    }
    let right = right.saturating_sub(1);
    Some((&a[..a.len() - right], &b[..b.len() - right]))
}

fn normal(context: &mut Context, a: &[Token], b: &[Token]) -> Result<bool, Failure> {
    for (at, (one, other)) in a.iter().zip(b).enumerate() {
        if one.often != Often::Once || other.often != Often::Once {
            return special(context, &a[at..], &b[at..]);
        }
        if !meet(one, other) {
            return Ok(false);
        }
    }
    Ok(a.len() == b.len())
}

fn special(context: &mut Context, a: &[Token], b: &[Token]) -> Result<bool, Failure> {
    context.step()?;
    let (a, b) = if a[0].often == Often::Once { (b, a) } else { (a, b) };
    if a[0].often == Often::Star {
        return star(context, a, b);
    }
    if !meet(&a[0], &b[0]) {
        return Ok(false);
    }
    Ok(star(context, a, &b[1..])? || b[0].often != Often::Once && normal(context, &a[1..], b)?)
}

fn star(context: &mut Context, starred: &[Token], other: &[Token]) -> Result<bool, Failure> {
    let next = starred.get(1);
    for (at, token) in other.iter().enumerate() {
        context.step()?;
        let next_meets = next.is_some_and(|next| meet(token, next));
        if next_meets && normal(context, &starred[1..], &other[at..])? {
            return Ok(true);
        }
        if !meet(token, &starred[0]) {
            return Ok(false);
        }
    }
    Ok(next.is_none())
}

/// Whether two places have a character in common. A place of any character meets an empty set too.
fn meet(a: &Token, b: &Token) -> bool {
    match (&a.place, &b.place) {
        (Place::Any, _) | (_, Place::Any) => true,
        (Place::One(a), Place::One(b)) => a == b,
        (Place::One(one), Place::Set(set)) | (Place::Set(set), Place::One(one)) => set.contains(one),
        (Place::Set(a), Place::Set(b)) => !a.is_disjoint(b),
    }
}

struct Reader<'a> {
    text: &'a str,
    characters: Vec<char>,
    at: usize,
}

impl Reader<'_> {
    fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
        let mut reader = Reader {
            text,
            characters: text.chars().collect(),
            at: 0,
        };
        let mut tokens = Vec::new();
        while let Some((character, escaped)) = reader.next()? {
            let place = match character {
                _ if escaped => Place::One(character),
                '.' => Place::Any,
                '[' => reader.set()?,
                ']' => return Err(reader.error("set-close ']' with no preceding '['")),
                '+' | '*' => {
                    return Err(reader.error(&format!("flag '{character}' must be preceded by a non-flag")));
                }
                _ => Place::One(character),
            };
            let often = reader.often()?;
            tokens.push(Token { place, often });
        }
        Ok(tokens)
    }

    /// The next character, and whether a backslash stood before it.
    fn next(&mut self) -> Result<Option<(char, bool)>, Failure> {
        let Some(character) = self.characters.get(self.at).copied() else {
            return Ok(None);
        };
        if character != '\\' {
            self.at += 1;
            return Ok(Some((character, false)));
        }
        let Some(escaped) = self.characters.get(self.at + 1).copied() else {
            return Err(error(self.text, self.at, "input ends with a \\ (escape) character"));
        };
        self.at += 2;
        Ok(Some((escaped, true)))
    }

    fn often(&mut self) -> Result<Often, Failure> {
        let often = match self.characters.get(self.at) {
            Some('+') => Often::Plus,
            Some('*') => Often::Star,
            Some('\\') if self.at + 1 == self.characters.len() => {
                self.next()?;
                Often::Once
            }
            _ => return Ok(Often::Once),
        };
        self.at += 1;
        Ok(often)
    }

    fn set(&mut self) -> Result<Place, Failure> {
        let mut set = BTreeSet::new();
        let mut before = None;
        loop {
            match self.next()? {
                None => return Err(self.error("found [ without matching ]")),
                Some((']', false)) => return Ok(Place::Set(set)),
                Some(('-', false)) => {
                    let Some(low) = before.take() else {
                        return Err(self.error("range character '-' must be preceded by a Unicode character"));
                    };
                    self.range(&mut set, low)?;
                }
                Some((character, _)) => {
                    set.insert(character);
                    before = Some(character);
                }
            }
        }
    }

    fn range(&mut self, set: &mut BTreeSet<char>, low: char) -> Result<(), Failure> {
        if self.at + 1 >= self.characters.len() {
            return Err(self.error("range character '-' must be followed by a Unicode character"));
        }
        match self.next()? {
            Some((']' | '-', false)) | None => {
                Err(self.error("range character '-' cannot be followed by a special symbol"))
            }
            Some((high, _)) if high < low => Err(self.error(&format!(
                "range is out of order: '{high}' comes before '{low}' in Unicode"
            ))),
            Some((high, _)) => {
                set.extend(low..=high);
                Ok(())
            }
        }
    }

    fn error(&self, message: &str) -> Failure {
        error(self.text, self.at, message)
    }
}

fn error(text: &str, at: usize, message: &str) -> Failure {
    Failure::Builtin(format!(
        "input:{text}, pos:{at}, {message}: the input provided is invalid"
    ))
}
