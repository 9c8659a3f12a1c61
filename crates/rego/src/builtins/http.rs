//! Requests to servers that the user allows.

use super::registry::{Capability, Family, Purity, optional};

#[cfg(feature = "http")]
mod request;
#[cfg(feature = "http")]
mod response;
#[cfg(feature = "http")]
mod send;

pub(super) const FAMILY: Family = &[optional!(
    "http",
    Purity::Needs(Capability::Net),
    "http.send",
    "(object{[string]: any}) -> object{[any]: any}",
    "The response to an HTTP request.",
    send::send,
)];
