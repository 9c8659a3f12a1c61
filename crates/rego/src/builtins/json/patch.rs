//! JSON Patch (RFC 6902), on any value.

use super::super::operand::array;
use super::super::{Answer, Context, Failure, Operands};
use super::edit::Tree;
use super::path;
use crate::text::to_rego_text;
use kpolicy_value::{Object, Value};

/// The value with all operations applied in their order; the first that cannot be is an error.
pub(super) fn patch(context: &mut Context, operands: Operands) -> Answer {
    let operations = array(operands, 1)?;
    let mut tree = Some(Tree::new(operands[0].clone()));
    for operation in operations.iter() {
        context.check_time()?;
        let operation = operation.as_object().ok_or_else(|| {
            failed("must be an array of JSON-Patch objects, but at least one element is not an object")
        })?;
        apply(&mut tree, operation)?;
    }
    Ok(tree.map(|tree| tree.value()))
}

fn failed(words: impl Into<String>) -> Failure {
    Failure::Builtin(words.into())
}

fn apply(tree: &mut Option<Tree>, operation: &Object) -> Result<(), Failure> {
    let attribute = |name: &str| {
        let missing = || failed(format!("missing required attribute '{name}'"));
        operation.field(name).ok_or_else(missing)
    };
    let at = attribute("path")?;
    let op = match attribute("op")? {
        Value::String(op) => op,
        other => {
            let words = format!("attribute 'op' must be a string but found: {}", other.type_name());
            return Err(failed(words));
        }
    };
    let path = path::read(at)?;
    match &*op.to_str() {
        "add" => insert(tree, &path, attribute("value")?.clone()),
        "remove" => delete(tree, &path),
        "replace" => {
            delete(tree, &path)?;
            insert(tree, &path, attribute("value")?.clone())
        }
        "move" => {
            let from = path::read(attribute("from")?)?;
            let moved = find(tree, &from)?;
            delete(tree, &from)?;
            insert(tree, &path, moved)
        }
        "copy" => {
            let copied = find(tree, &path::read(attribute("from")?)?)?;
            insert(tree, &path, copied)
        }
        "test" => {
            let found = find(tree, &path)?;
            test(&found, attribute("value")?)
        }
        other => Err(failed(format!("unrecognized op: '{other}'"))),
    }
}

fn test(found: &Value, wanted: &Value) -> Result<(), Failure> {
    if found == wanted {
        return Ok(());
    }
    Err(failed(format!(
        "value from EditTree != patch value.\n\nExpected: {}\n\nFound: {}",
        to_rego_text(wanted),
        to_rego_text(found)
    )))
}

/// The part of the tree at a path; `gone` says how to call a tree that is no more.
fn part<'t>(tree: &'t mut Option<Tree>, path: &[Value], gone: &str) -> Result<&'t mut Tree, Failure> {
    let words = if path.is_empty() {
        gone
    } else {
        "nil value encountered where composite value was expected"
    };
    let tree = tree.as_mut().ok_or_else(|| failed(words))?;
    path.iter().try_fold(tree, Tree::child).map_err(failed)
}

fn insert(tree: &mut Option<Tree>, path: &[Value], value: Value) -> Result<(), Failure> {
    let Some((last, before)) = path.split_last() else {
        *tree = Some(Tree::new(value));
        return Ok(());
    };
    part(tree, before, "deleted node encountered during insert operation")?
        .insert(last, value)
        .map_err(failed)
}

fn delete(tree: &mut Option<Tree>, path: &[Value]) -> Result<(), Failure> {
    const GONE: &str = "deleted node encountered during delete operation";
    let Some((last, before)) = path.split_last() else {
        return tree.take().map(|_| ()).ok_or_else(|| failed(GONE));
    };
    part(tree, before, GONE)?.delete(last).map_err(failed)
}

fn find(tree: &mut Option<Tree>, path: &[Value]) -> Result<Value, Failure> {
    Ok(part(tree, path, "cannot insert nil value into EditTree")?.value())
}
