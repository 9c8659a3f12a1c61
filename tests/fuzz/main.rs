//! Random text against every parser and against the loading of policies: no panic, no hang, and what must always hold.
//!
//! Without more words a short run with a fixed seed. `FUZZ_SECONDS=600 FUZZ_SEED=7 cargo test --test fuzz yaml` looks
//! longer and elsewhere. What is found wrong is written below `target/tmp/fuzz/`, with the slowest input and its time;
//! once it is mended the text is kept in `tests/fuzz/kept/`, where every run starts.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use kpolicy::parse::Format;

mod holds;
mod mutation;
mod seeds;

use mutation::{Random, mutate};

/// How long one input may take. The inputs are small, but a machine may be busy, and the policy parser doubles its time
/// with each bracket.
const LONGEST: Duration = Duration::from_secs(120);
/// How many faults are written down before a run gives up.
const MOST_FAULTS: usize = 10;
/// The seed of the run that everyone makes.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// What is tried: its name, its format unless it is policies, and how many inputs make a short run.
#[derive(Clone, Copy)]
struct Target {
    name: &'static str,
    format: Option<Format>,
    inputs: usize,
}

#[test]
fn yaml() {
    run(Target::parser("yaml", Format::Yaml));
}

#[test]
fn hcl2() {
    run(Target::parser("hcl2", Format::Hcl2));
}

#[test]
fn dockerfile() {
    run(Target::parser("dockerfile", Format::Dockerfile));
}

#[test]
fn json() {
    run(Target::parser("json", Format::Json));
}

#[test]
fn jsonc() {
    run(Target::parser("jsonc", Format::Jsonc));
}

#[test]
fn toml() {
    run(Target::parser("toml", Format::Toml));
}

#[test]
fn policy() {
    run(Target {
        name: "policy",
        format: None,
        inputs: 300,
    });
}

impl Target {
    fn parser(name: &'static str, format: Format) -> Self {
        Self {
            name,
            format: Some(format),
            inputs: 2000,
        }
    }

    fn holds(self, text: &str, folder: &Path) {
        match self.format {
            Some(format) => holds::for_parser(format, text),
            None => holds::for_policy(text, folder),
        }
    }
}

/// Tries a target on a thread of its own, so that an input without end is noticed.
fn run(target: Target) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("fuzz")
        .join(target.name);
    std::fs::create_dir_all(&folder).expect("a folder below target");
    let (alive, watched) = mpsc::channel();
    let place = folder.clone();
    let thread = std::thread::spawn(move || search(target, &place, &alive));
    loop {
        match watched.recv_timeout(LONGEST) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("{} takes over {LONGEST:?}", folder.join("current").display()),
        }
    }
    let faults = thread.join().expect("the search catches what panics");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The faults found: what was said, and the file that holds the input.
fn search(target: Target, folder: &Path, alive: &mpsc::Sender<()>) -> Vec<String> {
    let seeds = seeds::of(target.name);
    let kept = seeds::kept(target.name);
    let pieces = seeds::pieces(target.name);
    let mut random = Random(variable("FUZZ_SEED").unwrap_or(SEED).max(1));
    let limit = variable("FUZZ_SECONDS").map(Duration::from_secs);
    let started = Instant::now();
    let (mut tried, mut slowest, mut faults) = (0, Duration::ZERO, Vec::<String>::new());
    let goes_on = |tried: usize| limit.map_or(tried < kept.len() + target.inputs, |limit| started.elapsed() < limit);
    while goes_on(tried) && faults.len() < MOST_FAULTS {
        let text = match kept.get(tried) {
            Some(text) => text.clone(),
            None => mutate(&seeds, &pieces, &mut random),
        };
        // A process that aborts leaves its input there.
        std::fs::write(folder.join("current"), &text).expect("the folder can be written");
        alive.send(()).ok();
        let begun = Instant::now();
        let result = std::panic::catch_unwind(|| target.holds(&text, folder));
        if begun.elapsed() > slowest {
            slowest = begun.elapsed();
            std::fs::write(folder.join("slowest"), &text).expect("the folder can be written");
        }
        if let Err(panic) = result {
            let said = message(&*panic);
            let file = folder.join(format!("fault-{}", faults.len()));
            std::fs::write(&file, &text).expect("the folder can be written");
            faults.push(format!("{}: {said}", file.display()));
        }
        tried += 1;
    }
    let report = format!("{tried} inputs, the slowest took {slowest:?}\n");
    std::fs::write(folder.join("report"), report).expect("the folder can be written");
    faults
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
}
