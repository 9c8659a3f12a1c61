//! The subcommands, one file each.

pub mod baseline;
pub mod check;
pub mod completions;
pub mod diff_policies;
pub mod doc;
pub mod eval;
pub mod explain;
pub mod export;
pub mod fmt;
pub mod init;
pub mod inspect;
pub mod list;
pub mod man;
pub mod parse;
pub mod plugin;
#[cfg(feature = "sharing")]
pub mod pull;
#[cfg(feature = "sharing")]
pub mod push;
pub mod test;
pub mod verify;
pub mod waivers;
pub mod why;
