//! Errors of GraphQL, in gqlparser's words.

use super::tree::{At, Position};
use crate::builtins::Failure;

/// Where an error is.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// It has no location.
    None,
    /// It should have one, and the document was read from an object.
    Lost,
    At(Position),
}

#[derive(Clone, Debug)]
pub(super) struct GraphqlError {
    place: Place,
    message: String,
}

impl GraphqlError {
    /// An error of a schema or of the syntax.
    pub(super) fn new(at: At, message: impl Into<String>) -> Self {
        Self {
            place: at.map_or(Place::Lost, Place::At),
            message: message.into(),
        }
    }

    /// An error of a query.
    pub(super) fn of_query(at: At, message: impl Into<String>) -> Self {
        Self {
            place: at.map_or(Place::None, Place::At),
            message: message.into(),
        }
    }
}

/// Follows gqlparser v2.5.64 gqlerror: Error.Error
impl std::fmt::Display for GraphqlError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let message = &self.message;
        match self.place {
            Place::None => write!(out, "input: {message}"),
            Place::Lost => write!(out, "input:-1:-1: {message}"),
            Place::At(at) => {
                let file = if at.is_prelude { "prelude.graphql" } else { "input" };
                write!(out, "{file}:{}:{}: {message}", at.line, at.column)
            }
        }
    }
}

/// The errors as OPA tells them: where the first one is, and the words of all.
///
/// Follows OPA v1.22 topdown/graphql.go: formatGqlParserError
pub(super) fn told(text: &str) -> String {
    let parts: Vec<&str> = text.splitn(4, ':').collect();
    if let [_, row, column, message] = parts[..]
        && let (Ok(row), Ok(column)) = (row.parse::<u64>(), column.parse::<u64>())
    {
        let message = message.trim_start_matches(' ');
        let message = message.strip_suffix(".\n").unwrap_or(message);
        return format!("{message} in GraphQL string at location {row}:{column}");
    }
    format!("GraphQL parse error: {text}")
}

/// Why a document was not validated to its end.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    Error(GraphqlError),
    Limit(Failure),
}

impl From<GraphqlError> for Stop {
    fn from(error: GraphqlError) -> Self {
        Self::Error(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Limit(failure)
    }
}

/// Fails where something nests deeper than is followed.
pub(super) fn check_depth(depth: usize) -> Result<(), Failure> {
    const DEEPEST: usize = 2000;
    if depth > DEEPEST {
        let message = format!("the GraphQL document nests deeper than {DEEPEST} levels");
        return Err(Failure::Limit(message));
    }
    Ok(())
}
