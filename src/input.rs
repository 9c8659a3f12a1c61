//! What to evaluate: paths, directories, globs and standard input become sources, sorted, each with its format.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::finding::{Input, Problem, Reason, Skipped};
use crate::problem;
use crate::rendering::{Rendered, Target, Tool, helm, kustomize};
use kpolicy_parse::Format;

mod content;
mod git;
mod globs;
mod listed;
mod walk;

pub use content::{Unreadable, next_step, read, read_file, read_stdin, reason, reason_at};
use git::GitIgnore;
pub use globs::{Globs, Ignore, Parsers, normal};
pub use listed::discover_listed;
use walk::{Found, Revisit};

/// What tells a file from all others: its real path, whether or not there is a file yet.
pub fn identity(path: &Path) -> PathBuf {
    let beside = || Some(fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?));
    fs::canonicalize(path)
        .ok()
        .or_else(beside)
        .unwrap_or_else(|| path.to_owned())
}

/// What tells a source from all others.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    /// The device of a file, and its number there.
    #[cfg(unix)]
    Inode(u64, u64),
    /// Its real path.
    Path(PathBuf),
}

impl Identity {
    /// The identity of a file. One that has several hard links is one file under each of their paths.
    fn of(path: &str, metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            if metadata.nlink() == 1 {
                return Self::Inode(metadata.dev(), metadata.ino());
            }
        }
        #[cfg(not(unix))]
        let _ = metadata;
        Self::Path(fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path)))
    }
}

/// Whether a path is one of the files that the run itself writes, given by their real paths.
pub fn is_written(path: &Path, written: &[PathBuf]) -> bool {
    !written.is_empty() && written.contains(&identity(path))
}

/// The name of kpolicy's own settings, which are evaluated only where they are named.
pub const OWN_SETTINGS: &str = "kpolicy.toml";
/// Directories that a walk skips, and why: nobody edits what is in them.
const SKIPPED_DIRECTORIES: [(&str, Reason); 8] = [
    (".git", Reason::VersionControl),
    (".hg", Reason::VersionControl),
    (".svn", Reason::VersionControl),
    (".bzr", Reason::VersionControl),
    (".jj", Reason::VersionControl),
    ("CVS", Reason::VersionControl),
    ("node_modules", Reason::Dependencies),
    (".terraform", Reason::TerraformCache),
];

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as reports show it; standard input has the name that it was given, or `-`.
    pub path: String,
    /// What it is read as.
    pub format: Format,
    /// Whether it is standard input.
    pub stdin: bool,
    /// Its content, where that does not come from the path.
    pub held: Option<Arc<[u8]>>,
    /// How large it is, as far as that is known before it is read.
    pub size: u64,
    /// Its text, where a program rendered it.
    pub rendered: Option<Rendered>,
}

impl Source {
    /// A file.
    pub fn file(path: String, format: Format) -> Self {
        Self {
            path,
            format,
            stdin: false,
            held: None,
            size: 0,
            rendered: None,
        }
    }

    /// The same file with a content of its own.
    pub fn holding(self, content: Vec<u8>) -> Self {
        Self {
            size: content.len() as u64,
            held: Some(content.into()),
            ..self
        }
    }
}

/// What the command line named.
#[derive(Debug, Default)]
pub struct Discovery {
    /// What to evaluate, sorted within each argument, each file once.
    pub sources: Vec<Source>,
    /// Directories that programs render, each once.
    pub rendered: Vec<Target>,
    /// Files and directories that are not evaluated.
    pub skipped: Vec<Skipped>,
    /// What was named and cannot be evaluated.
    pub problems: Vec<Problem>,
}

