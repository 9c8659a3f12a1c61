//! The files of a run through its rules, on all cores; and, where it is compared with what was there before, the files
//! that were something else then.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::base::{self, Base};
use super::before::EvaluatedBefore;
use crate::budget::{Budget, Share};
use crate::error::Error;
use crate::evaluate::{Evaluator, Outcome, Read};
use crate::finding::{Input, Problem};
use crate::gatekeeper::cluster::{Applying, Cluster};
use crate::gatekeeper::review::Operation;
use crate::input::{self, Source};
use crate::inspection::{Fields, Inspection};
use crate::inventory;
use crate::placing;
use crate::policy::PolicySet;
use crate::problem;
use crate::progress::Progress;
use crate::reading::{self, Empty};
use crate::settings::{Compat, Settings};
use crate::snapshot::Snapshot;
use crate::terraform::{Reader, Resolved};
use crate::threads;
use crate::waiver::inline;
use crate::watch::Kept;
use kpolicy_value::Value;

/// What a run evaluates, and with what.
pub(super) struct Evaluation<'a> {
    pub(super) settings: &'a Settings,
    pub(super) policies: &'a PolicySet,
    pub(super) sources: &'a [Source],
    /// What it is compared with.
    pub(super) base: Option<&'a Base>,
    /// The policies of the base, where they are others.
    pub(super) base_policies: Option<&'a PolicySet>,
    /// The files that are not evaluated unless they differ from it.
    pub(super) unchanged: Option<&'a Snapshot>,
    /// What the last run left, for a run that is repeated.
    pub(super) kept: Option<&'a Kept>,
}

/// What a run gave.
pub(super) struct Evaluated {
    /// The files as they are.
    pub(super) outcome: Outcome,
    /// How many sources were evaluated.
    pub(super) selected: usize,
    /// What the base gave.
    pub(super) before: Option<EvaluatedBefore>,
}

/// A source that was read.
pub(super) struct Taken {
    pub(super) read: Option<Result<Read, Problem>>,
    /// Whether it is evaluated.
    is_selected: bool,
    /// Whether it was the same before.
    is_same: bool,
}

impl Taken {
    fn read(&self) -> Option<&Read> {
        self.read.as_ref()?.as_ref().ok()
    }
}

/// Into how many parts for each thread a source is divided.
const PARTS: usize = 4;
/// How many documents a part has at least: a thread's evaluator costs something too.
const LEAST: usize = 16;

/// What evaluating needs beside a source.
pub(super) struct Pass<'a> {
    pub(super) evaluation: &'a Evaluation<'a>,
    inspection: Inspection<'a>,
    budget: Budget,
    /// Terraform's configurations.
    configurations: Resolved,
    /// What they were, where that is compared.
    pub(super) configurations_before: Resolved,
    progress: Progress,
}

