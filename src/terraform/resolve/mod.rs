//! Configuration as Terraform would see it, as far as that is known without running it: variables, local values,
//! functions, references between resources, local modules, policy documents.
//!
//! Policies see it as `data.terraform_configuration`, beside the document, which stays what conftest shows.
//! [`module`] has the blocks of a directory and the modules that they call, [`evaluate`] their expressions,
//! [`functions`] Terraform's functions, [`unknown`] what is not known.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::files::{self, Reader};
use crate::finding::{Problem, Related};
use crate::problem;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

mod convert;
mod evaluate;
mod functions;
mod instances;
mod module;
mod origins;
mod policy_document;
mod types;
mod unknown;

use evaluate::{Evaluator, Names};
use instances::instances;
use module::{Block, Module, World};
use origins::Origins;

/// The most modules that are looked at for one directory.
const MOST_MODULES: usize = 1000;

/// The most parts that the resources of a directory may have in all.
const MOST_PARTS: u64 = 4_000_000;

/// What configuration is resolved on: expressions nest, and so do what they refer to.
const STACK: usize = 256 << 20;

/// The configurations of a run.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The resources and data sources by the directory of the file that has them.
    directories: HashMap<PathBuf, Value>,
    /// The same of files that are alternatives of each other, by their paths.
    alternatives: HashMap<String, Value>,
    /// The files whose resources are among these, with the paths that these have for them.
    files: HashMap<PathBuf, String>,
    /// Where the variables and local values of each directory have their values from.
    origins: HashMap<PathBuf, Origins>,
    /// The files that could not be read.
    pub problems: Vec<Problem>,
}

impl Resolved {
    /// The configurations in the directories of files, of which those that are no configuration do not count.
    ///
    /// # Errors
    /// There is no memory for the stack that this takes.
    pub fn of<'p>(paths: impl Iterator<Item = &'p str>, reader: Reader) -> Result<Self, Problem> {
        let is_configuration = |path: &&str| files::format_of(path).is_some();
        let directories: BTreeSet<PathBuf> = paths.filter(is_configuration).map(directory).collect();
        if directories.is_empty() {
            return Ok(Self::default());
        }
        on_stack(STACK, || resolved(&directories, reader))
    }

    /// Whether a file is of one of the configurations.
    pub fn has(&self, path: &str) -> bool {
        files::format_of(path).is_some() && self.directories.contains_key(&directory(path))
    }

    /// Where the values of the variables are set that the value at a path of a file is made of.
    pub fn related(&self, document: &Document, path: &[Value]) -> Vec<Related> {
        let found = document.find(path);
        let is_expression = found.depth == path.len() || found.value.as_str().is_some();
        match is_expression {
            true => origins::related(&self.origins, directory(&document.file.path), found.value),
            false => Vec::new(),
        }
    }

    /// What policies see beside a file: null where it is no configuration, or could not be read here. Policies look at the
    /// document itself then.
    pub fn view(&self, path: &str) -> Value {
        let of_directory = || self.directories.get(&directory(path));
        let file = self.files.get(Path::new(path));
        let found = file.and_then(|file| self.alternatives.get(file).or_else(of_directory));
        let (Some(file), Some(Value::Object(object))) = (file, found) else {
            return Value::Null;
        };
        let entries = object.iter().cloned().chain([("file".into(), file.as_str().into())]);
        Value::object(entries.collect())
    }
}

/// What a thread with a stack of this size gives.
fn on_stack<T: Send>(stack: usize, work: impl FnOnce() -> T + Send) -> Result<T, Problem> {
    let failed = |reason: String| {
        let message = format!("Terraform's configuration could not be evaluated: {reason}");
        problem::of_run(message, "allow more memory or threads (ulimit -v, ulimit -u)")
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| failed(format!("no thread could be started: {error}")))?;
        thread.join().map_err(|_| failed("the thread panicked".to_owned()))
    })
}

fn directory(path: &str) -> PathBuf {
    Path::new(path).parent().map(Path::to_owned).unwrap_or_default()
}