/// What of the files that are named is wanted, and how it is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// The format of every file; by its name where there is none.
    pub parser: Option<Format>,
    /// Formats by globs, stronger than the file's name.
    pub parsers: Option<&'a Parsers>,
    /// Which paths are skipped.
    pub ignore: Option<&'a Ignore>,
    /// Whether a file that is named and has a file extension that no parser knows is skipped like one of a directory.
    pub skip_unknown: bool,
    /// Whether a walk skips what git ignores.
    pub respect_gitignore: bool,
    /// Whether a walk reads all that conftest reads.
    pub conftest: bool,
    /// Whether charts and kustomizations are rendered, and their parts are no documents of their own.
    pub render: bool,
    /// The name of standard input.
    pub stdin_filename: Option<&'a str>,
    /// The real paths of the files that the run itself writes, which a walk skips.
    pub written: &'a [PathBuf],
}

/// Finds what `paths` name: files, directories, globs, `-`.
pub fn discover(paths: &[String], selection: Selection) -> Discovery {
    let mut search = Search::new(selection);
    for path in paths {
        // As conftest: a variable that is not set names nothing.
        if !(selection.conftest && path.is_empty()) {
            search.argument(path);
        }
    }
    search.found.skipped.sort();
    search.found
}

struct Search<'a> {
    selection: Selection<'a>,
    /// The sources so far.
    seen: HashSet<Identity>,
    skipped: HashSet<PathBuf>,
    git: Option<GitIgnore>,
    found: Discovery,
}

/// The part of a directory that is wanted.
struct Wanted {
    pattern: String,
    glob: GlobMatcher,
}

impl<'a> Search<'a> {
    fn new(selection: Selection<'a>) -> Self {
        Self {
            selection,
            seen: HashSet::new(),
            skipped: HashSet::new(),
            git: selection.respect_gitignore.then(GitIgnore::default),
            found: Discovery::default(),
        }
    }

    fn argument(&mut self, path: &str) {
        if path == Input::STDIN {
            return self.stdin();
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.directory(Path::new(path), None),
            Ok(_) => self.named(path),
            Err(_) if is_glob(path) && fs::symlink_metadata(path).is_err() => self.glob(path),
            Err(_) if path.is_empty() => self.found.problems.push(problem::of_run(
                "a path is empty",
                "name a file or directory; a variable in the command may not be set",
            )),
            Err(error) => {
                let help = next_step(
                    &error,
                    "check the spelling, and the directory that kpolicy is started in",
                );
                self.problem(path, &reason_at(Path::new(path), &error), help);
            }
        }
    }

    fn stdin(&mut self) {
        if !self.seen.insert(Identity::Path(PathBuf::from(Input::STDIN))) {
            return;
        }
        let name = self.selection.stdin_filename;
        // conftest gives it the name after it was parsed.
        let by_name = name.filter(|_| !self.selection.conftest).map(Path::new);
        let format = self
            .selection
            .parser
            .or_else(|| by_name.and_then(|name| self.format(name)));
        self.found.sources.push(Source {
            path: name.unwrap_or(Input::STDIN).to_owned(),
            format: format.unwrap_or(Format::Yaml),
            stdin: true,
            held: None,
            size: 0,
            rendered: None,
        });
    }

    /// The format of a file by the settings or by its name.
    fn format(&self, path: &Path) -> Option<Format> {
        let named = self.selection.parsers.and_then(|parsers| parsers.of(path));
        named.or_else(|| Format::of_path(path))
    }

    /// The format of a file of a directory. A link may have any name: then that of the file it leads to counts.
    fn walked_format(&self, path: &Path) -> Option<Format> {
        let real = || path.is_symlink().then(|| fs::canonicalize(path).ok()).flatten();
        let format = |path: &Path| {
            // Policies for conftest may not expect files that conftest does not find.
            let is_found = !self.selection.conftest || Format::of_path_in_conftest(path).is_some();
            let named = self.selection.parsers.and_then(|parsers| parsers.of(path));
            named.or_else(|| Format::of_path(path).filter(|_| is_found))
        };
        format(path).or_else(|| real().and_then(|real| format(&real)))
    }

