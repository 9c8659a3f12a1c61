//! The subcommands, one file each.

pub mod completions;
pub mod init;
pub mod parse;
pub mod test;
