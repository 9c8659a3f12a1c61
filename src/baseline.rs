//! The baseline: a file that lists findings which were there when it was written. What it lists fails no run.
//!
//! It has one line for each finding, sorted: file, rule, what the finding is about, and fingerprint, with tabs between
//! them. Files are named from the directory of the baseline.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::finding::{Check, Finding, Input, Problem};
use crate::input;
use crate::problem;

/// The first line of a baseline.
const HEAD: &str = "# kpolicy baseline 1: findings that fail no run. Update it with kpolicy baseline.";
/// What every version's first line starts with.
const MARK: &str = "# kpolicy baseline ";
/// The largest baseline that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// A finding that was there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Its file, from the directory of the baseline.
    pub file: String,
    /// The id of the rule.
    pub rule: String,
    /// What it is about; empty where that has no name.
    pub subject: String,
    /// What it is known by.
    pub fingerprint: String,
}

impl Entry {
    /// The entry in words.
    pub fn text(&self) -> String {
        match self.subject.as_str() {
            "" => format!("{} {}", self.file, self.rule),
            subject => format!("{} {}: {subject}", self.file, self.rule),
        }
    }
}

/// Findings that were there.
#[derive(Debug, Default)]
pub struct Baseline {
    /// They are sorted; one that was there several times is here several times.
    pub entries: Vec<Entry>,
    /// The directory that files are named from.
    folder: PathBuf,
}

/// What a baseline says of a run.
#[derive(Debug, Default)]
pub struct Applied {
    /// For each entry, whether a finding of the run is it.
    pub used: Vec<bool>,
}

impl Baseline {
    /// The baseline of these checks at a path: all that is not waived.
    pub fn of(checks: &[Check], path: &Path) -> Self {
        let folder = folder(path);
        let findings = checks
            .iter()
            .flat_map(|check| check.findings.iter().chain(&check.existing));
        let mut entries: Vec<Entry> = findings.map(|finding| entry(finding, &folder)).collect();
        entries.sort();
        Self { entries, folder }
    }

    /// Reads a baseline.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let bytes = input::read_file(path, LARGEST).map_err(|error| {
            let help = "write it with kpolicy baseline --write, or remove the setting baseline";
            problem::of_path(path, &error.reason, help)
        })?;
        Self::parse(bytes, path)
    }

    /// The baseline that these bytes of a file are.
    pub fn parse(bytes: Vec<u8>, path: &Path) -> Result<Self, Problem> {
        let wrong = |line: usize, message: &str| {
            let help = "write it anew with kpolicy baseline --write, or take it from version control";
            let shown = path.display().to_string();
            problem::of_file(&shown, &format!(":{line}:1"), message, Some(help.to_owned()))
        };
        let text = String::from_utf8(bytes).map_err(|_| wrong(1, "the baseline is not UTF-8"))?;
        let mut lines = text.lines().enumerate();
        match lines.next() {
            Some((_, HEAD)) => {}
            Some((_, first)) if first.starts_with(MARK) => {
                return Err(wrong(1, "the baseline is of another version of kpolicy"));
            }
            _ => return Err(wrong(1, "this is no baseline: its first line is another one")),
        }
        let mut entries = Vec::new();
        for (at, line) in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let [file, rule, subject, fingerprint] = fields[..] else {
                return Err(wrong(
                    at + 1,
                    "a line of a baseline has four fields with tabs between them",
                ));
            };
            if fingerprint.len() != 32 || !fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(wrong(at + 1, "the line has no fingerprint: 32 hexadecimal digits"));
            }
            entries.push(Entry {
                file: plain(file),
                rule: plain(rule),
                subject: plain(subject),
                fingerprint: fingerprint.to_owned(),
            });
        }
        entries.sort();
        Ok(Self {
            entries,
            folder: folder(path),
        })
    }

    /// Writes it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{HEAD}")?;
        for entry in &self.entries {
            let fields = [&entry.file, &entry.rule, &entry.subject, &entry.fingerprint];
            let fields = fields.map(|field| escaped(field));
            writeln!(out, "{}", fields.join("\t"))?;
        }
        Ok(())
    }

    /// Sets aside the findings that it lists. An object that is in another file now is followed, unless its file still
    /// has it; `subjects` are what the files of the run have.
    pub fn apply(&self, checks: &mut [Check], subjects: &BTreeMap<Input, BTreeSet<String>>) -> Applied {
        let mut used = vec![false; self.entries.len()];
        let mut existing: Vec<Vec<bool>> = checks.iter().map(|check| vec![false; check.findings.len()]).collect();
        // What is there and waived, or known by a comparison, accounts for its entry too.
        let mut aside: Vec<Entry> = Vec::new();
        for check in checks.iter() {
            let waived = check.waived.iter().flat_map(|waived| &waived.findings);
            aside.extend(
                waived
                    .chain(&check.existing)
                    .map(|finding| entry(finding, &self.folder)),
            );
        }
        let now: Vec<Vec<Entry>> = checks
            .iter()
            .map(|check| {
                check
                    .findings
                    .iter()
                    .map(|finding| entry(finding, &self.folder))
                    .collect()
            })
            .collect();
        let has = self.holders(subjects);
        for is_moved in [false, true] {
            let key = |entry: &Entry| {
                let file = (!is_moved).then(|| entry.file.clone());
                (file, entry.fingerprint.clone())
            };
            let mut left: HashMap<(Option<String>, String), Vec<usize>> = HashMap::new();
            for (at, entry) in self.entries.iter().enumerate().rev().filter(|(at, _)| !used[*at]) {
                let may_have_moved = !entry.subject.is_empty()
                    && !has
                        .get(entry.file.as_str())
                        .is_some_and(|known| known.contains(&entry.subject));
                if !is_moved || may_have_moved {
                    left.entry(key(entry)).or_default().push(at);
                }
            }
            let mut take = |entry: &Entry| {
                let at = left.get_mut(&key(entry))?.pop()?;
                used[at] = true;
                Some(())
            };
            for (entries, existing) in now.iter().zip(&mut existing) {
                for (entry, existing) in entries.iter().zip(existing) {
                    *existing = *existing || take(entry).is_some();
                }
            }
            if !is_moved {
                for entry in &aside {
                    take(entry);
                }
            }
        }
        for (check, existing) in checks.iter_mut().zip(existing) {
            let mut at = existing.into_iter();
            let findings = std::mem::take(&mut check.findings).into_iter();
            let (old, new): (Vec<Finding>, Vec<Finding>) = findings.partition(|_| at.next() == Some(true));
            check.existing.extend(old);
            check.findings = new;
        }
        Applied { used }
    }

    /// What the files of a run have, by their names here.
    fn holders<'a>(&self, subjects: &'a BTreeMap<Input, BTreeSet<String>>) -> HashMap<String, &'a BTreeSet<String>> {
        let named = subjects.iter().map(|(file, known)| (named(file, &self.folder), known));
        named.collect()
    }

    /// The entries that no finding is any more: their rule was run, and their file was evaluated or is gone.
    pub fn stale(&self, applied: &Applied, is_run: &dyn Fn(&str) -> bool, evaluated: &BTreeSet<String>) -> Vec<usize> {
        let is_stale = |at: &usize| {
            let entry = &self.entries[*at];
            let is_gone = || !self.folder.join(&entry.file).exists();
            !applied.used[*at] && is_run(&entry.rule) && (evaluated.contains(&entry.file) || is_gone())
        };
        (0..self.entries.len()).filter(is_stale).collect()
    }

    /// The names here of the files of a run.
    pub fn names<'a>(&self, files: impl Iterator<Item = &'a Input>) -> BTreeSet<String> {
        files.map(|file| named(file, &self.folder)).collect()
    }

    /// The entries that another baseline does not have. An object that is in another file there is the same.
    pub fn growth(&self, other: &Self) -> Vec<&Entry> {
        let key = |entry: &Entry| {
            let file = if entry.subject.is_empty() {
                entry.file.clone()
            } else {
                String::new()
            };
            (file, entry.fingerprint.clone())
        };
        let mut left: HashMap<(String, String), usize> = HashMap::new();
        for entry in &other.entries {
            *left.entry(key(entry)).or_default() += 1;
        }
        let is_new = |entry: &&Entry| match left.get_mut(&key(entry)).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                false
            }
            None => true,
        };
        self.entries.iter().filter(is_new).collect()
    }
}