impl Evaluation<'_> {
    /// Parses and evaluates on all cores; documents live as long as their file is evaluated, or, where rules need the
    /// whole set, as long as the run.
    pub(super) fn run(&self) -> Result<Evaluated, Error> {
        let pool = threads::pool(self.settings.jobs).map_err(|error| {
            Error::Problems(vec![problem::of_run(
                format!("cannot start threads: {error}"),
                "lower --jobs",
            )])
        })?;
        // What rules find in a file that is the same depends on others as well.
        let compared = self.base.filter(|_| self.reads_configuration());
        let configurations_before = match compared {
            Some(base) => self.configurations(Some(&base.snapshot))?,
            None => Resolved::default(),
        };
        let pass = Pass {
            evaluation: self,
            inspection: Inspection::new(self.policies, fields(self.settings)),
            budget: Budget::new(self.settings.memory),
            configurations: self.configurations(None)?,
            configurations_before,
            progress: Progress::new(self.sources.len()),
        };
        let is_whole = self.settings.combine || self.needs_set() || compared.is_some();
        let mut evaluated = pool.install(|| {
            if is_whole {
                pass.whole()
            } else if self.sources.len() == 1 && rayon::current_num_threads() > 1 {
                pass.one()
            } else {
                pass.each()
            }
        });
        pass.progress.finish();
        // What is tested itself is told of already.
        let is_source = |problem: &Problem| {
            self.sources
                .iter()
                .any(|source| problem.file == Some(Input::of_path(&source.path)))
        };
        let unread = pass
            .configurations
            .problems
            .iter()
            .filter(|problem| !is_source(problem));
        evaluated.outcome.warnings.extend(unread.cloned());
        Ok(evaluated)
    }

    /// Whether the whole set has to be known before anything is evaluated.
    pub(super) fn needs_set(&self) -> bool {
        self.policies.needs_set()
            || self.settings.operation == Operation::Update
            || self.base_policies.is_some_and(PolicySet::needs_set)
    }

    /// Whether a policy reads Terraform's configurations.
    fn reads_configuration(&self) -> bool {
        self.policies.reads_configuration() || self.base_policies.is_some_and(PolicySet::reads_configuration)
    }

    /// Terraform's configurations among the sources, where policies read them; as they were before, where that is asked
    /// for.
    pub(super) fn configurations(&self, before: Option<&Snapshot>) -> Result<Resolved, Error> {
        if !self.reads_configuration() || self.settings.combine {
            return Ok(Resolved::default());
        }
        let paths = self
            .sources
            .iter()
            .filter(|source| !source.stdin && source.rendered.is_none());
        let reader = Reader::new(self.settings.limits()).before(before);
        let resolved = Resolved::of(paths.map(|source| source.path.as_str()), reader);
        resolved.map_err(|problem| Error::Problems(vec![problem]))
    }

    /// An evaluator with these policies.
    pub(super) fn evaluator<'b>(
        &'b self,
        policies: &'b PolicySet,
        set: Option<&Value>,
        cluster: Option<&'b Cluster>,
        configurations: &'b Resolved,
    ) -> Evaluator<'b> {
        Evaluator::new(policies, set, cluster)
            .with_terraform_root(self.settings.terraform_root.as_deref())
            .with_configurations(Some(configurations))
    }

    /// The cluster that constraints of Gatekeeper are evaluated in, where there are some; `set` is what is in it, and
    /// `before` what was there before what is evaluated.
    pub(super) fn cluster(&self, policies: &PolicySet, set: Option<&Value>, before: Option<Value>) -> Option<Cluster> {
        let gatekeeper = policies.gatekeeper.as_ref()?;
        let applying = Applying {
            operation: self.settings.operation,
            namespace: Some(self.settings.object_namespace.clone()),
            gator: self.settings.gator,
        };
        Some(gatekeeper.cluster(applying, set).with_state(before))
    }

    /// What the last run found in a source. A run that is compared with something has to look at the content itself.
    fn kept(&self) -> Option<&Kept> {
        self.kept.filter(|_| self.base.is_none() && self.unchanged.is_none())
    }
}

