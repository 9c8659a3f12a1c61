//! Expressions to values, as far as these are known before Terraform runs.

use std::rc::Rc;

use super::convert::{Fault, Outcome, boolean, entries, items, number, of_number, text};
use super::functions;
use super::instances::instances;
use super::module::{Block, Module, World};
use super::policy_document;
use super::types;
use super::unknown::{cleaned, expression, is_known, is_unknown, partly, shown_text, unknown};
use kpolicy_parse::document::{Document, Spans};
use kpolicy_parse::hcl2::{self, For, Sign, Step, TemplatePart, Term, TermKind};
use kpolicy_value::Value;

/// The most parts of a value, and bytes of a text.
const MOST_PARTS: u32 = 1 << 16;

/// The names that an expression can use beside those of its module, the inner before the outer.
pub(super) struct Names<'n> {
    outer: Option<&'n Names<'n>>,
    own: Vec<(String, Value)>,
}

impl<'n> Names<'n> {
    /// No names.
    pub(super) const NONE: Names<'static> = Names {
        outer: None,
        own: Vec::new(),
    };

    /// These names alone.
    pub(super) fn of(own: Vec<(String, Value)>) -> Self {
        Self { outer: None, own }
    }

    /// These names before those.
    pub(super) fn with(outer: &'n Names<'n>, own: Vec<(String, Value)>) -> Self {
        Self {
            outer: Some(outer),
            own,
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let own = self.own.iter().rev().find(|(own, _)| own == name);
        own.map(|(_, value)| value).or_else(|| self.outer?.get(name))
    }
}

/// Evaluates what is in a module.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'e> {
    pub(super) world: &'e World<'e>,
    pub(super) module: &'e Rc<Module>,
}

impl<'e> Evaluator<'e> {
    /// What a part of a document says: its expressions evaluated.
    pub(super) fn node(self, document: &Document, value: &Value, spans: &Spans, names: &Names) -> Value {
        let resolved = self.world.deeper(|| match value {
            Value::String(_) => {
                let written = value.as_str().unwrap_or_default();
                match written.contains("${") || written.contains("%{") {
                    true => self.written(document, written, spans, names),
                    false => Value::string(cleaned(written).as_ref()),
                }
            }
            Value::Array(items) => Value::array(
                children(items, spans)
                    .map(|(item, spans)| self.node(document, item, spans, names))
                    .collect(),
            ),
            Value::Object(object) => {
                let entries: Vec<(&(Value, Value), &Spans)> = match &spans.children {
                    Some(spans) => object.iter().zip(spans.iter()).collect(),
                    None => Vec::new(),
                };
                let entry = |((key, value), spans): (&(Value, Value), &Spans)| {
                    let value = match key.as_str() {
                        Some("dynamic") => self.dynamic(document, value, spans, names),
                        _ => self.node(document, value, spans, names),
                    };
                    (self.key(document, key, spans, names), value)
                };
                Value::object(entries.into_iter().map(entry).collect())
            }
            value => value.clone(),
        });
        resolved.unwrap_or_else(|| raw(value))
    }

    /// The attribute of a block, or nothing where it has none of this name.
    pub(super) fn attribute(self, block: &Block, name: &str, names: &Names) -> Option<Value> {
        let mut path = block.path.clone();
        path.push(name.into());
        let found = block.file.find(&path);
        (found.depth == path.len()).then(|| self.node(&block.file, found.value, found.spans, names))
    }

    /// The body of a block.
    pub(super) fn body(self, block: &Block, names: &Names) -> Value {
        let found = block.file.find(&block.path);
        self.node(&block.file, found.value, found.spans, names)
    }

    /// A key of an object, which may be an expression.
    fn key(self, document: &Document, key: &Value, spans: &Spans, names: &Names) -> Value {
        let Some(text) = key.as_str().filter(|text| text.contains("${")) else {
            return key.clone();
        };
        let source = spans.key.of(&document.file.text);
        let found = hcl2::term(&format!("{source}\n")).ok().and_then(|term| {
            let value = self.term(&term, source, names).ok()?;
            is_known(&value).then_some(value)
        });
        found
            .and_then(|value| super::convert::text(&value).ok())
            .map_or_else(|| unknown(text), Value::string)
    }