    /// A file named by the user: it must be evaluated.
    fn named(&mut self, path: &str) {
        if self.ignored(Path::new(path), false) {
            return self.skip(Path::new(path), Reason::Ignored, false);
        }
        match self.selection.parser.or_else(|| self.format(Path::new(path))) {
            Some(format) => self.file(path.to_owned(), format),
            None if self.selection.skip_unknown => self.skip(Path::new(path), Reason::Unknown, false),
            None => self.problem(
                path,
                "has a file extension that no parser knows",
                &format!("select a parser with --parser ({})", Format::NAMES.join(", ")),
            ),
        }
    }

    /// The files of a directory; with a glob, those that it matches.
    fn directory(&mut self, root: &Path, wanted: Option<&Wanted>) {
        // A directory that is named is evaluated, whatever git says of it.
        let mut git = self.git.take();
        let is_ignored = git.as_mut().is_some_and(|git| git.is_below_ignored(root));
        let mut respected = git.as_mut().filter(|_| !is_ignored);
        let mut skip = |path: &Path, is_dir: bool| self.reason_to_skip(path, is_dir, wanted, &mut respected);
        let revisit = match wanted {
            Some(_) => Revisit::UnderOtherPaths,
            None => Revisit::Never,
        };
        let found = walk::walk(root, revisit, &mut skip);
        self.git = git;
        let first = self.found.sources.len();
        for found in found {
            self.walked(root, found, wanted);
        }
        self.found.sources[first..].sort_by(|a, b| Path::new(&a.path).cmp(Path::new(&b.path)));
    }

    /// Why a walk skips a path, if it does.
    fn reason_to_skip(
        &self,
        path: &Path,
        is_dir: bool,
        wanted: Option<&Wanted>,
        git: &mut Option<&mut GitIgnore>,
    ) -> Option<Reason> {
        let name = path.file_name().unwrap_or_default();
        if self.ignored(path, is_dir) {
            return Some(Reason::Ignored);
        }
        let is_kustomization =
            || self.selection.render && !is_dir && kustomize::is_kustomization(&name.to_string_lossy());
        if wanted.is_none() && (self.is_part_of_chart(path, is_dir) || is_kustomization()) {
            return Some(Reason::Rendered);
        }
        if is_dir && !self.selection.conftest {
            let is_named = |name: &str| wanted.is_some_and(|wanted| wanted.pattern.split('/').any(|part| part == name));
            let known = SKIPPED_DIRECTORIES.iter().find(|(known, _)| name == *known);
            if let Some((_, reason)) = known.filter(|(known, _)| !is_named(known)) {
                return Some(*reason);
            }
        }
        if git.as_mut().is_some_and(|git| git.is_ignored(path, is_dir)) {
            return Some(Reason::GitIgnored);
        }
        if is_dir {
            None
        } else if is_written(path, self.selection.written) {
            Some(Reason::Output)
        } else if name == OWN_SETTINGS && !self.selection.conftest {
            Some(Reason::OwnSettings)
        } else {
            self.walked_format(path).is_none().then_some(Reason::Unknown)
        }
    }

