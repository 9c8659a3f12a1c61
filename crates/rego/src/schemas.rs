//! The JSON schemas that a program is checked with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::builtins::type_of_schema;
use crate::types::Type;
use kpolicy_value::Value;

/// JSON schemas: the one of `input`, and those that METADATA names, by their paths below `schema`.
///
/// Follows OPA v1.22 ast/schema.go: SchemaSet, where the schema of `input` is `schema` itself.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    input: Option<Type>,
    by_path: BTreeMap<Vec<String>, Value>,
    /// Those that are always there.
    builtin: BTreeMap<Vec<String>, Value>,
    /// The package that is checked without them.
    except: Option<String>,
    /// Whether a name that is not among them is an error.
    is_complete: bool,
}

impl Schemas {
    /// The schema of `input` alone.
    ///
    /// # Errors
    /// Why it is no schema, or one from which no type can be taken.
    pub fn of_input(schema: &Value) -> Result<Self, String> {
        Ok(Self {
            input: Some(type_of_schema(schema)?),
            ..Self::default()
        })
    }

    /// Adds a schema under a path below `schema`. It is looked at once METADATA names it.
    pub fn insert(&mut self, path: Vec<String>, schema: Value) {
        self.by_path.insert(path, schema);
    }

    /// Adds a schema that is there beside those of the user, who may have another under the same path.
    pub fn insert_builtin(&mut self, path: Vec<String>, schema: Value) {
        self.builtin.insert(path, schema);
    }

    /// The modules of a package and of those below it are checked without them.
    #[must_use]
    pub fn except(self, package: &str) -> Self {
        Self {
            except: Some(package.to_owned()),
            ..self
        }
    }

    /// A name that is not among them is an error, and not one that nobody has given a schema for.
    #[must_use]
    pub fn complete(self) -> Self {
        Self {
            is_complete: true,
            ..self
        }
    }

    /// Whether the modules of a package are checked with them.
    pub(crate) fn are_for(&self, package: &[Arc<str>]) -> bool {
        package.first().map(|name| &**name) != self.except.as_deref()
    }

    /// The type of `input`.
    pub(crate) fn input(&self) -> Option<&Type> {
        self.input.as_ref()
    }

    /// The type of what the schema at a path describes; nothing where nobody has given one. The error says why it cannot be
    /// used.
    pub(crate) fn type_of(&self, path: &[String]) -> Result<Option<Type>, String> {
        if path.is_empty() && self.input.is_some() {
            return Ok(self.input.clone());
        }
        match self.by_path.get(path).or(self.builtin.get(path)) {
            Some(schema) => type_of_schema(schema).map(Some),
            None if self.is_complete => Err(format!("undefined schema: {}", named(path))),
            None => Ok(None),
        }
    }
}

/// The name of a schema as METADATA has it.
fn named(path: &[String]) -> String {
    let is_name = |text: &str| text.chars().all(|each| each.is_ascii_alphanumeric() || each == '_');
    path.iter().fold("schema".to_owned(), |all, step| match is_name(step) {
        true => format!("{all}.{step}"),
        false => format!("{all}[{step:?}]"),
    })
}
