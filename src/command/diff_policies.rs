//! `kpolicy diff-policies`: which findings appear and disappear between two versions of policies.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::finding::{Finding, Problem, Status};
use crate::problem;
use crate::report;
use crate::run::policies::{Origin, load_from};
use crate::run::{self, Compared};
use crate::settings::{REGISTRY, Settings};
use crate::snapshot::Snapshot;

/// What appears and disappears, by the id of the rule.
type ByRule<'a> = BTreeMap<&'a str, [Vec<&'a Finding>; 2]>;

/// Compares the policies that the arguments name.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Status, Error> {
    let named = |id: &str| matches.get_one::<String>(id).expect("clap requires it").as_str();
    let (base, head) = (
        Version::of(named("base"), settings)?,
        Version::of(named("head"), settings)?,
    );
    let load = |version: &Version| load_from(settings, version.origin(), &mut io::sink());
    let (base, head) = (load(&base)?, load(&head)?);
    let mut compared = run::compare_policies(settings, &base, &head)?;
    if !compared.problems.is_empty() {
        Problem::settle(&mut compared.problems);
        let color = settings.color.on(io::stderr().is_terminal());
        let _ = report::render_problems(&compared.problems, false, color, notes);
    }
    let rules = by_rule(&compared);
    let written = match matches.get_one::<String>("format").map(String::as_str) {
        Some("json") => write_json(&rules, out),
        Some("markdown") => write_markdown(&rules, out),
        _ => write_text(&rules, out),
    };
    written.map_err(Error::Output)?;
    Ok(match compared.problems.is_empty() {
        true => Status::Clean,
        false => Status::Unusable,
    })
}

/// A version of policies.
enum Version {
    Paths([PathBuf; 1]),
    Reference(Snapshot),
}

impl Version {
    /// What is there under a name is a directory or file, and anything else a reference.
    fn of(name: &str, settings: &Settings) -> Result<Self, Error> {
        let failed = |problem| Error::Problems(vec![problem]);
        if name.starts_with(REGISTRY) {
            return Ok(Self::Paths([of_registry(name, settings).map_err(failed)?]));
        }
        if Path::new(name).exists() {
            return Ok(Self::Paths([PathBuf::from(name)]));
        }
        if settings.policy.is_empty() {
            return Err(failed(problem::of_run(
                format!("it is not known which policies of {name} are meant"),
                "name their directory with --policy",
            )));
        }
        let snapshot = Snapshot::of_reference(name, &settings.base.folder);
        snapshot.map(Self::Reference).map_err(failed)
    }

    fn origin(&self) -> Origin<'_> {
        match self {
            Self::Paths(paths) => Origin {
                paths: Some(paths),
                snapshot: None,
            },
            Self::Reference(snapshot) => Origin {
                paths: None,
                snapshot: Some(snapshot),
            },
        }
    }
}

/// The directory with the policies of an artifact.
#[cfg(feature = "sharing")]
fn of_registry(name: &str, settings: &Settings) -> Result<PathBuf, Problem> {
    crate::sharing::remote::one(name, &settings.sharing)
}

#[cfg(not(feature = "sharing"))]
fn of_registry(_: &str, _: &Settings) -> Result<PathBuf, Problem> {
    Err(problem::of_run(
        "this build of kpolicy does not fetch policies",
        "build kpolicy with the feature sharing (`cargo build` has it by default)",
    ))
}

fn by_rule(compared: &Compared) -> ByRule<'_> {
    let mut rules = ByRule::new();
    for (at, findings) in [&compared.appeared, &compared.disappeared].into_iter().enumerate() {
        for finding in findings {
            rules.entry(&finding.rule).or_default()[at].push(finding);
        }
    }
    rules
}

fn total(rules: &ByRule, at: usize) -> usize {
    rules.values().map(|of| of[at].len()).sum()
}

fn place(finding: &Finding) -> String {
    let place = &finding.location;
    format!("{}:{}:{}", place.file, place.line, place.column)
}

fn write_text(rules: &ByRule, out: &mut dyn Write) -> io::Result<()> {
    for (rule, [appeared, disappeared]) in rules {
        report::render_notice(
            &format!("{rule}: {} appear, {} disappear", appeared.len(), disappeared.len()),
            out,
        )?;
        for (sign, findings) in [("+", appeared), ("-", disappeared)] {
            for finding in findings {
                report::render_notice(&format!("  {sign} {}: {}", place(finding), finding.message), out)?;
            }
        }
    }
    let (appeared, disappeared) = (total(rules, 0), total(rules, 1));
    report::render_notice(&format!("findings: {appeared} appear, {disappeared} disappear"), out)
}

fn write_markdown(rules: &ByRule, out: &mut dyn Write) -> io::Result<()> {
    let (appeared, disappeared) = (total(rules, 0), total(rules, 1));
    writeln!(
        out,
        "### kpolicy findings: {appeared} appear, {disappeared} disappear\n"
    )?;
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "| Rule | Appear | Disappear |\n| --- | --- | --- |")?;
    for (rule, [appeared, disappeared]) in rules {
        writeln!(
            out,
            "| {} | {} | {} |",
            report::cell(rule),
            appeared.len(),
            disappeared.len()
        )?;
    }
    for (rule, [appeared, disappeared]) in rules {
        writeln!(out, "\n<details><summary>{}</summary>\n", report::html_text(rule))?;
        for (sign, findings) in [("+", appeared), ("-", disappeared)] {
            for finding in findings {
                let line = format!("{sign} {}: {}", place(finding), finding.message);
                writeln!(out, "- {}", report::cell(&line))?;
            }
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

fn write_json(rules: &ByRule, out: &mut dyn Write) -> io::Result<()> {
    let finding = |finding: &&Finding| {
        let place = &finding.location;
        json!({
            "msg": finding.message, "fingerprint": finding.fingerprint(),
            "file": &*place.file, "line": place.line, "column": place.column,
        })
    };
    let rule = |(rule, [appeared, disappeared]): (&&str, &[Vec<&Finding>; 2])| {
        let of = |findings: &[&Finding]| findings.iter().map(finding).collect::<Vec<_>>();
        json!({"rule": rule, "appeared": of(appeared), "disappeared": of(disappeared)})
    };
    let rules: Vec<Json> = rules.iter().map(rule).collect();
    serde_json::to_writer_pretty(&mut *out, &rules)?;
    writeln!(out)
}
