//! Binary floating point of any precision, as far as OPA's arithmetic needs it: Go's `big.Float`.

use num_bigint::{BigInt, BigUint, Sign};

use super::decimal::Decimal;
use super::literal::Literal;

/// The number `±mantissa × 2^exponent`, rounded to `precision` bits. Zero has a sign too.
#[derive(Clone, Debug)]
pub(super) struct BigFloat {
    pub(super) negative: bool,
    mantissa: BigUint,
    exponent: i64,
    precision: u64,
}

/// The precision of a number that was read from text.
const PRECISION: u64 = 64;

impl BigFloat {
    /// The number of a literal in 64 bits, rounded just as Go rounds it: powers of five have 128 bits on the way.
    pub(super) fn parse(literal: &Literal) -> Self {
        let number = Self {
            negative: literal.negative,
            mantissa: literal.digits.clone(),
            exponent: literal.exponent,
            precision: PRECISION,
        };
        let power = || pow5(literal.exponent.unsigned_abs(), PRECISION + 64);
        match literal.exponent {
            _ if number.is_zero() => number,
            0 => number.rounded(),
            1.. => number.times(&power(), PRECISION),
            _ => number.over(&power(), PRECISION),
        }
    }

    /// An integer, exact, in 64 bits or as many as it needs.
    pub(super) fn integer(integer: &BigInt) -> Self {
        Self {
            negative: integer.sign() == Sign::Minus,
            mantissa: integer.magnitude().clone(),
            exponent: 0,
            precision: integer.bits().max(PRECISION),
        }
    }

    fn small(mantissa: u64, exponent: i64, precision: u64) -> Self {
        Self {
            negative: false,
            mantissa: mantissa.into(),
            exponent,
            precision,
        }
    }

    /// One, or minus one.
    pub(super) fn one(negative: bool) -> Self {
        Self {
            negative,
            ..Self::small(1, 0, 53)
        }
    }

    /// One half, or minus one half.
    pub(super) fn half(negative: bool) -> Self {
        Self {
            negative,
            ..Self::small(1, -1, 53)
        }
    }

    /// The number without its sign.
    pub(super) fn absolute(self) -> Self {
        Self {
            negative: false,
            ..self
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.mantissa.bits() == 0
    }

    /// The number without what is after the point.
    pub(super) fn truncated(&self) -> BigInt {
        let magnitude = if self.exponent >= 0 {
            &self.mantissa << self.exponent.unsigned_abs()
        } else {
            &self.mantissa >> self.exponent.unsigned_abs()
        };
        BigInt::from_biguint(if self.negative { Sign::Minus } else { Sign::Plus }, magnitude)
    }

    /// Whether nothing is after the point.
    pub(super) fn is_integer(&self) -> bool {
        self.is_zero() || self.exponent >= 0 || self.mantissa.trailing_zeros() >= Some(self.exponent.unsigned_abs())
    }

    /// The sum, in the larger precision of the two.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let precision = self.precision.max(other.precision);
        let exponent = self.exponent.min(other.exponent);
        if self.is_zero() || other.is_zero() {
            let number = if other.is_zero() { self } else { other };
            let negative = number.negative && (!number.is_zero() || other.negative);
            return Self {
                negative,
                precision,
                ..number.clone()
            }
            .rounded();
        }
        let sum = self.aligned(exponent) + other.aligned(exponent);
        Self {
            negative: sum.sign() == Sign::Minus,
            mantissa: sum.magnitude().clone(),
            exponent,
            precision,
        }
        .rounded()
    }

    /// The difference, in the larger precision of the two.
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&Self {
            negative: !other.negative,
            ..other.clone()
        })
    }

    /// The product in `precision` bits.
    pub(super) fn times(&self, other: &Self, precision: u64) -> Self {
        Self {
            negative: self.negative != other.negative,
            mantissa: &self.mantissa * &other.mantissa,
            exponent: self.exponent + other.exponent,
            precision,
        }
        .rounded()
    }

    /// The quotient in `precision` bits. The divisor must not be zero.
    pub(super) fn over(&self, other: &Self, precision: u64) -> Self {
        // Two bits beyond the precision and one that tells whether anything is left decide the rounding.
        let shift = (precision + 2 + other.mantissa.bits()).saturating_sub(self.mantissa.bits());
        let dividend = &self.mantissa << shift;
        let quotient = &dividend / &other.mantissa;
        let left = &quotient * &other.mantissa != dividend;
        let shift = i64::try_from(shift + 1).expect("a precision is small");
        Self {
            negative: self.negative != other.negative,
            mantissa: (quotient << 1u8) + u8::from(left),
            exponent: self.exponent - other.exponent - shift,
            precision,
        }
        .rounded()
    }

    fn aligned(&self, exponent: i64) -> BigInt {
        let magnitude = &self.mantissa << (self.exponent - exponent).unsigned_abs();
        BigInt::from_biguint(if self.negative { Sign::Minus } else { Sign::Plus }, magnitude)
    }

    /// Self in its precision, to nearest, ties to even.
    fn rounded(mut self) -> Self {
        let excess = self.mantissa.bits().saturating_sub(self.precision);
        if excess == 0 {
            return self;
        }
        let tie = self.mantissa.trailing_zeros() == Some(excess - 1);
        let half = self.mantissa.bit(excess - 1);
        self.mantissa >>= excess;
        if half && (!tie || self.mantissa.bit(0)) {
            self.mantissa += 1u8;
        }
        self.exponent += i64::try_from(excess).expect("a count of bits fits in 63 bits");
        self
    }

    /// The power of two next above the number, to bound what its digits cost.
    pub(super) fn magnitude(&self) -> i64 {
        if self.is_zero() {
            return 0;
        }
        self.exponent + i64::try_from(self.mantissa.bits()).expect("a count of bits fits in 63 bits")
    }

    /// The shortest text that reads back as this number in its precision: integers plain, others as `%g`.
    pub(super) fn text(&self) -> String {
        let decimal = Decimal::shortest(&self.mantissa, self.exponent, self.precision);
        let digits = if self.is_integer() {
            decimal.plain((decimal.count() - decimal.point()).max(0))
        } else {
            decimal.general(None, 'e')
        };
        format!("{}{digits}", if self.negative { "-" } else { "" })
    }
}

/// Five to the power `n`, with Go's roundings: exact up to 5^27, then by squares in 64 bits more.
fn pow5(n: u64, precision: u64) -> BigFloat {
    const EXACT: u64 = 27;
    let start = BigFloat::small(
        5u64.pow(u32::try_from(n.min(EXACT)).expect("27 is small")),
        0,
        precision,
    );
    let mut power = start;
    let mut square = BigFloat::small(5, 0, precision + 64);
    let mut rest = n.saturating_sub(EXACT);
    while rest > 0 {
        if rest & 1 == 1 {
            power = power.times(&square, precision);
        }
        square = square.times(&square, precision + 64);
        rest >>= 1;
    }
    power
}
