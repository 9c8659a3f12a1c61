//! Numbers as HCL writes them: leading zeros, a dot without digits after it, any exponent.

use kpolicy_value::Number;

/// How many digits a number may have that is written out within a text.
const MAX_DIGITS: i64 = 10_000;

/// A number literal, in its parts.
pub(super) struct Literal<'a> {
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Literal<'a> {
    /// The number that `text` is, or nothing if it is none.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = Self {
            whole: whole.trim_start_matches('0'),
            fraction,
            exponent,
        };
        let in_range = i32::try_from(exponent).is_ok() || number.is_zero();
        (digits(whole) && digits(fraction) && in_range).then_some(number)
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.bytes().all(|digit| digit == b'0')
    }

    /// The number exact as it was written, or nothing if no double comes near it.
    pub(super) fn value(&self, negative: bool) -> Option<Number> {
        let sign = if negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        let power = match self.exponent {
            0 => String::new(),
            exponent => format!("e{exponent}"),
        };
        let number = Number::parse(&format!("{sign}{whole}{point}{}{power}", self.fraction))?;
        number.as_f64().is_finite().then_some(number)
    }

    /// The number as it is in a text: without exponent and needless zeros. Nothing if that would be too long.
    pub(super) fn plain(&self) -> Option<String> {
        let digits = format!("{}{}", self.whole, self.fraction);
        let point = i64::try_from(self.whole.len()).ok()?.checked_add(self.exponent)?;
        if self.is_zero() {
            return Some("0".to_owned());
        }
        if !(-MAX_DIGITS..=MAX_DIGITS).contains(&point) {
            return None;
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let after = i64::try_from(digits.len()).ok()? - point;
        let padded = format!("{}{digits}{}", zeros(-point), zeros(-after));
        let (whole, fraction) = padded.split_at(usize::try_from(point).unwrap_or(0));
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        Some(match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_number() {
        for good in ["0", "007", "1.5", "1.e5", "1e+5", "1E-5", "0e99999999999"] {
            assert!(Literal::read(good).is_some(), "{good}");
        }
        for bad in ["1.2.3", "1..2", "1e5e6", "1e5.2", "1e99999999999"] {
            assert!(Literal::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_number_in_a_text_is_written_out() {
        for (literal, expected) in [
            ("007", "7"),
            ("0.0", "0"),
            ("1.50", "1.5"),
            ("1.e3", "1000"),
            ("12.5e-3", "0.0125"),
            ("0.001e2", "0.1"),
            ("12.5e1", "125"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            let plain = Literal::read(literal).and_then(|number| number.plain());
            assert_eq!(plain.as_deref(), Some(expected), "{literal}");
        }
        assert!(Literal::read("1e10001").is_some_and(|number| number.plain().is_none()));
    }

    #[test]
    fn a_value_keeps_its_digits() {
        let value = |text: &str, negative| Literal::read(text).and_then(|number| number.value(negative));
        assert_eq!(
            value("0123456789012345678901", true)
                .map(|number| number.to_string())
                .as_deref(),
            Some("-123456789012345678901")
        );
        assert_eq!(value("1.e2", false), Some(Number::from(100)));
        assert_eq!(value("1e400", false), None);
    }
}
