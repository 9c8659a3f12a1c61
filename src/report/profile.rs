//! What the rules of a run cost: the dearest as text, or all of them as JSON.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::plain;
use crate::tracing::profile::{Cost, Line, Profile};

/// How many rules and how many lines the text lists.
const LISTED: usize = 20;
/// How wide a line is at most.
const WIDTH: usize = 100;

/// The form of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileStyle {
    /// For people: what took longest.
    Text,
    /// For programs: everything.
    Json,
}

/// Writes a profile, what took longest first.
pub fn render(profile: &Profile, style: ProfileStyle, out: &mut dyn Write) -> io::Result<()> {
    let (rules, lines) = profile.sorted();
    if style == ProfileStyle::Json {
        let rule = |(rule, cost): &(&String, Cost)| json!({"rule": rule, "evaluations": cost.evaluations, "time_ns": nanoseconds(*cost)});
        let line = |(line, cost): &(&Line, Cost)| {
            json!({
                "file": line.file, "line": line.line, "rule": line.rule, "text": line.text,
                "evaluations": cost.evaluations, "time_ns": nanoseconds(*cost),
            })
        };
        let rules: Json = rules.iter().map(rule).collect();
        let lines: Json = lines.iter().map(line).collect();
        return super::write_json(&json!({"rules": rules, "lines": lines}), out);
    }
    writeln!(out, "{:>10} {:>12}  rule", "time", "evaluations")?;
    for (rule, cost) in rules.iter().take(LISTED) {
        row(*cost, rule, out)?;
    }
    more(rules.len(), "rules", out)?;
    writeln!(out, "\n{:>10} {:>12}  line", "time", "evaluations")?;
    for (line, cost) in lines.iter().take(LISTED) {
        row(*cost, &format!("{}:{}  {}", line.file, line.line, line.text), out)?;
    }
    more(lines.len(), "lines", out)
}

fn row(cost: Cost, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let label = format!("{:>10} {:>12}  ", time(cost), cost.evaluations);
    let room = WIDTH.saturating_sub(label.len());
    writeln!(out, "{label}{}", plain::clip(&plain::line(text), room))
}

fn more(count: usize, noun: &str, out: &mut dyn Write) -> io::Result<()> {
    match count.checked_sub(LISTED) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "… and {more} more {noun}"),
    }
}

fn nanoseconds(cost: Cost) -> u64 {
    u64::try_from(cost.time.as_nanos()).unwrap_or(u64::MAX)
}

/// A time in the largest unit of which it has at least one.
fn time(cost: Cost) -> String {
    match nanoseconds(cost) {
        nanoseconds @ ..1_000 => format!("{nanoseconds}ns"),
        nanoseconds @ ..1_000_000 => format!("{}µs", nanoseconds / 1_000),
        nanoseconds => {
            let (whole, rest) = (nanoseconds / 1_000_000, nanoseconds / 10_000 % 100);
            format!("{whole}.{rest:02}ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_took_longest_comes_first() {
        let cost = |evaluations, micros| Cost {
            evaluations,
            time: Duration::from_nanos(micros),
        };
        let line = |line| Line {
            file: "policy/p.rego".to_owned(),
            line,
            text: format!("input.x == {line}"),
            rule: "data.p.deny".to_owned(),
        };
        let mut profile = Profile::default();
        let part = |time| Profile {
            rules: [
                ("data.p.deny".to_owned(), cost(2, time)),
                ("data.p.warn".to_owned(), cost(9, 700)),
            ]
            .into(),
            lines: [(line(3), cost(2, time)), (line(4), cost(2, 999))].into(),
        };
        profile.add(part(1_500));
        profile.add(part(2_000_000));
        let mut text = Vec::new();
        render(&profile, ProfileStyle::Text, &mut text).expect("a vector takes everything");
        let expected = "      time  evaluations  rule\n    2.00ms            4  data.p.deny\n       \
                        1µs           18  data.p.warn\n\n      time  evaluations  line\n    \
                        2.00ms            4  policy/p.rego:3  input.x == 3\n       \
                        1µs            4  policy/p.rego:4  input.x == 4\n";
        assert_eq!(String::from_utf8(text).expect("text"), expected);
    }
}
