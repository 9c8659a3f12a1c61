//! Which files were renamed: the same content under another path, or at least half of its lines.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Files beyond which only equal contents are looked for: each is compared with each.
const MOST: usize = 500;

/// A file and its content.
pub type Content<'a> = (&'a str, &'a [u8]);

/// For each file that is not there any more, where it is now: the pairs of indexes. Each file is in one pair at most, the
/// most similar first.
pub fn renames(gone: &[Content], new: &[Content]) -> Vec<(usize, usize)> {
    let hasher = RandomState::new();
    let before: Vec<Lines> = gone.iter().map(|(_, content)| Lines::of(content, &hasher)).collect();
    let now: Vec<Lines> = new.iter().map(|(_, content)| Lines::of(content, &hasher)).collect();
    let mut pairs = Vec::new();
    let is_many = gone.len().max(new.len()) > MOST;
    for (from, (path, content)) in gone.iter().enumerate() {
        for (to, (other, changed)) in new.iter().enumerate() {
            if is_many && content != changed {
                continue;
            }
            let similarity = before[from].similarity(&now[to]);
            // Of several the one with the same name counts, then the first.
            let is_namesake = name(path) == name(other);
            if similarity >= 50 {
                pairs.push((similarity, is_namesake, from, to));
            }
        }
    }
    pairs.sort_by_key(|(similarity, is_namesake, from, to)| {
        (std::cmp::Reverse((*similarity, *is_namesake)), *from, *to)
    });
    let (mut taken, mut found) = (vec![false; new.len()], vec![None; gone.len()]);
    for (_, _, from, to) in pairs {
        if !taken[to] && found[from].is_none() {
            taken[to] = true;
            found[from] = Some(to);
        }
    }
    let found = found.into_iter().enumerate();
    found.filter_map(|(from, to)| Some((from, to?))).collect()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The lines of a file that are not empty: how often each is there, and how long they are.
struct Lines {
    counts: HashMap<u64, (usize, usize)>,
    length: usize,
}

impl Lines {
    fn of(content: &[u8], hasher: &RandomState) -> Self {
        let mut lines = Self {
            counts: HashMap::new(),
            length: 0,
        };
        for line in content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if !line.is_empty() {
                let (count, length) = lines.counts.entry(hasher.hash_one(line)).or_insert((0, line.len()));
                *count += 1;
                lines.length += *length;
            }
        }
        lines
    }

    /// How much of the longer one both have, in percent.
    fn similarity(&self, other: &Self) -> usize {
        let longer = self.length.max(other.length);
        if longer == 0 {
            return 0;
        }
        if self.length.min(other.length) * 2 < longer {
            return 0;
        }
        let shared = self.counts.iter().filter_map(|(line, (count, length))| {
            let (theirs, _) = other.counts.get(line)?;
            Some(count.min(theirs) * length)
        });
        shared.sum::<usize>() * 100 / longer
    }
}

#[cfg(test)]
mod tests {
    use super::renames;

    #[test]
    fn the_most_similar_file_is_the_renamed_one() {
        let gone: [(&str, &[u8]); 2] = [("a/x.yaml", b"one\ntwo\nthree\n"), ("a/y.yaml", b"k: 1\nl: 2\nm: 3\n")];
        let new: [(&str, &[u8]); 3] = [
            ("b/z.yaml", b"nothing of it\n"),
            ("b/y.yaml", b"k: 1\nl: 2\nm: 4\n"),
            ("b/x.yaml", b"one\ntwo\nthree\n"),
        ];
        assert_eq!(renames(&gone, &new), [(0, 2), (1, 1)]);
        assert!(renames(&[("a", b"")], &[("b", b"")]).is_empty());
    }
}