    /// What an expression in a document is.
    fn written(self, document: &Document, written: &str, spans: &Spans, names: &Names) -> Value {
        let source = spans.value.of(&document.file.text);
        let is_json = document.file.path.ends_with(".json");
        let source = match is_json {
            true => template(written),
            false => format!("{source}\n"),
        };
        let found = hcl2::term(&source)
            .map_err(|_| Fault::Failed)
            .and_then(|term| self.term(&term, &source, names));
        match found {
            Ok(value) if is_json => value.as_str().map_or(value.clone(), |text| {
                // A heredoc ends with a line end that the string does not have.
                Value::string(text.strip_suffix('\n').unwrap_or(text))
            }),
            Ok(value) => value,
            Err(_) => raw(&written.into()),
        }
    }

    /// The blocks that `dynamic` blocks make: their content for each item.
    fn dynamic(self, document: &Document, value: &Value, spans: &Spans, names: &Names) -> Value {
        let (Some(object), Some(spans)) = (value.as_object(), &spans.children) else {
            return self.node(document, value, spans, names);
        };
        let block = |((name, bodies), spans): (&(Value, Value), &Spans)| {
            let made: Vec<Value> = match (bodies, &spans.children) {
                (Value::Array(items), Some(spans)) => items
                    .iter()
                    .zip(spans.iter())
                    .map(|(body, spans)| self.made(document, &name.key_text(), body, spans, names))
                    .collect(),
                _ => vec![self.made(document, &name.key_text(), bodies, spans, names)],
            };
            (name.clone(), Value::array(made))
        };
        Value::object(object.iter().zip(spans.iter()).map(block).collect())
    }

    /// One `dynamic` block with its content for each item.
    fn made(self, document: &Document, label: &str, body: &Value, spans: &Spans, names: &Names) -> Value {
        let part = |name: &str| {
            let at = body.as_object()?.position(&name.into())?;
            Some((body.field(name)?, spans.children.as_ref()?.get(at)?))
        };
        let iterator = part("iterator").and_then(|(name, _)| name.as_str());
        let iterator = iterator.map_or(label, |name| name.trim_start_matches("${").trim_end_matches('}'));
        let (over, is_open) = self
            .world
            .watched(|| part("for_each").map(|(value, spans)| self.node(document, value, spans, names)));
        let content = |own: Vec<(String, Value)>| {
            let (value, spans) = part("content")?;
            let names = Names::with(names, own);
            Some(match (value, &spans.children) {
                (Value::Array(items), Some(spans)) if items.len() == 1 => {
                    self.node(document, &items[0], &spans[0], &names)
                }
                _ => self.node(document, value, spans, &names),
            })
        };
        let contents: Vec<Value> = match over.as_ref().map(pairs) {
            // Others may have items.
            Some(Ok(pairs)) if !(pairs.is_empty() && is_open) => pairs
                .into_iter()
                .filter_map(|(key, value)| {
                    let item = Value::object(vec![("key".into(), key), ("value".into(), value)]);
                    content(vec![(iterator.to_owned(), item)])
                })
                .collect(),
            _ => content(vec![(iterator.to_owned(), unknown(iterator))])
                .into_iter()
                .collect(),
        };
        let over = over.unwrap_or(Value::Null);
        Value::object(vec![
            ("for_each".into(), over),
            ("content".into(), Value::array(contents)),
        ])
    }

    /// The value of an expression. What depends on what is not known is not known.
    pub(super) fn term(self, term: &Term, source: &str, names: &Names) -> Outcome {
        let here = || unknown(term.span.of(source));
        match self.world.deeper(|| self.kind(term, source, names)) {
            None | Some(Err(Fault::Unknown)) => Ok(here()),
            Some(Ok(value)) if value.extent().parts > MOST_PARTS || value.extent().text > MOST_PARTS << 4 => Ok(here()),
            Some(found) => found,
        }
    }

