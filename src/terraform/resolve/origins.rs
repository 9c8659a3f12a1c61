//! Where variables and local values have their values from, for those who have to change them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::module::{Block, Module};
use crate::finding::{Confidence, Related};
use crate::locate::Target;
use crate::terraform::references::names_after;
use crate::terraform::{Parsed, in_file};
use kpolicy_value::Value;

/// The most places that are named for one value.
const MOST: usize = 8;

/// What sets the variables and local values of a directory.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// By `var.NAME` and `local.NAME`.
    settings: BTreeMap<String, Vec<Setting>>,
}

/// What sets a value.
#[derive(Debug)]
struct Setting {
    /// What it is; nothing of a local value, whose variables alone are named.
    message: Option<String>,
    file: Parsed,
    path: Vec<Value>,
    /// The directory whose variables it uses.
    directory: PathBuf,
}

impl Origins {
    /// Adds what sets the variables of a module.
    pub(super) fn add(&mut self, module: &Module) {
        for key in module.blocks.keys() {
            if let Some(name) = key.strip_prefix("variable.") {
                let setting = argument(module, name)
                    .or_else(|| given(module, name))
                    .or_else(|| default(module, name));
                self.settings.entry(format!("var.{name}")).or_default().extend(setting);
            }
        }
        for (name, block) in &module.locals {
            let mut path = block.path.clone();
            path.push(name.as_str().into());
            let setting = Setting {
                message: None,
                file: Parsed::clone(&block.file),
                path,
                directory: module.directory.clone(),
            };
            self.settings.insert(format!("local.{name}"), vec![setting]);
        }
    }
}

fn attribute(block: &Block, name: &str, message: String, directory: PathBuf) -> Option<Setting> {
    let mut path = block.path.clone();
    path.push(name.into());
    (block.file.find(&path).depth == path.len()).then(|| Setting {
        message: Some(message),
        file: Parsed::clone(&block.file),
        path,
        directory,
    })
}

fn argument(module: &Module, name: &str) -> Option<Setting> {
    let (parent, call) = module.parent.as_ref()?;
    let block = parent.blocks.get(&format!("module.{call}"))?;
    let message = format!("set by the argument {name} of module.{call}");
    attribute(block, name, message, parent.directory.clone())
}

fn given(module: &Module, name: &str) -> Option<Setting> {
    let file = module
        .values
        .iter()
        .rev()
        .find(|file| file.value.field(name).is_some())?;
    Some(Setting {
        message: Some(format!("the value of var.{name}")),
        file: Parsed::clone(file),
        path: vec![name.into()],
        directory: module.directory.clone(),
    })
}

fn default(module: &Module, name: &str) -> Option<Setting> {
    let block = module.blocks.get(&format!("variable.{name}"))?;
    let message = format!("the default of var.{name}");
    attribute(block, "default", message, module.directory.clone())
}

/// The places that set what a value of a directory is made of.
pub(super) fn related(origins: &HashMap<PathBuf, Origins>, directory: PathBuf, value: &Value) -> Vec<Related> {
    let (mut related, mut seen) = (Vec::new(), Vec::new());
    let mut next = vec![(directory, value.clone())];
    while let Some((directory, value)) = next.pop() {
        let named = |prefix: &'static str| {
            let names = names_after(prefix, &value).into_iter();
            names.map(move |name| format!("{prefix}{name}"))
        };
        for name in named("var.").chain(named("local.")) {
            let Some(settings) = origins.get(&directory).and_then(|origins| origins.settings.get(&name)) else {
                continue;
            };
            if related.len() >= MOST || seen.contains(&(directory.clone(), name.clone())) {
                continue;
            }
            for setting in settings {
                if let Some(message) = &setting.message {
                    let target = Target::Value(setting.path.clone());
                    related.push(Related {
                        message: message.clone(),
                        location: in_file(&setting.file, &target, Confidence::Exact),
                        is_rendered: false,
                    });
                }
                next.push((
                    setting.directory.clone(),
                    setting.file.find(&setting.path).value.clone(),
                ));
            }
            seen.push((directory.clone(), name));
        }
    }
    related.truncate(MOST);
    related
}
