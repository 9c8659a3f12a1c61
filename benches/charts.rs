//! How many of the lines that charts give are traced to the line of a template, and whether marks change what is rendered.
//!
//! `cargo run --example charts -- DIRECTORY...` renders every chart below each directory, at its default values and with
//! each of its `ci/*-values.yaml`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use kpolicy::rendering::Request;
use kpolicy::rendering::helm::{Coverage, Environment, Helm, is_chart};

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "| directory | charts | renders | not rendered | without marks | lines | exact | share | other text | literal | unequal |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut all = Row::default();
    for directory in std::env::args().skip(1) {
        let mut charts = Vec::new();
        find(Path::new(&directory), &mut charts)?;
        let mut row = Row::default();
        for chart in charts {
            row.add(&chart)?;
        }
        let name = Path::new(&directory).file_name().unwrap_or_default().to_string_lossy();
        row.print(&name);
        all.merge(row);
    }
    all.print("all");
    Ok(())
}

/// The charts below a directory; those in a chart are its own.
fn find(directory: &Path, charts: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if is_chart(directory) {
        charts.push(directory.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries.iter().filter(|entry| entry.is_dir() && !entry.is_symlink()) {
        find(entry, charts)?;
    }
    Ok(())
}

#[derive(Default)]
struct Row {
    charts: usize,
    renders: usize,
    failed: usize,
    unmarked: usize,
    coverage: Coverage,
}

impl Row {
    fn add(&mut self, chart: &Path) -> Result<(), Box<dyn Error>> {
        self.charts += 1;
        let path = chart.to_string_lossy().into_owned();
        let mut environments = vec![Environment::of_chart(chart, &[])];
        let values = fs::read_dir(chart.join("ci")).into_iter().flatten().flatten();
        let mut values: Vec<String> = values
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.ends_with("values.yaml"))
            .collect();
        values.sort();
        environments.extend(
            values
                .iter()
                .map(|name| Environment::of_chart(chart, &[format!("ci/{name}")])),
        );
        let request = Request {
            charts: &environments,
            limit: 256 << 20,
            ..Request::default()
        };
        let helm = Helm::start(&[&path], request).map_err(Box::new)?.ok_or("no chart")?;
        for rendered in helm.chart(&path) {
            self.renders += 1;
            match rendered.map(|rendering| rendering.coverage()) {
                Ok(Some(coverage)) => self.coverage.add(&coverage),
                Ok(None) => {
                    eprintln!("{path}: without marks");
                    self.unmarked += 1;
                }
                Err(problem) => {
                    eprintln!("{problem}");
                    self.failed += 1;
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.charts += other.charts;
        self.renders += other.renders;
        self.failed += other.failed;
        self.unmarked += other.unmarked;
        self.coverage.add(&other.coverage);
    }

    fn print(&self, name: &str) {
        let found = &self.coverage;
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {:.1} % | {} | {} | {} |",
            self.charts,
            self.renders,
            self.failed,
            self.unmarked,
            found.lines,
            found.exact,
            100.0 * found.exact as f64 / found.lines.max(1) as f64,
            found.other_text,
            found.literal,
            found.unequal
        );
    }
}
