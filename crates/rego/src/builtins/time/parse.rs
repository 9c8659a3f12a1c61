//! Moments read by a layout.

use super::calendar::{DAY, Date, days_in};
use super::duration::quote;
use super::layout::{MONTHS, Offset, Part, WEEKDAYS, split};
use super::moment::SECOND;

/// Why a part could not be read.
enum Bad {
    /// It is not there.
    Value,
    /// This is more or less than it may be.
    Range(&'static str),
}

/// What was read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    clock: [i64; 3],
    nanoseconds: i64,
    /// Whether `PM` (or `AM`) was read.
    afternoon: Option<bool>,
    is_utc: bool,
    /// From UTC, in seconds.
    offset: Option<i64>,
}

/// The nanoseconds since 1970 of a moment written in a layout, or Go's words for why it is none.
pub(in super::super) fn parse(layout: &str, text: &str) -> Result<i128, String> {
    let mut fields = Fields::default();
    let mut value = text.as_bytes();
    let mut rest = layout;
    let unread = |value: &[u8], part: &str| {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(text.as_bytes()),
            quote(layout.as_bytes()),
            quote(value),
            quote(part.as_bytes())
        )
    };
    let wrong = |words: &str| format!("parsing time {}: {words}", quote(text.as_bytes()));
    loop {
        let split = split(rest);
        value = skip(value, split.before).map_err(|value| unread(value, split.before))?;
        let Some((part, written)) = split.part else {
            break;
        };
        let start = value;
        fields.read(part, &mut value, split.after).map_err(|bad| match bad {
            Bad::Value => unread(start, written),
            Bad::Range(what) => wrong(&format!("{what} out of range")),
        })?;
        rest = split.after;
    }
    if !value.is_empty() {
        return Err(wrong(&format!("extra text: {}", quote(value))));
    }
    fields.moment().map_err(wrong)
}

/// The value after what stands before a part; any number of spaces is as good as another.
fn skip<'v>(mut value: &'v [u8], before: &str) -> Result<&'v [u8], &'v [u8]> {
    let mut before = before.as_bytes();
    while let Some((wanted, rest)) = before.split_first() {
        if *wanted == b' ' {
            if value.first().is_some_and(|byte| *byte != b' ') {
                return Err(value);
            }
            before = without_spaces(before);
            value = without_spaces(value);
            continue;
        }
        match value.split_first() {
            Some((byte, after)) if byte == wanted => value = after,
            _ => return Err(value),
        }
        before = rest;
    }
    Ok(value)
}

fn without_spaces(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    &text[spaces..]
}

