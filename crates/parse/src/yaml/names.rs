//! Keys that stand for many: a thread holds each text once.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// How long a key may be to be held.
const LONGEST: usize = 64;
/// How many keys a thread holds.
const MOST: usize = 1 << 14;

/// The keys that were read.
#[derive(Default)]
pub(super) struct Names(HashSet<Arc<str>, RandomState>);

thread_local! {
    static NAMES: RefCell<Names> = RefCell::default();
}

impl Names {
    /// The thread's own, until they are given back.
    pub(super) fn take() -> Self {
        NAMES.take()
    }

    /// Gives them back to the thread.
    pub(super) fn give_back(self) {
        NAMES.set(self);
    }

    /// The text as a key.
    #[inline]
    pub(super) fn key(&mut self, text: &str) -> Arc<str> {
        if text.len() > LONGEST {
            return text.into();
        }
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let key: Arc<str> = text.into();
        self.0.insert(Arc::clone(&key));
        key
    }
}
