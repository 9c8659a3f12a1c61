//! Moments as Go's yaml reads them where a tag asks for one.

/// Whether the text is a moment as Go's yaml reads one: a date, alone, or with a time after a blank, or with a time
/// and its zone after a `T`.
pub(super) fn is_timestamp(text: &str) -> bool {
    match text.split_once([' ', 'T', 't']) {
        None => is_date(text),
        Some((date, time)) if text[date.len()..].starts_with(' ') => is_date(date) && is_time(time),
        Some((date, rest)) => {
            let at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
            let (time, zone) = rest.split_at(at);
            is_date(date) && is_time(time) && is_zone(zone)
        }
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4..=4), number(month, 1..=2), number(day, 1..=2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let below = |part: &str, bound: u32| number(part, 1..=2).is_some_and(|number| number < bound);
    let [hour, minute, second] = parts.as_slice() else {
        return false;
    };
    let exact = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    exact && below(hour, 24) && below(minute, 60) && below(second, 60)
}

fn is_zone(text: &str) -> bool {
    let Some((hours, minutes)) = text.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':')) else {
        return text == "Z";
    };
    let below = |part: &str, bound: u32| number(part, 2..=2).is_some_and(|number| number < bound);
    below(hours, 25) && below(minutes, 60)
}

/// A decimal number of so many digits.
fn number(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let digits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn moments_are_of_the_calendar_and_the_clock() {
        for good in [
            "2001-01-01",
            "2000-2-29",
            "2001-1-1 1:2:3",
            "2001-12-14t21:59:43.10-05:00",
            "2001-12-14T21:59:43Z",
        ] {
            assert!(is_timestamp(good), "{good}");
        }
        for bad in [
            "2001-99-99",
            "2001-02-29",
            "2001-00-01",
            "01-01-01",
            "2001-01-01T01:02:03",
            "2001-01-01 24:00:00",
            "2001-01-01 1:2",
            "2001-01-01T1:2:3+5",
            "x",
        ] {
            assert!(!is_timestamp(bad), "{bad}");
        }
    }
}
