//! Moments: nanoseconds since 1970, in time zones that are built in, written and read by Go's layouts.

use std::borrow::Cow;

mod calendar;
pub(super) mod duration;
mod format;
mod layout;
mod moment;
pub(super) mod parse;

use super::operand::{integer, number, text as characters, wrong};
use super::registry::{Capability, Family, needs, pure};
use super::{Answer, Context, Failure, Operands};
use crate::number as arithmetic;
use calendar::{DAY, Date, days_in, weekday};
use kpolicy_value::Value;
use moment::{Moment, SECOND, Zone};

pub(super) const FAMILY: Family = &[
    needs(
        Capability::Clock,
        "time.now_ns",
        "() -> number",
        "The current time in nanoseconds since 1970, the same within one evaluation.",
        |context, _| context.now().map(|now| Some(now.into())),
    ),
    pure(
        "time.date",
        "(number | array<number, string>) -> array<number, number, number>",
        "Year, month and day of a time.",
        |_, operands| {
            let Date { year, month, day } = moment(operands[0])?.0.date();
            Ok(Some(numbers(&[year, month, day])))
        },
    ),
    pure(
        "time.clock",
        "(number | array<number, string>) -> array<number, number, number>",
        "Hour, minute and second of a time.",
        |_, operands| Ok(Some(numbers(&moment(operands[0])?.0.clock()))),
    ),
    pure(
        "time.weekday",
        "(number | array<number, string>) -> string",
        "The day of the week of a time.",
        |_, operands| {
            let day = moment(operands[0])?.0.day();
            Ok(Some(layout::WEEKDAYS[weekday(day)].into()))
        },
    ),
    pure(
        "time.add_date",
        "(number, number, number, number) -> number",
        "A time to which years, months and days are added.",
        add_date,
    ),
    pure(
        "time.diff",
        "(number | array<number, string>, number | array<number, string>) -> array<number, number, number, number, number, number>",
        "The difference of two times in years, months, days, hours, minutes and seconds.",
        diff,
    ),
    pure(
        "time.format",
        "(number | array<number, string> | array<number, string, string>) -> string",
        "A time in a layout.",
        format,
    ),
    pure(
        "time.parse_ns",
        "(string, string) -> number",
        "The time that a string has in a layout.",
        |_, operands| {
            let (layout, text) = (characters(operands, 0)?, characters(operands, 1)?);
            in_range(parse::parse(layout::named(&layout), &text).map_err(Failure::Builtin)?)
        },
    ),
    pure(
        "time.parse_rfc3339_ns",
        "(string) -> number",
        "The time that a string has in the format of RFC 3339.",
        |_, operands| in_range(parse::parse(layout::RFC3339, &characters(operands, 0)?).map_err(Failure::Builtin)?),
    ),
    pure(
        "time.parse_duration_ns",
        "(string) -> number",
        "The nanoseconds of a duration such as `1h30m`.",
        |_, operands| {
            let nanoseconds = duration::parse(&characters(operands, 0)?).map_err(Failure::Builtin)?;
            Ok(Some(nanoseconds.into()))
        },
    ),
];

fn numbers(numbers: &[i64]) -> Value {
    Value::array(numbers.iter().copied().map(Value::from).collect())
}

/// A moment that 64 bits of nanoseconds can hold.
fn in_range(nanoseconds: i128) -> Answer {
    let nanoseconds = i64::try_from(nanoseconds);
    let nanoseconds = nanoseconds.map_err(|_| Failure::Builtin("time outside of valid range".to_owned()))?;
    Ok(Some(nanoseconds.into()))
}

/// The moment in an operand, nanoseconds alone or an array of them, a zone and a layout; and the layout.
fn moment(operand: &Value) -> Result<(Moment, Cow<'_, str>), Failure> {
    let parts = match operand {
        Value::Number(_) => std::slice::from_ref(operand),
        Value::Array(items) if !items.is_empty() => items,
        other => return Err(wrong(0, "either number (ns) or [number (ns), string (tz)]", other)),
    };
    // Whatever is wrong with a part, OPA says it of the first operand.
    let nanoseconds = number(&[&parts[0]], 0)?;
    let zone = match parts.get(1) {
        Some(name) => Zone::named(&characters(&[name], 0)?)?,
        None => Zone::Utc,
    };
    let layout = match parts.get(2) {
        Some(layout) => characters(&[layout], 0)?,
        None => Cow::Borrowed(""),
    };
    let nanoseconds = arithmetic::integer(nanoseconds)?.and_then(|integer| i64::try_from(integer).ok());
    let nanoseconds = nanoseconds.ok_or_else(|| Failure::Builtin("timestamp too big".to_owned()))?;
    Ok((Moment::new(nanoseconds, zone), layout))
}

fn format(_: &mut Context, operands: Operands) -> Answer {
    let (moment, layout) = moment(operands[0])?;
    let layout = match &*layout {
        "" => layout::RFC3339_NANO,
        name => layout::named(name),
    };
    Ok(Some(Value::string(format::format(&moment, layout))))
}

/// The moment years, months and days later, by the zone's clocks.
fn add_date(_: &mut Context, operands: Operands) -> Answer {
    // No date so far away comes back into range.
    const FARTHEST: i64 = 1_000_000_000_000;
    let moment = moment(operands[0])?.0;
    let added = [integer(operands, 1)?, integer(operands, 2)?, integer(operands, 3)?];
    if added.iter().any(|count| !(-FARTHEST..=FARTHEST).contains(count)) {
        return in_range(i128::MAX);
    }
    let Date { year, month, day } = moment.date();
    let date = Date {
        year: year + added[0],
        month: month + added[1],
        day: day + added[2],
    };
    let local = date.day() * DAY + moment.local().rem_euclid(DAY);
    let second = moment.zone.second_of(local);
    in_range(i128::from(second) * i128::from(SECOND) + i128::from(moment.fraction()))
}

/// Years, months, days, hours, minutes and seconds between two moments, by the clocks of the first one's zone.
fn diff(_: &mut Context, operands: Operands) -> Answer {
    let (a, b) = (moment(operands[0])?.0, moment(operands[1])?.0);
    let b = Moment::new(b.nanoseconds, a.zone.clone());
    let (a, b) = if a.nanoseconds > b.nanoseconds { (b, a) } else { (a, b) };
    let (from, to) = (a.date(), b.date());
    let (from_clock, to_clock) = (a.clock(), b.clock());
    let mut parts = [
        to.year - from.year,
        to.month - from.month,
        to.day - from.day,
        to_clock[0] - from_clock[0],
        to_clock[1] - from_clock[1],
        to_clock[2] - from_clock[2],
    ];
    // What is below zero borrows from the part before it.
    let lengths = [0, 12, days_in(from.year, from.month), 24, 60, 60];
    for at in (1..parts.len()).rev() {
        if parts[at] < 0 {
            parts[at] += lengths[at];
            parts[at - 1] -= 1;
        }
    }
    Ok(Some(numbers(&parts)))
}
