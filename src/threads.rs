//! The threads that evaluate: as many as the settings or the cores say, and whatever the machine gives of them.

use std::sync::{Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::policy::STACK;

/// The stack of a thread where there is no memory for the usual one.
const SMALL_STACK: usize = 16 << 20;

/// A pool of so many threads, by default one for each core. Where they cannot be started there is one, and where that
/// cannot be started either, it is this thread.
pub fn pool(jobs: Option<usize>) -> Result<ThreadPool, ThreadPoolBuildError> {
    // Left to itself, the pool would ask RAYON_NUM_THREADS.
    let wanted = jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let build = |threads, stack| ThreadPoolBuilder::new().num_threads(threads).stack_size(stack).build();
    build(wanted, STACK)
        .or_else(|_| build(1, STACK))
        .or_else(|_| build(1, SMALL_STACK))
        .or_else(|_| ThreadPoolBuilder::new().num_threads(1).use_current_thread().build())
}

/// Runs this on a pool of its own. Outside of one, work in parallel starts the pool that all share, which takes the number
/// of its threads from the environment.
pub fn on_pool<T: Send>(jobs: Option<usize>, run: impl FnOnce() -> T + Send) -> T {
    match pool(jobs) {
        Ok(pool) => pool.install(run),
        Err(_) => run(),
    }
}

/// Gives each item to a worker, of which every thread of the pool that this runs on has one, and returns what they made of
/// the items, in the order of these.
///
/// rayon's `map_init` makes a worker for each part that it splits off, many times as many as there are threads. What an
/// evaluator remembers of the whole set would be found out again by each.
pub fn each<T: Send, W, R: Send>(
    items: impl IntoIterator<Item = T, IntoIter: Send>,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, T) -> R + Sync,
) -> Vec<R> {
    let items = Mutex::new(items.into_iter().enumerate());
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let done = rayon::broadcast(|_| {
        let (mut own, mut made) = (None, Vec::new());
        while let Some((at, item)) = next() {
            made.push((at, work(own.get_or_insert_with(&worker), item)));
        }
        made
    });
    let mut done: Vec<(usize, R)> = done.into_iter().flatten().collect();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_thread_has_one_worker_at_most_and_the_order_stays() {
        let workers = AtomicUsize::new(0);
        let pool = pool(Some(3)).expect("threads");
        let doubled = pool.install(|| {
            each(
                0..1000,
                || workers.fetch_add(1, Ordering::Relaxed),
                |_, number| 2 * number,
            )
        });
        assert_eq!(doubled, (0..1000).map(|number| 2 * number).collect::<Vec<_>>());
        assert!((1..=3).contains(&workers.into_inner()));
    }

    #[test]
    fn the_number_of_threads_is_what_is_asked_for() {
        let threads = |jobs| pool(jobs).expect("threads").current_num_threads();
        assert_eq!(threads(Some(3)), 3);
        assert_eq!(
            threads(None),
            std::thread::available_parallelism().map_or(1, usize::from)
        );
    }
}