fn folder(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    input::normal(parent.unwrap_or(Path::new(".")))
}

fn entry(finding: &Finding, folder: &Path) -> Entry {
    let (_, subject, _) = finding.identity();
    Entry {
        file: named(&finding.location.file, folder),
        rule: finding.rule.clone(),
        subject,
        fingerprint: finding.fingerprint(),
    }
}

/// A file's name from a directory.
fn named(file: &Input, folder: &Path) -> String {
    let Some(path) = file.path() else {
        return file.to_string();
    };
    let whole = input::normal(Path::new(path));
    let mut up = 0;
    let mut above = folder;
    while !whole.starts_with(above) {
        let Some(parent) = above.parent() else {
            return path.to_owned();
        };
        above = parent;
        up += 1;
    }
    let rest = whole.strip_prefix(above).unwrap_or(&whole);
    let parts = rest
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = std::iter::repeat_n("..".to_owned(), up).chain(parts).collect();
    parts.join("/")
}

/// A field without tabs and line breaks.
fn escaped(field: &str) -> String {
    let mut text = String::new();
    for character in field.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
    text
}

/// The field that was escaped.
fn plain(field: &str) -> String {
    let mut text = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('t') => text.push('\t'),
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            (other, false) => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_survives_being_written() {
        for field in ["a/b.yaml", "tab\there", "line\nbreak", "back\\slash", "\\t"] {
            let written = escaped(field);
            assert!(!written.contains(['\t', '\n']));
            assert_eq!(plain(&written), field);
        }
    }

    #[test]
    fn files_are_named_from_the_baseline() {
        let name = |file: &str, folder: &str| named(&Input::of_path(file), Path::new(folder));
        assert_eq!(name("/p/deploy/a.yaml", "/p"), "deploy/a.yaml");
        assert_eq!(name("/p/deploy/a.yaml", "/p/ci"), "../deploy/a.yaml");
        assert_eq!(name("-", "/p"), "-");
    }

    #[test]
    fn what_is_no_baseline_is_an_error_with_its_line() {
        let parse = |text: String| {
            let parsed = Baseline::parse(text.into_bytes(), Path::new("b"));
            parsed
                .map(|baseline| baseline.entries.len())
                .map_err(|problem| problem.place)
        };
        let good = format!("{HEAD}\na.yaml\tr\t\t{}\n", "0".repeat(32));
        assert_eq!(parse(good.clone()), Ok(1));
        assert_eq!(parse(format!("{good}<<<<<<< HEAD\n")), Err("b:3:1".to_owned()));
        assert_eq!(parse(good.replace('0', "x")), Err("b:2:1".to_owned()));
        assert_eq!(parse(String::new()), Err("b:1:1".to_owned()));
    }
}
