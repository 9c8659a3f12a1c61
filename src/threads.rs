//! The threads that evaluate: as many as the settings or the cores say, and whatever the machine gives of them.

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

#[cfg(test)]
mod tests {
    use super::*;

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
