//! A module: the blocks of a directory's files, what its variables are given, and the modules that it calls.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::finding::Problem;
use crate::terraform::Parsed;
use crate::terraform::files::{self, Reader};
use kpolicy_value::Value;

/// The most steps that are taken for the modules of one directory.
const MOST_STEPS: u64 = 1_000_000;

/// How deep expressions, and what they refer to, may nest.
const MOST_DEPTH: u32 = 150;

/// How deep modules may nest.
const MOST_MODULES: usize = 12;

/// What all modules share: the files that were read, and how much was done.
pub(super) struct World<'s> {
    reader: Reader<'s>,
    directories: RefCell<HashMap<PathBuf, Directory>>,
    steps: Cell<u64>,
    depth: Cell<u32>,
    /// Whether what is evaluated has used the default of a variable that others may set.
    is_open: Cell<bool>,
    pub(super) problems: RefCell<Vec<Problem>>,
}

/// The files of a directory.
#[derive(Clone)]
struct Directory {
    configuration: Vec<Parsed>,
    values: Vec<Parsed>,
}

impl<'s> World<'s> {
    /// No module yet.
    pub(super) fn new(reader: Reader<'s>) -> Self {
        Self {
            reader,
            directories: RefCell::default(),
            steps: Cell::default(),
            depth: Cell::default(),
            is_open: Cell::default(),
            problems: RefCell::default(),
        }
    }

    fn directory(&self, path: &Path) -> Directory {
        if let Some(known) = self.directories.borrow().get(path) {
            return known.clone();
        }
        let names = self.reader.names(path);
        let problems = &mut self.problems.borrow_mut();
        let read = Directory {
            configuration: self.reader.configuration(path, &names, problems),
            values: self.reader.values(path, &names, problems),
        };
        self.directories.borrow_mut().insert(path.to_owned(), read.clone());
        read
    }

    /// The files that were read, with their paths as documents have them.
    pub(super) fn files(&self) -> HashMap<PathBuf, String> {
        let directories = self.directories.borrow();
        let documents = directories.values().flat_map(|read| &read.configuration);
        documents
            .map(|document| (document.file.path.clone().into(), document.file.path.clone()))
            .collect()
    }

    /// Begins with the modules of another directory.
    pub(super) fn restart(&self) {
        self.steps.set(0);
    }

    /// Notes whether what is evaluated depends on what others may set.
    pub(super) fn add_open(&self, is_open: bool) {
        self.is_open.set(self.is_open.get() || is_open);
    }

    /// Evaluates something: what it gave, and whether it depends on what others may set.
    pub(super) fn watched<T>(&self, evaluate: impl FnOnce() -> T) -> (T, bool) {
        let before = self.is_open.replace(false);
        let value = evaluate();
        let is_open = self.is_open.get();
        self.add_open(before);
        (value, is_open)
    }

    /// Does something one level deeper; nothing where the limits are reached.
    pub(super) fn deeper<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let (steps, depth) = (self.steps.get() + 1, self.depth.get() + 1);
        if steps > MOST_STEPS || depth > MOST_DEPTH {
            return None;
        }
        self.steps.set(steps);
        self.depth.set(depth);
        let done = act();
        self.depth.set(depth - 1);
        Some(done)
    }
}

/// A block: where it is.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) file: Parsed,
    pub(super) path: Vec<Value>,
}

/// A module.
pub(super) struct Module {
    pub(super) directory: PathBuf,
    /// The names of the calls that lead to it, with the directory of the first module.
    pub(super) address: String,
    /// The module that calls it, and the name of the call.
    pub(super) parent: Option<(Rc<Module>, String)>,
    depth: usize,
    /// Files with values of variables, of which the last counts.
    pub(super) values: Vec<Parsed>,
    /// Blocks by `resource.TYPE.NAME`, `data.TYPE.NAME`, `variable.NAME`, `output.NAME` and `module.NAME`.
    pub(super) blocks: BTreeMap<String, Block>,
    /// All resources and data sources, also several of one address.
    pub(super) resources: Vec<(String, Block)>,
    /// Local values by name: the block that has them.
    pub(super) locals: HashMap<String, Block>,
    /// What was evaluated, with whether it depends on what others may set; nothing yet of what is being evaluated.
    pub(super) memo: RefCell<HashMap<String, Option<(Value, bool)>>>,
    children: RefCell<HashMap<String, Option<Rc<Module>>>>,
    /// The versions that providers may have, by their names.
    pub(super) providers: BTreeMap<String, String>,
}

impl Module {
    /// The module of a directory that nothing calls.
    pub(super) fn root(world: &World, directory: &Path) -> Rc<Self> {
        let read = world.directory(directory);
        Self::new(read, directory, directory.display().to_string(), None)
    }

    /// The files of a module each by itself, where several define the same resource: they are alternatives, of which
    /// Terraform would take one.
    pub(super) fn alternatives(&self, world: &World) -> Vec<(String, Rc<Self>)> {
        let mut files: BTreeMap<&str, &str> = BTreeMap::new();
        let is_again = self.resources.iter().any(|(address, block)| {
            let path = block.file.file.path.as_str();
            files.insert(address, path).is_some_and(|before| before != path)
        });
        if !is_again {
            return Vec::new();
        }
        let read = world.directory(&self.directory);
        let alone = |file: &Parsed| {
            let read = Directory {
                configuration: vec![Parsed::clone(file)],
                values: read.values.clone(),
            };
            let path = file.file.path.clone();
            (path.clone(), Self::new(read, &self.directory, path, None))
        };
        read.configuration.iter().map(alone).collect()
    }

