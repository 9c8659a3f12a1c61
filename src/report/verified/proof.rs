//! What tests do not prove, in each output.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::text::{note, write_place};
use crate::finding::{Finding, Kind, Severity};
use crate::report::Options;
use crate::report::palette::Palette;
use crate::report::plain::line;
use crate::verify::proof::{Claim, Proof, Verdict};
use crate::verify::result::Verified;

/// The claims that fail the run.
pub(super) fn failing(verified: &Verified) -> impl Iterator<Item = &Claim> {
    let proof = verified.proof.as_ref().filter(|proved| !proved.suffices());
    proof.into_iter().flat_map(|proved| proved.proof.unproved())
}

/// Why a claim is not proved.
fn reason(claim: &Claim) -> &'static str {
    match claim.verdict {
        Verdict::Proved(_) => "it is proved",
        Verdict::NeverFires => "the clause gives no value in any test",
        Verdict::FiresUnnoticed => "the clause gives a value in tests, and all of them pass without it",
        Verdict::NeverEvaluated => "no test evaluates the condition",
        Verdict::AlwaysHolds => "the condition holds in every test",
        Verdict::FailsUnnoticed => "the condition fails in tests, and all of them pass without it",
    }
}

/// What that means.
const MEANING: &str = "no test would notice if this line were removed";

/// The first line of a claim's text.
fn first_line(claim: &Claim) -> &str {
    claim.text.lines().next().unwrap_or_default()
}

/// What is not proved, and why, in one line.
pub(super) fn message(claim: &Claim) -> String {
    format!("{}: {}: {MEANING}", first_line(claim), reason(claim))
}

/// The name of a claim among tests.
pub(super) fn name(claim: &Claim) -> String {
    format!("{}:{}", claim.rule, claim.location.line)
}

/// Writes each claim that is not proved with its place.
pub(super) fn text(verified: &Verified, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let claims = verified.proof.iter().flat_map(|proved| proved.proof.unproved());
    for claim in claims {
        let name = palette.strong(&line(&claim.full_name()));
        writeln!(out, "{} {name}", palette.error("UNPROVED"))?;
        let gutter = write_place(&claim.location, palette, out)?;
        note(gutter, reason(claim), palette, out)?;
        note(gutter, MEANING, palette, out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Writes a line for each claim that is not proved, and how many are.
pub(super) fn lines(verified: &Verified, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    for claim in verified.proof.iter().flat_map(|proved| proved.proof.unproved()) {
        let place = format!("{}:{}", claim.location.file, claim.location.line);
        let word = palette.error("UNPROVED");
        writeln!(
            out,
            "{}: {word} ({}): {}",
            line(&claim.full_name()),
            line(&place),
            line(&message(claim))
        )?;
    }
    Ok(())
}

/// How much is proved, in a line.
pub(super) fn summary(proof: &Proof, options: &Options) -> String {
    let share = proof.share();
    let removals = match options.elapsed {
        Some(_) => format!(", {} removed to see it", proof.removals),
        None => String::new(),
    };
    format!(
        "proof: {} of {} clauses and conditions ({:.1} %){removals}",
        share.part,
        share.all,
        proof.percent()
    )
}

/// A claim as an entry of the array of tests: one that is not proved fails.
pub(super) fn json(claim: &Claim, fails: bool) -> Json {
    let mut entry = Map::new();
    entry.insert("location".into(), super::json::location(&claim.location));
    entry.insert("package".into(), claim.package.as_str().into());
    entry.insert("name".into(), claim.rule.as_str().into());
    if fails && !claim.is_proved() {
        entry.insert("fail".into(), true.into());
    }
    let mut proof = json!({
        "of": if claim.is_condition { "condition" } else { "clause" },
        "text": claim.text,
        "proved": claim.is_proved(),
    });
    match &claim.verdict {
        Verdict::Proved(test) => proof["by"] = test.as_str().into(),
        _ => proof["message"] = format!("{}: {MEANING}", reason(claim)).into(),
    }
    entry.insert("proof".into(), proof);
    Json::Object(entry)
}

/// A claim as a finding, for the outputs that show findings in a review.
pub(super) fn finding(claim: &Claim, fails: bool) -> Finding {
    Finding {
        location: claim.location.clone(),
        kind: if fails { Kind::Deny } else { Kind::Warn },
        severity: if fails { Severity::High } else { Severity::Low },
        rule: claim.full_name().replace('.', "/"),
        namespace: claim.package.trim_start_matches("data.").to_owned(),
        rule_name: claim.rule.clone(),
        message: message(claim),
        metadata: Map::new(),
        reported_location: None,
        remediation: None,
        subject: None,
        further: None,
        environment: None,
        related: Vec::new(),
    }
}
