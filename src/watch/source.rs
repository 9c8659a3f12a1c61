//! Where changes come from: the file system, or a line of standard input for each.

use std::collections::BTreeSet;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Source, Wake};

/// What comes through the channel.
enum Message {
    Changed,
    Stopped,
}

/// Waits at a channel.
fn received(messages: &Receiver<Message>, most: Option<Duration>) -> Wake {
    let received = match most {
        Some(most) => messages.recv_timeout(most),
        None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    match received {
        Ok(Message::Changed) => Wake::Changed,
        Err(RecvTimeoutError::Timeout) => Wake::Quiet,
        Ok(Message::Stopped) | Err(RecvTimeoutError::Disconnected) => Wake::Stopped,
    }
}

/// Changes of files.
pub(super) struct Files {
    watcher: RecommendedWatcher,
    messages: Receiver<Message>,
    watched: BTreeSet<(PathBuf, bool)>,
}

impl Files {
    /// Changes of files, until Ctrl-C is pressed.
    ///
    /// # Errors
    /// The system does not let files be watched.
    pub(super) fn new() -> notify::Result<Self> {
        let (sender, messages) = channel();
        let stop = sender.clone();
        // Where another handler is set, Ctrl-C ends the process as usual.
        let _ = ctrlc::set_handler(move || _ = stop.send(Message::Stopped));
        let watcher = notify::recommended_watcher(move |event| tell(&sender, event))?;
        Ok(Self {
            watcher,
            messages,
            watched: BTreeSet::new(),
        })
    }
}

/// Passes on what may be a change. What was only read is none.
fn tell(sender: &Sender<Message>, event: notify::Result<Event>) {
    let is_change = event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_)));
    if is_change {
        let _ = sender.send(Message::Changed);
    }
}

impl Source for Files {
    fn look_at(&mut self, paths: &[PathBuf]) {
        let wanted: BTreeSet<(PathBuf, bool)> = paths.iter().flat_map(|path| places(path)).collect();
        for (path, _) in &self.watched {
            // What was deleted is watched no more.
            let _ = self.watcher.unwatch(path);
        }
        let mut watched = BTreeSet::new();
        for (path, below) in wanted {
            let mode = if below {
                RecursiveMode::Recursive
            } else {
                RecursiveMode::NonRecursive
            };
            if self.watcher.watch(&path, mode).is_ok() {
                watched.insert((path, below));
            }
        }
        self.watched = watched;
    }

    fn wait(&mut self, most: Option<Duration>) -> Wake {
        received(&self.messages, most)
    }
}

/// The directories to watch for a path, and whether all below them: a file is replaced in its directory, and what is not
/// there appears in the nearest one that is.
fn places(path: &Path) -> Vec<(PathBuf, bool)> {
    let parent = |path: &Path| {
        let mut above = path
            .ancestors()
            .skip(1)
            .map(|above| match above.as_os_str().is_empty() {
                true => PathBuf::from("."),
                false => above.to_owned(),
            });
        above.find(|above| above.is_dir())
    };
    let mut places: Vec<(PathBuf, bool)> = parent(path).map(|above| (above, false)).into_iter().collect();
    if path.is_dir() {
        places.retain(|(above, _)| above != path);
        places.push((path.to_owned(), true));
    }
    places
}

/// A change for each line of standard input; its end ends the run.
pub(super) struct Lines {
    messages: Receiver<Message>,
}

impl Lines {
    /// Reads lines on a thread of their own.
    pub(super) fn new() -> Self {
        let (sender, messages) = channel();
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_err() || sender.send(Message::Changed).is_err() {
                    break;
                }
            }
        });
        Self { messages }
    }
}

impl Source for Lines {
    fn look_at(&mut self, _paths: &[PathBuf]) {}

    fn wait(&mut self, most: Option<Duration>) -> Wake {
        received(&self.messages, most)
    }
}
