//! Random text against every parser and against the loading of policies, and random policies against documents: no panic,
//! no hang, and what must always hold.
//!
//! Without more words a short run with a fixed seed. `FUZZ_SECONDS=600 FUZZ_SEED=7 cargo test --test it fuzz::yaml` looks
//! longer and elsewhere. What is found wrong is written below `target/tmp/fuzz/`, with the slowest input and its time;
//! once it is mended the text is kept in `tests/fuzz/kept/`, where every run starts.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use kpolicy::policy::STACK;
use kpolicy_parse::Format;

mod answers;
mod case;
mod document;
mod holds;
mod mutation;
mod seeds;

use crate::generator::choices::{Choices, Random, shrink};
use case::{Case, Seeds};
use mutation::mutate;

/// How long one input may take. The inputs are small, but a machine may be busy, and the policy parser doubles its time
/// with each bracket.
const LONGEST: Duration = Duration::from_secs(120);
/// How many faults are written down before a run gives up.
const MOST_FAULTS: usize = 10;
/// The seed of the run that everyone makes.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// How long a policy with documents may take to be tried again and again until it is small.
const QUICK: Duration = Duration::from_millis(500);

/// What is tried: its name, what it is, and how many inputs make a short run.
#[derive(Clone, Copy)]
struct Target {
    name: &'static str,
    kind: Kind,
    inputs: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Texts are parsed.
    Parser(Format),
    /// Policies are loaded.
    Policy,
    /// Policies judge documents.
    Evaluation,
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

/// The formats without a test of their own above.
#[test]
fn further_formats() {
    let named = ["yaml", "hcl2", "dockerfile", "json", "jsonc", "toml"];
    for format in Format::ALL.iter().filter(|format| !named.contains(&format.name())) {
        run(Target {
            inputs: 500,
            ..Target::parser(format.name(), *format)
        });
    }
}

#[test]
fn policy() {
    run(Target {
        name: "policy",
        kind: Kind::Policy,
        inputs: 300,
    });
}

#[test]
fn evaluation() {
    run(Target {
        name: "evaluation",
        kind: Kind::Evaluation,
        inputs: 150,
    });
}

impl Target {
    fn parser(name: &'static str, format: Format) -> Self {
        Self {
            name,
            kind: Kind::Parser(format),
            inputs: 2000,
        }
    }

    /// Where its texts come from.
    fn source(self) -> Source {
        match self.kind {
            Kind::Parser(_) | Kind::Policy => Source::Texts {
                seeds: seeds::of(self.name),
                pieces: seeds::pieces(self.name),
            },
            Kind::Evaluation => Source::Cases(Seeds::of_repository()),
        }
    }

    fn holds(self, text: &str, folder: &Path) {
        match self.kind {
            Kind::Parser(format) => holds::for_parser(format, text),
            Kind::Policy => holds::for_policy(text, folder),
            Kind::Evaluation => answers::for_case(&serde_json::from_str(text).expect("it was written as JSON")),
        }
    }
}

/// What inputs are made of.
enum Source {
    /// Texts that are changed, and what is put into them.
    Texts {
        seeds: Vec<String>,
        pieces: Vec<&'static str>,
    },
    /// Policies and documents; the input is a [`Case`] as JSON.
    Cases(Seeds),
}

impl Source {
    /// A new input, and the choices that it can be made of again.
    fn next(&self, random: &mut Random) -> (String, Vec<usize>) {
        match self {
            Self::Texts { seeds, pieces } => (mutate(seeds, pieces, random), Vec::new()),
            Self::Cases(seeds) => {
                let mut choices = Choices::drawn(random);
                let case = seeds.case(&mut choices);
                (written(&case), choices.into_made())
            }
        }
    }

    /// The smallest input of fewer choices for which `fails` holds too.
    fn smallest(&self, made: Vec<usize>, fails: impl Fn(&str) -> bool) -> Option<String> {
        let Self::Cases(seeds) = self else { return None };
        let input = |choices: &[usize]| written(&seeds.case(&mut Choices::given(choices)));
        let small = shrink(made, |choices| fails(&input(choices)));
        Some(input(&small))
    }
}

fn written(case: &Case) -> String {
    serde_json::to_string_pretty(case).expect("a case is JSON")
}

/// Tries a target on a thread of its own, so that an input without end is noticed.
fn run(target: Target) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("fuzz")
        .join(target.name);
    std::fs::create_dir_all(&folder).expect("a folder below target");
    let (alive, watched) = mpsc::channel();
    let place = folder.clone();
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || search(target, &place, &alive))
        .expect("the system has threads");
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
    let source = target.source();
    let kept = seeds::kept(target.name);
    let mut random = Random(variable("FUZZ_SEED").unwrap_or(SEED).max(1));
    let limit = variable("FUZZ_SECONDS").map(Duration::from_secs);
    let started = Instant::now();
    let (mut tried, mut slowest, mut faults) = (0, Duration::ZERO, Vec::<String>::new());
    let goes_on = |tried: usize| limit.map_or(tried < kept.len() + target.inputs, |limit| started.elapsed() < limit);
    // What is wrong with an input.
    let fault = |text: &str| {
        // A process that aborts leaves its input there.
        std::fs::write(folder.join("current"), text).expect("the folder can be written");
        alive.send(()).ok();
        std::panic::catch_unwind(|| target.holds(text, folder)).err()
    };
    while goes_on(tried) && faults.len() < MOST_FAULTS {
        let (mut text, made) = match kept.get(tried) {
            Some(text) => (text.clone(), Vec::new()),
            None => source.next(&mut random),
        };
        let begun = Instant::now();
        let found = fault(&text);
        let took = begun.elapsed();
        if took > slowest {
            slowest = took;
            std::fs::write(folder.join("slowest"), &text).expect("the folder can be written");
        }
        if let Some(panic) = found {
            let said = message(&*panic);
            if took < QUICK && !made.is_empty() {
                text = source.smallest(made, |text| fault(text).is_some()).unwrap_or(text);
            }
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
