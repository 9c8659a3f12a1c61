//! The documents of a schema by their references.
//!
//! Follows OPA v1.22 internal/gojsonschema/schemaPool.go

use std::collections::HashMap;

use super::draft::{self, Draft};
use super::reference::Reference;
use super::{check_depth, read_json};
use crate::builtins::{Context, Failure};
use kpolicy_value::Value;

/// A document, and the draft that it names.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) schema: Value,
    pub(super) draft: Option<Draft>,
}

#[derive(Debug, Default)]
pub(super) struct Pool(HashMap<String, Document>);

impl Pool {
    /// Keeps a document and every schema in it that has an id. What is kept has its references resolved.
    pub(super) fn add(&mut self, context: &mut Context, schema: &Value, at: &Reference) -> Result<Value, Failure> {
        let draft = draft::named(schema)?;
        let schema = self.resolved(context, schema, at, draft, 0)?;
        let document = Document {
            schema: schema.clone(),
            draft,
        };
        self.0.insert(at.to_string(), document);
        Ok(schema)
    }

    fn resolved(
        &mut self,
        context: &mut Context,
        value: &Value,
        base: &Reference,
        draft: Option<Draft>,
        depth: usize,
    ) -> Result<Value, Failure> {
        context.step()?;
        check_depth(depth)?;
        let object = match value {
            Value::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| self.resolved(context, item, base, draft, depth + 1));
                return Ok(Value::array(items.collect::<Result<_, _>>()?));
            }
            Value::Object(object) => object,
            scalar => return Ok(scalar.clone()),
        };
        let id = object.field(if object.field("id").is_some() { "id" } else { "$id" });
        let id = id.and_then(Value::text).and_then(|id| Reference::parse(&id).ok());
        let own = id.as_ref().map(|id| base.document().join(id));
        if let Some(own) = &own
            && self.0.contains_key(&own.to_string())
        {
            return Err(Failure::Builtin(format!("Reference already exists: \"{own}\"")));
        }
        let base = own.as_ref().unwrap_or(base);
        if own.is_some() {
            // Its place is taken before the schemas in it ask for theirs.
            self.keep(base, value.clone(), draft);
        }
        let mut entries = Vec::with_capacity(object.len());
        for (key, value) in object.iter() {
            let resolved = match (key.as_str().unwrap_or_default(), value) {
                ("const" | "enum", _) => value.clone(),
                ("$ref", Value::String(reference)) => match Reference::parse(&reference.to_str()) {
                    Ok(reference) => Value::string(base.document().join(&reference).to_string()),
                    Err(_) => value.clone(),
                },
                ("properties" | "dependencies" | "patternProperties", Value::Object(children)) => {
                    let children = children.iter().map(|(name, child)| {
                        Ok((name.clone(), self.resolved(context, child, base, draft, depth + 1)?))
                    });
                    Value::object(children.collect::<Result<_, Failure>>()?)
                }
                _ => self.resolved(context, value, base, draft, depth + 1)?,
            };
            entries.push((key.clone(), resolved));
        }
        let resolved = Value::object(entries);
        if own.is_some() {
            self.keep(base, resolved.clone(), draft);
        }
        Ok(resolved)
    }

    fn keep(&mut self, at: &Reference, schema: Value, draft: Option<Draft>) {
        self.0.insert(at.to_string(), Document { schema, draft });
    }

    /// The schema that a reference leads to.
    pub(super) fn get(&mut self, context: &mut Context, reference: &Reference) -> Result<Document, Failure> {
        if let Some(found) = self.0.get(&reference.to_string()) {
            return Ok(found.clone());
        }
        let at = reference.document();
        if let Some(found) = self.0.get(&at.to_string()) {
            let part = Document {
                schema: reference.part(&found.schema)?.clone(),
                draft: found.draft,
            };
            self.0.insert(reference.to_string(), part.clone());
            return Ok(part);
        }
        if !reference.is_canonical() {
            return Err(Failure::Builtin(format!("Reference {reference} must be canonical")));
        }
        if reference.is_file() {
            return Err(Failure::Builtin(format!(
                "file reference loading disabled: {reference}"
            )));
        }
        let Some(text) = draft::meta_schema(&at.to_string()) else {
            return Err(Failure::Builtin(format!(
                "remote reference loading disabled: {reference}"
            )));
        };
        let schema = read_json(text).map_err(|_| Failure::Builtin("the schema of a draft is not JSON".to_owned()))?;
        let schema = self.add(context, &schema, &at)?;
        Ok(Document {
            draft: draft::named(&schema)?,
            schema: reference.part(&schema)?.clone(),
        })
    }
}