    fn kind(self, term: &Term, source: &str, names: &Names) -> Outcome {
        let each = |terms: &[Term]| -> Outcome<Vec<Value>> {
            terms.iter().map(|term| self.term(term, source, names)).collect()
        };
        match &term.kind {
            TermKind::Literal(value) => Ok(value.clone()),
            TermKind::Name(name) => names.get(name).cloned().ok_or(Fault::Unknown),
            TermKind::Tuple(items) => Ok(Value::array(each(items)?)),
            TermKind::Object(items) => {
                let entry = |(key, value): &(Term, Term)| {
                    let key = text(&self.term(key, source, names)?)?;
                    Ok((Value::string(key), self.term(value, source, names)?))
                };
                Ok(Value::object(items.iter().map(entry).collect::<Outcome<_>>()?))
            }
            TermKind::Template(parts) => self.template(parts, source, names),
            TermKind::Conditional(parts) => {
                let [condition, held, other] = &**parts;
                match boolean(&self.term(condition, source, names)?)? {
                    true => self.term(held, source, names),
                    false => self.term(other, source, names),
                }
            }
            TermKind::Operation(operands, operators) => operation(each(operands)?, operators),
            TermKind::Signed(signs, operand) => {
                let mut value = self.term(operand, source, names)?;
                for sign in signs.iter().rev() {
                    value = match sign {
                        Sign::Minus => of_number(-number(&value)?)?,
                        Sign::Not => (!boolean(&value)?).into(),
                    };
                }
                Ok(value)
            }
            TermKind::Call {
                name,
                arguments,
                is_expanded,
            } => match name.as_str() {
                "try" => self.first(arguments, source, names),
                "can" => match arguments.as_slice() {
                    [argument] => match self.term(argument, source, names) {
                        Ok(value) if is_unknown(&value) => Err(Fault::Unknown),
                        found => Ok(found.is_ok().into()),
                    },
                    _ => Err(Fault::Failed),
                },
                name => {
                    let mut arguments = each(arguments)?;
                    if *is_expanded && let Some(last) = arguments.pop() {
                        arguments.extend(items(&last)?.iter().cloned());
                    }
                    functions::call(name, &arguments)
                }
            },
            TermKind::Steps(from, steps) => self.steps(from, steps, source, names),
            TermKind::For(each) => self.comprehension(each, source, names),
        }
    }

    /// The first argument that has a value.
    fn first(self, arguments: &[Term], source: &str, names: &Names) -> Outcome {
        let found = arguments.iter().map(|argument| self.term(argument, source, names));
        found.into_iter().find(Outcome::is_ok).unwrap_or(Err(Fault::Failed))
    }

