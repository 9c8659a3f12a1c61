//! Reads queries.
//!
//! Follows gqlparser v2.5.64 parser/query.go

use super::lexer::Kind;
use super::parser::{Description, Parsed, Parser};
use super::tree::{Comments, Field, Fragment, Inline, Operation, Query, Selection, Spread, Variable};

/// The document of a text.
pub(super) fn parse(text: &str) -> Parsed<Query> {
    let mut parser = Parser::new(text, false);
    let mut query = Query::default();
    while parser.kind() != Kind::End {
        let description = parser.description();
        if parser.kind() == Kind::BraceL
            || ["query", "mutation", "subscription"]
                .iter()
                .any(|word| parser.is_word(word))
        {
            query.operations.push(parser.operation(description)?);
        } else if parser.is_word("fragment") {
            query.fragments.push(parser.fragment(description)?);
        } else {
            return parser.unexpected();
        }
    }
    query.numbered = parser.numbered();
    Ok(query)
}

/// The comments before a description and those behind it.
fn joined(before: Comments, after: &Comments) -> Comments {
    let mut joined = before;
    joined.extend(after.iter().cloned());
    joined
}

impl Parser<'_> {
    fn operation(&mut self, description: Description) -> Parsed<Operation> {
        if self.kind() == Kind::BraceL {
            // The short form takes no description.
            if description.is_present {
                return self.unexpected_last();
            }
            return Ok(Operation {
                at: self.at(),
                kind: "query".to_owned(),
                selections: self.selections()?,
                ..Operation::default()
            });
        }
        let at = self.at();
        let comments = joined(description.comments, &self.comments);
        let kind = self.next().text;
        let name = match self.kind() {
            Kind::Name => self.next().text,
            _ => String::new(),
        };
        Ok(Operation {
            description: description.text,
            kind,
            name,
            variables: self.variables()?,
            directives: self.directives(false)?,
            selections: self.selections()?,
            at,
            comments,
        })
    }

    fn variables(&mut self) -> Parsed<Vec<Variable>> {
        let mut variables = Vec::new();
        self.some(Kind::ParenL, Kind::ParenR, |parser| {
            let description = parser.description();
            let at = parser.at();
            let comments = joined(description.comments, &parser.comments);
            let id = parser.number();
            let name = parser.variable()?;
            parser.expect(Kind::Colon)?;
            let kind = parser.type_reference()?;
            let default = match parser.skip(Kind::Equals) {
                true => Some(parser.value(true)?),
                false => None,
            };
            variables.push(Variable {
                id,
                description: description.text,
                name,
                kind,
                default,
                directives: parser.directives(false)?,
                at,
                comments,
            });
            Ok(())
        })?;
        Ok(variables)
    }

    fn selections(&mut self) -> Parsed<Vec<Selection>> {
        let found = self.kind();
        if found != Kind::BraceL {
            return self.error(format!("Expected {{, found {}", found.shown()));
        }
        self.nested(|parser| {
            let mut selections = Vec::new();
            parser.some(Kind::BraceL, Kind::BraceR, |parser| {
                selections.push(parser.selection()?);
                Ok(())
            })?;
            Ok(selections)
        })
    }

    fn selection(&mut self) -> Parsed<Selection> {
        if self.kind() == Kind::Spread {
            return self.spread();
        }
        let at = self.at();
        let comments = self.comments.clone();
        let id = self.number();
        let alias = self.name()?;
        let name = match self.skip(Kind::Colon) {
            true => self.name()?,
            false => alias.clone(),
        };
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        let selections = match self.kind() {
            Kind::BraceL => self.selections()?,
            _ => Vec::new(),
        };
        Ok(Selection::Field(Field {
            id,
            alias,
            name,
            arguments,
            directives,
            selections,
            at,
            comments,
        }))
    }

    fn spread(&mut self) -> Parsed<Selection> {
        let (_, comments) = self.expect(Kind::Spread)?;
        if self.kind() == Kind::Name && !self.is_word("on") {
            return Ok(Selection::Spread(Spread {
                at: self.at(),
                name: self.name()?,
                directives: self.directives(false)?,
                comments,
            }));
        }
        let at = self.at();
        let condition = if self.is_word("on") {
            self.next();
            self.name()?
        } else {
            String::new()
        };
        Ok(Selection::Inline(Inline {
            condition,
            directives: self.directives(false)?,
            selections: self.selections()?,
            at,
            comments,
        }))
    }

    fn fragment(&mut self, description: Description) -> Parsed<Fragment> {
        let at = self.at();
        let comments = joined(description.comments, &self.comments);
        self.keyword("fragment")?;
        if self.is_word("on") {
            return self.unexpected();
        }
        let name = self.name()?;
        let variables = self.variables()?;
        self.keyword("on")?;
        Ok(Fragment {
            description: description.text,
            name,
            variables,
            condition: self.name()?,
            directives: self.directives(false)?,
            selections: self.selections()?,
            at,
            comments,
        })
    }
}
