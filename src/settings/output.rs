//! `--output`: which outputs are written, and whereto.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::layer::{Assignment, Layers, output_name};
use super::table::AUTO;
use super::{Compat, World};
use crate::finding::Problem;
use crate::input::identity;
use crate::report::Style;

/// An output of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How the report is written.
    pub style: Style,
    /// The file it goes to; standard output where there is none.
    pub file: Option<PathBuf>,
}

/// What a run reads, and so must not write.
pub(super) struct ReadFiles<'a> {
    /// The paths of the command line.
    pub(super) paths: &'a [String],
    /// The policies.
    pub(super) policy: &'a [PathBuf],
    /// The data.
    pub(super) data: &'a [PathBuf],
    /// The settings file.
    pub(super) config: Option<&'a Path>,
}

impl ReadFiles<'_> {
    /// What the file is to the run where it is named as something to read. A walk skips what the run writes, except
    /// for a policy: the run would lose it.
    fn of(&self, file: &Path, folder: &Path) -> Option<&'static str> {
        let real = |path: &Path| identity(&folder.join(path));
        let is = |path: &Path| folder.join(path).exists() && real(path) == *file;
        let is_policy = |root: &PathBuf| {
            let is_module = file.extension().is_some_and(|extension| extension == "rego") && file.exists();
            is(root) || is_module && file.starts_with(real(root))
        };
        if self.paths.iter().any(|path| is(Path::new(path))) {
            Some("an input")
        } else if self.policy.iter().any(is_policy) {
            Some("a policy")
        } else if self.data.iter().any(|path| is(path)) {
            Some("a data file")
        } else {
            self.config.is_some_and(is).then_some("the settings file")
        }
    }
}

/// The outputs that were asked for, else what suits where the run is.
pub(super) fn outputs(layers: &mut Layers, compat: Option<Compat>, world: &World, reads: &ReadFiles) -> Vec<Output> {
    let Some(assignment) = layers.assignment("output") else {
        return match compat {
            Some(Compat::Conftest) => vec![printed(Style::Stdout)],
            None => automatic(world),
        };
    };
    let mut outputs = Vec::new();
    let mut problems = Vec::new();
    for (at, text) in assignment.values.iter().enumerate() {
        let chosen = match read(assignment, at, text, world) {
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
            match clash(&output, &outputs, world).or_else(|| overwritten(&output, reads, world)) {
                Some((message, help)) => problems.push(assignment.wrong(at, message, &help)),
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
fn read(assignment: &Assignment, at: usize, text: &str, world: &World) -> Result<Vec<Output>, Problem> {
    let name = output_name(text);
    let file = text.split_once('=').map(|(_, file)| Path::new(file));
    if name == AUTO {
        return match file {
            None => Ok(automatic(world)),
            Some(_) => Err(assignment.wrong(
                at,
                format!(
                    "{text}: auto depends on the environment of the run, so it can only be written to standard output"
                ),
                "name the output to write to the file",
            )),
        };
    }
    let style = Style::from_str(name, false).expect("the layers take names of outputs alone");
    let Some(file) = file.filter(|file| !is_standard_output(file)) else {
        return Ok(vec![printed(style)]);
    };
    let file = assignment.folder.as_deref().unwrap_or(Path::new("")).join(file);
    let whole = world.folder.join(&file);
    if whole.is_dir() {
        let message = format!("{} is a directory", file.display());
        return Err(assignment.wrong(at, message, "name a file in it"));
    }
    if !whole.parent().is_some_and(Path::is_dir) {
        let folder = file.parent().unwrap_or(Path::new("")).display().to_string();
        let message = format!("the directory {folder} does not exist");
        return Err(assignment.wrong(at, message, "create the directory first"));
    }
    Ok(vec![Output {
        style,
        file: Some(file),
    }])
}

/// Whether a file is a name for standard output, which is written to and never replaced.
fn is_standard_output(file: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
        .iter()
        .any(|name| file.as_os_str() == OsStr::new(name))
}

/// Why an output would overwrite what the run reads.
fn overwritten(output: &Output, reads: &ReadFiles, world: &World) -> Option<(String, String)> {
    let file = output.file.as_ref()?;
    let what = reads.of(&identity(&world.folder.join(file)), world.folder)?;
    let message = format!("{} is {what} of this run and would be overwritten", file.display());
    Some((message, "write the output to another file".to_owned()))
}

/// The real paths of the files that are written.
pub(super) fn written(outputs: &[Output], world: &World) -> Vec<PathBuf> {
    let files = outputs.iter().filter_map(|output| output.file.as_ref());
    files.map(|file| identity(&world.folder.join(file))).collect()
}

/// Why an output cannot be written beside the others.
fn clash(output: &Output, others: &[Output], world: &World) -> Option<(String, String)> {
    let name = |output: &Output| {
        let value = output.style.to_possible_value().expect("every style has a name");
        value.get_name().to_owned()
    };
    let real = |output: &Output| output.file.as_ref().map(|file| identity(&world.folder.join(file)));
    let other = others
        .iter()
        .find(|other| *other != output && real(other) == real(output))?;
    if let Some(file) = &output.file {
        let message = format!(
            "{} and {} cannot both go to {}",
            name(other),
            name(output),
            file.display()
        );
        return Some((message, "name two different files".to_owned()));
    }
    let alone = [output, other].into_iter().find(|output| output.style.stands_alone())?;
    let rest = if alone == output { other } else { output };
    Some((
        format!("{} cannot share standard output with {}", name(alone), name(rest)),
        format!("write it to a file: --output {0}=FILE", name(alone)),
    ))
}

/// The file of GitHub's job summary, where its commands are written.
pub(super) fn summary(outputs: &[Output], world: &World) -> Option<PathBuf> {
    outputs.iter().find(|output| output.style == Style::Github)?;
    (world.variable)("GITHUB_STEP_SUMMARY")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}
