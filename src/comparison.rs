//! Which findings were there before: those of a run are paired with those of its base.
//!
//! A finding is known by its rule, by what it is about, and by the path in it. Files that were renamed, objects that
//! moved to another file and items of lists that have no name and another index are followed. The message decides
//! between findings that are otherwise alike; each finding of the base accounts for one of the run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use crate::finding::{Check, Finding, Input};

pub mod renames;

/// What was found before.
pub struct Before {
    /// The findings of files that were something else, those that were waived aside.
    pub findings: Vec<Finding>,
    /// Where each file is now that has another path.
    pub renamed: HashMap<Input, Input>,
    /// What the files had that findings can be about.
    pub subjects: BTreeMap<Input, BTreeSet<String>>,
}

/// The files of a run that were the same before.
pub struct Same<'a> {
    /// The files.
    pub files: HashSet<&'a Input>,
    /// Whether a finding of one of them was there before: its rule does not depend on other files, and nothing waived it.
    pub holds: &'a dyn Fn(&Finding) -> bool,
    /// Whether the findings of a rule depend on other files, so that they are compared one by one.
    pub compared: &'a dyn Fn(&Finding) -> bool,
    /// The files of which is not known what they were: all that is found in them is new, and so is what rules find that
    /// depends on other files, to which these belong.
    pub unknown: HashSet<&'a Input>,
}

/// Sets aside what was there before; gives what was there and is no more. `subjects` are what the files have now.
pub fn settle(
    checks: &mut [Check],
    before: Before,
    same: &Same,
    subjects: &BTreeMap<Input, BTreeSet<String>>,
) -> Vec<Finding> {
    let pairs = pairs(checks, &before, same, subjects);
    for (check, existing) in checks.iter_mut().zip(&pairs.existing) {
        let mut at = 0..;
        let findings = std::mem::take(&mut check.findings).into_iter();
        let (old, new) = findings.partition(|_| at.next().is_some_and(|at| existing[at]));
        check.existing = old;
        check.findings = new;
    }
    let fixed = before.findings.into_iter().zip(pairs.used);
    fixed.filter(|(_, used)| !used).map(|(finding, _)| finding).collect()
}

struct Pairs {
    /// For each check and finding, whether it was there before.
    existing: Vec<Vec<bool>>,
    /// For each finding of the base, whether it is there now, waived or not.
    used: Vec<bool>,
}

/// A finding of the run, and where it is among the checks; none for one that is waived.
type Now<'a> = (&'a Finding, Option<(usize, usize)>);

fn pairs(checks: &[Check], before: &Before, same: &Same, subjects: &BTreeMap<Input, BTreeSet<String>>) -> Pairs {
    let mut pairs = Pairs {
        existing: checks.iter().map(|check| vec![false; check.findings.len()]).collect(),
        used: vec![false; before.findings.len()],
    };
    let mut now: Vec<Now> = Vec::new();
    let is_unknown = |file: &Input, finding: &Finding| {
        same.unknown.contains(file) || !same.unknown.is_empty() && (same.compared)(finding)
    };
    for (at, check) in checks.iter().enumerate() {
        let is_same = same.files.contains(&check.file);
        for (index, finding) in check.findings.iter().enumerate() {
            if is_unknown(&check.file, finding) {
                continue;
            }
            if is_same && !(same.compared)(finding) {
                pairs.existing[at][index] = (same.holds)(finding);
            } else {
                now.push((finding, Some((at, index))));
            }
        }
        let waived = check.waived.iter().flat_map(|waived| &waived.findings);
        let waived = waived.filter(|finding| !is_unknown(&check.file, finding));
        let waived = waived.filter(|finding| !is_same || (same.compared)(finding));
        now.extend(waived.map(|finding| (finding, None)));
    }
    let mut matching = Matching {
        now: now.iter().map(|_| false).collect(),
        before: vec![false; before.findings.len()],
    };
    let file = |finding: &Finding| {
        let file = &finding.location.file;
        before.renamed.get(file).unwrap_or(file).clone()
    };
    let own = |finding: &Finding| finding.location.file.clone();
    let moved = Moves { before, now: subjects };
    let passes: [(&KeyOf, &KeyOf, Alike); 4] = [
        (
            &|finding| Some(key(finding, Some(own(finding)), Exactly)),
            &|finding| Some(key(finding, Some(file(finding)), Exactly)),
            Alike::Preferred,
        ),
        (
            &|finding| Some(key(finding, Some(own(finding)), WithoutIndexes)),
            &|finding| Some(key(finding, Some(file(finding)), WithoutIndexes)),
            Alike::Required,
        ),
        (
            &|finding| moved.came(finding).then(|| key(finding, None, Exactly)),
            &|finding| moved.left(finding, &file(finding)).then(|| key(finding, None, Exactly)),
            Alike::Preferred,
        ),
        (
            &|finding| moved.came(finding).then(|| key(finding, None, WithoutIndexes)),
            &|finding| {
                moved
                    .left(finding, &file(finding))
                    .then(|| key(finding, None, WithoutIndexes))
            },
            Alike::Required,
        ),
    ];
    let after: Vec<&Finding> = now.iter().map(|(finding, _)| *finding).collect();
    let all_before: Vec<&Finding> = before.findings.iter().collect();
    for (of_now, of_before, alike) in passes {
        matching.pass((&after, of_now), (&all_before, of_before), alike);
    }
    for ((_, place), _) in now.iter().zip(&matching.now).filter(|(_, matched)| **matched) {
        if let Some((at, index)) = place {
            pairs.existing[*at][*index] = true;
        }
    }
    pairs.used = matching.before;
    pairs
}