    fn comprehension(self, each: &For, source: &str, names: &Names) -> Outcome {
        let over = self.term(&each.collection, source, names)?;
        let (mut values, mut keyed) = (Vec::new(), Vec::new());
        for (key, value) in pairs(&over)? {
            let mut own = vec![(each.value_name.clone(), value)];
            own.extend(each.key_name.clone().map(|name| (name, key)));
            let names = Names::with(names, own);
            if let Some(condition) = &each.condition
                && !boolean(&self.term(condition, source, &names)?)?
            {
                continue;
            }
            let value = self.term(&each.value, source, &names)?;
            match &each.key {
                Some(key) => keyed.push((Value::string(text(&self.term(key, source, &names)?)?), value)),
                None => values.push(value),
            }
        }
        if each.key.is_none() {
            return Ok(Value::array(values));
        }
        if each.is_grouped {
            let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
            for (key, value) in keyed {
                match groups.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, values)) => values.push(value),
                    None => groups.push((key, vec![value])),
                }
            }
            keyed = groups
                .into_iter()
                .map(|(key, values)| (key, Value::array(values)))
                .collect();
        }
        Ok(Value::object(keyed))
    }

    /// A text with what is written into it.
    fn template(self, parts: &[TemplatePart], source: &str, names: &Names) -> Outcome {
        let (mut out, mut is_partly) = (String::new(), false);
        let mut written = Vec::new();
        for part in parts {
            match part {
                TemplatePart::Text(text) => written.push(Value::string(cleaned(text).as_ref())),
                TemplatePart::Interpolation(inner) => written.push(self.term(inner, source, names)?),
                _ => return Err(Fault::Unknown),
            }
        }
        if written.iter().all(is_known) {
            for value in &written {
                out.push_str(&text(value)?);
            }
            return Ok(Value::string(out));
        }
        for value in &written {
            match value.as_str() {
                Some(text) => {
                    is_partly |= !is_known(value);
                    out.push_str(&shown_text(text));
                }
                None => out.push_str(&text(value)?),
            }
        }
        Ok(if is_partly { partly(&out) } else { Value::string(out) })
    }

    /// Where steps lead to from a value, or from a name of the module.
    fn steps(self, from: &Term, steps: &[Step], source: &str, names: &Names) -> Outcome {
        let TermKind::Name(root) = &from.kind else {
            return self.walk(self.term(from, source, names)?, steps, source, names);
        };
        if let Some(value) = names.get(root) {
            return self.walk(value.clone(), steps, source, names);
        }
        let name = |at: usize| match steps.get(at) {
            Some(Step::Attribute(name)) => Ok(name.as_str()),
            _ => Err(Fault::Unknown),
        };
        match root.as_str() {
            "each" | "count" | "self" | "path" | "terraform" => Err(Fault::Unknown),
            "var" => self.walk(self.variable(name(0)?), &steps[1..], source, names),
            "local" => self.walk(self.local(name(0)?), &steps[1..], source, names),
            "module" => self.output(name(0)?, &steps[1..], source, names),
            "data" => {
                let address = format!("data.{}.{}", name(0)?, name(1)?);
                self.resource(&address, &steps[2..], source, names)
            }
            kind => {
                let address = format!("resource.{kind}.{}", name(0)?);
                self.resource(&address, &steps[1..], source, names)
            }
        }
    }

    fn walk(self, mut value: Value, steps: &[Step], source: &str, names: &Names) -> Outcome {
        for (at, step) in steps.iter().enumerate() {
            value = match step {
                Step::Attribute(name) => below(&value, &name.as_str().into())?,
                Step::Index(index) => below(&value, &self.term(index, source, names)?)?,
                Step::AttributeSplat(attributes) => {
                    let of = |item: &Value| {
                        attributes
                            .iter()
                            .try_fold(item.clone(), |item, name| below(&item, &name.as_str().into()))
                    };
                    Value::array(splat(&value)?.iter().map(of).collect::<Outcome<_>>()?)
                }
                Step::Splat => {
                    let rest = &steps[at + 1..];
                    let found = splat(&value)?;
                    let found = found.into_iter().map(|item| self.walk(item, rest, source, names));
                    return Ok(Value::array(found.collect::<Outcome<_>>()?));
                }
            };
        }
        Ok(value)
    }

    /// What is remembered under a key, or else evaluated; what needs itself is not known.
    fn remembered(self, key: String, name: &str, evaluate: impl FnOnce() -> Value) -> Value {
        let known = self.module.memo.borrow().get(&key).cloned();
        let known = known.unwrap_or_else(|| {
            self.module.memo.borrow_mut().insert(key.clone(), None);
            let evaluated = self.world.watched(evaluate);
            self.module.memo.borrow_mut().insert(key, Some(evaluated.clone()));
            Some(evaluated)
        });
        match known {
            Some((value, is_open)) => {
                self.world.add_open(is_open);
                value
            }
            None => unknown(name),
        }
    }

    fn local(self, name: &str) -> Value {
        let text = format!("local.{name}");
        let Some(block) = self.module.locals.get(name) else {
            return unknown(&text);
        };
        self.remembered(text.clone(), &text, || {
            self.attribute(block, name, &Names::NONE)
                .unwrap_or_else(|| unknown(&text))
        })
    }

    fn variable(self, name: &str) -> Value {
        let text = format!("var.{name}");
        let block = self.module.blocks.get(&format!("variable.{name}"));
        let default = || {
            // Whoever uses the module may give another value.
            self.world.add_open(self.module.parent.is_none());
            self.attribute(block?, "default", &Names::NONE)
        };
        self.remembered(text.clone(), &text, || {
            let value = self.argument(name).or_else(|| self.given_value(name)).or_else(default);
            let value = value.unwrap_or_else(|| unknown(&text));
            match block {
                Some(block) => types::with_defaults(self, block, value),
                None => value,
            }
        })
    }

    /// The file that gives a variable a value.
    fn given(self, name: &str) -> Option<&'e Document> {
        let mut files = self.module.values.iter().rev();
        files.find(|file| file.value.field(name).is_some()).map(|file| &**file)
    }

    fn given_value(self, name: &str) -> Option<Value> {
        let file = self.given(name)?;
        let found = file.find(&[name.into()]);
        Some(self.node(file, found.value, found.spans, &Names::NONE))
    }

    /// What the module's call gives a variable.
    fn argument(self, name: &str) -> Option<Value> {
        let (parent, call) = self.module.parent.as_ref()?;
        let outer = Evaluator {
            world: self.world,
            module: parent,
        };
        let block = parent.blocks.get(&format!("module.{call}"))?;
        let instances = instances(outer, block);
        let own = match instances.known.as_slice() {
            [instance] => instance.names.clone(),
            _ => Vec::new(),
        };
        outer.attribute(block, name, &Names::of(own))
    }

    /// What a module that is called gives.
    fn output(self, call: &str, steps: &[Step], source: &str, names: &Names) -> Outcome {
        let child = self.module.child(self.world, call).ok_or(Fault::Unknown)?;
        let inner = Evaluator {
            world: self.world,
            module: &child,
        };
        let steps = match steps {
            [Step::Index(_), rest @ ..] => rest,
            steps => steps,
        };
        let Some((Step::Attribute(name), rest)) = steps.split_first() else {
            return Err(Fault::Unknown);
        };
        let block = child.blocks.get(&format!("output.{name}")).ok_or(Fault::Failed)?;
        let key = format!("output.{name}");
        let value = inner.remembered(key, &format!("module.{call}.{name}"), || {
            inner
                .attribute(block, "value", &Names::NONE)
                .unwrap_or_else(|| unknown(name))
        });
        match is_unknown(&value) {
            true => Err(Fault::Unknown),
            false => self.walk(value, rest, source, names),
        }
    }

    /// What the configuration says of an attribute of a resource; it is not known where that is decided elsewhere.
    fn resource(self, address: &str, steps: &[Step], source: &str, names: &Names) -> Outcome {
        let shown = address.strip_prefix("resource.").unwrap_or(address);
        let Some(block) = self.module.blocks.get(address) else {
            return self.walk(unknown(shown), steps, source, names);
        };
        let instances = instances(self, block);
        let (steps, shown, own) = match steps {
            [Step::Index(key), rest @ ..] => {
                let key = self.term(key, source, names)?;
                let instance = instances
                    .known
                    .iter()
                    .find(|instance| instance.key.as_ref() == Some(&key));
                let shown = match is_known(&key) {
                    true => format!("{shown}[{}]", key.to_json()),
                    false => format!("{shown}[{}]", expression(&key).unwrap_or("…")),
                };
                (rest, shown, instance.map(|instance| instance.names.clone()))
            }
            steps => (steps, shown.to_owned(), None),
        };
        let (attribute, rest) = match steps.split_first() {
            Some((Step::Attribute(name), rest)) => (name, rest),
            Some((Step::Splat | Step::AttributeSplat(_), _)) => return Err(Fault::Unknown),
            _ => return self.walk(unknown(&shown), steps, source, names),
        };
        let text = format!("{shown}.{attribute}");
        let value = self.remembered(format!("{address} {text}"), &text, || {
            let names = Names::of(own.unwrap_or_default());
            self.of_resource(address, block, attribute, &names)
                .filter(|value| !is_unknown(value))
                .unwrap_or_else(|| unknown(&text))
        });
        self.walk(value, rest, source, names)
    }

    fn of_resource(self, address: &str, block: &Block, attribute: &str, names: &Names) -> Option<Value> {
        let is_policy = address.starts_with("data.aws_iam_policy_document.");
        match attribute {
            "json" | "minified_json" if is_policy => policy_document::json_of(&self.body(block, names)),
            attribute => self.attribute(block, attribute, names),
        }
    }
}

