//! Reads schemas.
//!
//! Follows gqlparser v2.5.64 parser/schema.go

use super::lexer::Kind;
use super::parser::{Description, Parsed, Parser};
use super::tree::{
    Around, At, Comments, Definition, DirectiveDefinition, EnumValue, FieldDefinition, Kind as TypeKind, OperationType,
    SchemaDefinition, SchemaDocument,
};

/// The places where directives may be.
const LOCATIONS: [&str; 20] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
    "DIRECTIVE_DEFINITION",
];

/// The keywords of types.
const TYPES: [(&str, TypeKind); 6] = [
    ("scalar", TypeKind::Scalar),
    ("type", TypeKind::Object),
    ("interface", TypeKind::Interface),
    ("union", TypeKind::Union),
    ("enum", TypeKind::Enum),
    ("input", TypeKind::InputObject),
];

/// The document of a text; `is_prelude` for the definitions that every schema has.
pub(super) fn parse(text: &str, is_prelude: bool) -> Parsed<SchemaDocument> {
    let mut parser = Parser::new(text, is_prelude);
    let mut document = SchemaDocument::default();
    while parser.kind() != Kind::End {
        let description = parser.description();
        if let Some(kind) = parser.type_keyword() {
            let definition = parser.definition(kind, description, is_prelude)?;
            document.definitions.push(definition);
        } else if parser.is_word("schema") {
            document.schemas.push(parser.schema(description)?);
        } else if parser.is_word("directive") {
            document.directives.push(parser.directive(description)?);
        } else if parser.is_word("extend") {
            if !description.text.is_empty() {
                return parser.unexpected_last();
            }
            parser.extension(&mut document)?;
        } else {
            return parser.unexpected();
        }
    }
    document.comments.clone_from(&parser.comments);
    Ok(document)
}

/// The parts that types and members begin with.
struct Opening {
    description: String,
    at: At,
    comments: Around,
}

