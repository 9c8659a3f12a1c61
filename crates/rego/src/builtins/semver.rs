//! Versions: `1.2.3-rc.1+build`, ordered as semver.org orders them.

use std::cmp::Ordering;

use super::operand::text;
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::text::{Charset, quote};

pub(super) const FAMILY: Family = &[
    pure(
        "semver.compare",
        "(string, string) -> number",
        "-1, 0 or 1 as a semantic version is less than, equal to or greater than another.",
        compare,
    ),
    pure(
        "semver.is_valid",
        "(any) -> boolean",
        "Whether a string is a semantic version.",
        is_valid,
    ),
];

struct Version<'a> {
    numbers: [i64; 3],
    prerelease: &'a str,
}

fn compare(_: &mut Context, operands: Operands) -> Answer {
    let (a, b) = (text(operands, 0)?, text(operands, 1)?);
    let read = |at, text| {
        let quoted = quote(text, Charset::Unicode);
        let message = || Failure::Builtin(format!("operand {at}: string {quoted} is not a valid SemVer"));
        Version::read(text).ok_or_else(message)
    };
    let (a, b) = (read(1, &a)?, read(2, &b)?);
    let order = a
        .numbers
        .cmp(&b.numbers)
        .then_with(|| compare_prereleases(a.prerelease, b.prerelease));
    Ok(Some((order as i64).into()))
}

fn is_valid(_: &mut Context, operands: Operands) -> Answer {
    let valid = operands[0].as_str().is_some_and(|text| Version::read(text).is_some());
    Ok(Some(valid.into()))
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, metadata) = split_at_mark(text, '+');
        let (text, prerelease) = split_at_mark(text, '-');
        if !metadata.is_none_or(is_dotted) || !prerelease.is_none_or(is_prerelease) {
            return None;
        }
        let mut parts = text.split('.');
        let mut number = || parts.next().and_then(number);
        let numbers = [number()?, number()?, number()?];
        let prerelease = prerelease.unwrap_or_default();
        parts.next().is_none().then_some(Self { numbers, prerelease })
    }
}

/// What stands before a mark, and what after it if there is one.
fn split_at_mark(text: &str, mark: char) -> (&str, Option<&str>) {
    let split = text.split_once(mark);
    split.map_or((text, None), |(before, after)| (before, Some(after)))
}

/// A number without a sign and without zeros before it.
fn number(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !has_leading_zero(text)).then(|| text.parse().ok())?
}

fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

/// Whether a text is identifiers with points between them.
fn is_dotted(text: &str) -> bool {
    let is_identifier =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.split('.').all(is_identifier)
}

/// Whether a text is identifiers of which no number has zeros before it.
fn is_prerelease(text: &str) -> bool {
    let is_non_canonical = |part: &str| has_leading_zero(part) && part.bytes().all(|byte| byte.is_ascii_digit());
    is_dotted(text) && !text.split('.').any(is_non_canonical)
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    // A version without one comes after all that have one.
    let release = a.is_empty().cmp(&b.is_empty());
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    let identifiers = || loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match compare_identifiers(a, b) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    };
    release.then_with(identifiers)
}

/// Numbers come before strings; those beyond 63 bits count as the largest.
fn compare_identifiers(a: &str, b: &str) -> Ordering {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(i64::MAX))
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
