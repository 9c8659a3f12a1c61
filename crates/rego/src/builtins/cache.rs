//! What builtins compile once and use again: patterns.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// Compiled things by the text that they were compiled from.
pub(super) struct Cache<T>(HashMap<String, Arc<T>, RandomState>);

/// How many things are kept; after that the cache starts anew.
const CAPACITY: usize = 100;

impl<T> Cache<T> {
    /// An empty cache.
    pub(super) fn new() -> Self {
        Self(HashMap::default())
    }

    /// What was compiled from `text`, now or before.
    pub(super) fn get<E>(&mut self, text: &str, compile: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        if let Some(compiled) = self.0.get(text) {
            return Ok(compiled.clone());
        }
        let compiled = Arc::new(compile()?);
        if self.0.len() >= CAPACITY {
            self.0.clear();
        }
        self.0.insert(text.to_owned(), compiled.clone());
        Ok(compiled)
    }
}