    /// Whether a path is a part of a chart that is rendered as a whole.
    fn is_part_of_chart(&self, path: &Path, is_dir: bool) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(directory) = path
            .parent()
            .filter(|_| self.selection.render && helm::is_part(&name, is_dir))
        else {
            return false;
        };
        helm::is_chart(directory) && !self.ignored(&directory.join(helm::CHART), false)
    }

    /// A path that is rendered as a part of a directory: the file that makes the directory a chart or a kustomization
    /// stands for it.
    fn rendered(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let tool = match kustomize::is_kustomization(&name) {
            true => Tool::Kustomize,
            false => Tool::Helm,
        };
        let is_named = tool == Tool::Kustomize || name == helm::CHART;
        let Some(directory) = path.parent().filter(|_| is_named) else {
            return;
        };
        let Some(shown) = path.parent().and_then(Path::to_str) else {
            return self.problem(
                &directory.to_string_lossy(),
                "has a name that is not UTF-8",
                "rename it",
            );
        };
        if self.seen.insert(Identity::Path(identity(path))) {
            let shown = match clean(shown).as_str() {
                "" => ".".to_owned(),
                shown => shown.to_owned(),
            };
            self.found.rendered.push(Target { tool, path: shown });
        }
    }

    fn walked(&mut self, root: &Path, found: Found, wanted: Option<&Wanted>) {
        let is_wanted = |path: &Path| wanted.is_none_or(|wanted| wanted.glob.is_match(clean(&path.to_string_lossy())));
        match found {
            Found::File(path) if is_wanted(&path) => {
                let path = if self.selection.conftest {
                    walk::resolved(root, &path)
                } else {
                    path
                };
                if self.ignored(&path, false) {
                    return self.skip(&path, Reason::Ignored, false);
                }
                let Some(shown) = path.to_str() else {
                    return self.problem(&path.to_string_lossy(), "has a name that is not UTF-8", "rename it");
                };
                let format = self.selection.parser.or_else(|| self.walked_format(&path));
                let Some(format) = format else {
                    // conftest goes by the name of the file that a link leads to.
                    return self.skip(&path, Reason::Unknown, false);
                };
                self.file(clean(shown), format);
            }
            Found::File(_) => {}
            Found::Skipped(path, Reason::Rendered, _) => self.rendered(&path),
            Found::Skipped(path, reason, true) if wanted.is_none_or(|wanted| wanted.pattern.contains("**")) => {
                self.skip(&path, reason, true);
            }
            Found::Skipped(path, reason, false) if is_wanted(&path) => self.skip(&path, reason, false),
            Found::Skipped(..) => {}
            Found::Unreadable(path, message) => {
                let path = clean(&path.to_string_lossy());
                self.problem(&path, &message, "fix it, or skip it with --ignore");
            }
        }
    }

    fn skip(&mut self, path: &Path, reason: Reason, is_dir: bool) {
        if self.skipped.insert(path.to_owned()) {
            let end = if is_dir { "/" } else { "" };
            let path = format!("{}{end}", clean(&path.to_string_lossy()));
            self.found.skipped.push(Skipped { path, reason });
        }
    }

    fn file(&mut self, path: String, format: Format) {
        match fs::metadata(&path) {
            Err(error) => self.problem(
                &path,
                &reason_at(Path::new(&path), &error),
                "fix it, or skip it with --ignore",
            ),
            Ok(metadata) if !metadata.is_file() => self.problem(
                &path,
                "is not a regular file",
                "pipe its content into kpolicy and name it `-`, or skip it with --ignore",
            ),
            Ok(metadata) => {
                if self.seen.insert(Identity::of(&path, &metadata)) {
                    let size = metadata.len();
                    self.found.sources.push(Source {
                        size,
                        ..Source::file(path, format)
                    });
                }
            }
        }
    }

    fn glob(&mut self, pattern: &str) {
        let cleaned = clean(pattern);
        let glob = match GlobBuilder::new(&cleaned).literal_separator(true).build() {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                return self.problem(
                    pattern,
                    &format!("does not exist, and is not a valid glob: {}", error.kind()),
                    "check the spelling, or fix the pattern",
                );
            }
        };
        let before = self.found.sources.len() + self.found.problems.len();
        let base = fixed_part(&cleaned);
        if base.exists() {
            let wanted = Wanted { pattern: cleaned, glob };
            self.directory(&base, Some(&wanted));
        }
        if self.found.sources.len() + self.found.problems.len() == before {
            self.problem(
                pattern,
                "matches no file that a parser knows",
                "check the pattern, and quote it for the shell",
            );
        }
    }

    /// Whether settings ignore a path, as it was named or without `./`.
    fn ignored(&self, path: &Path, is_dir: bool) -> bool {
        let Some(ignore) = self.selection.ignore else {
            return false;
        };
        ignore.is_match(path, is_dir) || ignore.is_match(Path::new(&clean(&path.to_string_lossy())), is_dir)
    }

    fn problem(&mut self, path: &str, message: &str, help: &str) {
        self.found
            .problems
            .push(problem::of_path(Path::new(path), message, help));
    }
}

