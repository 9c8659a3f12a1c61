//! How far a long run is, on a terminal's standard error; nowhere else, and never in the way of the report.

use std::io::{IsTerminal, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Files from which on a run may take long enough to show progress.
const WORTH_SHOWING: usize = 200;

/// A run's progress, in files.
pub struct Progress(ProgressBar);

impl Progress {
    /// Progress over so many files; shown only where somebody looks on.
    pub fn new(files: usize) -> Self {
        let watched = stderr().is_terminal() && stdout().is_terminal() && files >= WORTH_SHOWING;
        let target = if watched {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(files as u64), target);
        let style = ProgressStyle::with_template("{pos}/{len} files {wide_bar} {eta}");
        bar.set_style(style.expect("the template is well formed"));
        if watched {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// One more file is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Takes the progress off the screen.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
