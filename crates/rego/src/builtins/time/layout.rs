//! Go's layouts: a text with the parts of a sample time, 2006-01-02 15:04:05.

/// A part of a layout that stands for a part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    /// The zone's abbreviation.
    ZoneName,
    /// The zone's offset.
    Offset(Offset),
    /// `.000`: as many digits of the second as there are, after this sign.
    Fraction(char, usize),
    /// `.999`: the same, without zeros at the end.
    Trimmed(char, usize),
}

/// How an offset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` stands for no offset.
    pub(super) z: bool,
    pub(super) colon: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

/// Parts by how they are written. Where one begins another, the longer stands first.
const PARTS: [(&str, Part); 37] = [
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongWeekDay),
    ("Mon", Part::WeekDay),
    ("MST", Part::ZoneName),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("002", Part::ZeroYearDay),
    ("15", Part::Hour),
    ("1", Part::NumMonth),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("_2", Part::UnderDay),
    ("__2", Part::UnderYearDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperPm),
    ("pm", Part::LowerPm),
    ("-070000", offset(false, false, true, true)),
    ("-07:00:00", offset(false, true, true, true)),
    ("-0700", offset(false, false, true, false)),
    ("-07:00", offset(false, true, true, false)),
    ("-07", offset(false, false, false, false)),
    ("Z070000", offset(true, false, true, true)),
    ("Z07:00:00", offset(true, true, true, true)),
    ("Z0700", offset(true, false, true, false)),
    ("Z07:00", offset(true, true, true, false)),
    ("Z07", offset(true, false, false, false)),
    (".0", Part::Fraction('.', 0)),
    (",0", Part::Fraction(',', 0)),
    (".9", Part::Trimmed('.', 0)),
    (",9", Part::Trimmed(',', 0)),
];

const fn offset(z: bool, colon: bool, minutes: bool, seconds: bool) -> Part {
    Part::Offset(Offset {
        z,
        colon,
        minutes,
        seconds,
    })
}

/// A layout split at its first part: the text before it, the part with how it is written, and what follows.
pub(super) struct Split<'l> {
    pub(super) before: &'l str,
    pub(super) part: Option<(Part, &'l str)>,
    pub(super) after: &'l str,
}

/// The layout split at its first part.
pub(super) fn split(layout: &str) -> Split<'_> {
    for (at, _) in layout.char_indices() {
        let rest = &layout[at..];
        if let Some((part, length)) = first(rest) {
            return Split {
                before: &layout[..at],
                part: Some((part, &rest[..length])),
                after: &rest[length..],
            };
        }
    }
    Split {
        before: layout,
        part: None,
        after: "",
    }
}

/// The part that a text begins with, and its length.
fn first(text: &str) -> Option<(Part, usize)> {
    // `_2006` is a line and a year, not a day.
    if text.starts_with("_2006") {
        return None;
    }
    let (written, part) = PARTS.iter().find(|(written, _)| text.starts_with(written))?;
    let rest = &text[written.len()..];
    let lower = rest.starts_with(|letter: char| letter.is_ascii_lowercase());
    match part {
        // `Month` and `Janet` are words.
        Part::Month | Part::WeekDay if lower => None,
        Part::Fraction(sign, _) => fraction(text, '0').map(|digits| (Part::Fraction(*sign, digits), digits + 1)),
        Part::Trimmed(sign, _) => fraction(text, '9').map(|digits| (Part::Trimmed(*sign, digits), digits + 1)),
        part => Some((*part, written.len())),
    }
}

/// How many of the same digit follow the first sign, if no other digit follows them.
fn fraction(text: &str, digit: char) -> Option<usize> {
    let rest = text[1..].trim_start_matches(digit);
    let alone = !rest.starts_with(|next: char| next.is_ascii_digit());
    alone.then(|| text.len() - 1 - rest.len())
}

/// The layout that a name of OPA's means, or the layout itself.
pub(super) fn named(name: &str) -> &str {
    match name {
        "ANSIC" => "Mon Jan _2 15:04:05 2006",
        "UnixDate" => "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate" => "Mon Jan 02 15:04:05 -0700 2006",
        "RFC822" => "02 Jan 06 15:04 MST",
        "RFC822Z" => "02 Jan 06 15:04 -0700",
        "RFC850" => "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123" => "Mon, 02 Jan 2006 15:04:05 MST",
        "RFC1123Z" => "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339" => RFC3339,
        "RFC3339Nano" => RFC3339_NANO,
        other => other,
    }
}

/// RFC 3339 to the second.
pub(super) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
/// RFC 3339 to the nanosecond, what the default layout is.
pub(super) const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
