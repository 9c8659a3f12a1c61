//! Builtins that OPA has and kpolicy does not have: a program that can run one of them does not compile.

use super::registry::{Family, Purity, missing};

pub(super) const FAMILY: Family = &[
    missing(
        Purity::Pure,
        "rego.metadata.chain",
        "() -> array[any]",
        "The METADATA that applies to the rule, from the rule up to its package.",
    ),
    missing(
        Purity::Pure,
        "rego.metadata.rule",
        "() -> any",
        "The METADATA of the rule.",
    ),
    missing(
        Purity::Pure,
        "rego.parse_module",
        "(string, string) -> object{[string]: any}",
        "The syntax tree of a Rego module.",
    ),
];
