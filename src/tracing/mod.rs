//! What happens while a rule is evaluated, told to people: tracers beside the one of locations (`provenance`).
//!
//! `events` is OPA's long form. `recorder` keeps of each clause the way that decided (`recording`), `story` tells it with the policy's
//! text and values, and `folded` writes it.

pub mod bodies;
pub mod events;
pub mod folded;
pub mod parts;
pub mod profile;
pub mod recorder;
pub mod recording;
pub mod story;