impl Pass<'_> {
    /// Evaluates the only source there is, on all threads.
    ///
    /// Of several, each gives its share of the memory back as soon as it is evaluated, which one in parts cannot do.
    fn one(&self) -> Evaluated {
        let evaluation = self.evaluation;
        let (taken, _share) = self.take(&evaluation.sources[0], false);
        let (is_same, is_selected) = (taken.is_same, taken.is_selected);
        let cluster = evaluation.cluster(evaluation.policies, None, None);
        let worker = || evaluation.evaluator(evaluation.policies, None, cluster.as_ref(), &self.configurations);
        let outcome = self.in_parts(vec![taken], worker).into_iter().collect();
        let before = evaluation.base.map(|base| self.each_before(base, &[is_same]));
        Evaluated {
            outcome,
            selected: usize::from(is_selected),
            before,
        }
    }

    /// Evaluates sources that were read, those that are only a part of the set left out; large ones in parts.
    fn in_parts<'e>(&self, all: Vec<Taken>, worker: impl Fn() -> Evaluator<'e> + Sync) -> Vec<Outcome> {
        let around = |taken: &Taken| match taken.read().filter(|_| taken.is_selected) {
            Some(read) => self.around(read),
            None => Outcome::default(),
        };
        let arounds: Vec<Outcome> = all.par_iter().map(around).collect();
        let documents: usize = all
            .iter()
            .filter_map(Taken::read)
            .map(|read| read.documents.len())
            .sum();
        let most = documents.div_ceil(PARTS * rayon::current_num_threads()).max(LEAST);
        let mut parts = Vec::with_capacity(all.len());
        for (at, taken) in all.into_iter().enumerate() {
            match taken.read {
                Some(Ok(read)) if taken.is_selected => {
                    parts.extend(read.parts(most).into_iter().map(|part| (at, Ok(part))));
                }
                // A part of the set that is missing may change what is found elsewhere.
                Some(Err(problem)) => parts.push((at, Err(problem))),
                Some(Ok(_)) | None => {}
            }
        }
        let evaluated = threads::each(parts, worker, |evaluator, (at, part)| (at, evaluator.source(part)));
        let mut of_sources: Vec<Vec<Outcome>> = arounds.iter().map(|_| Vec::new()).collect();
        for (at, outcome) in evaluated {
            of_sources[at].push(outcome);
        }
        let outcomes = of_sources.into_iter().zip(arounds).map(|(parts, around)| {
            self.progress.step();
            let mut outcome = Outcome::of_parts(parts);
            outcome.add(around);
            outcome
        });
        outcomes.collect()
    }

    /// Evaluates each source as it is read.
    fn each(&self) -> Evaluated {
        let evaluation = self.evaluation;
        let context = evaluation.settings.context();
        let cluster = evaluation.cluster(evaluation.policies, None, None);
        let evaluated: Vec<(Outcome, bool, bool)> = threads::each(
            evaluation.sources,
            || evaluation.evaluator(evaluation.policies, None, cluster.as_ref(), &self.configurations),
            |evaluator, source| {
                // What is found in configuration, or read with other files, depends on these.
                let is_alone =
                    || !self.configurations.has(&source.path) && reading::imports(source, context).is_empty();
                let kept = evaluation.kept().filter(|_| is_alone());
                if let Some(outcome) = kept.and_then(|kept| kept.outcome(source)) {
                    self.progress.step();
                    return (outcome, false, true);
                }
                let (taken, _share) = self.take(source, false);
                let (is_same, is_selected) = (taken.is_same, taken.is_selected);
                let outcome = self.source(evaluator, taken);
                if let Some(kept) = kept {
                    kept.keep(source, &outcome);
                }
                (outcome, is_same, is_selected)
            },
        );
        let same: Vec<bool> = evaluated.iter().map(|(_, is_same, _)| *is_same).collect();
        let selected = evaluated.iter().filter(|(_, _, is_selected)| *is_selected).count();
        let outcome = evaluated.into_iter().map(|(outcome, ..)| outcome).collect();
        let before = self.evaluation.base.map(|base| self.each_before(base, &same));
        Evaluated {
            outcome,
            selected,
            before,
        }
    }

    /// Reads all sources, then evaluates them with the whole set at hand.
    fn whole(&self) -> Evaluated {
        let Evaluation {
            settings,
            policies,
            sources,
            base,
            ..
        } = *self.evaluation;
        let mut order: Vec<usize> = (0..sources.len()).collect();
        if settings.combine {
            order.sort_by(|a, b| sources[*a].path.cmp(&sources[*b].path));
        }
        // All documents stay until the end here: the budget bounds what reading them takes beside that.
        let mut all: Vec<Taken> = sources.par_iter().map(|source| self.take(source, true).0).collect();
        let same: Vec<bool> = all.iter().map(|taken| taken.is_same).collect();
        let selected = all.iter().filter(|taken| taken.is_selected).count();
        if selected == 0 {
            return Evaluated {
                outcome: Outcome::default(),
                selected,
                before: None,
            };
        }
        let present = if self.evaluation.needs_set() {
            present(settings)
        } else {
            Vec::new()
        };
        // What is tested takes the place of what is there.
        let inventory = (self.evaluation.needs_set())
            .then(|| set(present.iter().flatten().chain(all.iter().filter_map(Taken::read))));
        let state = (settings.operation == Operation::Update).then(|| set(present.iter().flatten()));
        let before = base.map(|base| self.whole_before(base, &same, &all, &present));
        let unread: Vec<Problem> = present.into_iter().filter_map(Result::err).collect();
        let cluster = self.evaluation.cluster(policies, inventory.as_ref(), state);
        let worker = || {
            self.evaluation
                .evaluator(policies, inventory.as_ref(), cluster.as_ref(), &self.configurations)
        };
        if settings.combine {
            let inspected: Vec<Outcome> = all
                .iter()
                .filter_map(Taken::read)
                .map(|read| self.around(read))
                .collect();
            let reads = order.into_iter().filter_map(|at| all[at].read.take()).collect();
            let mut outcome = worker().combined(reads);
            outcome.problems.extend(unread);
            inspected.into_iter().for_each(|inspected| outcome.add(inspected));
            return Evaluated {
                outcome,
                selected,
                before,
            };
        }
        let mut outcome: Outcome = self.in_parts(all, worker).into_iter().collect();
        outcome.problems.extend(unread);
        Evaluated {
            outcome,
            selected,
            before,
        }
    }

    /// Reads a source, and parses it if it is to be evaluated or is a part of the set.
    fn take(&self, source: &Source, in_set: bool) -> (Taken, Share<'_>) {
        let limits = self.evaluation.settings.limits();
        // A file has its share of the memory as long as what is returned with it.
        let mut share = self.budget.share(source.size.min(limits.bytes));
        let bytes = match reading::bytes(source, limits) {
            Ok(bytes) => bytes,
            Err(problem) => {
                let taken = Taken {
                    read: Some(Err(problem)),
                    is_selected: true,
                    is_same: false,
                };
                return (taken, share);
            }
        };
        let context = self.evaluation.settings.context();
        let base = self.evaluation.base;
        let is_same = base.is_some_and(|base| base.is_same(source, &bytes, context));
        let unchanged = self.evaluation.unchanged;
        let is_selected = !unchanged.is_some_and(|snapshot| base::is_same(snapshot, source, &bytes, context));
        let read = (is_selected || in_set).then(|| self.parse(source, bytes));
        let (text, nodes) = read
            .as_ref()
            .and_then(|read| read.as_ref().ok())
            .map_or((0, 0), Read::size);
        share.settle(text, nodes);
        let taken = Taken {
            read,
            is_selected,
            is_same,
        };
        (taken, share)
    }

    pub(super) fn parse(&self, source: &Source, bytes: Vec<u8>) -> Result<Read, Problem> {
        let settings = self.evaluation.settings;
        let empty = match settings.compat {
            Some(Compat::Conftest) => Empty::Kept,
            None => Empty::Dropped,
        };
        Read::of_bytes(source, bytes, settings.limits(), settings.context(), empty)
    }

    /// Evaluates a source, unless nothing of it is to be.
    fn source(&self, evaluator: &mut Evaluator, taken: Taken) -> Outcome {
        self.progress.step();
        let Some(read) = taken.read else {
            return Outcome::default();
        };
        let around = read.as_ref().map(|read| self.around(read)).unwrap_or_default();
        let mut outcome = evaluator.source(read);
        outcome.add(around);
        outcome
    }

    /// What is known of a file beside what rules find.
    fn around(&self, read: &Read) -> Outcome {
        let mut around = self.inspection.of(read);
        around.add(inline_of(read));
        let settings = self.evaluation.settings;
        if self.evaluation.base.is_some() || settings.baseline.is_some() {
            around.add(subjects(read));
        }
        around
    }
}

