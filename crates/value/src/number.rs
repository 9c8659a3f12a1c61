//! Numbers as they were written, and what OPA takes for one number.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A number with the text it was written in: integers of any size and decimals stay exact.
///
/// Two numbers are equal when their values are (`1`, `1.0` and `10e-1` are one number, as in OPA).
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Int(i64),
    Text(Arc<str>),
}

impl Number {
    /// The number that a JSON number literal stands for, or nothing if `text` is none.
    pub fn parse(text: &str) -> Option<Self> {
        if !is_json_number(text) {
            return None;
        }
        match text.parse::<i64>() {
            Ok(number) if text != "-0" => Some(Self(Repr::Int(number))),
            _ => Some(Self(Repr::Text(text.into()))),
        }
    }

    /// Whether an equal number has the same text.
    pub(super) fn is_written_as(&self, equal: &Self) -> bool {
        match (&self.0, &equal.0) {
            (Repr::Int(a), Repr::Int(b)) => a == b,
            (Repr::Text(a), Repr::Text(b)) => a == b,
            _ => self.to_string() == equal.to_string(),
        }
    }

    /// Whether it is written in another way than the shortest without an exponent.
    pub(super) fn is_non_canonical(&self) -> bool {
        match &self.0 {
            Repr::Int(_) => false,
            Repr::Text(text) => {
                let zero = text.trim_start_matches(['-', '0', '.']).is_empty();
                zero || text.contains(['e', 'E']) || text.contains('.') && text.ends_with('0')
            }
        }
    }

    /// The number as an integer, however it was written, where it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(number) => Some(*number),
            Repr::Text(text) => Digits::of(text).as_i64(),
        }
    }

    /// Whether it is beyond what OPA evaluates: an exponent form whose power of two has more than five digits.
    ///
    /// Follows OPA v1.22 ast/term.go: NumberChecked.
    pub fn is_out_of_range(&self) -> bool {
        /// The digits of 2^100000, and where its decimal point is; and those of 2^-100001.
        const LARGEST: (&str, i64) = ("9990020930143845079440327643300335909804", 30103);
        const SMALLEST: (&str, i64) = ("5004994518993470834081323565966531242496", -30103);
        let Repr::Text(text) = &self.0 else { return false };
        if !text.contains(['e', 'E']) {
            return false;
        }
        let digits = Digits::of(text);
        let magnitude = |(limit, point): (&str, i64)| {
            let order = digits.point.cmp(&point);
            order.then_with(|| digits.iter().cmp(limit.bytes()))
        };
        digits.sign() != 0 && (magnitude(LARGEST).is_ge() || magnitude(SMALLEST).is_lt())
    }

    /// Whether OPA compares it as a double with another such number: one with a point whose text ends with a zero, be that
    /// one of the exponent, and has a point still without such an end.
    ///
    /// Follows OPA v1.22 ast/compare.go: NumberCompare.
    fn is_compared_as_double(&self) -> bool {
        let Repr::Text(text) = &self.0 else { return false };
        let trimmed = text.trim_end_matches(['.', '0']);
        trimmed.len() < text.len() && trimmed.contains('.')
    }

    /// The number as OPA takes it for an index or a count: an integer written without an exponent.
    pub fn as_index(&self) -> Option<i64> {
        // OPA reads no longer text than this, so that `1.000000000000000000` is none.
        const LONGEST: usize = 19;
        match &self.0 {
            Repr::Int(number) => Some(*number),
            Repr::Text(text) => {
                let unsigned = text.strip_prefix('-').unwrap_or(text);
                let plain = unsigned.len() <= LONGEST && !unsigned.contains(['e', 'E']);
                if plain { self.as_i64() } else { None }
            }
        }
    }

    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            #[allow(clippy::cast_precision_loss)]
            Repr::Int(number) => *number as f64,
            Repr::Text(text) => text.parse().expect("a JSON number is a Rust float literal"),
        }
    }

    /// The order, digit by digit.
    fn cmp_exactly(&self, other: &Self) -> Ordering {
        let (text, others);
        let digits = match &self.0 {
            Repr::Text(text) => Digits::of(text),
            Repr::Int(number) => {
                text = number.to_string();
                Digits::of(&text)
            }
        };
        let other = match &other.0 {
            Repr::Text(text) => Digits::of(text),
            Repr::Int(number) => {
                others = number.to_string();
                Digits::of(&others)
            }
        };
        digits.cmp(other)
    }
}

/// The number `0.digits × 10^point` with its sign, read where it stands.
#[derive(Clone, Copy)]
struct Digits<'t> {
    negative: bool,
    /// Without zeros at either end, with at most one point within; zero has none.
    digits: &'t str,
    point: i64,
}