/// What a finding is known by in a pass; none where the pass is not for it.
type KeyOf<'a> = dyn Fn(&Finding) -> Option<Key> + 'a;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    file: Option<Input>,
    namespace: String,
    rule: String,
    subject: String,
    path: String,
}

/// How a path is compared.
#[derive(Clone, Copy)]
enum Paths {
    Exactly,
    WithoutIndexes,
}
use Paths::{Exactly, WithoutIndexes};

fn key(finding: &Finding, file: Option<Input>, paths: Paths) -> Key {
    let (rule, subject, path) = finding.identity();
    Key {
        file,
        namespace: finding.namespace.clone(),
        rule: rule.to_owned(),
        subject,
        path: match paths {
            Exactly => path.to_owned(),
            WithoutIndexes => without_indexes(path),
        },
    }
}

/// A path in which items without a name are alike.
fn without_indexes(path: &str) -> String {
    let mut text = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('[') {
        text.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let digits = rest
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(rest.len());
        if rest[digits..].starts_with(']') {
            rest = &rest[digits..];
        } else if rest.starts_with('"') {
            // A name may hold brackets.
            let end = quoted(rest);
            text.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    text + rest
}

/// How long the JSON string at the start of this is.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// What messages decide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alike {
    /// Findings with the same message are paired first.
    Preferred,
    /// Only such are paired.
    Required,
}

/// What is paired so far.
struct Matching {
    now: Vec<bool>,
    before: Vec<bool>,
}

impl Matching {
    /// Pairs findings with equal keys that have no partner yet.
    fn pass(&mut self, (now, of_now): (&[&Finding], &KeyOf), (before, of_before): (&[&Finding], &KeyOf), alike: Alike) {
        self.by(
            now,
            before,
            &|finding| Some((of_now(finding)?, Some(finding.message.clone()))),
            &|finding| Some((of_before(finding)?, Some(finding.message.clone()))),
        );
        if alike == Alike::Preferred {
            self.by(
                now,
                before,
                &|finding| Some((of_now(finding)?, None::<String>)),
                &|finding| Some((of_before(finding)?, None::<String>)),
            );
        }
    }

    fn by<K: Eq + Hash>(
        &mut self,
        now: &[&Finding],
        before: &[&Finding],
        of_now: &dyn Fn(&Finding) -> Option<K>,
        of_before: &dyn Fn(&Finding) -> Option<K>,
    ) {
        let mut left: HashMap<K, Vec<usize>> = HashMap::new();
        for (at, finding) in before.iter().enumerate().rev().filter(|(at, _)| !self.before[*at]) {
            if let Some(key) = of_before(finding) {
                left.entry(key).or_default().push(at);
            }
        }
        for (at, finding) in now.iter().enumerate() {
            if self.now[at] {
                continue;
            }
            let partner = of_now(finding).and_then(|key| left.get_mut(&key)?.pop());
            if let Some(partner) = partner {
                self.now[at] = true;
                self.before[partner] = true;
            }
        }
    }
}

/// Which objects are in another file now: an object that is in two files is not one that moved.
struct Moves<'a> {
    before: &'a Before,
    now: &'a BTreeMap<Input, BTreeSet<String>>,
}

impl Moves<'_> {
    /// Whether a finding is about an object that its file did not have before.
    fn came(&self, finding: &Finding) -> bool {
        let file = &finding.location.file;
        let mut renamed = self.before.renamed.iter();
        let was = renamed.find(|(_, now)| *now == file).map_or(file, |(was, _)| was);
        is_named(finding) && !has(&self.before.subjects, was, finding)
    }

    /// Whether a finding of the base is about an object that its file does not have now.
    fn left(&self, finding: &Finding, file: &Input) -> bool {
        is_named(finding) && !has(self.now, file, finding)
    }
}

fn has(subjects: &BTreeMap<Input, BTreeSet<String>>, file: &Input, finding: &Finding) -> bool {
    let (_, subject, _) = finding.identity();
    subjects.get(file).is_some_and(|known| known.contains(&subject))
}

/// Whether what a finding is about has a name of its own, so that it is known in any file.
fn is_named(finding: &Finding) -> bool {
    use crate::finding::Subject;
    match &finding.subject {
        Some(Subject::Object { resource, .. }) => !resource.name.is_empty(),
        Some(Subject::Terraform { .. }) => true,
        Some(Subject::Instruction { .. }) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::without_indexes;

    #[test]
    fn items_without_a_name_are_alike() {
        assert_eq!(without_indexes("a[0].b[\"x[1]\\\"]\"][12]"), "a[].b[\"x[1]\\\"]\"][]");
        assert_eq!(without_indexes("a.b"), "a.b");
    }
}
