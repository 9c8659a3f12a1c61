//! A run: what the settings name, evaluated, waived, compared with what was there before, and settled as a report.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use crate::baseline::Baseline;
use crate::error::Error;
use crate::evaluate::Outcome;
use crate::finding::{Check, Comparison, Counts, Order, Problem, RenderedBy, Report, Verdict};
use crate::input::{self, Discovery};
use crate::pattern::{Pattern, is_below};
use crate::policy::{PolicySet, Rule, library};
use crate::problem;
use crate::rendering;
use crate::report;
use crate::settings::{Compat, Named, Settings};
use crate::snapshot::Snapshot;
use crate::suggest::nearest;
use crate::tracing::profile::Profile;
use crate::waiver::{Use, Waiver, Waivers};
use crate::watch::Kept;

mod base;
mod before;
mod compared;
mod evaluation;
pub mod policies;

use base::Base;
use compared::base_policies;
pub use compared::{Compared, compare_policies};
use evaluation::{Evaluated, Evaluation};

/// A run up to its findings.
pub struct Run {
    /// Its policies.
    pub policies: Arc<PolicySet>,
    /// What was found, waived, and set aside as there before.
    pub outcome: Outcome,
    /// The waivers: those of the files, then those of the settings.
    pub waivers: Vec<Waiver>,
    /// What became of each.
    pub uses: Vec<Use>,
    /// What it was compared with.
    pub comparison: Option<Comparison>,
    /// The baseline that it was compared with.
    pub baseline: Option<Baseline>,
    /// The entries of the baseline that no finding is any more, by their indexes.
    pub stale: Vec<usize>,
    /// Whether no file differs from what it was to be changed against.
    pub nothing_changed: bool,
    /// What the rules cost, where that is counted.
    pub profile: Profile,
    /// What programs rendered.
    rendered: Vec<RenderedBy>,
    discovery: Discovery,
}

/// The day that waivers are compared with.
pub fn today() -> Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()
}

impl Run {
    /// Evaluates what the settings name, and compares it with the baseline that they name.
    ///
    /// `kept` is what the last run left, for a run that is repeated.
    pub fn new(settings: &Settings, kept: Option<&mut Kept>, notes: &mut dyn Write) -> Result<Self, Error> {
        let baseline = settings.baseline.as_deref().map(Baseline::read).transpose();
        let baseline = baseline.map_err(|problem| Error::Problems(vec![problem]))?;
        let mut run = Self::without_baseline(settings, kept, notes)?;
        if let Some((baseline, path)) = baseline.zip(settings.baseline.as_deref()) {
            run.compare_with_baseline(baseline, path);
        }
        Ok(run)
    }

    /// Evaluates what the settings name, whatever baseline there is.
    pub fn without_baseline(
        settings: &Settings,
        mut kept: Option<&mut Kept>,
        notes: &mut dyn Write,
    ) -> Result<Self, Error> {
        let failed = |problem| Error::Problems(vec![problem]);
        let unchanged = settings.changed.as_deref();
        let unchanged = unchanged.map(|reference| Snapshot::of_merge_base(reference, &settings.base.folder));
        let unchanged = unchanged.transpose().map_err(failed)?;
        let mut base = Base::of(settings).map_err(failed)?;
        let snapshots = [unchanged.as_ref(), base.as_ref().map(|base| &base.snapshot)];
        let mut discovery = discover(settings, &snapshots)?;
        if let Some(base) = &mut base {
            base.extend(&discovery);
        }
        let policies = policies::load_again(settings, kept.as_deref_mut(), notes)?;
        let mut old_policies = None;
        if let Some(base) = base.as_mut().filter(|_| settings.new_policies_fail) {
            old_policies = base_policies(settings, base, notes);
            if old_policies.is_none() {
                base.lose();
            }
        }
        let rendered = render(settings, &mut discovery);
        if let Some(base) = &mut base {
            base.leave_out(|source| rendered.uses(source));
        }
        let evaluation = Evaluation {
            settings,
            policies: &policies,
            sources: &discovery.sources,
            base: base.as_ref(),
            base_policies: old_policies.as_ref(),
            unchanged: unchanged.as_ref(),
            kept: kept.as_deref(),
        };
        let Evaluated {
            mut outcome,
            selected,
            mut before,
        } = evaluation.run()?;
        // What is rendered and the same was evaluated for the base as well.
        let mut former = before
            .iter_mut()
            .flat_map(|before| before.outcome.checks.drain(..))
            .collect();
        let (waivers, uses) = waive(settings, &policies, &rendered, &mut outcome, &mut former);
        if let Some(before) = &mut before {
            before.outcome.checks = former;
        }
        let profile = std::mem::take(&mut outcome.profile);
        let mut run = Self {
            policies,
            profile,
            outcome,
            waivers,
            uses,
            comparison: None,
            baseline: None,
            stale: Vec::new(),
            rendered: rendered.rendered_by,
            nothing_changed: unchanged.is_some() && selected == 0 && discovery.problems.is_empty(),
            discovery,
        };
        if let Some((base, before)) = base.zip(before) {
            run.compare(settings, &base, before, notes);
        }
        Ok(run)
    }