    fn new(read: Directory, directory: &Path, address: String, parent: Option<(Rc<Self>, String)>) -> Rc<Self> {
        let Index {
            blocks,
            resources,
            locals,
        } = indexed(&read.configuration);
        // What the module that calls asks for holds as well.
        let mut providers = providers(&read.configuration);
        if let Some((parent, _)) = &parent {
            for (name, version) in &parent.providers {
                providers.entry(name.clone()).or_insert_with(|| version.clone());
            }
        }
        Rc::new(Self {
            directory: directory.to_owned(),
            address,
            depth: parent.as_ref().map_or(0, |(parent, _)| parent.depth + 1),
            values: if parent.is_none() { read.values } else { Vec::new() },
            parent,
            blocks,
            resources,
            locals,
            memo: RefCell::default(),
            children: RefCell::default(),
            providers,
        })
    }

    /// The module that a call leads to, where its files are here.
    pub(super) fn child(self: &Rc<Self>, world: &World, name: &str) -> Option<Rc<Self>> {
        if let Some(known) = self.children.borrow().get(name) {
            return known.clone();
        }
        let child = self.called(world, name);
        self.children.borrow_mut().insert(name.to_owned(), child.clone());
        child
    }

    fn called(self: &Rc<Self>, world: &World, name: &str) -> Option<Rc<Self>> {
        if self.depth >= MOST_MODULES {
            return None;
        }
        let directory = self.source(name)?;
        let address = format!("{} module.{name}", self.address);
        let read = world.directory(&directory);
        let child = Self::new(read, &directory, address, Some((Rc::clone(self), name.to_owned())));
        (!child.blocks.is_empty()).then_some(child)
    }

    /// The directory of a module that is called here.
    pub(super) fn source(&self, name: &str) -> Option<PathBuf> {
        let block = self.blocks.get(&format!("module.{name}"))?;
        let body = block.file.find(&block.path).value;
        files::local(&self.directory, body.field("source")?.as_str()?)
    }

    /// The names of the modules that are called here.
    pub(super) fn calls(&self) -> impl Iterator<Item = &str> {
        self.blocks.keys().filter_map(|key| key.strip_prefix("module."))
    }
}

/// The blocks of files.
#[derive(Default)]
struct Index {
    blocks: BTreeMap<String, Block>,
    resources: Vec<(String, Block)>,
    locals: HashMap<String, Block>,
}

fn indexed(files: &[Parsed]) -> Index {
    let mut index = Index::default();
    for file in files {
        for (kind, labels) in [
            ("resource", 2),
            ("data", 2),
            ("variable", 1),
            ("output", 1),
            ("module", 1),
        ] {
            let Some(value) = file.value.field(kind) else { continue };
            labelled(file, value, labels, &mut vec![kind.into()], &mut index);
        }
        let Some(value) = file.value.field("locals") else {
            continue;
        };
        for (path, body) in bodies(value, &["locals".into()]) {
            for (name, _) in body.as_object().into_iter().flat_map(|body| body.iter()) {
                let (file, path) = (Parsed::clone(file), path.clone());
                index.locals.insert(name.key_text(), Block { file, path });
            }
        }
    }
    index
}

fn labelled(file: &Parsed, value: &Value, labels: usize, path: &mut Vec<Value>, index: &mut Index) {
    if labels == 0 {
        let key = path.iter().map(Value::key_text).collect::<Vec<_>>().join(".");
        let is_resource = matches!(path.first().and_then(Value::as_str), Some("resource" | "data"));
        for (path, _) in bodies(value, path) {
            let file = Parsed::clone(file);
            let block = Block { file, path };
            if is_resource {
                index.resources.push((key.clone(), block.clone()));
            }
            index.blocks.entry(key.clone()).or_insert(block);
        }
        return;
    }
    for (label, below) in value.as_object().into_iter().flat_map(|value| value.iter()) {
        path.push(label.clone());
        labelled(file, below, labels - 1, path, index);
        path.pop();
    }
}

/// The bodies at a path, in a list or alone, with their paths.
fn bodies<'v>(value: &'v Value, path: &[Value]) -> Vec<(Vec<Value>, &'v Value)> {
    match value {
        Value::Array(items) => {
            let at = |index: usize| path.iter().cloned().chain([index.into()]).collect();
            items
                .iter()
                .enumerate()
                .map(|(index, item)| (at(index), item))
                .collect()
        }
        Value::Object(_) => vec![(path.to_vec(), value)],
        _ => Vec::new(),
    }
}

/// The versions that files ask for: in `required_providers`, or in the manner of old in `provider`.
fn providers(files: &[Parsed]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut add = |name: &Value, version: Option<&Value>| {
        if let Some(version) = version.and_then(Value::as_str) {
            found.insert(name.key_text(), version.to_owned());
        }
    };
    let all = |value: Option<&Value>| -> Vec<Value> {
        let found = value.map(|value| bodies(value, &[])).unwrap_or_default();
        found.into_iter().map(|(_, body)| body.clone()).collect()
    };
    for file in files {
        for body in all(file.value.field("terraform")) {
            for required in all(body.field("required_providers")) {
                for (name, of) in required.as_object().into_iter().flat_map(|object| object.iter()) {
                    add(
                        name,
                        if of.as_str().is_some() {
                            Some(of)
                        } else {
                            of.field("version")
                        },
                    );
                }
            }
        }
        let old = file.value.field("provider").and_then(Value::as_object);
        for (name, value) in old.into_iter().flat_map(|object| object.iter()) {
            for body in all(Some(value)) {
                add(name, body.field("version"));
            }
        }
    }
    found
}
