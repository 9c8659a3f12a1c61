//! Days since 1970 and the dates that they are, of any year.

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A date; the month counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

/// How many days a cycle of the Gregorian calendar has: 400 years.
const CYCLE: i64 = 146_097;
/// The days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;

impl Date {
    /// The date of a day, counted from 1970-01-01. Years begin in March on the way, so that leap days end them.
    pub(super) fn of_day(day: i64) -> Self {
        let day = day + TO_1970;
        let cycle = day.div_euclid(CYCLE);
        let rest = day.rem_euclid(CYCLE);
        let year = (rest - rest / 1460 + rest / 36_524 - rest / 146_096) / 365;
        let day_of_year = rest - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        Self {
            year: year + cycle * 400 + i64::from(month >= 10),
            month: (month + 2) % 12 + 1,
            day: day_of_year - (153 * month + 2) / 5 + 1,
        }
    }

    /// The day, counted from 1970-01-01. Months and days beyond their ends run over into the next.
    pub(super) fn day(self) -> i64 {
        // The months before this date, counted from March of the year 0.
        let months = self.year * 12 + self.month - 3;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
        let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
        let days = 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + self.day - 1;
        cycle * CYCLE + days - TO_1970
    }

    /// Which day of its year the date is, from 1.
    pub(super) fn day_of_year(self) -> i64 {
        let first = Self {
            month: 1,
            day: 1,
            ..self
        };
        self.day() - first.day() + 1
    }
}

/// How many days a month has.
pub(super) fn days_in(year: i64, month: i64) -> i64 {
    let first = |month| Date { year, month, day: 1 }.day();
    first(month + 1) - first(month)
}

/// The weekday of a day, counted from Sunday.
pub(super) fn weekday(day: i64) -> usize {
    // 1970-01-01 was a Thursday.
    usize::try_from((day + 4).rem_euclid(7)).expect("a remainder of 7 is small")
}
