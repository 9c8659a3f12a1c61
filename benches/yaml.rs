//! What reading YAML costs: nodes alone, and values with their locations, over the same files.
//!
//!     cargo run --release --example yaml FILE...

#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use kpolicy_parse::{Format, yaml};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each is measured; the best counts.
const ROUNDS: usize = 7;

fn main() {
    let texts = std::env::args().skip(1).map(std::fs::read_to_string);
    let texts: Vec<String> = texts.map(|text| text.expect("the files are text")).collect();
    let readable = |text: &&String| Format::Yaml.parse(text).is_ok();
    let texts: Vec<&String> = texts.iter().filter(readable).collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let (mut nodes, mut documents) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        nodes.push(timed(&texts, |text| yaml::count(text).unwrap_or_default()));
        documents.push(timed(&texts, |text| {
            Format::Yaml.parse(text).map_or(0, |all| all.len())
        }));
    }
    println!("{} files, {bytes} bytes", texts.len());
    for (name, times) in [("scanned", nodes), ("into values", documents)] {
        let best = times.into_iter().min().unwrap_or_default();
        #[allow(clippy::cast_precision_loss)]
        let rate = bytes as f64 / best.as_secs_f64() / 1e6;
        println!("{name}: {rate:.0} MB/s");
    }
}

/// How long all texts take.
fn timed(texts: &[&String], read: impl Fn(&str) -> usize) -> Duration {
    let start = Instant::now();
    let counted: usize = texts.iter().map(|text| read(text)).sum();
    std::hint::black_box(counted);
    start.elapsed()
}
