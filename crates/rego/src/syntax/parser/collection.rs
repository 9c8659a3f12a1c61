//! Arrays, sets, objects, and the comprehensions that start like them.

use foldhash::{HashMap, HashMapExt};

use super::super::tree::{Body, Term, TermKind};
use super::{Attempt, Kind, Parser};
use kpolicy_value::Value;

/// What came of reading a collection's rest as a comprehension.
enum Comprehension {
    Body(Body),
    /// It is none; the current token is the one after the first member again.
    None,
}

impl Parser<'_> {
    /// An array up to its `]`, which stays the current token.
    pub(super) fn array(&mut self) -> Option<Term> {
        let start = self.span();
        self.advance();
        let kind = self.array_kind()?;
        Some(Term {
            kind,
            span: start.to(self.span()),
        })
    }

    fn array_kind(&mut self) -> Option<TermKind> {
        if self.kind == Kind::RightBracket {
            return Some(TermKind::Array(Vec::new()));
        }
        // A comma before the first member is allowed, but no comprehension then.
        let may_be_comprehension = !self.take(Kind::Comma);
        let head = self.term()?;
        if self.kind == Kind::Pipe
            && may_be_comprehension
            && let Comprehension::Body(body) = self.comprehension(Kind::RightBracket, true)?
        {
            return Some(TermKind::ArrayComprehension(Box::new(head), body));
        }
        let first = self.infix_in_list_from(head)?;
        Some(TermKind::Array(self.list_from(Kind::RightBracket, first)?))
    }

    /// A set or object up to its `}`, which stays the current token.
    pub(super) fn set_or_object(&mut self) -> Option<Term> {
        let start = self.span();
        self.advance();
        let kind = self.set_or_object_kind(start.start)?;
        Some(Term {
            kind,
            span: start.to(self.span()),
        })
    }

    fn set_or_object_kind(&mut self, start: u32) -> Option<TermKind> {
        if self.kind == Kind::RightBrace {
            return Some(TermKind::Object(Vec::new()));
        }
        let may_be_comprehension = !self.take(Kind::Comma);
        let head = self.term()?;
        if self.kind == Kind::Pipe
            && may_be_comprehension
            && let Comprehension::Body(body) = self.comprehension(Kind::RightBrace, true)?
        {
            return Some(TermKind::SetComprehension(Box::new(head), body));
        }
        let first = self.infix_in_list_from(head)?;
        if self.kind == Kind::Colon {
            return self.object(start, first, may_be_comprehension);
        }
        if !matches!(self.kind, Kind::RightBrace | Kind::Comma) {
            return self.expected("`,`, `:` or `}`");
        }
        Some(TermKind::Set(self.list_from(Kind::RightBrace, first)?))
    }

    /// An object whose first key is read, and whose brace is at `start`.
    fn object(&mut self, start: u32, key: Term, may_be_comprehension: bool) -> Option<TermKind> {
        self.advance();
        let head = self.term()?;
        if self.kind == Kind::Pipe
            && may_be_comprehension
            && let Comprehension::Body(body) = self.comprehension(Kind::RightBrace, false)?
        {
            return Some(TermKind::ObjectComprehension(Box::new(key), Box::new(head), body));
        }
        let value = self.infix_in_list_from(head)?;
        let mut entries = vec![(key, value)];
        while self.kind == Kind::Comma {
            self.advance();
            if self.kind == Kind::RightBrace {
                break;
            }
            entries.push(self.entry()?);
        }
        if self.kind != Kind::RightBrace {
            return self.expected_with_help(
                "`,` or `}`",
                "put parentheses around operators in a comprehension: `{key: (a * b) | …}`",
            );
        }
        Some(TermKind::Object(self.distinct(start, entries)))
    }

    /// The entries that are part of the object. All of them are kept beside it, where these are fewer.
    fn distinct(&mut self, start: u32, entries: Vec<(Term, Term)>) -> Vec<(Term, Term)> {
        let kept = distinct(&entries);
        if kept.len() == entries.len() {
            return entries;
        }
        let entry = |(key, value): &(usize, usize)| (entries[*key].0.clone(), entries[*value].1.clone());
        let parts = kept.iter().map(entry).collect();
        self.repeating.insert(start, entries);
        parts
    }

    fn entry(&mut self) -> Option<(Term, Term)> {
        let key = self.infix_in_list()?;
        if self.kind != Kind::Colon {
            return self.expected("`:` and a value");
        }
        self.advance();
        let value = self.infix_in_list()?;
        Some((key, value))
    }

    /// The body after `|`. Where it fails the `|` can still be an operator; in arrays and sets, only before a comma.
    fn comprehension(&mut self, end: Kind, only_before_comma: bool) -> Option<Comprehension> {
        let pipe = self.save();
        if !self.may_try(Attempt::Comprehension, pipe.at) {
            return Some(Comprehension::None);
        }
        self.advance();
        if let Some(body) = self.body(end) {
            return Some(Comprehension::Body(body));
        }
        if self.given_up || (only_before_comma && self.kind != Kind::Comma) {
            return None;
        }
        self.failed(Attempt::Comprehension, pipe.at);
        self.restore(pipe);
        Some(Comprehension::None)
    }

    /// Items up to `end`, which stays the current token.
    pub(super) fn list(&mut self, end: Kind, mut items: Vec<Term>) -> Option<Vec<Term>> {
        while self.kind != end {
            items.push(self.infix_in_list()?);
            if self.kind != Kind::Comma {
                break;
            }
            self.advance();
        }
        if self.kind != end {
            return self.expected(match end {
                Kind::RightBracket => "`,` or `]`",
                Kind::RightBrace => "`,` or `}`",
                _ => "`,` or `)`",
            });
        }
        Some(items)
    }

    /// The rest of the items after the first.
    fn list_from(&mut self, end: Kind, first: Term) -> Option<Vec<Term>> {
        if self.kind == Kind::Comma {
            self.advance();
            return self.list(end, vec![first]);
        }
        if self.kind == end {
            return Some(vec![first]);
        }
        self.expected(if end == Kind::RightBracket {
            "`,` or `]`"
        } else {
            "`,` or `}`"
        })
    }
}

/// The entries by their keys: of two whose keys are written alike the last takes the place of the first, which is no
/// part of the object.
fn distinct(entries: &[(Term, Term)]) -> Vec<(usize, usize)> {
    let mut kept: Vec<(usize, usize)> = Vec::with_capacity(entries.len());
    let mut scalars: HashMap<Value, usize> = HashMap::new();
    let mut others: Vec<usize> = Vec::new();
    for (index, (key, _)) in entries.iter().enumerate() {
        let next = kept.len();
        let at = match scalar(key) {
            Some(scalar) => *scalars.entry(scalar).or_insert(next),
            None => match others.iter().find(|at| entries[kept[**at].0].0.is_like(key)) {
                Some(at) => *at,
                None => {
                    others.push(next);
                    next
                }
            },
        };
        match kept.get_mut(at) {
            Some(known) => known.1 = index,
            None => kept.push((index, index)),
        }
    }
    kept
}

/// The value of a key that is written out.
fn scalar(key: &Term) -> Option<Value> {
    match &key.kind {
        TermKind::Null => Some(Value::Null),
        TermKind::Bool(flag) => Some(Value::Bool(*flag)),
        TermKind::Number(number) => Some(Value::Number(number.clone())),
        TermKind::String(text) => Some(Value::string(text.clone())),
        _ => None,
    }
}
