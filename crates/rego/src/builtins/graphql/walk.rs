//! Walks a query and applies the rules of its validation.
//!
//! Follows gqlparser v2.5.64 validator/core/walk.go

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::error::{GraphqlError, check_depth};
use super::overlap::Overlap;
use super::rules::Seen;
use super::tree::{
    Argument, At, Definition, Directive, Field, FieldDefinition, Fragment, Operation, Query, Selection, Type, Value,
    ValueKind, Variable,
};
use super::types::Schema;
use crate::builtins::{Context, Failure};

/// The field that every type has.
static TYPENAME: LazyLock<FieldDefinition> = LazyLock::new(|| FieldDefinition {
    name: "__typename".to_owned(),
    kind: Type::named("String", false),
    ..FieldDefinition::default()
});

/// The errors of a query.
pub(super) fn validate<'a>(
    context: &mut Context,
    schema: &'a Schema,
    query: &'a Query,
) -> Result<Vec<GraphqlError>, Failure> {
    let mut fragments = HashMap::new();
    for fragment in &query.fragments {
        fragments.entry(&*fragment.name).or_insert(fragment);
    }
    let mut walker = Walker {
        context,
        schema,
        query,
        fragments,
        fields: vec![FieldNote::default(); query.numbered],
        values: vec![ValueNote::default(); query.numbered],
        used: vec![false; query.numbered],
        operation: None,
        spread: HashSet::new(),
        seen: Seen::default(),
        overlap: Overlap::default(),
        depth: 0,
        errors: Vec::new(),
    };
    walker.walk()?;
    Ok(walker.errors)
}

/// What is known of a field once it was walked.
#[derive(Clone, Copy, Default)]
pub(super) struct FieldNote<'a> {
    pub(super) definition: Option<&'a FieldDefinition>,
    pub(super) parent: Option<&'a Definition>,
}

/// What is known of a value once it was walked.
#[derive(Clone, Copy, Default)]
pub(super) struct ValueNote<'a> {
    pub(super) definition: Option<&'a Definition>,
    pub(super) expected: Option<&'a Type>,
    pub(super) has_default: bool,
    pub(super) variable: Option<&'a Variable>,
}

pub(super) struct Walker<'a, 'c> {
    pub(super) context: &'c mut Context,
    pub(super) schema: &'a Schema,
    pub(super) query: &'a Query,
    pub(super) fragments: HashMap<&'a str, &'a Fragment>,
    pub(super) fields: Vec<FieldNote<'a>>,
    pub(super) values: Vec<ValueNote<'a>>,
    /// Which variables are used.
    pub(super) used: Vec<bool>,
    pub(super) operation: Option<&'a Operation>,
    /// The fragments that were walked where they are spread.
    spread: HashSet<&'a str>,
    pub(super) seen: Seen<'a>,
    pub(super) overlap: Overlap<'a>,
    pub(super) depth: usize,
    errors: Vec<GraphqlError>,
}

pub(super) type Done = Result<(), Failure>;