/// The resources of all modules by directory: of modules that are called here as they are called, of the others alone.
fn resolved(directories: &BTreeSet<PathBuf>, reader: Reader) -> Resolved {
    let world = World::new(reader);
    let (mut found, mut origins): (BTreeMap<PathBuf, Entries>, HashMap<PathBuf, Origins>) = Default::default();
    let roots: Vec<(PathBuf, Rc<Module>)> = directories
        .iter()
        .map(|directory| (directory.clone(), Module::root(&world, directory)))
        .collect();
    let called: BTreeSet<PathBuf> = roots
        .iter()
        .flat_map(|(_, module)| module.calls().filter_map(|name| module.source(name)))
        .collect();
    let (inner, outer): (Vec<_>, Vec<_>) = roots.into_iter().partition(|(directory, _)| called.contains(directory));
    let mut alternatives = HashMap::new();
    for (_, module) in outer {
        for (path, module) in module.alternatives(&world) {
            let mut alone = BTreeMap::new();
            visit(&world, &module, &mut alone, &mut origins);
            if let Some(entries) = alone.remove(&module.directory) {
                alternatives.insert(path, entries.value());
            }
        }
        visit(&world, &module, &mut found, &mut origins);
    }
    // What is called in a circle, or by what is not created, is looked at by itself.
    for (directory, module) in inner {
        if !found.contains_key(&directory) {
            visit(&world, &module, &mut found, &mut origins);
        }
    }
    Resolved {
        alternatives,
        origins,
        files: world.files(),
        directories: found
            .into_iter()
            .map(|(path, entries)| (path, entries.value()))
            .collect(),
        problems: world.problems.take(),
    }
}

/// Adds the resources of a module, and of those that it calls.
fn visit(
    world: &World,
    root: &Rc<Module>,
    found: &mut BTreeMap<PathBuf, Entries>,
    origins: &mut HashMap<PathBuf, Origins>,
) {
    world.restart();
    let (mut next, mut count) = (vec![Rc::clone(root)], 0);
    while let Some(module) = next.pop() {
        let evaluator = Evaluator { world, module: &module };
        origins.entry(module.directory.clone()).or_default().add(&module);
        let entries = found.entry(module.directory.clone()).or_default();
        entries.providers.extend(module.providers.clone());
        for (address, block) in &module.resources {
            entries.add(evaluator, address, block);
        }
        for name in module.calls() {
            let Some(block) = module.blocks.get(&format!("module.{name}")) else {
                continue;
            };
            let instances = instances(evaluator, block);
            let is_created = !instances.known.is_empty() || !instances.is_all;
            count += 1;
            if is_created && count < MOST_MODULES {
                next.extend(module.child(world, name));
            }
        }
    }
}

/// The resources and data sources of a directory.
#[derive(Default)]
struct Entries {
    /// By `resources` or `data`, and by type.
    all: BTreeMap<(&'static str, String), BTreeSet<Value>>,
    parts: u64,
    /// The versions that providers may have, by their names.
    providers: BTreeMap<String, String>,
}

impl Entries {
    /// Adds the instances of a block.
    fn add(&mut self, evaluator: Evaluator, address: &str, block: &Block) {
        let mut words = address.splitn(3, '.');
        let group = match words.next() {
            Some("resource") => "resources",
            Some("data") => "data",
            _ => return,
        };
        let (Some(kind), Some(name)) = (words.next(), words.next()) else {
            return;
        };
        let instances = instances(evaluator, block);
        let mut bodies: Vec<Value> = instances
            .known
            .into_iter()
            .map(|instance| evaluator.body(block, &Names::of(instance.names)))
            .collect();
        if !instances.is_all {
            bodies.push(evaluator.body(block, &Names::NONE));
        }
        for body in bodies {
            self.parts += u64::from(body.extent().parts);
            // Beyond the limits a block is what is written.
            let values = match self.parts > MOST_PARTS || body.as_object().is_none() {
                true => block.file.find(&block.path).value.clone(),
                false => unknown::shown(&body),
            };
            let name = match group {
                "data" => format!("data.{kind}.{name}"),
                _ => format!("{kind}.{name}"),
            };
            let entry = Value::object(vec![
                ("name".into(), Value::string(name)),
                ("module".into(), evaluator.module.address.as_str().into()),
                ("file".into(), block.file.file.path.as_str().into()),
                ("path".into(), Value::array(block.path.clone())),
                ("values".into(), values),
            ]);
            self.all.entry((group, kind.to_owned())).or_default().insert(entry);
        }
    }

    fn value(self) -> Value {
        let mut groups: BTreeMap<&str, Vec<(Value, Value)>> =
            [("resources", Vec::new()), ("data", Vec::new())].into_iter().collect();
        for ((group, kind), entries) in self.all {
            let entries = Value::array(entries.into_iter().collect());
            groups.entry(group).or_default().push((Value::string(kind), entries));
        }
        let providers = self.providers.into_iter();
        let providers = providers.map(|(name, version)| (Value::string(name), Value::string(version)));
        groups.insert("providers", providers.collect());
        Value::object(
            groups
                .into_iter()
                .map(|(group, kinds)| (group.into(), Value::object(kinds)))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
