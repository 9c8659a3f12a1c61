//! GraphQL: `graphql.*`, as the gqlparser that is in OPA reads and validates it.
//!
//! The documents have gqlparser's shape and the errors its words. Where it suggests names of types, OPA's order changes
//! from run to run; here it is that of the names.

mod error;
mod json;
mod lexer;
mod object;
mod overlap;
mod parser;
mod query;
mod rules;
mod schema;
mod suggest;
mod tree;
mod types;
mod values;
mod walk;

use super::operand::string;
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use error::{GraphqlError, Stop, told};
use json::ToJson;
use kpolicy_value::Value;
use tree::{Query, SchemaDocument};
use types::Schema;

pub(super) const FAMILY: Family = &[
    pure(
        "graphql.is_valid",
        "(string | object{[any]: any}, string | object{[any]: any}) -> boolean",
        "Whether a GraphQL query is valid under a schema.",
        is_valid,
    ),
    pure(
        "graphql.parse",
        "(string | object{[any]: any}, string | object{[any]: any}) -> array<object{[any]: any}, object{[any]: any}>",
        "The syntax trees of a GraphQL query and its schema.",
        parse,
    ),
    pure(
        "graphql.parse_and_verify",
        "(string | object{[any]: any}, string | object{[any]: any}) -> array<boolean, object{[any]: any}, object{[any]: any}>",
        "Whether a GraphQL query is valid under a schema, and the syntax trees of both.",
        parse_and_verify,
    ),
    pure(
        "graphql.parse_query",
        "(string) -> object{[any]: any}",
        "The syntax tree of a GraphQL query.",
        parse_query,
    ),
    pure(
        "graphql.parse_schema",
        "(string) -> object{[any]: any}",
        "The syntax tree of a GraphQL schema.",
        parse_schema,
    ),
    pure(
        "graphql.schema_is_valid",
        "(string | object{[any]: any}) -> boolean",
        "Whether a GraphQL schema is valid.",
        schema_is_valid,
    ),
];

fn failed(error: &GraphqlError) -> Failure {
    Failure::Builtin(told(&error.to_string()))
}

fn parse_query(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    Ok(Some(query_of(context, operands, 0)?.to_json()))
}

fn parse_schema(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    Ok(Some(schema_of(context, operands, 0)?.to_json()))
}

/// The query that an operand is the text or the object of.
fn query_of(context: &mut Context, operands: Operands, at: usize) -> Result<Query, Failure> {
    context.check_size(operands[at].extent().text as usize)?;
    match operands[at] {
        Value::String(text) => query::parse(&text.to_str()).map_err(|error| failed(&error)),
        Value::Object(object) => object::query(context, object),
        other => Err(misplaced(at, other)),
    }
}

/// The schema that an operand is the text or the object of.
fn schema_of(context: &mut Context, operands: Operands, at: usize) -> Result<SchemaDocument, Failure> {
    context.check_size(operands[at].extent().text as usize)?;
    match operands[at] {
        Value::String(text) => schema::parse(&text.to_str(), false).map_err(|error| failed(&error)),
        Value::Object(object) => object::schema(context, object),
        other => Err(misplaced(at, other)),
    }
}

/// OPA counts the operands of `graphql.parse` from 0 where it tells of their types.
fn misplaced(at: usize, value: &Value) -> Failure {
    let given = value.type_name();
    Failure::Operand(format!(
        "operand {at} must be one of {{string, object}} but got {given}"
    ))
}

/// A schema that is validated.
fn validated(context: &mut Context, document: SchemaDocument) -> Result<Schema, Failure> {
    Schema::of(context, document).map_err(|stop| match stop {
        Stop::Limit(failure) => failure,
        Stop::Error(error) => {
            let start = "Error in gqlparser SchemaDocument to Schema conversion";
            Failure::Builtin(format!("{start}: {error}"))
        }
    })
}

/// The documents of a query and its schema, where the one is valid by the other.
///
/// Follows OPA v1.22 topdown/graphql.go: builtinGraphQLParse
fn verified(context: &mut Context, operands: Operands) -> Result<[Value; 2], Failure> {
    let query = query_of(context, operands, 0)?;
    let document = schema_of(context, operands, 1)?;
    let shown = document.to_json();
    let schema = validated(context, document)?;
    let errors = walk::validate(context, &schema, &query)?;
    if !errors.is_empty() {
        let all: String = errors.iter().map(|error| format!("{error}\n")).collect();
        return Err(Failure::Builtin(told(&all)));
    }
    Ok([query.to_json(), shown])
}

fn parse(context: &mut Context, operands: Operands) -> Answer {
    let [query, schema] = verified(context, operands)?;
    Ok(Some(Value::array(vec![query, schema])))
}

fn parse_and_verify(context: &mut Context, operands: Operands) -> Answer {
    let empty = || Value::object(Vec::new());
    Ok(Some(match verified(context, operands) {
        Ok([query, schema]) => Value::array(vec![true.into(), query, schema]),
        Err(Failure::Builtin(_) | Failure::Operand(_)) => Value::array(vec![false.into(), empty(), empty()]),
        Err(failure) => return Err(failure),
    }))
}

fn is_valid(context: &mut Context, operands: Operands) -> Answer {
    match verified(context, operands) {
        Ok(_) => Ok(Some(true.into())),
        Err(Failure::Builtin(_) | Failure::Operand(_)) => Ok(Some(false.into())),
        Err(failure) => Err(failure),
    }
}

fn schema_is_valid(context: &mut Context, operands: Operands) -> Answer {
    let schema = schema_of(context, operands, 0).and_then(|document| validated(context, document));
    match schema {
        Ok(_) => Ok(Some(true.into())),
        Err(Failure::Builtin(_) | Failure::Operand(_)) => Ok(Some(false.into())),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests;