impl<'t> Digits<'t> {
    fn of(text: &'t str) -> Self {
        let unsigned = text.strip_prefix('-');
        let rest = unsigned.unwrap_or(text);
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let Some(first) = mantissa.find(|digit| !matches!(digit, '0' | '.')) else {
            return Self {
                negative: false,
                digits: "",
                point: 0,
            };
        };
        let whole = mantissa.find('.').unwrap_or(mantissa.len());
        let place = signed(whole) - signed(first) + i64::from(first > whole);
        // An exponent beyond 64 bits is clamped: such a number is only ever compared.
        let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
            i64::MIN / 2
        } else {
            i64::MAX / 2
        });
        Self {
            negative: unsigned.is_some(),
            digits: mantissa[first..].trim_end_matches(['0', '.']),
            point: exponent.saturating_add(place),
        }
    }

    fn iter(self) -> impl Iterator<Item = u8> + use<'t> {
        self.digits.bytes().filter(|byte| *byte != b'.')
    }

    fn is_integer(self) -> bool {
        self.digits.is_empty() || signed(self.iter().count()) <= self.point
    }

    fn as_i64(self) -> Option<i64> {
        const MOST: i64 = 19;
        if !self.is_integer() || self.point > MOST {
            return None;
        }
        let places = usize::try_from(self.point).ok()?;
        let digits = self.iter().chain(std::iter::repeat(b'0')).take(places);
        let magnitude = digits.fold(0i128, |number, digit| number * 10 + i128::from(digit - b'0'));
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    fn sign(self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    fn cmp(self, other: Self) -> Ordering {
        let magnitude = || self.point.cmp(&other.point).then_with(|| self.iter().cmp(other.iter()));
        self.sign().cmp(&other.sign()).then_with(|| match self.sign() {
            0 => Ordering::Equal,
            1 => magnitude(),
            _ => magnitude().reverse(),
        })
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("a length fits in 63 bits")
}

fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Repr::Int(number))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(number) => write!(out, "{number}"),
            Repr::Text(text) => out.write_str(text),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0) {
            return a.cmp(b);
        }
        // Doubles tell most numbers apart, and never in the wrong order.
        let (double, others) = (self.as_f64(), other.as_f64());
        match double.partial_cmp(&others) {
            Some(order) if order.is_ne() => order,
            _ if double.is_finite() && self.is_compared_as_double() && other.is_compared_as_double() => Ordering::Equal,
            _ => self.cmp_exactly(other),
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equal numbers in different strings hash alike: their doubles are equal. The sum makes -0 into 0.
        (self.as_f64() + 0.0).to_bits().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn number(text: &str) -> Number {
        Number::parse(text).expect("a number")
    }

    #[test]
    fn of_equal_numbers_one_at_most_is_written_the_shortest_way() {
        for text in ["1.0", "10.0", "1e3", "1E3", "0.50", "-0", "0.0", "-0.0", "0e1"] {
            assert!(number(text).is_non_canonical(), "{text}");
        }
        for text in ["0", "1", "-10", "0.5", "-2.05", "100.01", "12345678901234567890"] {
            assert!(!number(text).is_non_canonical(), "{text}");
        }
    }

    #[test]
    fn numbers_compare_by_value_and_keep_their_text() {
        assert_eq!(number("1.0"), number("1"));
        assert_eq!(number("10e-1"), number("1"));
        assert_eq!(number("-0"), number("0"));
        assert!(number("100000000000000000000001") > number("100000000000000000000000"));
        assert!(number("-2.5") < number("-2.25"));
        assert!(number("1e400") > number("9e399"));
        assert!(number("-1e99999999999999999999") < number("0"));
        assert_eq!(number("1e3").to_string(), "1e3");
        assert_eq!(number("1e3").as_i64(), Some(1000));
        assert_eq!(number("1.5").as_i64(), None);
        for bad in ["", "01", "+1", ".5", "1.", "1e", "0x1", "1_0", "nan"] {
            assert!(Number::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn digits_decide_where_doubles_do_not() {
        assert!(number("0.3") < number("0.30000000000000000001"));
        assert!(number("9007199254740993") > number("9007199254740992.0"));
        assert!(number("9007199254740993") < number("9007199254740993.5"));
        assert!(number("1e-400") > number("0"));
        assert!(number("-1e-400") < number("-1.5e-401"));
        assert_eq!(number("0.00500"), number("5e-3"));
        assert_eq!(number("1e1000000000"), number("10e999999999"));
        assert_eq!(number("1e1000000000").as_i64(), None);
    }

    #[test]
    fn numbers_that_end_with_a_zero_behind_a_point_compare_as_doubles() {
        assert_eq!(number("1.00000000000000001e10"), number("1.00000000000000002e10"));
        assert!(number("1.00000000000000001e11") < number("1.00000000000000002e11"));
        assert_eq!(
            number("1.10000000000000000000010"),
            number("1.1000000000000000000002e00")
        );
        assert!(number("1.5000000000000000000001e400") > number("1.50e400"));
        let set = Value::set(vec![Value::Number(number("1.0000000000e10"))]);
        assert!(set.get(&Value::Number(number("1.00000000000000000001e10"))).is_some());
    }

    #[test]
    fn exponents_beyond_opas_are_out_of_range() {
        for text in [
            "1e400",
            "1e-400",
            "9.99e30102",
            "5.01e-30104",
            "0e999999",
            "0.00e-999999",
        ] {
            assert!(!number(text).is_out_of_range(), "{text}");
        }
        for text in [
            "1e30103",
            "9.991e30102",
            "5.00e-30104",
            "-1e99999",
            "1e99999999999999999999",
            "1e-99999",
        ] {
            assert!(number(text).is_out_of_range(), "{text}");
        }
    }

    #[test]
    fn an_index_is_written_without_an_exponent() {
        let index = |text| number(text).as_index();
        assert_eq!(index("1.00"), Some(1));
        assert_eq!(index("-0"), Some(0));
        assert_eq!(index("1e0"), None);
        assert_eq!(index("1.000000000000000000"), None);
        assert_eq!(index("9223372036854775808"), None);
    }
}