    /// Everything in one report, and what makes a run without findings no success.
    pub fn settle(mut self, settings: &Settings) -> Report {
        let mut problems = self.discovery.problems;
        problems.append(&mut self.outcome.problems);
        let outcome = self.outcome;
        let documents = outcome.documents;
        // Of a chart that has no objects the report says so.
        let is_empty = self.rendered.iter().any(|rendered| rendered.is_empty);
        let may_be_empty = settings.allow_empty || self.nothing_changed || is_empty;
        // Where conftest's behavior is asked for, there may be no rule at all, which a warning has said.
        let is_unmatched = self.policies.all_rules().next().is_some() && !outcome.matched.contains(&true);
        if documents == 0 && problems.is_empty() && !may_be_empty {
            problems.push(problem::of_run(
                "the input contains no documents: nothing was evaluated",
                "check the input files, or use --allow-empty if this is expected",
            ));
        } else if documents > 0 && is_unmatched && !settings.allow_empty && settings.changed.is_none() {
            problems.push(problem::of_run(
                "no policy applies to any of the documents: nothing was evaluated",
                "name policies for these files with --policy, or use --allow-empty if this is expected",
            ));
        }
        let mut unevaluated = self.policies.unevaluated(&outcome.matched, outcome.unmatched);
        unevaluated.documents = outcome.unmatched_documents;
        unevaluated.documents.sort();
        unevaluated.skipped = self.discovery.skipped;
        unevaluated.listed = settings.show_skipped;
        if documents > 0 && settings.changed.is_none() {
            problems.extend(unmatched(settings, &self.policies, &outcome.matchable));
            if settings.strict {
                problems.extend(self.policies.unused_constraints(&outcome.matched));
            }
        }
        let counts = Counts {
            documents: documents - unevaluated.documents.len(),
            files: outcome.files - unevaluated.files.len(),
            rules: self.policies.all_rules().count(),
        };
        let namespaces: Vec<&str> = settings
            .namespaces
            .iter()
            .flatten()
            .map(|named| named.text.as_str())
            .collect();
        let order = match settings.compat {
            Some(Compat::Conftest) => Order::Conftest(&namespaces),
            None => Order::Place,
        };
        Report::new(
            outcome.checks,
            problems,
            self.policies.described(),
            counts,
            order,
            verdict(settings),
        )
        .with_unevaluated(unevaluated)
        .with_rendered(self.rendered)
        .with_comparison(self.comparison)
    }
}

/// Waives what was found, and gives it the locations in what it was rendered from; `former` gets these too. Returns the
/// waivers, those in files first, and what became of each.
fn waive(
    settings: &Settings,
    policies: &PolicySet,
    rendered: &rendering::Outcome,
    outcome: &mut Outcome,
    former: &mut Vec<Check>,
) -> (Vec<Waiver>, Vec<Use>) {
    let inline = governed(settings, policies, outcome);
    let (forbid, today) = (&settings.governance.forbid, today());
    // What a file waives is at lines of its text, whatever that was rendered from.
    let mut uses = Waivers::new(&inline, forbid).apply(&mut outcome.checks, today);
    // The programs are run once for both.
    let own = outcome.checks.len();
    outcome.checks.append(former);
    let problems = [&mut outcome.warnings[..], &mut outcome.problems[..]];
    rendered.renderings.relocate(&mut outcome.checks, problems);
    former.extend(outcome.checks.drain(own..));
    let general = Waivers::new(&settings.exemptions, forbid).from(inline.len());
    uses.extend(general.apply(&mut outcome.checks, today));
    ([inline, settings.exemptions.clone()].concat(), uses)
}

/// The waivers in files that hold, with warnings about those that do not and about rules that are not there.
fn governed(settings: &Settings, policies: &PolicySet, outcome: &mut Outcome) -> Vec<Waiver> {
    let all = std::mem::take(&mut outcome.waivers);
    let mut holding = Vec::with_capacity(all.len());
    for waiver in all {
        for pattern in &waiver.policy {
            outcome.warnings.extend(unknown_rule(policies, pattern));
        }
        match settings.governance.missing(&waiver) {
            None => holding.push(waiver),
            Some(missing) => {
                let name = missing.name();
                let message = format!("the waiver does not hold: it does not say {name}, which [waivers] requires");
                let help = format!("add {name}=… before the reason");
                let warning = problem::of_location(waiver.location, message, Some(help));
                outcome.warnings.push(warning);
            }
        }
    }
    holding
}