/// What a file itself waives.
pub(super) fn inline_of(read: &Read) -> Outcome {
    let (waivers, warnings) = inline::of(read);
    Outcome {
        waivers,
        warnings,
        ..Outcome::default()
    }
}

/// What of a file findings can be about.
pub(super) fn subjects(read: &Read) -> Outcome {
    let found = read
        .documents
        .iter()
        .flat_map(|document| placing::subjects(document, read.format()));
    Outcome {
        subjects: [(Input::of_path(read.path()), found.collect())].into(),
        ..Outcome::default()
    }
}

/// The objects that are in the cluster by the settings: the documents of each file, or why it cannot be read.
fn present(settings: &Settings) -> Vec<Result<Read, Problem>> {
    let paths: Vec<String> = settings
        .inventory
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if paths.is_empty() {
        return Vec::new();
    }
    let discovery = input::discover(&paths, settings.selection());
    let read = |source: &Source| Read::source(source, settings.limits(), settings.context(), Empty::Dropped);
    let found = discovery.sources.iter().map(read);
    found.chain(discovery.problems.into_iter().map(Err)).collect()
}

pub(super) fn set<'a>(reads: impl Iterator<Item = &'a Read> + Clone) -> Value {
    inventory::build(reads.map(|read| read.documents.as_slice()))
}

/// The path of a file that was read, or that of its problem.
pub(super) fn name(read: &Result<Read, Problem>) -> &str {
    match read {
        Ok(read) => read.path(),
        Err(problem) => &problem.place,
    }
}

/// What becomes of fields that Kubernetes does not have: conftest knows of none.
fn fields(settings: &Settings) -> Fields {
    match settings.compat {
        _ if settings.strict_fields => Fields::Refused,
        Some(Compat::Conftest) => Fields::Ignored,
        None => Fields::Warned,
    }
}
