//! GraphQL documents, in the shape of gqlparser's.
//!
//! Follows gqlparser v2.5.64 ast

/// Where something begins, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Position {
    pub(super) line: i64,
    pub(super) column: i64,
    /// Whether it is in the definitions that every schema has.
    pub(super) is_prelude: bool,
}

/// Nothing in a document that was read from an object.
pub(super) type At = Option<Position>;

/// The lines of comments before something, each with its `#`.
pub(super) type Comments = Vec<String>;

#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: Vec<Fragment>,
    /// How many fields, spreads, values and variables are numbered.
    pub(super) numbered: usize,
}

/// The number of a node of a query, under which the validator keeps what it knows of it.
pub(super) type Id = usize;

#[derive(Debug, Default)]
pub(super) struct Operation {
    pub(super) description: String,
    /// `query`, `mutation` or `subscription`.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) variables: Vec<Variable>,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Debug, Default)]
pub(super) struct Variable {
    pub(super) id: Id,
    pub(super) description: String,
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) default: Option<Value>,
    pub(super) directives: Vec<Directive>,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Debug, Default)]
pub(super) struct Fragment {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) variables: Vec<Variable>,
    pub(super) condition: String,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Debug)]
pub(super) enum Selection {
    Field(Field),
    Spread(Spread),
    Inline(Inline),
}

#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) id: Id,
    pub(super) alias: String,
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
    pub(super) at: At,
    pub(super) comments: Comments,
}

impl Field {
    /// The name of the field in the response.
    pub(super) fn response_name(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }
}

#[derive(Debug, Default)]
pub(super) struct Spread {
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Debug, Default)]
pub(super) struct Inline {
    pub(super) condition: String,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) at: At,
}

/// What a value is, in gqlparser's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ValueKind {
    #[default]
    Variable,
    Int,
    Float,
    String,
    Block,
    Boolean,
    Null,
    Enum,
    List,
    Object,
}

/// The kinds, each at the index that is its number.
pub(super) const VALUE_KINDS: [ValueKind; 10] = [
    ValueKind::Variable,
    ValueKind::Int,
    ValueKind::Float,
    ValueKind::String,
    ValueKind::Block,
    ValueKind::Boolean,
    ValueKind::Null,
    ValueKind::Enum,
    ValueKind::List,
    ValueKind::Object,
];

#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub(super) id: Id,
    pub(super) raw: String,
    pub(super) children: Vec<Child>,
    pub(super) kind: ValueKind,
    pub(super) at: At,
    pub(super) comments: Comments,
}

/// An item of a list, without a name, or a field of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Child {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) at: At,
    pub(super) comments: Comments,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) element: Option<Box<Type>>,
    pub(super) non_null: bool,
    pub(super) at: At,
}

impl Type {
    /// The type by name.
    pub(super) fn named(name: &str, non_null: bool) -> Self {
        Self {
            name: name.to_owned(),
            non_null,
            ..Self::default()
        }
    }

    /// The name of the type or of what its lists hold.
    pub(super) fn base(&self) -> &str {
        match &self.element {
            Some(element) if self.name.is_empty() => element.base(),
            _ => &self.name,
        }
    }

    /// Whether a value of this type is one of the other.
    pub(super) fn is_compatible(&self, other: &Self) -> bool {
        if self.name != other.name {
            return false;
        }
        let elements = match (&self.element, &other.element) {
            (Some(own), Some(other)) => own.is_compatible(other),
            (Some(_), None) => false,
            (None, _) => true,
        };
        elements && (!other.non_null || self.non_null)
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.element {
            Some(element) if self.name.is_empty() => write!(out, "[{element}]")?,
            _ => out.write_str(&self.name)?,
        }
        out.write_str(if self.non_null { "!" } else { "" })
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |out: &mut std::fmt::Formatter<'_>, named: bool| -> std::fmt::Result {
            for (index, child) in self.children.iter().enumerate() {
                out.write_str(if index > 0 { "," } else { "" })?;
                if named {
                    write!(out, "{}:", child.name)?;
                }
                child.value.fmt(out)?;
            }
            Ok(())
        };
        match self.kind {
            ValueKind::Variable => write!(out, "${}", self.raw),
            ValueKind::String | ValueKind::Block => write!(out, "{}", quoted(&self.raw)),
            ValueKind::List => {
                out.write_str("[")?;
                list(out, false)?;
                out.write_str("]")
            }
            ValueKind::Object => {
                out.write_str("{")?;
                list(out, true)?;
                out.write_str("}")
            }
            _ => out.write_str(&self.raw),
        }
    }
}

