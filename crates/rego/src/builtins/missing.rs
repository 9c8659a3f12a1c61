//! Builtins that OPA has and kpolicy does not have: a program that can run one of them does not compile.

use super::registry::{Capability, Family, Purity, missing};

pub(super) const FAMILY: Family = &[
    missing(
        Purity::Pure,
        "crypto.parse_private_keys",
        "(string) -> array[object{[string]: any}]",
        "The private keys in a string of PEM blocks.",
    ),
    missing(
        Purity::Pure,
        "crypto.x509.parse_and_verify_certificates",
        "(string) -> array<boolean, array[object{[string]: any}]>",
        "Parses certificates and verifies that they form a chain up to the first.",
    ),
    missing(
        Purity::Pure,
        "crypto.x509.parse_and_verify_certificates_with_options",
        "(string, object{[string]: any}) -> array<boolean, array[object{[string]: any}]>",
        "Parses certificates and verifies their chain with a time, a name and key usages.",
    ),
    missing(
        Purity::Pure,
        "crypto.x509.parse_certificate_request",
        "(string) -> object{[string]: any}",
        "The certificate signing request in a string.",
    ),
    missing(
        Purity::Pure,
        "crypto.x509.parse_certificates",
        "(string) -> array[object{[string]: any}]",
        "The certificates in a string.",
    ),
    missing(
        Purity::Pure,
        "crypto.x509.parse_keypair",
        "(string, string) -> object{[string]: any}",
        "A certificate with its private key.",
    ),
    missing(
        Purity::Pure,
        "crypto.x509.parse_rsa_private_key",
        "(string) -> object{[string]: any}",
        "The RSA private key in a string, as a JSON Web Key.",
    ),
    missing(
        Purity::Needs(Capability::Net),
        "http.send",
        "(object{[string]: any}) -> object{[any]: any}",
        "The response to an HTTP request.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.decode",
        "(string) -> array<object{[any]: any}, object{[any]: any}, string>",
        "Header, payload and signature of a JSON Web Token, which is not verified.",
    ),
    missing(
        Purity::Needs(Capability::Clock),
        "io.jwt.decode_verify",
        "(string, object{[string]: any}) -> array<boolean, object{[any]: any}, object{[any]: any}>",
        "Whether a JSON Web Token meets constraints, with its header and payload.",
    ),
    missing(
        Purity::Needs(Capability::Random),
        "io.jwt.encode_sign",
        "(object{[string]: any}, object{[string]: any}, object{[string]: any}) -> string",
        "A signed JSON Web Token of objects.",
    ),
    missing(
        Purity::Needs(Capability::Random),
        "io.jwt.encode_sign_raw",
        "(string, string, string) -> string",
        "A signed JSON Web Token of JSON strings.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_eddsa",
        "(string, string) -> boolean",
        "Whether the EdDSA signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_es256",
        "(string, string) -> boolean",
        "Whether the ES256 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_es384",
        "(string, string) -> boolean",
        "Whether the ES384 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_es512",
        "(string, string) -> boolean",
        "Whether the ES512 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_hs256",
        "(string, string) -> boolean",
        "Whether the HS256 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_hs384",
        "(string, string) -> boolean",
        "Whether the HS384 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_hs512",
        "(string, string) -> boolean",
        "Whether the HS512 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_ps256",
        "(string, string) -> boolean",
        "Whether the PS256 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_ps384",
        "(string, string) -> boolean",
        "Whether the PS384 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_ps512",
        "(string, string) -> boolean",
        "Whether the PS512 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_rs256",
        "(string, string) -> boolean",
        "Whether the RS256 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_rs384",
        "(string, string) -> boolean",
        "Whether the RS384 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Pure,
        "io.jwt.verify_rs512",
        "(string, string) -> boolean",
        "Whether the RS512 signature of a JSON Web Token is right.",
    ),
    missing(
        Purity::Needs(Capability::Net),
        "net.lookup_ip_addr",
        "(string) -> set[string]",
        "The addresses of a host.",
    ),
    missing(
        Purity::Pure,
        "providers.aws.sign_req",
        "(object{[string]: any}, object{[string]: any}, number) -> object{[any]: any}",
        "An HTTP request signed for Amazon Web Services.",
    ),
];
