//! Moments written by a layout.

use std::fmt::{self, Write};

use super::calendar::weekday;
use super::layout::{MONTHS, Offset, Part, WEEKDAYS, split};
use super::moment::Moment;

/// The moment in a layout.
pub(super) fn format(moment: &Moment, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    loop {
        let split = split(rest);
        out.push_str(split.before);
        let Some((part, _)) = split.part else {
            return out;
        };
        write_part(&mut out, moment, part).expect("a text can always be written to");
        rest = split.after;
    }
}

fn write_part(out: &mut String, moment: &Moment, part: Part) -> fmt::Result {
    let date = moment.date();
    let [hour, minute, second] = moment.clock();
    let hour12 = (hour + 11) % 12 + 1;
    let month = MONTHS[usize::try_from(date.month - 1).expect("a month is 1 to 12")];
    let weekday = WEEKDAYS[weekday(moment.day())];
    match part {
        Part::LongMonth => out.write_str(month),
        Part::Month => out.write_str(&month[..3]),
        Part::NumMonth => write!(out, "{}", date.month),
        Part::ZeroMonth => write!(out, "{:02}", date.month),
        Part::LongWeekDay => out.write_str(weekday),
        Part::WeekDay => out.write_str(&weekday[..3]),
        Part::Day => write!(out, "{}", date.day),
        Part::UnderDay => write!(out, "{:2}", date.day),
        Part::ZeroDay => write!(out, "{:02}", date.day),
        Part::UnderYearDay => write!(out, "{:3}", date.day_of_year()),
        Part::ZeroYearDay => write!(out, "{:03}", date.day_of_year()),
        Part::Hour => write!(out, "{hour:02}"),
        Part::Hour12 => write!(out, "{hour12}"),
        Part::ZeroHour12 => write!(out, "{hour12:02}"),
        Part::Minute => write!(out, "{minute}"),
        Part::ZeroMinute => write!(out, "{minute:02}"),
        Part::Second => write!(out, "{second}"),
        Part::ZeroSecond => write!(out, "{second:02}"),
        Part::LongYear => write!(out, "{:04}", date.year),
        Part::Year => write!(out, "{:02}", date.year % 100),
        Part::UpperPm => out.write_str(if hour >= 12 { "PM" } else { "AM" }),
        Part::LowerPm => out.write_str(if hour >= 12 { "pm" } else { "am" }),
        Part::ZoneName => out.write_str(&moment.abbreviation),
        Part::Offset(offset) => write_offset(out, moment.offset, offset),
        Part::Fraction(sign, count) => {
            let digits = format!("{:09}", moment.fraction());
            write!(out, "{sign}{}", &digits[..count.min(9)])
        }
        Part::Trimmed(sign, count) => {
            let digits = format!("{:09}", moment.fraction());
            match digits[..count.min(9)].trim_end_matches('0') {
                "" => Ok(()),
                digits => write!(out, "{sign}{digits}"),
            }
        }
    }
}

fn write_offset(out: &mut String, seconds: i64, form: Offset) -> fmt::Result {
    if form.z && seconds == 0 {
        return out.write_char('Z');
    }
    // As in Go, less than a minute has no sign.
    let sign = if seconds / 60 < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let colon = if form.colon { ":" } else { "" };
    write!(out, "{sign}{:02}", seconds / 3600)?;
    if form.minutes {
        write!(out, "{colon}{:02}", seconds / 60 % 60)?;
    }
    if form.seconds {
        write!(out, "{colon}{:02}", seconds % 60)?;
    }
    Ok(())
}
