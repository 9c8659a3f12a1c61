//! The elliptic curves of certificates and tokens.

use num_bigint::BigInt;
use p256::elliptic_curve::sec1::ToSec1Point;

/// A curve of NIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum Curve {
    /// Read, but nothing is verified or signed with it.
    P224,
    P256,
    P384,
    P521,
}

/// A point on a curve: a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::builtins) struct Point {
    pub(in crate::builtins) curve: Curve,
    pub(in crate::builtins) x: BigInt,
    pub(in crate::builtins) y: BigInt,
}

const ALL: [Curve; 4] = [Curve::P224, Curve::P256, Curve::P384, Curve::P521];

impl Curve {
    /// The curve with this object identifier.
    pub(in crate::builtins) fn of(oid: &[u32]) -> Option<Self> {
        match oid {
            [1, 3, 132, 0, 33] => Some(Self::P224),
            [1, 2, 840, 10045, 3, 1, 7] => Some(Self::P256),
            [1, 3, 132, 0, 34] => Some(Self::P384),
            [1, 3, 132, 0, 35] => Some(Self::P521),
            _ => None,
        }
    }

    /// The curve with this name in a JSON Web Key.
    pub(in crate::builtins) fn named(name: &str) -> Option<Self> {
        ALL.into_iter()
            .find(|curve| curve.name() == name && *curve != Self::P224)
    }

    /// Its name in a JSON Web Key.
    pub(in crate::builtins) fn name(self) -> &'static str {
        match self {
            Self::P224 => "P-224",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The bytes of a coordinate.
    pub(in crate::builtins) fn size(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The point of an uncompressed encoding, which must be on the curve.
    pub(in crate::builtins) fn point(self, encoded: &[u8]) -> Option<Point> {
        let size = self.size();
        let coordinates = encoded.strip_prefix(&[4])?;
        if coordinates.len() != 2 * size {
            return None;
        }
        let (x, y) = coordinates.split_at(size);
        let is_on_it = match self {
            Self::P224 => is_on_p224(x, y),
            Self::P256 => p256::PublicKey::from_sec1_bytes(encoded).is_ok(),
            Self::P384 => p384::PublicKey::from_sec1_bytes(encoded).is_ok(),
            Self::P521 => p521::PublicKey::from_sec1_bytes(encoded).is_ok(),
        };
        is_on_it.then(|| Point {
            curve: self,
            x: number(x),
            y: number(y),
        })
    }

    /// The public key of a private one of as many bytes as a coordinate has.
    pub(in crate::builtins) fn public(self, private: &[u8]) -> Option<Point> {
        let encoded = match self {
            Self::P224 => return None,
            Self::P256 => {
                let key = p256::SecretKey::from_slice(private).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Self::P384 => {
                let key = p384::SecretKey::from_slice(private).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
            Self::P521 => {
                let key = p521::SecretKey::from_slice(private).ok()?;
                key.public_key().to_sec1_point(false).as_bytes().to_vec()
            }
        };
        self.point(&encoded)
    }
}

impl Point {
    /// The uncompressed encoding.
    pub(in crate::builtins) fn encoded(&self) -> Vec<u8> {
        let size = self.curve.size();
        [vec![4], padded(&self.x, size), padded(&self.y, size)].concat()
    }
}

/// A number that is not negative as so many bytes; it must fit.
pub(in crate::builtins) fn padded(number: &BigInt, size: usize) -> Vec<u8> {
    let bytes = super::der::magnitude(number);
    let mut padded = vec![0; size.saturating_sub(bytes.len())];
    padded.extend(bytes);
    padded
}

/// The number of these bytes.
pub(in crate::builtins) fn number(bytes: &[u8]) -> BigInt {
    BigInt::from_bytes_be(num_bigint::Sign::Plus, bytes)
}

/// Whether y² = x³ - 3x + b. There is no released crate for this curve.
fn is_on_p224(x: &[u8], y: &[u8]) -> bool {
    const B: [u8; 28] = [
        0xb4, 0x05, 0x0a, 0x85, 0x0c, 0x04, 0xb3, 0xab, 0xf5, 0x41, 0x32, 0x56, 0x50, 0x44, 0xb0, 0xb7, 0xd7, 0xbf,
        0xd8, 0xba, 0x27, 0x0b, 0x39, 0x43, 0x23, 0x55, 0xff, 0xb4,
    ];
    let p: BigInt = (BigInt::from(1) << 224u32) - (BigInt::from(1) << 96u32) + 1;
    let (x, y) = (number(x), number(y));
    let right = &x * &x * &x - BigInt::from(3) * &x + number(&B);
    x < p && y < p && (&y * &y - right) % &p == BigInt::ZERO
}
