//! Documents from the objects that `graphql.parse_query` and `graphql.parse_schema` give.
//!
//! As gqlparser, it reads every selection as a field: what is a fragment in the text is a field of its name in the
//! object. Positions and comments are not read.
//!
//! Follows gqlparser v2.5.64 ast/decode.go

use super::tree::{
    Argument, Child, Definition, Directive, DirectiveDefinition, EnumValue, Field, FieldDefinition, Fragment, Kind,
    Operation, OperationType, Query, SchemaDefinition, SchemaDocument, Selection, Type, VALUE_KINDS, Value, Variable,
};
use crate::builtins::{Context, Failure};
use kpolicy_value::{Object, Value as Json};

/// How deep an object may nest.
const DEEPEST: usize = 2000;

/// A query from its object.
pub(super) fn query(context: &mut Context, object: &Object) -> Result<Query, Failure> {
    let mut reader = Reader::new(context);
    let operations = reader.list(object, "Operations", Reader::operation)?;
    let fragments = reader.list(object, "Fragments", Reader::fragment)?;
    Ok(Query {
        operations,
        fragments,
        numbered: reader.numbered,
    })
}

/// A schema from its object.
pub(super) fn schema(context: &mut Context, object: &Object) -> Result<SchemaDocument, Failure> {
    let mut reader = Reader::new(context);
    Ok(SchemaDocument {
        schemas: reader.list(object, "Schema", Reader::schema)?,
        schema_extensions: reader.list(object, "SchemaExtension", Reader::schema)?,
        directives: reader.list(object, "Directives", Reader::directive_definition)?,
        directive_extensions: reader.list(object, "DirectiveExtensions", Reader::directive_definition)?,
        definitions: reader.list(object, "Definitions", Reader::definition)?,
        extensions: reader.list(object, "Extensions", Reader::definition)?,
        comments: Vec::new(),
    })
}

struct Reader<'c> {
    context: &'c mut Context,
    numbered: usize,
    depth: usize,
}

fn wrong<T>(value: &Json, name: &str, wanted: &str) -> Result<T, Failure> {
    let given = match value {
        Json::Bool(_) => "bool",
        Json::Set(_) => "array",
        other => other.type_name(),
    };
    let message = format!("json: cannot unmarshal {given} into Go struct field {name} of type {wanted}");
    Err(Failure::Builtin(message))
}

fn text(object: &Object, name: &str) -> Result<String, Failure> {
    match object.field(name) {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(text)) => Ok(text.to_str().into_owned()),
        Some(other) => wrong(other, name, "string"),
    }
}

fn flag(object: &Object, name: &str) -> Result<bool, Failure> {
    match object.field(name) {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(flag)) => Ok(*flag),
        Some(other) => wrong(other, name, "bool"),
    }
}

fn texts(object: &Object, name: &str) -> Result<Vec<String>, Failure> {
    let items = match object.field(name) {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::Array(items)) => items,
        Some(other) => return wrong(other, name, "[]string"),
    };
    let items = items.iter().map(|item| match item {
        Json::String(text) => Ok(text.to_str().into_owned()),
        other => wrong(other, name, "string"),
    });
    items.collect()
}

impl<'c> Reader<'c> {
    fn new(context: &'c mut Context) -> Self {
        Self {
            context,
            numbered: 0,
            depth: 0,
        }
    }

    fn number(&mut self) -> usize {
        self.numbered += 1;
        self.numbered - 1
    }

    fn list<T>(
        &mut self,
        object: &Object,
        name: &str,
        read: fn(&mut Self, &Object) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let items = match object.field(name) {
            None | Some(Json::Null) => return Ok(Vec::new()),
            Some(Json::Array(items)) => items,
            Some(other) => return wrong(other, name, "array"),
        };
        items.iter().map(|item| self.nested(item, name, read)).collect()
    }

    fn one<T>(
        &mut self,
        object: &Object,
        name: &str,
        read: fn(&mut Self, &Object) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        match object.field(name) {
            None | Some(Json::Null) => Ok(None),
            Some(item) => self.nested(item, name, read).map(Some),
        }
    }

    fn nested<T>(
        &mut self,
        item: &Json,
        name: &str,
        read: fn(&mut Self, &Object) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.context.step()?;
        let Json::Object(object) = item else {
            return wrong(item, name, "object");
        };
        if self.depth == DEEPEST {
            return Err(Failure::Limit(format!(
                "the document nests deeper than {DEEPEST} levels"
            )));
        }
        self.depth += 1;
        let result = read(self, object);
        self.depth -= 1;
        result
    }

    fn operation(&mut self, object: &Object) -> Result<Operation, Failure> {
        Ok(Operation {
            kind: text(object, "Operation")?,
            name: text(object, "Name")?,
            variables: self.list(object, "VariableDefinitions", Self::variable)?,
            directives: self.list(object, "Directives", Self::directive)?,
            selections: self.list(object, "SelectionSet", Self::selection)?,
            ..Operation::default()
        })
    }

    fn fragment(&mut self, object: &Object) -> Result<Fragment, Failure> {
        Ok(Fragment {
            name: text(object, "Name")?,
            variables: self.list(object, "VariableDefinition", Self::variable)?,
            condition: text(object, "TypeCondition")?,
            directives: self.list(object, "Directives", Self::directive)?,
            selections: self.list(object, "SelectionSet", Self::selection)?,
            ..Fragment::default()
        })
    }

