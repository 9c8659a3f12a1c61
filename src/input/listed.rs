//! What paths name among files that are listed, and not on disk: those of a commit, or of another directory.

use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use super::{Identity, Search, Selection, Source, Wanted, clean, fixed_part, is_glob, normal};
use crate::finding::Input;

/// The files of a listing that `paths` name, as a search on disk would find them. `files` are absolute.
pub fn discover_listed(paths: &[String], selection: Selection, files: &[PathBuf]) -> Vec<Source> {
    let mut search = Search::new(selection);
    for path in paths.iter().filter(|path| !path.is_empty() && *path != Input::STDIN) {
        search.listed(path, files);
    }
    search.found.sources
}

impl Search<'_> {
    fn listed(&mut self, path: &str, files: &[PathBuf]) {
        let absolute = normal(Path::new(path));
        if files.binary_search(&absolute).is_ok() {
            let format = self.selection.parser.or_else(|| self.format(Path::new(path)));
            if let Some(format) = format.filter(|_| !self.ignored(Path::new(path), false)) {
                self.take(path.to_owned(), absolute, format);
            }
            return;
        }
        let cleaned = clean(path);
        let glob = GlobBuilder::new(&cleaned).literal_separator(true).build();
        let wanted = glob.ok().filter(|_| is_glob(path) && !Path::new(path).exists());
        let wanted = wanted.map(|glob| Wanted {
            pattern: cleaned.clone(),
            glob: glob.compile_matcher(),
        });
        let start = match &wanted {
            Some(_) => fixed_part(&cleaned),
            None => PathBuf::from(path),
        };
        let below = normal(&start);
        let first = files.partition_point(|file| *file < below);
        for file in files[first..].iter().take_while(|file| file.starts_with(&below)) {
            let Ok(rest) = file.strip_prefix(&below) else { continue };
            self.listed_below(&start, rest, file, wanted.as_ref());
        }
    }

    /// A file of a directory that is named, unless a walk would skip it or a directory on the way.
    fn listed_below(&mut self, start: &Path, rest: &Path, file: &Path, wanted: Option<&Wanted>) {
        let path = start.join(rest);
        let is_wanted = wanted.is_none_or(|wanted| wanted.glob.is_match(clean(&path.to_string_lossy())));
        let depth = rest.components().count();
        let above: Vec<&Path> = path.ancestors().skip(1).take(depth.saturating_sub(1)).collect();
        let mut git = self.git.take();
        let mut respected = git.as_mut();
        let is_skipped = above
            .iter()
            .any(|directory| self.reason_to_skip(directory, true, wanted, &mut respected).is_some())
            || self.reason_to_skip(&path, false, wanted, &mut respected).is_some();
        self.git = git;
        let format = self.selection.parser.or_else(|| self.walked_format(&path));
        if let Some((format, shown)) = format.zip(path.to_str()).filter(|_| is_wanted && !is_skipped) {
            self.take(clean(shown), file.to_owned(), format);
        }
    }

    fn take(&mut self, path: String, absolute: PathBuf, format: kpolicy_parse::Format) {
        if self.seen.insert(Identity::Path(absolute)) {
            self.found.sources.push(Source::file(path, format));
        }
    }
}
