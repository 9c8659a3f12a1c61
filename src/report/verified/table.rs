//! `table`: a row for each test.

use std::io::{self, Write};

use super::proof;
use crate::report::table::{row, write};
use crate::verify::result::{Outcome, Verified};

/// Writes the results as a table.
pub(super) fn render(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    let rows = verified.results.iter().map(|result| {
        let word = match result.outcome {
            Outcome::Passed => "success",
            Outcome::Failed => "failure",
            Outcome::Error(_) => "error",
            Outcome::Skipped => "skipped",
        };
        row(word, &result.location.file, &result.package, &result.name)
    });
    let claims = proof::failing(verified).map(|claim| {
        let message = format!("{}: {}", proof::name(claim), proof::message(claim));
        row("unproved", &claim.location.file, &claim.package, &message)
    });
    write(&rows.chain(claims).collect::<Vec<_>>(), out)
}