/// A string as GraphQL writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' | '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

#[derive(Clone, Debug, Default)]
pub(super) struct SchemaDocument {
    pub(super) schemas: Vec<SchemaDefinition>,
    pub(super) schema_extensions: Vec<SchemaDefinition>,
    pub(super) directives: Vec<DirectiveDefinition>,
    pub(super) directive_extensions: Vec<DirectiveDefinition>,
    pub(super) definitions: Vec<Definition>,
    pub(super) extensions: Vec<Definition>,
    pub(super) comments: Comments,
}

/// The comments around a description and the thing that it describes.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) before: Comments,
    pub(super) after: Comments,
    pub(super) end: Comments,
}

#[derive(Clone, Debug, Default)]
pub(super) struct SchemaDefinition {
    pub(super) description: String,
    pub(super) directives: Vec<Directive>,
    pub(super) operations: Vec<OperationType>,
    pub(super) at: At,
    pub(super) comments: Around,
}

#[derive(Clone, Debug, Default)]
pub(super) struct OperationType {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) at: At,
    pub(super) comments: Comments,
}

/// What a type is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Unknown,
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    InputObject,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::Scalar,
        Self::Object,
        Self::Interface,
        Self::Union,
        Self::Enum,
        Self::InputObject,
    ];

    /// The name of the kind, which is also that of the location of its directives.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Scalar => "SCALAR",
            Self::Object => "OBJECT",
            Self::Interface => "INTERFACE",
            Self::Union => "UNION",
            Self::Enum => "ENUM",
            Self::InputObject => "INPUT_OBJECT",
        }
    }

    pub(super) fn is_leaf(self) -> bool {
        matches!(self, Self::Enum | Self::Scalar)
    }

    pub(super) fn is_abstract(self) -> bool {
        matches!(self, Self::Interface | Self::Union)
    }

    pub(super) fn is_composite(self) -> bool {
        matches!(self, Self::Object | Self::Interface | Self::Union)
    }

    pub(super) fn is_input(self) -> bool {
        matches!(self, Self::Scalar | Self::Enum | Self::InputObject)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Definition {
    pub(super) kind: Kind,
    pub(super) description: String,
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
    pub(super) interfaces: Vec<String>,
    pub(super) fields: Vec<FieldDefinition>,
    /// The members of a union.
    pub(super) types: Vec<String>,
    pub(super) type_positions: Vec<At>,
    pub(super) enum_values: Vec<EnumValue>,
    pub(super) is_builtin: bool,
    pub(super) at: At,
    pub(super) comments: Around,
}

impl Definition {
    pub(super) fn field(&self, name: &str) -> Option<&FieldDefinition> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A field of a type, or an argument of a field or directive.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldDefinition {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) arguments: Vec<FieldDefinition>,
    pub(super) default: Option<Value>,
    pub(super) kind: Type,
    pub(super) directives: Vec<Directive>,
    pub(super) at: At,
    pub(super) comments: Around,
}

impl FieldDefinition {
    pub(super) fn argument(&self, name: &str) -> Option<&FieldDefinition> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// Whether it has a default that is not null.
    pub(super) fn has_default(&self) -> bool {
        self.default.as_ref().is_some_and(|value| value.kind != ValueKind::Null)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct EnumValue {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
    pub(super) at: At,
    pub(super) comments: Around,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DirectiveDefinition {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) arguments: Vec<FieldDefinition>,
    pub(super) directives: Vec<Directive>,
    pub(super) locations: Vec<String>,
    pub(super) is_repeatable: bool,
    pub(super) at: At,
    pub(super) comments: Around,
}

impl DirectiveDefinition {
    pub(super) fn argument(&self, name: &str) -> Option<&FieldDefinition> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}
