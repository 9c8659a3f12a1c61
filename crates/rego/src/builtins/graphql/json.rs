//! Documents as values: as Go's `encoding/json` gives gqlparser's structs, without positions and what is empty.
//!
//! Follows OPA v1.22 topdown/graphql.go: pruneIrrelevantGraphQLASTNodes

use super::tree::{
    Argument, Around, Child, Comments, Definition, Directive, DirectiveDefinition, EnumValue, Field, FieldDefinition,
    Fragment, Inline, Operation, OperationType, Query, SchemaDefinition, SchemaDocument, Selection, Spread, Type,
    Value, Variable,
};
use kpolicy_value::Value as Json;

/// A part of a document as a value.
pub(super) trait ToJson {
    fn to_json(&self) -> Json;
}

/// An object of these entries, without those that are null or empty.
fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    let kept = entries.into_iter().filter(|(_, value)| is_kept(value));
    Json::object(kept.map(|(name, value)| (name.into(), value)).collect())
}

fn is_kept(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(object) => !object.is_empty(),
        _ => true,
    }
}

fn list<T: ToJson>(items: &[T]) -> Json {
    let items = items.iter().map(ToJson::to_json).filter(is_kept);
    Json::array(items.collect())
}

fn optional<T: ToJson>(item: Option<&T>) -> Json {
    item.map_or(Json::Null, ToJson::to_json)
}

fn names(names: &[String]) -> Json {
    Json::array(names.iter().map(|name| Json::from(&**name)).collect())
}

fn text(text: &str) -> Json {
    text.into()
}

fn comments(comments: &Comments) -> Json {
    let lines = comments.iter().map(|line| object([("Value", text(line))]));
    object([("List", Json::array(lines.collect()))])
}

/// Adds what is around a description.
fn with_around(value: Json, around: &Around) -> Json {
    let Json::Object(object) = value else {
        return value;
    };
    let mut entries: Vec<(Json, Json)> = object.iter().cloned().collect();
    let around = [
        ("BeforeDescriptionComment", &around.before),
        ("AfterDescriptionComment", &around.after),
        ("EndOfDefinitionComment", &around.end),
    ];
    for (name, lines) in around {
        if !lines.is_empty() {
            entries.push((name.into(), comments(lines)));
        }
    }
    Json::object(entries)
}

impl ToJson for Query {
    fn to_json(&self) -> Json {
        object([
            ("Operations", list(&self.operations)),
            ("Fragments", list(&self.fragments)),
        ])
    }
}

