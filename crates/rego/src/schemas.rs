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

    /// Whether the modules of a package are checked with them.
    pub(crate) fn are_for(&self, package: &[Arc<str>]) -> bool {
        package.first().map(|name| &**name) != self.except.as_deref()
    }

    /// The type of `input`.
    pub(crate) fn input(&self) -> Option<&Type> {
        self.input.as_ref()
    }

    /// Whether the user has given none.
    pub(crate) fn is_empty(&self) -> bool {
        self.input.is_none() && self.by_path.is_empty()
    }

    /// The type of what the schema at a path describes; nothing where there is none, or why it cannot be used.
    pub(crate) fn type_of(&self, path: &[String]) -> Option<Result<Type, String>> {
        if path.is_empty() {
            return self.input.clone().map(Ok);
        }
        self.by_path.get(path).or(self.builtin.get(path)).map(type_of_schema)
    }
}
