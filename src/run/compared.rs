//! What a run found beside what was there before: in a base, in a baseline, or with other policies.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use super::base::Base;
use super::before::EvaluatedBefore;
use super::evaluation::Evaluation;
use super::{Run, discover, policies, render, waive};
use crate::baseline::Baseline;
use crate::comparison::{self, Before, Same, renames};
use crate::error::Error;
use crate::evaluate::Outcome;
use crate::finding::{self, Finding, Input, Problem};
use crate::input::Source;
use crate::policy::PolicySet;
use crate::report;
use crate::settings::{Settings, exemptions_of};
use crate::waiver::{Waiver, Waivers};

impl Run {
    /// Sets aside what was there before.
    pub(super) fn compare(&mut self, settings: &Settings, base: &Base, before: EvaluatedBefore, notes: &mut dyn Write) {
        let EvaluatedBefore {
            outcome: mut old,
            same,
            others,
            apart,
        } = before;
        tell_unevaluated(settings, std::mem::take(&mut old.problems), notes);
        tell_unknown(settings, &apart, base, notes);
        // A waiver that was removed since, or has expired, accounted for its findings then.
        old.waivers
            .retain(|waiver| settings.governance.missing(waiver).is_none());
        let mut waivers = [old.waivers, self.waivers.clone()].concat();
        waivers.extend(former_exemptions(settings, base, notes));
        let waivers = Waivers::new(&waivers, &settings.governance.forbid);
        let findings = old.checks.into_iter().flat_map(|check| check.findings);
        let findings: Vec<Finding> = findings.filter(|finding| !waivers.ever(finding)).collect();
        let depends = self.policies.set_rules();
        let same = Same {
            files: same.iter().collect(),
            holds: &|finding| !waivers.ever(finding),
            compared: &|finding| {
                settings.combine || depends.contains(&(finding.namespace.as_str(), finding.rule_name.as_str()))
            },
            unknown: apart.iter().collect(),
        };
        let before = Before {
            findings,
            renamed: self.renamed(base, &others),
            subjects: old.subjects,
        };
        let fixed = comparison::settle(&mut self.outcome.checks, before, &same, &self.outcome.subjects);
        let compared = self.comparison.get_or_insert_default();
        compared.with.push(base.snapshot.name().to_owned());
        compared.fixed.extend(fixed);
    }

    /// Sets aside what the baseline lists.
    pub(super) fn compare_with_baseline(&mut self, baseline: Baseline, path: &Path) {
        let outcome = &mut self.outcome;
        finding::settle_checks(&mut outcome.checks);
        let applied = baseline.apply(&mut outcome.checks, &outcome.subjects);
        let is_run = |id: &str| self.policies.all_rules().any(|rule| rule.id == id);
        let evaluated = baseline.names(outcome.subjects.keys());
        self.stale = match outcome.problems.is_empty() && self.discovery.problems.is_empty() {
            true => baseline.stale(&applied, &is_run, &evaluated),
            // What could not be evaluated may be why a finding is missing.
            false => Vec::new(),
        };
        let compared = self.comparison.get_or_insert_default();
        compared.with.push(path.display().to_string());
        compared.stale = self.stale.iter().map(|at| baseline.entries[*at].text()).collect();
        self.baseline = Some(baseline);
    }

    /// Where each file of the base is now that has another path.
    fn renamed(&self, base: &Base, others: &[Source]) -> HashMap<Input, Input> {
        let now: HashSet<&str> = self
            .discovery
            .sources
            .iter()
            .map(|source| source.path.as_str())
            .collect();
        let gone = others.iter().filter(|source| !now.contains(source.path.as_str()));
        let gone: Vec<(&str, &[u8])> = gone
            .filter_map(|source| Some((source.path.as_str(), source.held.as_deref()?)))
            .collect();
        if gone.is_empty() {
            return HashMap::new();
        }
        let new = self.discovery.sources.iter().filter(|source| !source.stdin);
        let new = new.filter(|source| !base.snapshot.has(Path::new(&source.path)));
        let new: Vec<(&str, Vec<u8>)> = new
            .filter_map(|source| Some((source.path.as_str(), fs::read(&source.path).ok()?)))
            .collect();
        let new: Vec<(&str, &[u8])> = new.iter().map(|(path, content)| (*path, content.as_slice())).collect();
        let pairs = renames::renames(&gone, &new).into_iter();
        pairs
            .map(|(from, to)| (Input::of_path(gone[from].0), Input::of_path(new[to].0)))
            .collect()
    }
}

