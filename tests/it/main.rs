//! The integration tests, in one binary: `cargo test --test it`, and with a name after it only the tests of that module
//! (`cargo test --test it cli::`). What they compare with is in the folders beside `it`.

#[cfg(unix)]
mod action;
mod against;
mod baseline;
mod builtins;
mod cli;
mod common;
#[allow(clippy::print_stdout)]
mod differential;
mod engine;
mod examples;
#[allow(clippy::print_stdout)]
mod fidelity;
mod fingerprints;
mod formats;
mod formatting;
mod fuzz;
mod gatekeeper;
mod generator;
mod library;
mod limits;
mod messages;
mod opa_cases;
mod outputs;
mod parsers;
mod pipelines;
mod places;
#[allow(clippy::print_stdout)]
mod pod_security;
mod proof;
#[cfg(feature = "sharing")]
mod sharing;
#[allow(clippy::print_stdout)]
mod suites;
mod waivers;