/// Whether a path may be a glob.
fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

/// The directory that the matches of a glob are below.
fn fixed_part(pattern: &str) -> PathBuf {
    let parts = Path::new(pattern).components();
    let fixed: PathBuf = parts
        .take_while(|part| !is_glob(&part.as_os_str().to_string_lossy()))
        .collect();
    if fixed.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        fixed
    }
}

/// The path without `./` at its start and doubled separators.
fn clean(path: &str) -> String {
    let cleaned: PathBuf = Path::new(path)
        .components()
        .filter(|part| part.as_os_str() != ".")
        .collect();
    cleaned.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        for name in [
            "b.yaml",
            "a.json",
            "notes.txt",
            "sub/kpolicy.toml",
            ".hidden.yml",
            "sub/c.toml",
            ".git/config.yaml",
        ] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, "{}").expect("a file");
        }
        root
    }

    fn names(found: &Discovery, root: &Path) -> Vec<String> {
        let strip = |source: &Source| {
            Path::new(&source.path)
                .strip_prefix(root)
                .expect("below the root")
                .to_string_lossy()
                .into_owned()
        };
        found.sources.iter().map(strip).collect()
    }

    #[test]
    fn a_folder_is_walked_in_order_without_version_control() {
        let root = tree();
        let path = root.path().to_string_lossy().into_owned();
        let found = discover(&[path.clone(), path], Selection::default());
        assert_eq!(
            names(&found, root.path()),
            [".hidden.yml", "a.json", "b.yaml", "sub/c.toml"]
        );
        let skipped: Vec<Reason> = found.skipped.iter().map(|skipped| skipped.reason).collect();
        assert_eq!(skipped, [Reason::VersionControl, Reason::Unknown, Reason::OwnSettings]);
        assert_eq!(found.problems.len(), 0);
        let settings = root.path().join("sub/kpolicy.toml").to_string_lossy().into_owned();
        assert_eq!(discover(&[settings], Selection::default()).sources.len(), 1);
    }

    #[test]
    fn a_glob_stops_at_separators_unless_doubled() {
        let root = tree();
        let pattern = |pattern: &str| format!("{}/{pattern}", root.path().display());
        assert_eq!(
            names(
                &discover(&[pattern("*.{yaml,toml}")], Selection::default()),
                root.path()
            ),
            ["b.yaml"]
        );
        assert_eq!(
            names(&discover(&[pattern("**/*.toml")], Selection::default()), root.path()),
            ["sub/c.toml"]
        );
        assert_eq!(discover(&[pattern("*.nope")], Selection::default()).problems.len(), 1);
    }

    #[test]
    fn what_is_named_must_be_judged() {
        let root = tree();
        let named = |name: &str| vec![root.path().join(name).to_string_lossy().into_owned()];
        assert_eq!(discover(&named("notes.txt"), Selection::default()).problems.len(), 1);
        assert_eq!(
            discover(
                &named("notes.txt"),
                Selection {
                    parser: Some(Format::Yaml),
                    ..Selection::default()
                }
            )
            .sources
            .len(),
            1
        );
        let lenient = Selection {
            skip_unknown: true,
            ..Selection::default()
        };
        let passed_over = discover(&named("notes.txt"), lenient);
        assert_eq!((passed_over.skipped.len(), passed_over.problems.len()), (1, 0));
        assert_eq!(discover(&named("missing.txt"), lenient).problems.len(), 1);
        assert_eq!(discover(&named("missing.yaml"), Selection::default()).problems.len(), 1);
    }
}
