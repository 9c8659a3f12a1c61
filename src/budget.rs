//! The memory that files take together: a file is read when there is room for it, so that many large files at once do
//! not take more than the machine has. It only ever delays a file: what is alone is always read, however large it is,
//! and so the result is the same in every order.

use std::fs;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes that a value of a document takes with its location and key, text not included: about what was measured for lists
/// of small objects (170) and for Dockerfiles (120).
const NODE_BYTES: u64 = 170;
/// Bytes that are taken for each byte of a file before it is known how many values it holds.
const BYTES_PER_BYTE: u64 = 12;
/// What is taken for available where the system does not say.
const UNKNOWN: u64 = 4 << 30;

/// The memory of a run.
pub struct Budget {
    limit: u64,
    used: Mutex<u64>,
    released: Condvar,
}

/// A part of the budget that a file has, until it is dropped.
pub struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// A budget of so many bytes, or of half of what is available.
    pub fn new(limit: Option<u64>) -> Self {
        Self {
            limit: limit.unwrap_or_else(|| available() / 2),
            used: Mutex::new(0),
            released: Condvar::new(),
        }
    }

    /// A share for a file of this size, once there is room for it or nothing else has one.
    pub fn share(&self, size: u64) -> Share<'_> {
        let bytes = size.saturating_mul(BYTES_PER_BYTE);
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |used: &mut u64| *used > 0 && used.saturating_add(bytes) > self.limit;
        let waited = self.released.wait_while(used, is_full);
        let mut used = waited.unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_add(bytes);
        Share { budget: self, bytes }
    }

    fn change(&self, from: u64, to: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(from).saturating_add(to);
        drop(used);
        if to < from {
            self.released.notify_all();
        }
    }
}

impl Share<'_> {
    /// Takes what the file is known to need: a text of this length, and so many values. It does not wait, since what
    /// waits with a share could keep the others waiting.
    pub fn settle(&mut self, text: u64, nodes: u64) {
        let bytes = text.saturating_add(nodes.saturating_mul(NODE_BYTES));
        self.budget.change(self.bytes, bytes);
        self.bytes = bytes;
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.budget.change(self.bytes, 0);
    }
}

/// The memory that is available to this process: the machine's, or less where a control group has less.
fn available() -> u64 {
    let read = |path: &Path| fs::read_to_string(path).ok();
    let machine = read(Path::new("/proc/meminfo")).and_then(|text| of_meminfo(&text));
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let of_groups = groups.lines().filter_map(|line| of_group(line, &read));
    of_groups.chain(machine).min().unwrap_or(UNKNOWN)
}

fn of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// What a line of `/proc/self/cgroup` leaves, `0::/path` in version 2 and `7:memory:/path` in version 1: the least of
/// the group and those above it. In a container the path is often that of the host, and the group is at the root.
fn of_group(line: &str, read: &impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
    let (root, limit, usage) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
        _ if controllers.split(',').any(|name| name == "memory") => (
            "/sys/fs/cgroup/memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
        ),
        _ => return None,
    };
    let number = |path: &Path| -> Option<u64> { read(path)?.trim().parse().ok() };
    let left = |group: &Path| {
        let limit = number(&group.join(limit))?;
        Some(limit.saturating_sub(number(&group.join(usage)).unwrap_or(0)))
    };
    let group = Path::new(root).join(path);
    let groups = group.ancestors().take_while(|group| group.starts_with(root));
    groups.filter_map(left).min()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn a_share_waits_for_room_and_a_large_one_for_no_other() {
        let budget = Budget::new(Some(100 * BYTES_PER_BYTE));
        let first = budget.share(1_000);
        let (taken, told) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut second = budget.share(60);
                second.settle(1, 0);
                taken.send(()).expect("the test waits");
                // There is room for this one beside it.
                drop(budget.share(90));
            });
            assert!(told.try_recv().is_err());
            drop(first);
            told.recv().expect("the second is read after the first");
        });
        assert_eq!(*budget.used.lock().expect("no panic"), 0);
    }

    #[test]
    fn a_control_group_has_less_than_the_machine() {
        assert_eq!(of_meminfo("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2 << 20));
        let files = [
            ("/sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("/sys/fs/cgroup/a/memory.max", "5000\n"),
            ("/sys/fs/cgroup/a/memory.current", "1000\n"),
            ("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3000\n"),
        ];
        let read = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        assert_eq!(of_group("0::/a/b", &read), Some(4000));
        assert_eq!(of_group("7:cpu,memory:/x", &read), Some(3000));
        assert_eq!(of_group("3:cpu:/x", &read), None);
        assert_eq!(of_group("0::/", &read), None);
    }
}
