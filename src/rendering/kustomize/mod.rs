//! Kustomize overlays: `kustomize build`, or `kubectl kustomize`, gives the objects. A wrapper with annotations of where
//! they come from is built once there is something to report.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::part::Place;
use super::program::{self, Failure, path_argument};
use super::{Located, Part, Request};
use crate::finding::{Problem, RenderedBy};
use crate::problem;

mod file;
mod origin;
mod place;

pub use file::is_kustomization;
use file::{Kustomization, documents};
use place::Finder;

/// What to do without the programs.
const INSTALL: &str = "install Kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl, or name \
    the program with --kustomize; --no-render reads kustomizations as plain files";

/// The kustomizations of a run: those that are built, and the files that they use.
#[derive(Debug, Default)]
pub struct Selected {
    /// The directories that are built, each with those of the run that it uses.
    pub roots: Vec<(String, Vec<String>)>,
    /// The real paths of the files and directories that the kustomizations which are built name, and those that they use.
    pub used: HashSet<PathBuf>,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
}

/// Selects what is built: the overlays that are named, else every kustomization that no other one uses. What none of these
/// uses stays a file like any other: nothing that is not built goes unevaluated.
pub fn select(directories: &[&str], overlays: &[PathBuf]) -> Selected {
    let mut selected = Selected::default();
    let mut read: BTreeMap<PathBuf, (String, Kustomization)> = BTreeMap::new();
    for directory in directories {
        match Kustomization::of(Path::new(directory)) {
            Some(Ok(kustomization)) => {
                let real = fs::canonicalize(directory).unwrap_or_else(|_| PathBuf::from(directory));
                read.insert(real, ((*directory).to_owned(), kustomization));
            }
            Some(Err(problem)) => selected.problems.push(problem),
            None => {}
        }
    }
    let uses: BTreeMap<&PathBuf, Vec<PathBuf>> = read.iter().map(|(real, (_, read))| (real, read.uses())).collect();
    let used_by_any: HashSet<&PathBuf> = uses.values().flatten().collect();
    let named: HashSet<PathBuf> = overlays.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let is_there = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|real| read.contains_key(&real));
    let missing = overlays.iter().filter(|path| !is_there(path));
    selected.problems.extend(missing.map(|path| {
        let help = "name a directory with a kustomization.yaml, at or below the paths that are tested";
        problem::of_path(path, "is no kustomization of this run, and cannot be built", help)
    }));
    for (real, (shown, kustomization)) in &read {
        let is_root = match overlays.is_empty() {
            true => !used_by_any.contains(real) && !kustomization.is_component(),
            false => named.contains(real),
        };
        if is_root {
            let others = reachable(real, &uses);
            let built = std::iter::once(real).chain(&others);
            selected
                .used
                .extend(built.filter_map(|built| uses.get(built)).flatten().cloned());
            let others = others.iter().filter_map(|other| Some(read.get(other)?.0.clone()));
            selected.roots.push((shown.clone(), others.collect()));
        }
    }
    selected
}

/// The kustomizations that one uses, also by others.
fn reachable(root: &PathBuf, uses: &BTreeMap<&PathBuf, Vec<PathBuf>>) -> Vec<PathBuf> {
    let (mut found, mut left) = (Vec::new(), vec![root.clone()]);
    while let Some(next) = left.pop() {
        for other in uses.get(&next).into_iter().flatten() {
            if uses.contains_key(other) && !found.contains(other) && other != root {
                found.push(other.clone());
                left.push(other.clone());
            }
        }
    }
    found.sort();
    found
}

/// Kustomize, as it is installed here.
pub struct Kustomize<'a> {
    program: PathBuf,
    /// The arguments before the directory.
    build: Vec<OsString>,
    version: String,
    request: Request<'a>,
}

/// A kustomization as it was built.
#[derive(Debug)]
pub struct Rendering {
    directory: String,
    others: Vec<String>,
    /// The files and directories that it was built from.
    inputs: Vec<PathBuf>,
    program: PathBuf,
    build: Vec<OsString>,
    version: String,
    limit: u64,
    output: String,
}

impl<'a> Kustomize<'a> {
    /// Looks for the programs, where there is something to build.
    pub fn start(roots: &[(String, Vec<String>)], request: Request<'a>) -> Result<Option<Self>, Problem> {
        if roots.is_empty() {
            return Ok(None);
        }
        let named = request.kustomize.cloned();
        let program = named.unwrap_or_else(|| {
            let kubectl = program::is_there(Path::new("kubectl")) && !program::is_there(Path::new("kustomize"));
            PathBuf::from(if kubectl { "kubectl" } else { "kustomize" })
        });
        let is_kubectl = program.file_stem().is_some_and(|name| name == "kubectl");
        let (mut build, asked): (Vec<OsString>, &[&str]) = match is_kubectl {
            true => (vec!["kustomize".into()], &["version", "--client", "-o", "yaml"]),
            false => (vec!["build".into()], &["version"]),
        };
        if request.net {
            build.push("--enable-helm".into());
        }
        let asked: Vec<OsString> = asked.iter().map(OsString::from).collect();
        match program::output(&program, &asked, request.limit) {
            Ok(version) => Ok(Some(Self {
                version: version_of(&version, is_kubectl),
                program,
                build,
                request,
            })),
            Err(failure) => {
                let roots: Vec<&str> = roots.iter().map(|(root, _)| root.as_str()).collect();
                let (program, failure) = (program.display(), failure.text());
                let message = format!(
                    "the program {program} {failure}, and these kustomizations need it: {}",
                    roots.join(", ")
                );
                Err(problem::of_run(message, INSTALL))
            }
        }
    }

