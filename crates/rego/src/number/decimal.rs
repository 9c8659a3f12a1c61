//! Decimal digits of binary numbers, exact, and the ways to cut and print them.

use num_bigint::BigUint;

/// The number `0.d1d2d3… × 10^point`, digits as ASCII without zeros at either end; zero has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// The exact digits of `mantissa × 2^exponent`.
    pub(crate) fn exact(mantissa: &BigUint, exponent: i64) -> Self {
        if mantissa.bits() == 0 {
            return Self {
                digits: vec![],
                point: 0,
            };
        }
        let (integer, shift) = if exponent >= 0 {
            (mantissa << exponent.unsigned_abs(), 0)
        } else {
            let power = u32::try_from(-exponent).expect("exponents are limited before digits are asked for");
            (mantissa * BigUint::from(5u8).pow(power), exponent)
        };
        let digits = integer.to_string().into_bytes();
        let point = signed(digits.len()) + shift;
        Self { digits, point }.trimmed()
    }

    /// The number `0.digits × 10^point`.
    pub(crate) fn from_digits(digits: &str, point: i64) -> Self {
        Self {
            digits: digits.as_bytes().to_vec(),
            point,
        }
        .trimmed()
    }

    /// The fewest digits that read back as `mantissa × 2^exponent`, whose mantissa has `precision` bits.
    pub(crate) fn shortest(mantissa: &BigUint, exponent: i64, precision: u64) -> Self {
        let exact = Self::exact(mantissa, exponent);
        if exact.digits.is_empty() {
            return exact;
        }
        // One bit more than the precision, so that the neighbours half a unit away are integers too.
        let excess = i64::try_from(precision + 1).expect("a precision is small") - signed_bits(mantissa);
        let wide = if excess >= 0 {
            mantissa << excess.unsigned_abs()
        } else {
            mantissa >> excess.unsigned_abs()
        };
        let lower = Self::exact(&(&wide - 1u8), exponent - excess);
        let upper = Self::exact(&(&wide + 1u8), exponent - excess);
        let inclusive = !wide.bit(1);
        exact.between(&lower, &upper, inclusive)
    }

    /// Self cut at the first digit that tells it from both bounds.
    fn between(self, lower: &Self, upper: &Self, inclusive: bool) -> Self {
        for (index, digit) in self.digits.iter().copied().enumerate() {
            let (low, high) = (lower.at(index), upper.at(index));
            let down = low != digit || inclusive && index + 1 == lower.digits.len();
            let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => return self.rounded(signed(index + 1)),
                (true, false) => return self.cut(index + 1),
                (false, true) => return self.raised(index + 1),
                (false, false) => {}
            }
        }
        self
    }

    /// Self with at most `count` digits, to nearest, ties to even.
    pub(crate) fn rounded(self, count: i64) -> Self {
        let Ok(count) = usize::try_from(count) else {
            return Self {
                digits: vec![],
                point: 0,
            };
        };
        if count >= self.digits.len() {
            return self;
        }
        let tie = self.digits[count] == b'5' && count + 1 == self.digits.len();
        let up = if tie {
            count > 0 && !(self.digits[count - 1] - b'0').is_multiple_of(2)
        } else {
            self.digits[count] >= b'5'
        };
        if up { self.raised(count) } else { self.cut(count) }
    }

    fn cut(mut self, count: usize) -> Self {
        self.digits.truncate(count);
        self.trimmed()
    }

    fn raised(mut self, count: usize) -> Self {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(digit) => *digit += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
        self
    }

    fn trimmed(mut self) -> Self {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
        self
    }

    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// How many digits there are.
    pub(crate) fn count(&self) -> i64 {
        signed(self.digits.len())
    }

    /// Where the decimal point stands, counted from the first digit.
    pub(crate) fn point(&self) -> i64 {
        self.point
    }

    /// `d.ddde±dd` with `places` digits after the point.
    pub(crate) fn scientific(&self, places: i64, letter: char) -> String {
        let mut out = String::from(char::from(self.at(0)));
        if places > 0 {
            out.push('.');
            self.push_digits(&mut out, 1, places);
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("{letter}{sign}{:02}", exponent.abs()));
        out
    }

    /// `ddd.ddd` with `places` digits after the point.
    pub(crate) fn plain(&self, places: i64) -> String {
        let mut out = String::new();
        if self.point > 0 {
            self.push_digits(&mut out, 0, self.point);
        } else {
            out.push('0');
        }
        if places > 0 {
            out.push('.');
            self.push_digits(&mut out, self.point, places);
        }
        out
    }

    /// As Go's `%g`: plain, or scientific for a large or tiny exponent. `precision` is the wanted count of digits,
    /// or nothing for as many as there are.
    pub(crate) fn general(&self, precision: Option<i64>, letter: char) -> String {
        let wanted = precision.unwrap_or(self.count());
        let threshold = match precision {
            None => 6,
            Some(wanted) if wanted > self.count() && self.count() >= self.point => self.count(),
            Some(wanted) => wanted,
        };
        let exponent = self.point - 1;
        if exponent < -4 || exponent >= threshold {
            return self.scientific(wanted.min(self.count()) - 1, letter);
        }
        let wanted = if wanted > self.point { self.count() } else { wanted };
        self.plain((wanted - self.point).max(0))
    }

    fn push_digits(&self, out: &mut String, from: i64, count: i64) {
        for index in from..from + count {
            let digit = usize::try_from(index).map_or(b'0', |index| self.at(index));
            out.push(char::from(digit));
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("a length fits in 63 bits")
}

fn signed_bits(mantissa: &BigUint) -> i64 {
    i64::try_from(mantissa.bits()).expect("a count of bits fits in 63 bits")
}
