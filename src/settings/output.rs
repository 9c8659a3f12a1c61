//! `--output`: which outputs are written, and whereto.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::layer::{Given, Layers, output_name};
use super::table::AUTO;
use super::{Compat, World};
use crate::finding::Problem;
use crate::report::Style;

/// An output of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How the report is written.
    pub style: Style,
    /// The file it goes to; standard output where there is none.
    pub file: Option<PathBuf>,
}

/// The outputs that were asked for, else what suits where the run is.
pub(super) fn outputs(layers: &mut Layers, compat: Option<Compat>, world: &World) -> Vec<Output> {
    let Some(given) = layers.given("output") else {
        return match compat {
            Some(Compat::Conftest) => vec![printed(Style::Stdout)],
            None => automatic(world),
        };
    };
    let mut outputs = Vec::new();
    let mut problems = Vec::new();
    for (at, text) in given.values.iter().enumerate() {
        let chosen = match read(given, at, text, world) {
            Ok(chosen) => chosen,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        for output in chosen {
            if compat.is_some() && output.file.is_none() {
                // conftest takes the last that it is given.
                outputs.retain(|other: &Output| other.file.is_some());
            }
            match clash(&output, &outputs) {
                Some((message, help)) => problems.push(given.wrong(at, message, &help)),
                None if outputs.contains(&output) => {}
                None => outputs.push(output),
            }
        }
    }
    if outputs.iter().all(|output| output.file.is_some()) && problems.is_empty() {
        // Files are for machines; who looks at the log still sees what was found.
        outputs.insert(0, printed(if compat.is_some() { Style::Stdout } else { Style::Text }));
    }
    layers.problems.extend(problems);
    outputs
}

fn printed(style: Style) -> Output {
    Output { style, file: None }
}

/// What suits where the run is: text, and the commands of the pipeline that it is in, where it has some.
fn automatic(world: &World) -> Vec<Output> {
    let is = |name: &str| (world.variable)(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut outputs = vec![printed(Style::Text)];
    if is("GITHUB_ACTIONS") {
        outputs.push(printed(Style::Github));
    } else if is("TF_BUILD") {
        outputs.push(printed(Style::Azuredevops));
    }
    outputs
}

/// The outputs that a text stands for.
fn read(given: &Given, at: usize, text: &str, world: &World) -> Result<Vec<Output>, Problem> {
    let name = output_name(text);
    let file = text.split_once('=').map(|(_, file)| Path::new(file));
    if name == AUTO {
        return match file {
            None => Ok(automatic(world)),
            Some(_) => Err(given.wrong(
                at,
                format!("{text}: auto depends on where the run is, so it goes to standard output alone"),
                "name the output that the file is to have",
            )),
        };
    }
    let style = Style::from_str(name, false).expect("the layers take names of outputs alone");
    let Some(file) = file else {
        return Ok(vec![printed(style)]);
    };
    let file = given.folder.as_deref().unwrap_or(Path::new("")).join(file);
    let whole = world.folder.join(&file);
    if whole.is_dir() {
        return Err(given.wrong(at, format!("{} is a folder", file.display()), "name a file in it"));
    }
    if !whole.parent().is_some_and(Path::is_dir) {
        let folder = file.parent().unwrap_or(Path::new("")).display().to_string();
        return Err(given.wrong(at, format!("there is no folder {folder}"), "make the folder first"));
    }
    Ok(vec![Output {
        style,
        file: Some(file),
    }])
}

/// Why an output cannot be written beside the others.
fn clash(output: &Output, others: &[Output]) -> Option<(String, String)> {
    let name = |output: &Output| {
        let value = output.style.to_possible_value().expect("every style has a name");
        value.get_name().to_owned()
    };
    let other = others
        .iter()
        .find(|other| other.file == output.file && *other != output)?;
    if let Some(file) = &output.file {
        let message = format!(
            "{} and {} cannot both go to {}",
            name(other),
            name(output),
            file.display()
        );
        return Some((message, "name two files".to_owned()));
    }
    let alone = [output, other].into_iter().find(|output| output.style.stands_alone())?;
    let rest = if alone == output { other } else { output };
    Some((
        format!("{} cannot share standard output with {}", name(alone), name(rest)),
        format!("give it a file: --output {0}=FILE", name(alone)),
    ))
}

/// The file of GitHub's job summary, where its commands are written.
pub(super) fn summary(outputs: &[Output], world: &World) -> Option<PathBuf> {
    outputs.iter().find(|output| output.style == Style::Github)?;
    (world.variable)("GITHUB_STEP_SUMMARY")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}