    /// Builds a kustomization that uses others of the run.
    pub fn build(&self, directory: &str, others: &[String]) -> Result<Rendering, Problem> {
        let all = with_used(directory)?;
        if !self.request.net {
            all.iter()
                .try_for_each(|(_, kustomization)| check_remote(kustomization))?;
        }
        let used = all.iter().flat_map(|(_, kustomization)| kustomization.uses());
        let mut rendering = Rendering {
            directory: directory.to_owned(),
            others: others.to_vec(),
            inputs: used.chain(all.iter().map(|(directory, _)| directory.clone())).collect(),
            program: self.program.clone(),
            build: self.build.clone(),
            version: self.version.clone(),
            limit: self.request.limit,
            output: String::new(),
        };
        let output = rendering.run(Path::new(directory));
        rendering.output = output.map_err(|failure| {
            let words = failure.text().split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("{} cannot build {directory}: {words}", self.program.display());
            let help = format!("{} {directory} shows the same error", rendering.command());
            problem::of_file(&rendering.file(), "", message, Some(help))
        })?;
        Ok(rendering)
    }
}

/// A kustomization and all that it uses, also by others: each with its directory.
fn with_used(directory: &str) -> Result<Vec<(PathBuf, Kustomization)>, Problem> {
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let mut left = vec![PathBuf::from(directory)];
    while let Some(directory) = left.pop() {
        let real = fs::canonicalize(&directory).unwrap_or_else(|_| directory.clone());
        if !seen.insert(real) {
            continue;
        }
        if let Some(kustomization) = Kustomization::of(&directory).transpose()? {
            left.extend(kustomization.uses().into_iter().filter(|path| path.is_dir()));
            found.push((directory, kustomization));
        }
    }
    Ok(found)
}

/// Rejects what would be taken from the network.
fn check_remote(kustomization: &Kustomization) -> Result<(), Problem> {
    let remote = kustomization.remote();
    if remote.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} needs the network or helm: {}",
        kustomization.path,
        remote.join(", ")
    );
    let help = "copy it into the repository, or allow it with --allow net".to_owned();
    Err(problem::of_file(&kustomization.path, "", message, Some(help)))
}

/// The version in what a program says of itself.
fn version_of(said: &str, is_kubectl: bool) -> String {
    let line = match is_kubectl {
        true => said
            .lines()
            .find_map(|line| line.trim().strip_prefix("kustomizeVersion: ")),
        false => said.lines().next(),
    };
    line.unwrap_or_default().trim().to_owned()
}

impl Rendering {
    fn run(&self, directory: &Path) -> Result<String, Failure> {
        let mut arguments = self.build.clone();
        arguments.push(path_argument(directory));
        program::output(&self.program, &arguments, self.limit)
    }

    /// The command, as a person writes it.
    fn command(&self) -> String {
        let words = self.build.iter().map(|word| word.to_string_lossy().into_owned());
        format!("{} {}", self.program.display(), words.collect::<Vec<_>>().join(" "))
    }

    /// The file of the kustomization.
    fn file(&self) -> String {
        let read = Kustomization::of(Path::new(&self.directory)).and_then(Result::ok);
        read.map_or_else(|| self.directory.clone(), |read| read.path)
    }

    /// The files and directories that it was built from.
    pub(super) fn inputs(&self) -> Vec<PathBuf> {
        self.inputs.clone()
    }

    /// The path that its objects have until they are traced, its output, and where that is in the output.
    pub(super) fn part(&self) -> (String, String, Place) {
        let place = Place { pieces: vec![(1, 0)] };
        (self.file(), self.output.clone(), place)
    }

    /// What reports say of it.
    pub(super) fn rendered_by(&self) -> RenderedBy {
        let remark = match self.others.as_slice() {
            [] => None,
            others => Some(format!("it uses {}", others.join(", "))),
        };
        RenderedBy {
            path: self.directory.clone(),
            program: self.command(),
            version: self.version.clone(),
            is_empty: self.output.trim().is_empty(),
            remark,
            ..RenderedBy::default()
        }
    }

    /// Gives what was found the location in a file that a person wrote.
    pub(super) fn relocate(&self, found: Vec<(&Part, Located)>) {
        let finder = Finder::new(documents("", self.output.clone()), self.annotated().unwrap_or_default());
        for (_, mut located) in found {
            let (location, related) = finder.relocate(located.location());
            located.settle(location, related, None);
        }
    }
}
