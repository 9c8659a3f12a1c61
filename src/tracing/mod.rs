//! What happens while a rule is evaluated, told to people: tracers beside the one of locations (`provenance`).

pub mod events;