impl Fields {
    /// Reads one part from the front of the value. `after` is the layout after the part.
    fn read(&mut self, part: Part, value: &mut &[u8], after: &str) -> Result<(), Bad> {
        match part {
            Part::Year => {
                let year = signed(take(value, 2)?)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Part::LongYear if !value.first().is_some_and(u8::is_ascii_digit) => return Err(Bad::Value),
            Part::LongYear => self.year = signed(take(value, 4)?)?,
            Part::Month => self.month = Some(name(value, &MONTHS, 3)? + 1),
            Part::LongMonth => self.month = Some(name(value, &MONTHS, usize::MAX)? + 1),
            Part::NumMonth | Part::ZeroMonth => {
                let month = number(value, part == Part::ZeroMonth)?;
                self.month = Some(within(month, 1, 12, "month")?);
            }
            Part::WeekDay => drop(name(value, &WEEKDAYS, 3)?),
            Part::LongWeekDay => drop(name(value, &WEEKDAYS, usize::MAX)?),
            Part::Day | Part::UnderDay | Part::ZeroDay => {
                if part == Part::UnderDay {
                    skip_spaces(value, 1);
                }
                self.day = Some(number(value, part == Part::ZeroDay)?);
            }
            Part::UnderYearDay | Part::ZeroYearDay => {
                if part == Part::UnderYearDay {
                    skip_spaces(value, 2);
                }
                self.day_of_year = Some(number_of_three(value, part == Part::ZeroYearDay)?);
            }
            Part::Hour => self.clock[0] = within(number(value, false)?, 0, 23, "hour")?,
            Part::Hour12 | Part::ZeroHour12 => {
                self.clock[0] = within(number(value, part == Part::ZeroHour12)?, 0, 12, "hour")?;
            }
            Part::Minute | Part::ZeroMinute => {
                self.clock[1] = within(number(value, part == Part::ZeroMinute)?, 0, 59, "minute")?;
            }
            Part::Second | Part::ZeroSecond => {
                self.clock[2] = within(number(value, part == Part::ZeroSecond)?, 0, 59, "second")?;
                let has_own = matches!(split(after).part, Some((Part::Fraction(..) | Part::Trimmed(..), _)));
                if !has_own {
                    self.read_fraction(value)?;
                }
            }
            Part::UpperPm => self.afternoon = Some(either(value, b"PM", b"AM")?),
            Part::LowerPm => self.afternoon = Some(either(value, b"pm", b"am")?),
            Part::ZoneName => self.read_zone(value)?,
            Part::Offset(form) => self.read_offset(value, form)?,
            Part::Fraction(_, count) => self.nanoseconds = nanoseconds(take(value, count + 1)?)?,
            Part::Trimmed(..) => self.read_fraction(value)?,
        }
        Ok(())
    }

    /// A fraction of the second, if there is one.
    fn read_fraction(&mut self, value: &mut &[u8]) -> Result<(), Bad> {
        if let [b'.' | b',', digits @ ..] = value {
            let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if count > 0 {
                self.nanoseconds = nanoseconds(take(value, count + 1)?)?;
            }
        }
        Ok(())
    }

    fn read_offset(&mut self, value: &mut &[u8], form: Offset) -> Result<(), Bad> {
        if form.z && value.first() == Some(&b'Z') {
            *value = &value[1..];
            self.is_utc = true;
            return Ok(());
        }
        let step = if form.colon { 3 } else { 2 };
        let count = 1 + usize::from(form.minutes) + usize::from(form.seconds);
        let written = take(value, 3 + step * (count - 1))?;
        if form.colon && (1..count).any(|at| written[3 * at] != b':') {
            return Err(Bad::Value);
        }
        let mut parts = [Ok(0), Ok(0), Ok(0)];
        for (at, part) in parts.iter_mut().enumerate().take(count) {
            let end = 3 + step * at;
            *part = number(&mut &written[end - 2..end], true);
        }
        // A part that is too large is reported before one that is none; what follows one that is none is not looked at.
        let known: Vec<i64> = parts.iter().map_while(|part| part.as_ref().ok().copied()).collect();
        let limits = [
            (24, "time zone offset hour"),
            (60, "time zone offset minute"),
            (60, "time zone offset second"),
        ];
        let too_large = known.iter().zip(limits).rev().find(|(part, (most, _))| *part > most);
        if let Some((_, (_, what))) = too_large {
            return Err(Bad::Range(what));
        }
        let [hours, minutes, seconds] = known[..] else {
            return Err(Bad::Value);
        };
        let offset = hours * 3600 + minutes * 60 + seconds;
        self.offset = Some(match written[0] {
            b'+' => offset,
            b'-' => -offset,
            _ => return Err(Bad::Value),
        });
        Ok(())
    }

    fn read_zone(&mut self, value: &mut &[u8]) -> Result<(), Bad> {
        if value.starts_with(b"UTC") {
            *value = &value[3..];
            self.is_utc = true;
            return Ok(());
        }
        let length = zone_length(value).ok_or(Bad::Value)?;
        take(value, length).map(|_| ())
    }

    /// The nanoseconds since 1970 that the fields mean.
    fn moment(&self) -> Result<i128, &'static str> {
        let date = self.date()?;
        let hour = match (self.afternoon, self.clock[0]) {
            (Some(true), hour @ ..12) => hour + 12,
            (Some(false), 12) => 0,
            (_, hour) => hour,
        };
        let local = date.day() * DAY + hour * 3600 + self.clock[1] * 60 + self.clock[2];
        // As in Go, an offset of one second before UTC is none at all, and the abbreviation of a zone says nothing.
        let offset = self.offset.filter(|offset| !self.is_utc && *offset != -1);
        let second = i128::from(local - offset.unwrap_or(0));
        Ok(second * i128::from(SECOND) + i128::from(self.nanoseconds))
    }

    fn date(&self) -> Result<Date, &'static str> {
        let (month, day) = match self.day_of_year {
            Some(day_of_year) => self.by_day_of_year(day_of_year)?,
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        if day < 1 || day > days_in(self.year, month) {
            return Err("day out of range");
        }
        Ok(Date {
            year: self.year,
            month,
            day,
        })
    }