/// What two versions of policies find in the same files.
pub struct Compared {
    /// What the later one alone finds.
    pub appeared: Vec<Finding>,
    /// What the earlier one alone finds.
    pub disappeared: Vec<Finding>,
    /// What could not be evaluated.
    pub problems: Vec<Problem>,
}

/// Evaluates the files of a run with two versions of policies.
pub fn compare_policies(settings: &Settings, base: &PolicySet, head: &PolicySet) -> Result<Compared, Error> {
    let mut discovery = discover(settings, &[])?;
    let rendered = render(settings, &mut discovery);
    let mut problems = discovery.problems;
    let mut evaluate = |policies: &PolicySet| -> Result<Outcome, Error> {
        let evaluation = Evaluation {
            settings,
            policies,
            sources: &discovery.sources,
            base: None,
            base_policies: None,
            unchanged: None,
            kept: None,
        };
        let mut outcome = evaluation.run()?.outcome;
        problems.append(&mut outcome.problems);
        waive(settings, policies, &rendered, &mut outcome, &mut Vec::new());
        Ok(outcome)
    };
    let (before, mut after) = (evaluate(base)?, evaluate(head)?);
    let before = Before {
        findings: before.checks.into_iter().flat_map(|check| check.findings).collect(),
        renamed: HashMap::new(),
        subjects: before.subjects,
    };
    let same = Same {
        files: HashSet::new(),
        holds: &|_| false,
        compared: &|_| true,
        unknown: HashSet::new(),
    };
    let disappeared = comparison::settle(&mut after.checks, before, &same, &after.subjects);
    let appeared = after.checks.into_iter().flat_map(|check| check.findings);
    let mut compared = Compared {
        appeared: appeared.collect(),
        disappeared,
        problems,
    };
    for findings in [&mut compared.appeared, &mut compared.disappeared] {
        findings.sort_by(|a, b| (&a.location, &a.message).cmp(&(&b.location, &b.message)));
    }
    Ok(compared)
}

/// The policies of the base. Where it has none that can be loaded, all that is found is new.
pub(super) fn base_policies(settings: &Settings, base: &Base, notes: &mut dyn Write) -> Option<PolicySet> {
    let origin = policies::Origin {
        paths: None,
        snapshot: Some(&base.snapshot),
    };
    match policies::load_from(settings, origin, &mut std::io::sink()) {
        Ok(policies) => Some(policies),
        Err(error) => {
            let first = match &error {
                Error::Problems(problems) => problems.first().map(ToString::to_string).unwrap_or_default(),
                other => format!("{other:?}"),
            };
            let told = format!(
                "note: the policies of {} cannot be loaded: {first}",
                base.snapshot.name()
            );
            let _ = report::render_notice(&told, notes);
            None
        }
    }
}

/// The exemptions that the settings of the base had.
fn former_exemptions(settings: &Settings, base: &Base, notes: &mut dyn Write) -> Vec<Waiver> {
    let Some((path, content)) = settings
        .config
        .as_deref()
        .and_then(|path| Some((path, base.snapshot.read(path)?.ok()?)))
    else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&content).into_owned();
    exemptions_of(path, text).unwrap_or_else(|problem| {
        let _ = report::render_notice(
            &format!(
                "note: the exemptions of {} are not known: {problem}",
                base.snapshot.name()
            ),
            notes,
        );
        Vec::new()
    })
}

/// Says what of the base could not be evaluated: what is found there now counts as new.
fn tell_unevaluated(settings: &Settings, mut problems: Vec<Problem>, notes: &mut dyn Write) {
    if settings.quiet {
        return;
    }
    Problem::settle(&mut problems);
    for problem in problems {
        let told = format!("note: in the base, {problem}: what is found there now counts as new");
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(&told, notes);
    }
}

/// Says of which files is not known what they were.
fn tell_unknown(settings: &Settings, files: &[Input], base: &Base, notes: &mut dyn Write) {
    if settings.quiet {
        return;
    }
    for file in files {
        let told = format!(
            "note: {file} is rendered from files or read with files that changed since {}: all that is found in it counts as new",
            base.snapshot.name()
        );
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(&told, notes);
    }
}