impl Parser<'_> {
    fn type_keyword(&mut self) -> Option<TypeKind> {
        let found = TYPES.iter().find(|(word, _)| self.is_word(word));
        found.map(|(_, kind)| *kind)
    }

    fn schema(&mut self, description: Description) -> Parsed<SchemaDefinition> {
        let after = self.keyword("schema")?;
        let mut schema = SchemaDefinition {
            description: description.text,
            at: self.at(),
            directives: self.directives(true)?,
            ..SchemaDefinition::default()
        };
        let end = self.operation_types(&mut schema)?;
        schema.comments = Around {
            before: description.comments,
            after,
            end,
        };
        Ok(schema)
    }

    fn operation_types(&mut self, schema: &mut SchemaDefinition) -> Parsed<Comments> {
        self.some(Kind::BraceL, Kind::BraceR, |parser| {
            let at = parser.at();
            let comments = parser.comments.clone();
            let kind = parser.next();
            if !matches!(&*kind.text, "query" | "mutation" | "subscription") {
                return parser.unexpected_last();
            }
            parser.expect(Kind::Colon)?;
            schema.operations.push(OperationType {
                kind: kind.text,
                name: parser.name()?,
                at,
                comments,
            });
            Ok(())
        })
    }

    /// A type behind its keyword.
    fn definition(&mut self, kind: TypeKind, description: Description, is_builtin: bool) -> Parsed<Definition> {
        let after = self.comments.clone();
        self.next();
        let mut definition = Definition {
            kind,
            description: description.text,
            is_builtin,
            comments: Around {
                before: description.comments,
                after,
                end: Comments::new(),
            },
            ..Definition::default()
        };
        self.definition_body(&mut definition)?;
        Ok(definition)
    }

    fn definition_body(&mut self, definition: &mut Definition) -> Parsed<()> {
        definition.at = self.at();
        definition.name = self.name()?;
        let kind = definition.kind;
        if matches!(kind, TypeKind::Object | TypeKind::Interface) {
            definition.interfaces = self.interfaces()?;
        }
        definition.directives = self.directives(true)?;
        match kind {
            TypeKind::Object | TypeKind::Interface | TypeKind::InputObject => {
                let is_input = kind == TypeKind::InputObject;
                let fields = &mut definition.fields;
                definition.comments.end = self.some(Kind::BraceL, Kind::BraceR, |parser| {
                    fields.push(parser.member(!is_input, is_input)?);
                    Ok(())
                })?;
            }
            TypeKind::Enum => {
                let values = &mut definition.enum_values;
                definition.comments.end = self.some(Kind::BraceL, Kind::BraceR, |parser| {
                    let opening = parser.opening();
                    values.push(EnumValue {
                        description: opening.description,
                        name: parser.name()?,
                        directives: parser.directives(true)?,
                        at: opening.at,
                        comments: opening.comments,
                    });
                    Ok(())
                })?;
            }
            TypeKind::Union => self.members(definition)?,
            TypeKind::Scalar | TypeKind::Unknown => {}
        }
        Ok(())
    }

    fn interfaces(&mut self) -> Parsed<Vec<String>> {
        let mut interfaces = Vec::new();
        if self.peek().text == "implements" {
            self.next();
            self.skip(Kind::Amp);
            interfaces.push(self.name()?);
            while self.skip(Kind::Amp) {
                interfaces.push(self.name()?);
            }
        }
        Ok(interfaces)
    }

    /// The members of a union.
    fn members(&mut self, definition: &mut Definition) -> Parsed<()> {
        if !self.skip(Kind::Equals) {
            return Ok(());
        }
        self.skip(Kind::Pipe);
        loop {
            definition.type_positions.push(self.at());
            definition.types.push(self.name()?);
            if !self.skip(Kind::Pipe) {
                return Ok(());
            }
        }
    }

    /// The description of a member, with the comments around it.
    fn opening(&mut self) -> Opening {
        let mut description = self.description();
        if description.text.is_empty() {
            description = Description::default();
        }
        let at = self.at();
        Opening {
            description: description.text,
            at,
            comments: Around {
                before: description.comments,
                after: self.comments.clone(),
                end: Comments::new(),
            },
        }
    }

    /// A field or an argument.
    fn member(&mut self, takes_arguments: bool, takes_default: bool) -> Parsed<FieldDefinition> {
        let opening = self.opening();
        let name = self.name()?;
        let arguments = match takes_arguments {
            true => self.argument_definitions()?,
            false => Vec::new(),
        };
        self.expect(Kind::Colon)?;
        let kind = self.type_reference()?;
        let default = match takes_default && self.skip(Kind::Equals) {
            true => Some(self.value(true)?),
            false => None,
        };
        Ok(FieldDefinition {
            description: opening.description,
            name,
            arguments,
            default,
            kind,
            directives: self.directives(true)?,
            at: opening.at,
            comments: opening.comments,
        })
    }

    fn argument_definitions(&mut self) -> Parsed<Vec<FieldDefinition>> {
        let mut arguments = Vec::new();
        self.some(Kind::ParenL, Kind::ParenR, |parser| {
            arguments.push(parser.member(false, true)?);
            Ok(())
        })?;
        Ok(arguments)
    }

    fn directive(&mut self, description: Description) -> Parsed<DirectiveDefinition> {
        let after = self.keyword("directive")?;
        self.expect(Kind::At)?;
        let mut directive = DirectiveDefinition {
            description: description.text,
            at: self.at(),
            name: self.name()?,
            arguments: self.argument_definitions()?,
            directives: self.directives(true)?,
            comments: Around {
                before: description.comments,
                after,
                end: Comments::new(),
            },
            ..DirectiveDefinition::default()
        };
        if self.is_word("repeatable") {
            directive.is_repeatable = true;
            self.next();
        }
        self.keyword("on")?;
        self.skip(Kind::Pipe);
        loop {
            let name = self.name()?;
            if !LOCATIONS.contains(&&*name) {
                return self.unexpected_last();
            }
            directive.locations.push(name);
            if !self.skip(Kind::Pipe) {
                return Ok(directive);
            }
        }
    }

    fn extension(&mut self, document: &mut SchemaDocument) -> Parsed<()> {
        let comments = self.keyword("extend")?;
        let around = Around {
            after: comments,
            ..Around::default()
        };
        if let Some(kind) = self.type_keyword() {
            self.next();
            let mut definition = Definition {
                kind,
                comments: around,
                ..Definition::default()
            };
            self.definition_body(&mut definition)?;
            let is_empty = definition.directives.is_empty()
                && definition.interfaces.is_empty()
                && definition.fields.is_empty()
                && definition.types.is_empty()
                && definition.enum_values.is_empty();
            if is_empty {
                return self.unexpected();
            }
            document.extensions.push(definition);
        } else if self.is_word("schema") {
            self.next();
            let mut schema = SchemaDefinition {
                at: self.at(),
                directives: self.directives(true)?,
                comments: around,
                ..SchemaDefinition::default()
            };
            schema.comments.end = self.operation_types(&mut schema)?;
            if schema.directives.is_empty() && schema.operations.is_empty() {
                return self.unexpected();
            }
            document.schema_extensions.push(schema);
        } else if self.is_word("directive") {
            self.next();
            self.expect(Kind::At)?;
            let directive = DirectiveDefinition {
                at: self.at(),
                name: self.name()?,
                directives: self.directives(true)?,
                comments: around,
                ..DirectiveDefinition::default()
            };
            if directive.directives.is_empty() {
                return self.unexpected();
            }
            document.directive_extensions.push(directive);
        } else {
            return self.unexpected();
        }
        Ok(())
    }
}