impl ToJson for Operation {
    fn to_json(&self) -> Json {
        object([
            ("Description", text(&self.description)),
            ("Operation", text(&self.kind)),
            ("Name", text(&self.name)),
            ("VariableDefinitions", list(&self.variables)),
            ("Directives", list(&self.directives)),
            ("SelectionSet", list(&self.selections)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Variable {
    fn to_json(&self) -> Json {
        object([
            ("Description", text(&self.description)),
            ("Variable", text(&self.name)),
            ("Type", self.kind.to_json()),
            ("DefaultValue", optional(self.default.as_ref())),
            ("Directives", list(&self.directives)),
            ("Comment", comments(&self.comments)),
            ("Used", false.into()),
        ])
    }
}

impl ToJson for Fragment {
    fn to_json(&self) -> Json {
        object([
            ("Description", text(&self.description)),
            ("Name", text(&self.name)),
            ("VariableDefinition", list(&self.variables)),
            ("TypeCondition", text(&self.condition)),
            ("Directives", list(&self.directives)),
            ("SelectionSet", list(&self.selections)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Selection {
    fn to_json(&self) -> Json {
        match self {
            Self::Field(field) => field.to_json(),
            Self::Spread(spread) => spread.to_json(),
            Self::Inline(inline) => inline.to_json(),
        }
    }
}

impl ToJson for Field {
    fn to_json(&self) -> Json {
        object([
            ("Alias", text(&self.alias)),
            ("Name", text(&self.name)),
            ("Arguments", list(&self.arguments)),
            ("Directives", list(&self.directives)),
            ("SelectionSet", list(&self.selections)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Spread {
    fn to_json(&self) -> Json {
        object([
            ("Name", text(&self.name)),
            ("Directives", list(&self.directives)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Inline {
    fn to_json(&self) -> Json {
        object([
            ("TypeCondition", text(&self.condition)),
            ("Directives", list(&self.directives)),
            ("SelectionSet", list(&self.selections)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Argument {
    fn to_json(&self) -> Json {
        object([
            ("Name", text(&self.name)),
            ("Value", self.value.to_json()),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Directive {
    fn to_json(&self) -> Json {
        object([
            ("Name", text(&self.name)),
            ("Arguments", list(&self.arguments)),
            ("Location", text("")),
        ])
    }
}

impl ToJson for Value {
    fn to_json(&self) -> Json {
        object([
            ("Raw", text(&self.raw)),
            ("Children", list(&self.children)),
            ("Kind", (self.kind as i64).into()),
            ("Comment", comments(&self.comments)),
            ("ExpectedTypeHasDefault", false.into()),
        ])
    }
}

impl ToJson for Child {
    fn to_json(&self) -> Json {
        object([
            ("Name", text(&self.name)),
            ("Value", self.value.to_json()),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Type {
    fn to_json(&self) -> Json {
        object([
            ("NamedType", text(&self.name)),
            ("Elem", optional(self.element.as_deref())),
            ("NonNull", self.non_null.into()),
        ])
    }
}

impl ToJson for SchemaDocument {
    fn to_json(&self) -> Json {
        object([
            ("Schema", list(&self.schemas)),
            ("SchemaExtension", list(&self.schema_extensions)),
            ("Directives", list(&self.directives)),
            ("DirectiveExtensions", list(&self.directive_extensions)),
            ("Definitions", list(&self.definitions)),
            ("Extensions", list(&self.extensions)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for SchemaDefinition {
    fn to_json(&self) -> Json {
        let own = object([
            ("Description", text(&self.description)),
            ("Directives", list(&self.directives)),
            ("OperationTypes", list(&self.operations)),
        ]);
        with_around(own, &self.comments)
    }
}

impl ToJson for OperationType {
    fn to_json(&self) -> Json {
        object([
            ("Operation", text(&self.kind)),
            ("Type", text(&self.name)),
            ("Comment", comments(&self.comments)),
        ])
    }
}

impl ToJson for Definition {
    fn to_json(&self) -> Json {
        let own = object([
            ("Kind", text(self.kind.name())),
            ("Description", text(&self.description)),
            ("Name", text(&self.name)),
            ("Directives", list(&self.directives)),
            ("Interfaces", names(&self.interfaces)),
            ("Fields", list(&self.fields)),
            ("Types", names(&self.types)),
            ("EnumValues", list(&self.enum_values)),
            ("BuiltIn", self.is_builtin.into()),
        ]);
        with_around(own, &self.comments)
    }
}

impl ToJson for FieldDefinition {
    fn to_json(&self) -> Json {
        let own = object([
            ("Description", text(&self.description)),
            ("Name", text(&self.name)),
            ("Arguments", list(&self.arguments)),
            ("DefaultValue", optional(self.default.as_ref())),
            ("Type", self.kind.to_json()),
            ("Directives", list(&self.directives)),
        ]);
        with_around(own, &self.comments)
    }
}

impl ToJson for EnumValue {
    fn to_json(&self) -> Json {
        let own = object([
            ("Description", text(&self.description)),
            ("Name", text(&self.name)),
            ("Directives", list(&self.directives)),
        ]);
        with_around(own, &self.comments)
    }
}

impl ToJson for DirectiveDefinition {
    fn to_json(&self) -> Json {
        let own = object([
            ("Description", text(&self.description)),
            ("Name", text(&self.name)),
            ("Arguments", list(&self.arguments)),
            ("Directives", list(&self.directives)),
            ("Locations", names(&self.locations)),
            ("IsRepeatable", self.is_repeatable.into()),
        ]);
        with_around(own, &self.comments)
    }
}
