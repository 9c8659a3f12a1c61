//! What is kept from run to run: the policies, and what evaluating each file gave.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::evaluate::Outcome;
use crate::finding::Report;
use crate::input::{self, Source};
use crate::policy::PolicySet;
use crate::report::in_line;
use crate::settings::Settings;
use crate::verify::result::{Outcome as VerifyOutcome, Verified};
use kpolicy_parse::{Context, Format};

/// How deep directories of policies are looked at for changes.
const DEPTH: usize = 16;

/// By what a change of a file is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

/// What the files of a run were like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// The settings in words, and the files that policies and data are read from.
    policies: (String, BTreeMap<PathBuf, Option<Stamp>>),
    /// The files to evaluate.
    inputs: BTreeMap<String, Option<Stamp>>,
    /// The files of what other programs render.
    rendered: BTreeMap<PathBuf, Option<Stamp>>,
}

/// What is kept from run to run.
#[derive(Default)]
pub struct Kept {
    state: Option<State>,
    /// The policies, with the warnings that were printed when they were loaded.
    pub policies: Option<(Arc<PolicySet>, Vec<u8>)>,
    outcomes: Mutex<HashMap<String, (Option<Stamp>, Outcome)>>,
    /// What the run found.
    pub found: Option<BTreeMap<String, String>>,
}

impl Kept {
    /// Whether a file that the run depends on has changed; what was kept of it is dropped.
    pub fn look(&mut self, settings: &Settings, is_test: bool) -> bool {
        let state = state(settings, is_test);
        let before = self.state.replace(state.clone());
        let changed = before.as_ref() != Some(&state);
        if before.is_none_or(|before| before.policies != state.policies) {
            self.policies = None;
            self.outcomes().clear();
        }
        // What a file imports is not known: it may be what changed.
        let imports = |path: &String| {
            let path = Some(Path::new(path));
            let context = Context {
                path,
                ..settings.context()
            };
            let format = path.and_then(Format::of_path);
            format.is_some_and(|format| !(format.row().imports)(&context).is_empty())
        };
        changed || state.inputs.keys().any(imports)
    }

    /// What evaluating a source gave before, if it is as it was then. It is not known of files that it is read with.
    pub fn outcome(&self, source: &Source) -> Option<Outcome> {
        let outcomes = self.outcomes();
        let (stamp, outcome) = outcomes.get(&source.path)?;
        let is_same = !source.stdin && source.rendered.is_none() && *stamp == Stamp::of(Path::new(&source.path));
        (is_same && stamp.is_some()).then(|| outcome.clone())
    }

    /// Keeps what evaluating a source gave, which was like this before.
    pub fn keep(&self, source: &Source, outcome: &Outcome) {
        let stamp = self
            .state
            .as_ref()
            .and_then(|state| state.inputs.get(&source.path).copied());
        let kept = (stamp.flatten(), outcome.clone());
        self.outcomes().insert(source.path.clone(), kept);
    }

    fn outcomes(&self) -> MutexGuard<'_, HashMap<String, (Option<Stamp>, Outcome)>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a run found: by file, rule and message, since lines move.
    pub fn note(&mut self, report: &Report) {
        if !report.problems.is_empty() {
            self.found = None;
            return;
        }
        let mut found = BTreeMap::new();
        for finding in report.findings() {
            let (file, rule) = (&finding.location.file, &finding.rule);
            let line = format!(
                "{file}:{}: {}[{rule}] {}",
                finding.location.line,
                finding.kind.name(),
                finding.message
            );
            let mut key = format!("{file}\0{rule}\0{}", finding.message);
            while found.contains_key(&key) {
                key.push('+');
            }
            found.insert(key, in_line(&line));
        }
        self.found = Some(found);
    }

    /// Notes the tests that did not pass.
    pub fn note_tests(&mut self, verified: &Verified) {
        let failed = verified.results.iter().filter_map(|result| {
            let word = match result.outcome {
                VerifyOutcome::Failed => "FAIL",
                VerifyOutcome::Error(_) => "ERROR",
                VerifyOutcome::Passed | VerifyOutcome::Skipped => return None,
            };
            let name = result.full_name();
            let line = format!("{word} {name} ({}:{})", result.location.file, result.location.line);
            Some((format!("{word} {name}"), in_line(&line)))
        });
        self.found = Some(failed.collect());
    }

    /// What to look at for changes.
    pub fn paths(settings: &Settings) -> Vec<PathBuf> {
        let inputs = settings.paths.iter().map(|path| PathBuf::from(fixed(path)));
        let policies = settings.policy.iter().chain(&settings.data).cloned();
        let policies = policies.chain(examples(settings)).chain(beside(settings).cloned());
        let mut paths: Vec<PathBuf> = inputs
            .chain(policies)
            .chain(settings.config.clone())
            .chain(settings.baseline.clone())
            .collect();
        // A directory of policies or a file of settings may appear.
        paths.push(PathBuf::from("kpolicy.toml"));
        paths.push(PathBuf::from("policy"));
        paths
    }
}

/// What is read beside the policies and the files to evaluate.
fn beside(settings: &Settings) -> impl Iterator<Item = &PathBuf> {
    let named = settings.inventory.iter().chain(&settings.terraform_root);
    named.chain(&settings.jpath).chain(&settings.proto_file_dirs)
}

/// The examples beside the policies, which are tests too.
fn examples(settings: &Settings) -> impl Iterator<Item = PathBuf> + '_ {
    settings.policy.iter().map(|path| path.with_file_name("examples"))
}

/// The part of a path before the first glob.
fn fixed(path: &str) -> &str {
    let Some(glob) = path.find(['*', '?', '[', '{']).filter(|_| !Path::new(path).exists()) else {
        return path;
    };
    path[..glob].rfind('/').map_or(".", |end| &path[..end.max(1)])
}

fn state(settings: &Settings, is_test: bool) -> State {
    let mut files = BTreeMap::new();
    let examples: Vec<PathBuf> = examples(settings).collect();
    let paths = settings
        .policy
        .iter()
        .chain(&settings.data)
        .chain(&settings.config)
        .chain(&settings.baseline);
    for path in paths.chain(&examples).chain(beside(settings)) {
        stamp(path, DEPTH, &mut files);
    }
    let (mut inputs, mut rendered) = (BTreeMap::new(), BTreeMap::new());
    if is_test {
        let discovery = input::discover(&settings.paths, settings.selection());
        if !discovery.rendered.is_empty() {
            let paths = settings.paths.iter().map(|path| fixed(path));
            paths.for_each(|path| stamp(Path::new(path), DEPTH, &mut rendered));
        }
        for source in discovery.sources {
            let stamp = Stamp::of(Path::new(&source.path));
            inputs.insert(source.path, stamp);
        }
    } else {
        for path in &settings.paths {
            stamp(Path::new(path), DEPTH, &mut files);
        }
    }
    State {
        policies: (format!("{settings:?}"), files),
        inputs,
        rendered,
    }
}

/// Notes the files below a path.
fn stamp(path: &Path, depth: usize, files: &mut BTreeMap<PathBuf, Option<Stamp>>) {
    if let (true, Ok(entries)) = (depth > 0, fs::read_dir(path)) {
        for entry in entries.flatten() {
            stamp(&entry.path(), depth - 1, files);
        }
        return;
    }
    files.insert(path.to_owned(), Stamp::of(path));
}