    fn variable(&mut self, object: &Object) -> Result<Variable, Failure> {
        Ok(Variable {
            id: self.number(),
            description: text(object, "Description")?,
            name: text(object, "Variable")?,
            kind: self.one(object, "Type", Self::type_of)?.unwrap_or_default(),
            default: self.one(object, "DefaultValue", Self::value)?,
            directives: self.list(object, "Directives", Self::directive)?,
            ..Variable::default()
        })
    }

    fn selection(&mut self, object: &Object) -> Result<Selection, Failure> {
        Ok(Selection::Field(Field {
            id: self.number(),
            alias: text(object, "Alias")?,
            name: text(object, "Name")?,
            arguments: self.list(object, "Arguments", Self::argument)?,
            directives: self.list(object, "Directives", Self::directive)?,
            selections: self.list(object, "SelectionSet", Self::selection)?,
            ..Field::default()
        }))
    }

    fn argument(&mut self, object: &Object) -> Result<Argument, Failure> {
        Ok(Argument {
            name: text(object, "Name")?,
            value: self.one(object, "Value", Self::value)?.unwrap_or_default(),
            ..Argument::default()
        })
    }

    fn directive(&mut self, object: &Object) -> Result<Directive, Failure> {
        Ok(Directive {
            name: text(object, "Name")?,
            arguments: self.list(object, "Arguments", Self::argument)?,
            at: None,
        })
    }

    fn value(&mut self, object: &Object) -> Result<Value, Failure> {
        let kind = match object.field("Kind") {
            None | Some(Json::Null) => 0,
            Some(Json::Number(number)) => number
                .as_index()
                .and_then(|kind| usize::try_from(kind).ok())
                .unwrap_or(99),
            Some(other) => return wrong(other, "Kind", "int"),
        };
        let unknown = || Failure::Builtin(format!("unknown value kind {kind}"));
        Ok(Value {
            id: self.number(),
            raw: text(object, "Raw")?,
            children: self.list(object, "Children", Self::child)?,
            kind: *VALUE_KINDS.get(kind).ok_or_else(unknown)?,
            ..Value::default()
        })
    }

    fn child(&mut self, object: &Object) -> Result<Child, Failure> {
        Ok(Child {
            name: text(object, "Name")?,
            value: self.one(object, "Value", Self::value)?.unwrap_or_default(),
            ..Child::default()
        })
    }

    fn type_of(&mut self, object: &Object) -> Result<Type, Failure> {
        Ok(Type {
            name: text(object, "NamedType")?,
            element: self.one(object, "Elem", Self::type_of)?.map(Box::new),
            non_null: flag(object, "NonNull")?,
            at: None,
        })
    }

    fn schema(&mut self, object: &Object) -> Result<SchemaDefinition, Failure> {
        Ok(SchemaDefinition {
            description: text(object, "Description")?,
            directives: self.list(object, "Directives", Self::directive)?,
            operations: self.list(object, "OperationTypes", Self::operation_type)?,
            ..SchemaDefinition::default()
        })
    }

    fn operation_type(&mut self, object: &Object) -> Result<OperationType, Failure> {
        Ok(OperationType {
            kind: text(object, "Operation")?,
            name: text(object, "Type")?,
            ..OperationType::default()
        })
    }

    fn definition(&mut self, object: &Object) -> Result<Definition, Failure> {
        let kind = text(object, "Kind")?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
        Ok(Definition {
            kind: kind.unwrap_or_default(),
            description: text(object, "Description")?,
            name: text(object, "Name")?,
            directives: self.list(object, "Directives", Self::directive)?,
            interfaces: texts(object, "Interfaces")?,
            fields: self.list(object, "Fields", Self::field_definition)?,
            types: texts(object, "Types")?,
            enum_values: self.list(object, "EnumValues", Self::enum_value)?,
            is_builtin: flag(object, "BuiltIn")?,
            ..Definition::default()
        })
    }

    fn field_definition(&mut self, object: &Object) -> Result<FieldDefinition, Failure> {
        Ok(FieldDefinition {
            description: text(object, "Description")?,
            name: text(object, "Name")?,
            arguments: self.list(object, "Arguments", Self::field_definition)?,
            default: self.one(object, "DefaultValue", Self::value)?,
            kind: self.one(object, "Type", Self::type_of)?.unwrap_or_default(),
            directives: self.list(object, "Directives", Self::directive)?,
            ..FieldDefinition::default()
        })
    }

    fn enum_value(&mut self, object: &Object) -> Result<EnumValue, Failure> {
        Ok(EnumValue {
            description: text(object, "Description")?,
            name: text(object, "Name")?,
            directives: self.list(object, "Directives", Self::directive)?,
            ..EnumValue::default()
        })
    }

    fn directive_definition(&mut self, object: &Object) -> Result<DirectiveDefinition, Failure> {
        Ok(DirectiveDefinition {
            description: text(object, "Description")?,
            name: text(object, "Name")?,
            arguments: self.list(object, "Arguments", Self::field_definition)?,
            directives: self.list(object, "Directives", Self::directive)?,
            locations: texts(object, "Locations")?,
            is_repeatable: flag(object, "IsRepeatable")?,
            ..DirectiveDefinition::default()
        })
    }
}