/// A value that is not evaluated: as it is written.
fn raw(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            Some(text) if text.starts_with("${") && text.ends_with('}') => unknown(&text[2..text.len() - 1]),
            Some(text) if text.contains("${") || text.contains("%{") => partly(text),
            _ => value.clone(),
        },
        Value::Array(items) => Value::array(items.iter().map(raw).collect()),
        Value::Object(object) => Value::object(object.iter().map(|(key, value)| (key.clone(), raw(value))).collect()),
        value => value.clone(),
    }
}

/// The expression that a string of the JSON syntax is.
fn template(written: &str) -> String {
    let inner = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match inner.filter(|inner| hcl2::term(&format!("{inner}\n")).is_ok()) {
        Some(inner) => format!("{inner}\n"),
        None => format!("<<END_OF_JSON_STRING\n{written}\nEND_OF_JSON_STRING\n"),
    }
}

fn children<'s>(items: &'s [Value], spans: &'s Spans) -> impl Iterator<Item = (&'s Value, &'s Spans)> {
    items.iter().zip(spans.children.iter().flat_map(|spans| spans.iter()))
}

/// The keys and values that a loop goes over.
pub(super) fn pairs(value: &Value) -> Outcome<Vec<(Value, Value)>> {
    Ok(match value {
        Value::Array(_) => super::convert::counted(value)?
            .iter()
            .enumerate()
            .map(|(at, item)| (at.into(), item.clone()))
            .collect(),
        Value::Set(items) => items.iter().map(|item| (item.clone(), item.clone())).collect(),
        value => entries(value)?,
    })
}

