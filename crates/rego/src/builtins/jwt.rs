//! JSON Web Tokens: decoded, verified and signed.

use super::registry::{Capability, Family, Purity, optional};

#[cfg(feature = "crypto")]
mod constraints;
#[cfg(feature = "crypto")]
mod header;
#[cfg(feature = "crypto")]
pub(super) mod key;
#[cfg(feature = "crypto")]
mod sign;
#[cfg(feature = "crypto")]
mod token;

pub(super) const FAMILY: Family = &[
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.decode",
        "(string) -> array<object{[any]: any}, object{[any]: any}, string>",
        "Header, payload and signature of a JSON Web Token, which is not verified.",
        token::decode,
    ),
    optional!(
        "crypto",
        Purity::Needs(Capability::Clock),
        "io.jwt.decode_verify",
        "(string, object{[string]: any}) -> array<boolean, object{[any]: any}, object{[any]: any}>",
        "Whether a JSON Web Token meets constraints, with its header and payload.",
        constraints::decode_verify,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.encode_sign",
        "(object{[string]: any}, object{[string]: any}, object{[string]: any}) -> string",
        "A signed JSON Web Token of objects.",
        sign::encode_sign,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.encode_sign_raw",
        "(string, string, string) -> string",
        "A signed JSON Web Token of JSON strings.",
        sign::encode_sign_raw,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_eddsa",
        "(string, string) -> boolean",
        "Whether the EdDSA signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "EdDSA"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_es256",
        "(string, string) -> boolean",
        "Whether the ES256 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "ES256"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_es384",
        "(string, string) -> boolean",
        "Whether the ES384 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "ES384"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_es512",
        "(string, string) -> boolean",
        "Whether the ES512 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "ES512"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_hs256",
        "(string, string) -> boolean",
        "Whether the HS256 signature of a JSON Web Token is right.",
        |_, operands| token::verify_secret(operands, "HS256"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_hs384",
        "(string, string) -> boolean",
        "Whether the HS384 signature of a JSON Web Token is right.",
        |_, operands| token::verify_secret(operands, "HS384"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_hs512",
        "(string, string) -> boolean",
        "Whether the HS512 signature of a JSON Web Token is right.",
        |_, operands| token::verify_secret(operands, "HS512"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_ps256",
        "(string, string) -> boolean",
        "Whether the PS256 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "PS256"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_ps384",
        "(string, string) -> boolean",
        "Whether the PS384 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "PS384"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_ps512",
        "(string, string) -> boolean",
        "Whether the PS512 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "PS512"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_rs256",
        "(string, string) -> boolean",
        "Whether the RS256 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "RS256"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_rs384",
        "(string, string) -> boolean",
        "Whether the RS384 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "RS384"),
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "io.jwt.verify_rs512",
        "(string, string) -> boolean",
        "Whether the RS512 signature of a JSON Web Token is right.",
        |context, operands| token::verify(context, operands, "RS512"),
    ),
];
