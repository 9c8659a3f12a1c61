//! What a run is compared with: the files that its paths named before.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::finding::{Input, Problem};
use crate::input::{self, Discovery, Source};
use crate::problem;
use crate::reading;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use kpolicy_parse::Context;

/// The files that a run's paths named before.
pub(super) struct Base {
    pub(super) snapshot: Snapshot,
    /// Each under the path that the run has, or would have; without its content.
    sources: Vec<Source>,
    /// Whether nothing of it can be evaluated, so that all that is found is new.
    is_lost: bool,
}

/// Whether a source was the same before, with all that it is made of beside its own content.
pub(super) fn is_same(snapshot: &Snapshot, source: &Source, content: &[u8], context: Context<'_>) -> bool {
    let others = |paths: &[PathBuf]| paths.iter().all(|path| snapshot.is_same_below(path));
    match &source.rendered {
        _ if source.path == Input::STDIN => false,
        Some(rendered) => others(&rendered.inputs),
        None => snapshot.has_content(Path::new(&source.path), content) && others(&reading::imports(source, context)),
    }
}

/// Whether what was found in a source before cannot be told from its own content then.
fn is_made_of_others(source: &Source, context: Context<'_>) -> bool {
    source.rendered.is_some() || !reading::imports(source, context).is_empty()
}

/// A file as it was before.
pub(super) enum Before {
    /// It was what it is now: the index of the source among those of the run.
    Same(usize),
    /// It was something else, or is not there now.
    Other(Source),
}

impl Base {
    /// The base of a run, where the settings name one.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, Problem> {
        let snapshot = match (&settings.against, &settings.against_dir) {
            (Some(_), Some(_)) => {
                return Err(problem::of_run(
                    "--against and --against-dir both say what to compare with",
                    "use one of them",
                ));
            }
            (Some(reference), None) => Snapshot::of_merge_base(reference, &settings.base.folder)?,
            (None, Some(directory)) => Snapshot::of_directory(directory, &stood_for(settings, directory)?)?,
            (None, None) => return Ok(None),
        };
        let files: Vec<PathBuf> = snapshot.paths().collect();
        let sources = input::discover_listed(&settings.paths, settings.selection(), &files);
        Ok(Some(Self {
            snapshot,
            sources,
            is_lost: false,
        }))
    }

    /// Compares with nothing: all that is found is new.
    pub(super) fn lose(&mut self) {
        self.is_lost = true;
        self.sources.clear();
    }

    /// Leaves out the files that others are rendered from.
    pub(super) fn leave_out(&mut self, is_used: impl Fn(&Source) -> bool) {
        self.sources.retain(|source| !is_used(source));
    }

    /// Adds the files of a run that the paths name now and did not name before, such as those after links.
    pub(super) fn extend(&mut self, discovery: &Discovery) {
        let known: HashSet<PathBuf> = self.sources.iter().map(|source| place(&source.path)).collect();
        let further = discovery.sources.iter().filter(|source| {
            source.path != Input::STDIN
                && source.rendered.is_none()
                && !known.contains(&place(&source.path))
                && self.snapshot.has(Path::new(&source.path))
        });
        let further: Vec<Source> = further
            .map(|source| Source::file(source.path.clone(), source.format))
            .collect();
        self.sources.extend(further);
    }

    /// Whether a source of the run was the same before.
    pub(super) fn is_same(&self, source: &Source, content: &[u8], context: Context<'_>) -> bool {
        !self.is_lost && is_same(&self.snapshot, source, content, context)
    }

    /// The sources of the run that are not the same, and whose findings cannot be compared: they are read with other files.
    pub(super) fn apart(&self, now: &[Source], same: &[bool], context: Context<'_>) -> Vec<Input> {
        let changed = now.iter().zip(same).filter(|(_, is_same)| !**is_same);
        changed
            .filter(|(source, _)| is_made_of_others(source, context))
            .map(|(source, _)| Input::of_path(&source.path))
            .collect()
    }

    /// The files before, given for each source of the run whether it is the same; and what of them cannot be read.
    pub(super) fn before(&self, now: &[Source], same: &[bool], context: Context<'_>) -> (Vec<Before>, Vec<Problem>) {
        let unchanged = now.iter().enumerate().filter(|(at, _)| same[*at]);
        let unchanged: std::collections::HashMap<PathBuf, usize> =
            unchanged.map(|(at, source)| (place(&source.path), at)).collect();
        let (mut before, mut problems) = (Vec::new(), Vec::new());
        for source in &self.sources {
            if let Some(at) = unchanged.get(&place(&source.path)) {
                before.push(Before::Same(*at));
                continue;
            }
            let path = Path::new(&source.path);
            if is_made_of_others(source, context) {
                continue;
            }
            match self.snapshot.read(path) {
                Some(Ok(content)) => before.push(Before::Other(source.clone().holding(content))),
                Some(Err(reason)) => problems.push(problem::of_path(path, &reason, "fetch it: git fetch")),
                None => {}
            }
        }
        // What is rendered is no file of the base.
        let rendered = now.iter().enumerate().filter(|(_, source)| source.rendered.is_some());
        before.extend(rendered.filter(|(at, _)| same[*at]).map(|(at, _)| Before::Same(at)));
        (before, problems)
    }
}

/// What a path is known by.
fn place(path: &str) -> PathBuf {
    input::normal(Path::new(path))
}

/// The directory that a directory to compare with stands for: the working directory, if what the paths name is in both;
/// else the one directory that is named.
fn stood_for(settings: &Settings, directory: &Path) -> Result<PathBuf, Problem> {
    let here = input::normal(&settings.base.folder);
    let is_in_both = |path: &String| {
        let path = input::normal(Path::new(path));
        path.strip_prefix(&here).is_ok_and(|rest| directory.join(rest).exists())
    };
    if settings.paths.iter().any(is_in_both) {
        return Ok(here);
    }
    match settings.paths.as_slice() {
        [path] if Path::new(path).is_dir() => Ok(PathBuf::from(path)),
        _ => Err(problem::of_path(
            directory,
            "has none of the files that are named",
            "name a directory that has the files under the same paths, or one directory to compare it with",
        )),
    }
}