/// What `[*]` goes over: the items of a list, a value alone, nothing of null.
fn splat(value: &Value) -> Outcome<Vec<Value>> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(_) | Value::Set(_) => Ok(super::convert::counted(value)?.to_vec()),
        value if is_unknown(value) => Err(Fault::Unknown),
        value => Ok(vec![value.clone()]),
    }
}

/// The value under a key or index.
fn below(value: &Value, key: &Value) -> Outcome {
    if let Some(before) = expression(value).filter(|_| is_unknown(value)) {
        return Ok(match key {
            _ if !is_known(key) => unknown(&format!("{before}[{}]", expression(key).unwrap_or("…"))),
            Value::String(name) if name.as_str().is_some_and(is_name) => unknown(&format!("{before}.{name}")),
            key => unknown(&format!("{before}[{}]", key.to_json())),
        });
    }
    if !is_known(key) {
        return Err(Fault::Unknown);
    }
    match value {
        Value::Object(object) => object.field(&text(key)?).cloned().ok_or(Fault::Failed),
        Value::Array(_) => {
            let at = usize::try_from(super::convert::whole(key)?).map_err(|_| Fault::Failed)?;
            super::convert::counted(value)?.get(at).cloned().ok_or(Fault::Failed)
        }
        _ => Err(Fault::Failed),
    }
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|letter| letter.is_alphabetic() || letter == '_')
        && letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
}

/// Operands with operators between them: those that bind stronger first.
fn operation(mut operands: Vec<Value>, operators: &[String]) -> Outcome {
    let mut operators: Vec<&str> = operators.iter().map(String::as_str).collect();
    for level in [
        &["*", "/", "%"][..],
        &["+", "-"],
        &[">", ">=", "<", "<="],
        &["==", "!="],
        &["&&"],
        &["||"],
    ] {
        let (mut values, mut left) = (Vec::with_capacity(operands.len()), Vec::new());
        let mut rest = operands.into_iter();
        values.extend(rest.next());
        for (operator, operand) in operators.iter().zip(rest) {
            match (level.contains(operator), values.last_mut()) {
                (true, Some(before)) => {
                    *before = match applied(before, operator, &operand) {
                        Err(Fault::Unknown) => unknown("…"),
                        found => found?,
                    }
                }
                _ => {
                    values.push(operand);
                    left.push(*operator);
                }
            }
        }
        (operands, operators) = (values, left);
    }
    match operands.pop() {
        Some(value) if !is_unknown(&value) => Ok(value),
        _ => Err(Fault::Unknown),
    }
}

fn applied(left: &Value, operator: &str, right: &Value) -> Outcome {
    let numbers = || Ok((number(left)?, number(right)?));
    let computed = |compute: fn(f64, f64) -> f64| {
        let (left, right) = numbers()?;
        of_number(compute(left, right))
    };
    let compared = |holds: fn(f64, f64) -> bool| {
        let (left, right) = numbers()?;
        Ok(holds(left, right).into())
    };
    // One side can decide alone.
    let decided = |by: bool| match (boolean(left), boolean(right)) {
        (Ok(flag), _) | (_, Ok(flag)) if flag == by => Ok(by.into()),
        (Ok(_), Ok(_)) => Ok((!by).into()),
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
    };
    let equal = || match is_known(left) && is_known(right) {
        true => Ok(left == right),
        false => Err(Fault::Unknown),
    };
    match operator {
        "*" => computed(|left, right| left * right),
        "/" | "%" if number(right)? == 0.0 => Err(Fault::Failed),
        "/" => computed(|left, right| left / right),
        "%" => computed(|left, right| left % right),
        "+" => computed(|left, right| left + right),
        "-" => computed(|left, right| left - right),
        ">" => compared(|left, right| left > right),
        ">=" => compared(|left, right| left >= right),
        "<" => compared(|left, right| left < right),
        "<=" => compared(|left, right| left <= right),
        "==" => Ok(equal()?.into()),
        "!=" => Ok((!equal()?).into()),
        "&&" => decided(false),
        _ => decided(true),
    }
}
