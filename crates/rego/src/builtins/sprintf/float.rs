//! Floats: `%e %E %f %F %g %G %b %x %X`.

use num_bigint::BigUint;

use super::spec::{self, Spec};
use crate::number::decimal::Decimal;

/// A finite double as `±mantissa × 2^exponent`.
struct Parts {
    negative: bool,
    mantissa: u64,
    exponent: i64,
}

impl Parts {
    fn new(number: f64) -> Self {
        let bits = number.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = i64::try_from((bits >> 52) & 0x7ff).expect("eleven bits");
        let (mantissa, exponent) = match biased {
            0 => (fraction, -1074),
            _ => (fraction | 1 << 52, biased - 1075),
        };
        Self {
            negative: number.is_sign_negative(),
            mantissa,
            exponent,
        }
    }
}

/// Whether a float has such a verb, and if so writes it.
pub(super) fn print(out: &mut Vec<u8>, spec: &Spec, verb: char, number: f64) -> bool {
    let (verb, default) = match verb {
        'v' => ('g', None),
        'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
        'f' | 'e' | 'E' => (verb, Some(6)),
        'F' => ('f', Some(6)),
        _ => return false,
    };
    let precision = spec.precision.or(default);
    let parts = Parts::new(number);
    let mut digits = match verb {
        'b' => format!("{}p{:+}", parts.mantissa, parts.exponent),
        'x' | 'X' => hexadecimal(&parts, precision, verb),
        _ => decimal(number, &parts, precision, verb),
    };
    if spec.sharp && verb != 'b' {
        digits = with_point(&digits, precision, verb);
    }
    let sign = spec.sign(parts.negative);
    if sign.is_empty() || !spec.fills_with_zeros() {
        spec.pad(out, &format!("{sign}{digits}"));
    } else {
        // The sign stands before the zeros.
        let zeros = "0".repeat(spec.missing(sign.len() + digits.len()));
        spec::push(out, &[sign, &zeros, &digits]);
    }
    true
}

fn decimal(number: f64, parts: &Parts, precision: Option<usize>, verb: char) -> String {
    let exact = |count: &dyn Fn(&Decimal) -> i64| {
        let exact = Decimal::exact(&BigUint::from(parts.mantissa), parts.exponent);
        let count = count(&exact);
        exact.rounded(count)
    };
    let precision = precision.map(|count| i64::try_from(count).expect("a precision is small"));
    let letter = if verb.is_ascii_uppercase() { 'E' } else { 'e' };
    match (verb, precision) {
        ('f', Some(places)) => exact(&|decimal| decimal.point() + places).plain(places),
        ('e' | 'E', Some(places)) => exact(&|_| places + 1).scientific(places, letter),
        (_, Some(count)) => exact(&|_| count.max(1)).general(Some(count.max(1)), letter),
        (_, None) => shortest(number, parts).general(None, letter),
    }
}

/// The fewest digits that read back as the same double, and of two such equally near the even ones.
fn shortest(number: f64, parts: &Parts) -> Decimal {
    let text = format!("{:e}", number.abs());
    let (mantissa, exponent) = text.split_once('e').expect("`{:e}` writes an exponent");
    let exponent: i64 = exponent.parse().expect("`{:e}` writes a small exponent");
    let found = Decimal::from_digits(&mantissa.replace('.', ""), exponent + 1);
    // Rust takes the larger of the two.
    let exact = Decimal::exact(&BigUint::from(parts.mantissa), parts.exponent);
    if exact.count() != found.count() + 1 {
        return found;
    }
    let even = exact.rounded(found.count());
    let same = even.scientific(even.count() - 1, 'e').parse() == Ok(number.abs());
    if same { even } else { found }
}

/// `0x1.8p+01`: one binary digit before the point, hexadecimal ones after it.
fn hexadecimal(parts: &Parts, precision: Option<usize>, verb: char) -> String {
    /// Where the digit before the point stands: 15 hexadecimal digits follow.
    const UNIT: u32 = 60;
    let mut exponent = 0;
    let mut mantissa = parts.mantissa;
    if mantissa != 0 {
        let shift = mantissa.leading_zeros() - (63 - UNIT);
        mantissa <<= shift;
        exponent = parts.exponent + i64::from(UNIT) - i64::from(shift);
    }
    if let Some(places @ 0..15) = precision {
        let dropped = UNIT - 4 * u32::try_from(places).expect("less than 15");
        let left = mantissa & ((1 << dropped) - 1);
        mantissa >>= dropped;
        let half = 1 << (dropped - 1);
        if left > half || left == half && mantissa & 1 == 1 {
            mantissa += 1;
        }
        mantissa <<= dropped;
        if mantissa >> (UNIT + 1) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let all = format!("{:015x}", mantissa & ((1 << UNIT) - 1));
    let fraction = match precision {
        None => all.trim_end_matches('0').to_owned(),
        Some(places) if places < all.len() => all[..places].to_owned(),
        Some(places) => format!("{all}{}", "0".repeat(places - all.len())),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("0x{}{point}{fraction}p{sign}{:02}", mantissa >> UNIT, exponent.abs());
    if verb == 'X' { text.to_uppercase() } else { text }
}

/// The `#` flag: always a decimal point, and for `%g` and `%x` all the zeros that the precision allows.
fn with_point(digits: &str, precision: Option<usize>, verb: char) -> String {
    let marks: &[char] = if matches!(verb, 'x' | 'X') {
        &['p', 'P']
    } else {
        &['e', 'E']
    };
    let (mut body, tail) = match digits.find(marks) {
        Some(at) => (digits[..at].to_owned(), &digits[at..]),
        None => (digits.to_owned(), ""),
    };
    let wanted = match verb {
        'g' | 'G' | 'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let mut shown = body.chars().filter(|c| *c != '.').skip_while(|c| *c == '0').count();
    if !body.contains('.') {
        // A lone zero counts as a digit.
        shown += usize::from(body == "0");
        body.push('.');
    }
    let zeros = "0".repeat(wanted.saturating_sub(shown));
    format!("{body}{zeros}{tail}")
}