impl<'a> Walker<'a, '_> {
    pub(super) fn error(&mut self, at: At, message: impl Into<String>) {
        self.errors.push(GraphqlError::of_query(at, message));
    }

    fn walk(&mut self) -> Done {
        for operation in &self.query.operations {
            self.spread.clear();
            self.walk_operation(operation)?;
        }
        for fragment in &self.query.fragments {
            self.spread.clear();
            let definition = self.schema.get(&fragment.condition);
            self.walk_directives(&fragment.directives, "FRAGMENT_DEFINITION")?;
            self.walk_selections(definition, &fragment.selections)?;
            self.on_fragment(fragment, definition)?;
        }
        Ok(())
    }

    fn walk_operation(&mut self, operation: &'a Operation) -> Done {
        self.operation = Some(operation);
        for variable in &operation.variables {
            self.on_variable(variable);
            if let Some(default) = &variable.default {
                let note = &mut self.values[default.id];
                note.expected = Some(&variable.kind);
                note.definition = self.schema.get(variable.kind.base());
            }
        }
        for variable in &operation.variables {
            if let Some(default) = &variable.default {
                self.walk_value(default)?;
            }
            self.walk_directives(&variable.directives, "VARIABLE_DEFINITION")?;
        }
        let location = match &*operation.kind {
            "mutation" => "MUTATION",
            "subscription" => "SUBSCRIPTION",
            _ => "QUERY",
        };
        self.walk_directives(&operation.directives, location)?;
        let root = self.schema.root(&operation.kind);
        self.walk_selections(root, &operation.selections)?;
        self.on_operation(operation)?;
        self.operation = None;
        Ok(())
    }

    fn walk_directives(&mut self, directives: &'a [Directive], location: &str) -> Done {
        for directive in directives {
            let definition = self.schema.directives.get(&directive.name);
            for argument in &directive.arguments {
                let own = definition.and_then(|definition| definition.argument(&argument.name));
                self.walk_argument(own, argument)?;
            }
            self.on_directive(directive, definition, location);
        }
        self.on_directives(directives);
        Ok(())
    }

    fn walk_argument(&mut self, definition: Option<&'a FieldDefinition>, argument: &'a Argument) -> Done {
        if let Some(definition) = definition {
            self.expect(&argument.value, definition);
        }
        self.walk_value(&argument.value)
    }

    /// Notes what a value should be.
    fn expect(&mut self, value: &Value, definition: &'a FieldDefinition) {
        let note = &mut self.values[value.id];
        note.expected = Some(&definition.kind);
        note.has_default = definition.has_default();
        note.definition = self.schema.get(definition.kind.base());
    }

    fn walk_value(&mut self, value: &'a Value) -> Done {
        self.context.step()?;
        if value.kind == ValueKind::Variable
            && let Some(operation) = self.operation
        {
            let variable = operation.variables.iter().find(|variable| variable.name == value.raw);
            self.values[value.id].variable = variable;
            if let Some(variable) = variable {
                self.used[variable.id] = true;
            }
        }
        let note = self.values[value.id];
        for child in &value.children {
            match value.kind {
                ValueKind::Object => {
                    let field = note.definition.and_then(|definition| definition.field(&child.name));
                    if let Some(field) = field {
                        self.expect(&child.value, field);
                    }
                }
                ValueKind::List => {
                    if let Some(element) = note.expected.and_then(|expected| expected.element.as_deref()) {
                        self.values[child.value.id].expected = Some(element);
                        self.values[child.value.id].definition = note.definition;
                    }
                }
                _ => continue,
            }
            self.walk_value(&child.value)?;
        }
        self.on_value(value)
    }

    fn walk_selections(&mut self, parent: Option<&'a Definition>, selections: &'a [Selection]) -> Done {
        check_depth(self.depth)?;
        self.depth += 1;
        for selection in selections {
            self.context.step()?;
            self.context.check_size(self.errors.len() * size_of::<GraphqlError>())?;
            self.walk_selection(parent, selection)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn walk_selection(&mut self, parent: Option<&'a Definition>, selection: &'a Selection) -> Done {
        match selection {
            Selection::Field(field) => self.walk_field(parent, field),
            Selection::Inline(inline) => {
                let inner = match &*inline.condition {
                    "" => parent,
                    condition => self.schema.get(condition),
                };
                self.walk_directives(&inline.directives, "INLINE_FRAGMENT")?;
                self.walk_selections(inner, &inline.selections)?;
                self.on_inline(inline, parent)
            }
            Selection::Spread(spread) => {
                self.walk_directives(&spread.directives, "FRAGMENT_SPREAD")?;
                let fragment = self.fragments.get(&*spread.name).copied();
                if let Some(fragment) = fragment
                    && self.spread.insert(&fragment.name)
                {
                    let inner = self.schema.get(&fragment.condition);
                    self.walk_directives(&fragment.directives, "FRAGMENT_DEFINITION")?;
                    self.walk_selections(inner, &fragment.selections)?;
                }
                self.on_spread(spread, fragment, parent);
                Ok(())
            }
        }
    }

    fn walk_field(&mut self, parent: Option<&'a Definition>, field: &'a Field) -> Done {
        let definition: Option<&'a FieldDefinition> = match &*field.name {
            "__typename" => Some(&TYPENAME),
            name => parent.and_then(|parent| parent.field(name)),
        };
        self.fields[field.id] = FieldNote { definition, parent };
        let inner = definition.and_then(|definition| self.schema.get(definition.kind.base()));
        for argument in &field.arguments {
            let own = definition.and_then(|definition| definition.argument(&argument.name));
            self.walk_argument(own, argument)?;
        }
        self.walk_directives(&field.directives, "FIELD")?;
        self.walk_selections(inner, &field.selections)?;
        self.on_field(field)
    }
}