    /// Month and day of the day of the year, which must be those that were read.
    fn by_day_of_year(&self, day_of_year: i64) -> Result<(i64, i64), &'static str> {
        let first = Date {
            year: self.year,
            month: 1,
            day: 1,
        };
        let date = Date::of_day(first.day() + day_of_year - 1);
        if date.year != self.year {
            return Err("day-of-year out of range");
        }
        if self.month.is_some_and(|month| month != date.month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|day| day != date.day) {
            return Err("day-of-year does not match day");
        }
        Ok((date.month, date.day))
    }
}

fn within(number: i64, least: i64, most: i64, what: &'static str) -> Result<i64, Bad> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(Bad::Range(what))
    }
}

fn take<'v>(value: &mut &'v [u8], count: usize) -> Result<&'v [u8], Bad> {
    let (taken, rest) = value.split_at_checked(count).ok_or(Bad::Value)?;
    *value = rest;
    Ok(taken)
}

fn skip_spaces(value: &mut &[u8], most: usize) {
    for _ in 0..most {
        if let [b' ', rest @ ..] = value {
            *value = rest;
        }
    }
}

/// A number of one or two digits, or of two if `fixed`.
fn number(value: &mut &[u8], fixed: bool) -> Result<i64, Bad> {
    let digits = value.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || fixed && digits != 2 {
        return Err(Bad::Value);
    }
    signed(take(value, digits)?)
}

/// A number of up to three digits, or of three if `fixed`.
fn number_of_three(value: &mut &[u8], fixed: bool) -> Result<i64, Bad> {
    let digits = value.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || fixed && digits != 3 {
        return Err(Bad::Value);
    }
    signed(take(value, digits)?)
}

/// Digits, with a sign if need be.
fn signed(text: &[u8]) -> Result<i64, Bad> {
    let text = std::str::from_utf8(text).map_err(|_| Bad::Value)?;
    match text {
        // Go takes no digits for 0.
        "" | "+" | "-" => Ok(0),
        text => text.parse().map_err(|_| Bad::Value),
    }
}

/// Which of the names, cut to `length`, the value begins with, in small or capital letters.
fn name(value: &mut &[u8], names: &[&str], length: usize) -> Result<i64, Bad> {
    for (at, name) in names.iter().enumerate() {
        let name = &name.as_bytes()[..length.min(name.len())];
        if let Some((begin, rest)) = value.split_at_checked(name.len())
            && begin.eq_ignore_ascii_case(name)
        {
            *value = rest;
            return i64::try_from(at).map_err(|_| Bad::Value);
        }
    }
    Err(Bad::Value)
}

/// Whether the value begins with the first of two words.
fn either(value: &mut &[u8], yes: &[u8], no: &[u8]) -> Result<bool, Bad> {
    let word = take(value, yes.len())?;
    if word != yes && word != no {
        return Err(Bad::Value);
    }
    Ok(word == yes)
}

/// A sign and digits as nanoseconds: nine of them, or as many with zeros after.
fn nanoseconds(written: &[u8]) -> Result<i64, Bad> {
    const DIGITS: usize = 9;
    let [b'.' | b',', digits @ ..] = written else {
        return Err(Bad::Value);
    };
    let digits = &digits[..digits.len().min(DIGITS)];
    let number = signed(digits)?;
    if number < 0 {
        return Err(Bad::Range("fractional second"));
    }
    let missing = u32::try_from(DIGITS - digits.len()).map_err(|_| Bad::Value)?;
    Ok(number * 10i64.pow(missing))
}

/// How long the abbreviation of a zone is that the value begins with: three letters or more, or an offset.
fn zone_length(value: &[u8]) -> Option<usize> {
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if value.len() < 3 {
        return None;
    }
    if let Some(rest) = value.strip_prefix(b"GMT") {
        return Some(3 + hours_length(rest).unwrap_or(0));
    }
    if matches!(value[0], b'+' | b'-') {
        return hours_length(value);
    }
    let letters = value
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    match letters {
        3 => Some(3),
        4 if value[3] == b'T' || value.starts_with(b"WITA") => Some(4),
        5 if value[4] == b'T' => Some(5),
        _ => None,
    }
}

/// How long a sign and up to 23 hours are.
fn hours_length(value: &[u8]) -> Option<usize> {
    let [b'+' | b'-', digits @ ..] = value else {
        return None;
    };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = signed(digits.get(..count)?).ok()?;
    (count > 0 && hours <= 23).then_some(count + 1)
}