/// A warning about the id in a waiver that no rule has, neither here nor in the library.
fn unknown_rule(policies: &PolicySet, pattern: &Pattern) -> Option<Problem> {
    let known = || {
        let own = policies.all_rules().map(|rule| rule.id.as_str());
        own.chain(library::catalog::policies().iter().map(|policy| policy.id.as_str()))
    };
    if known().any(|id| pattern.fits_path(id)) {
        return None;
    }
    let help = match nearest(&pattern.text, known()) {
        Some(near) => format!("did you mean {near}?"),
        None => "name a rule by its id, as reports show it".to_owned(),
    };
    let message = format!("no rule has the id {} of this waiver", pattern.text);
    Some(problem::of_location(pattern.location.clone(), message, Some(help)))
}

/// The settled report of what the settings name, and what the rules cost.
pub fn report(settings: &Settings, kept: Option<&mut Kept>, notes: &mut dyn Write) -> Result<(Report, Profile), Error> {
    let mut run = Run::new(settings, kept, notes)?;
    warn(settings, &mut run.outcome.warnings, notes);
    tell_waivers(settings, &run, notes);
    if run.nothing_changed && !settings.quiet {
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice("no changed files to check", notes);
    }
    let profile = std::mem::take(&mut run.profile);
    Ok((run.settle(settings), profile))
}

/// The files that the settings name. A file that is there no more is none to evaluate where it is compared with what it
/// was.
fn discover(settings: &Settings, snapshots: &[Option<&Snapshot>]) -> Result<Discovery, Error> {
    let was_there = |path: &String| {
        let path = Path::new(path);
        let mut snapshots = snapshots.iter().flatten();
        !path.exists() && snapshots.any(|snapshot| snapshot.has(path) || snapshot.has_below(path))
    };
    let paths: Vec<String> = settings.paths.iter().filter(|path| !was_there(path)).cloned().collect();
    let discovery = input::discover(&paths, settings.selection());
    let is_named = !settings.paths.is_empty();
    let may_be_empty = is_named && (settings.allow_empty || paths.len() < settings.paths.len());
    let names_nothing = discovery.sources.is_empty() && discovery.rendered.is_empty();
    if names_nothing && discovery.problems.is_empty() && !may_be_empty {
        return Err(Error::nothing_to_judge(&discovery.skipped, settings.ignore.is_some()));
    }
    Ok(discovery)
}

/// Puts what programs render in the place of the files that it is rendered from.
fn render(settings: &Settings, discovery: &mut Discovery) -> rendering::Outcome {
    let mut rendered = rendering::render(&discovery.rendered, settings.rendering());
    discovery.sources.retain(|source| !rendered.uses(source));
    discovery.sources.append(&mut rendered.sources);
    discovery.problems.append(&mut rendered.problems);
    rendered
}

/// Prints warnings about files and policies, in the order of their locations. conftest's `--quiet` prints nothing at all
/// where nothing fails.
pub fn warn(settings: &Settings, warnings: &mut Vec<Problem>, notes: &mut dyn Write) {
    if settings.quiet && settings.compat == Some(Compat::Conftest) {
        return;
    }
    Problem::settle(warnings);
    let color = settings.color.on(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    // Notices are worth less than the run: where standard error is closed they are dropped.
    let _ = report::render_warnings(warnings, color, notes);
}

/// Says which waivers have expired and which waive nothing.
fn tell_waivers(settings: &Settings, run: &Run, notes: &mut dyn Write) {
    if settings.quiet {
        return;
    }
    let today = today();
    for (waiver, used) in run.waivers.iter().zip(&run.uses) {
        let is_run = |rule: &Rule| waiver.policy.iter().any(|pattern| pattern.fits_path(&rule.id));
        let noun = if waiver.is_inline() { "waiver" } else { "exemption" };
        let told = match waiver.expires.filter(|_| !waiver.holds_on(today)) {
            Some(last) => format!("the {noun} expired on {last}: its findings are reported again"),
            None if used.forbidden > 0 => {
                format!("the {noun} does not hold: [waivers] forbids it for this rule in kpolicy.toml")
            }
            None if used.waived == 0 && run.policies.all_rules().any(is_run) => {
                format!("the {noun} matches no finding in this run: remove it if it is no longer needed")
            }
            None => continue,
        };
        let place = &waiver.location;
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(&format!("{}:{}: {told}", place.file, place.line), notes);
    }
}

/// What fails the run.
pub fn verdict(settings: &Settings) -> Verdict {
    Verdict {
        fail_on_warn: settings.fail_on_warn,
        fail_level: settings.fail_level,
        no_fail: settings.no_fail,
    }
}

/// A problem for each id or start of ids that names no policy which evaluated a document. `matchable` says of each rule
/// whether one did.
fn unmatched(settings: &Settings, policies: &PolicySet, matchable: &[bool]) -> Vec<Problem> {
    let has = |required: &&Named| {
        let mut rules = policies.all_rules().zip(matchable);
        rules.any(|(rule, matched)| *matched && is_below(&rule.id, &required.text))
    };
    let required = settings.require_match.iter().filter(|required| !has(required));
    let describe = |required: &Named| {
        let message = format!("{required}: no document has a kind and format that these policies apply to");
        required.problem(message, "check the input files, or remove it from --require-match")
    };
    required.map(describe).collect()
}
