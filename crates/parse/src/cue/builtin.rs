//! Operators, builtin functions, and the packages of the standard library that need nothing but their arguments.

use std::rc::Rc;

use regex::Regex;

use super::machine::{Computed, Env, Machine, Res, fault, predeclared};
use super::tree::{E, Kind};
use super::value::{Bound, Num, Types, Val, VertexId, holds};
use crate::document::Span;

/// The packages that are known.
pub(super) const PACKAGES: &[&str] = &["list", "math", "strconv", "strings"];

impl Machine {
    /// The value of an expression that is no reference, struct or list.
    pub(super) fn computed(&mut self, expression: &E, env: &Rc<Env>) -> Res<Computed> {
        let span = expression.span;
        let value = match &expression.kind {
            Kind::Top => Val::Top,
            Kind::Bottom => return fault("the value is `_|_`, an error", span),
            Kind::Null => Val::Null,
            Kind::Bool(flag) => Val::Bool(*flag),
            Kind::Number(text, is_integer) => number(text, *is_integer, span)?,
            Kind::String(parts) => {
                let text = self.text(parts, env)?;
                self.spend(text.len(), span)?;
                Val::String(String::from_utf8_lossy(&text).into())
            }
            Kind::Bytes(parts) => {
                let bytes = self.text(parts, env)?;
                self.spend(bytes.len(), span)?;
                Val::Bytes(bytes.into())
            }
            Kind::Name(name) => return self.free(name, span),
            Kind::Select(package, name) => return self.member(package, name, span),
            Kind::Call(function, arguments) => return self.call(function, arguments, env, span),
            Kind::Unary(operator, operand) => self.unary(operator, operand, env, span)?,
            Kind::Binary(operator, left, right) => return self.binary(operator, left, right, env, span),
            Kind::Index(..) | Kind::Struct(_) | Kind::List(_) => return fault("this expression has no value", span),
        };
        Ok(Computed::Value(value))
    }

    /// A name that nothing in the file declares.
    fn free(&self, name: &str, span: Span) -> Res<Computed> {
        let Some((types, range)) = predeclared(name) else {
            return fault(format!("nothing declares `{name}`"), span);
        };
        let bounds = range.map(|(low, high)| {
            let bound = |operator, number| Bound::Compare(operator, Val::Number(Num::Int(number)));
            vec![bound(">=", low), bound("<=", high)]
        });
        Ok(Computed::Value(Val::Type(types, bounds.unwrap_or_default().into())))
    }

    /// A constant of a package.
    fn member(&mut self, package: &E, name: &str, span: Span) -> Res<Computed> {
        let path = self.package(package, span)?;
        match (&*path, name) {
            ("math", "Pi") => Ok(Computed::Value(Val::Number(Num::Float(std::f64::consts::PI)))),
            ("list", "Ascending" | "Descending") => Ok(Computed::Value(Val::String(name.into()))),
            _ => fault(format!("`{path}.{name}` is not supported"), span),
        }
    }

    fn package(&self, package: &E, span: Span) -> Res<Rc<str>> {
        let found = match &package.kind {
            Kind::Name(name) => self.packages.get(name).cloned(),
            _ => None,
        };
        found.map_or_else(|| fault("this expression has no value", span), Ok)
    }

    fn unary(&mut self, operator: &'static str, operand: &E, env: &Rc<Env>, span: Span) -> Res<Val> {
        let value = self.concrete(operand, env)?;
        match (operator, value) {
            ("-", Val::Number(Num::Int(number))) => {
                let found = number.checked_neg();
                found.map_or_else(
                    || fault("the number is too large", span),
                    |number| Ok(Val::Number(Num::Int(number))),
                )
            }
            ("-", Val::Number(Num::Float(number))) => Ok(Val::Number(Num::Float(-number))),
            ("+", value @ Val::Number(_)) => Ok(value),
            ("!", Val::Bool(flag)) => Ok(Val::Bool(!flag)),
            ("=~" | "!~", Val::String(pattern)) => {
                let pattern = self.pattern(&pattern, span)?;
                let bound = Bound::Match(Rc::new(pattern), operator == "=~");
                Ok(Val::Type(Types::STRING, Rc::new([bound])))
            }
            ("!=", value) => Ok(Val::Type(Types::ALL, Rc::new([Bound::Compare("!=", value)]))),
            ("<" | "<=" | ">" | ">=", value) => {
                let types = match value.types() {
                    Types::INT | Types::FLOAT => Types::NUMBER,
                    types @ (Types::STRING | Types::BYTES) => types,
                    _ => return fault(format!("{} has no order", value.shown()), span),
                };
                Ok(Val::Type(types, Rc::new([Bound::Compare(operator, value)])))
            }
            (_, value) => fault(format!("`{operator}` does not apply to {}", value.shown()), span),
        }
    }

    fn pattern(&mut self, pattern: &str, span: Span) -> Res<Regex> {
        let built = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build();
        built.map_or_else(|_| fault(format!("{pattern:?} is not a regular expression"), span), Ok)
    }

    fn binary(&mut self, operator: &'static str, left: &E, right: &E, env: &Rc<Env>, span: Span) -> Res<Computed> {
        if let "&&" | "||" = operator {
            let Val::Bool(first) = self.concrete(left, env)? else {
                return fault(format!("`{operator}` takes booleans"), left.span);
            };
            if first == (operator == "||") {
                return Ok(Computed::Value(Val::Bool(first)));
            }
            return match self.concrete(right, env)? {
                value @ Val::Bool(_) => Ok(Computed::Value(value)),
                _ => fault(format!("`{operator}` takes booleans"), right.span),
            };
        }
        let is_bottom = |side: &E| matches!(side.kind, Kind::Bottom);
        if matches!(operator, "==" | "!=") && (is_bottom(left) || is_bottom(right)) {
            let side = if is_bottom(left) { right } else { left };
            let is_error = match self.operand(side, env).and_then(|vertex| self.whole(vertex)) {
                Err(fault) if fault.error.is_limit => return Err(fault),
                found => found.is_err(),
            };
            return Ok(Computed::Value(Val::Bool(is_error == (operator == "=="))));
        }
        let (a, b) = (self.concrete(left, env)?, self.concrete(right, env)?);
        let value = match (operator, &a, &b) {
            ("+" | "-" | "*" | "/", Val::Number(a), Val::Number(b)) => arithmetic(operator, *a, *b, span)?,
            ("+", Val::String(a), Val::String(b)) => {
                self.spend(a.len() + b.len(), span)?;
                Val::String(format!("{a}{b}").into())
            }
            ("*", Val::String(text), Val::Number(Num::Int(count)))
            | ("*", Val::Number(Num::Int(count)), Val::String(text)) => {
                let count = usize::try_from(*count).unwrap_or(0);
                self.spend(text.len().saturating_mul(count), span)?;
                Val::String(text.repeat(count).into())
            }
            ("==" | "!=", a, b) => {
                let scalars = !matches!(a, Val::Struct | Val::List) && !matches!(b, Val::Struct | Val::List);
                let is_known = scalars || a.types() != b.types();
                if !is_known {
                    return fault("structs and lists are not compared", span);
                }
                Val::Bool(a.equals(b) == (operator == "=="))
            }
            ("<" | "<=" | ">" | ">=", a, b) => match a.compare(b) {
                Some(order) => Val::Bool(holds(operator, order)),
                None => return fault(format!("{} and {} have no order", a.shown(), b.shown()), span),
            },
            ("=~" | "!~", Val::String(text), Val::String(pattern)) => {
                let pattern = self.pattern(pattern, right.span)?;
                Val::Bool(pattern.is_match(text) == (operator == "=~"))
            }
            (operator, a, b) => {
                let message = format!("`{operator}` does not apply to {} and {}", a.shown(), b.shown());
                return fault(message, span);
            }
        };
        Ok(Computed::Value(value))
    }

    fn call(&mut self, function: &E, arguments: &[E], env: &Rc<Env>, span: Span) -> Res<Computed> {
        let name = match &function.kind {
            Kind::Name(name) => name.to_string(),
            Kind::Select(package, name) => format!("{}.{name}", self.package(package, function.span)?),
            _ => return fault("this is not a function", function.span),
        };
        if let ("and" | "or", [list]) = (&*name, arguments) {
            return self.all_or_one(&name, list, env, span);
        }
        if let ("close", [value]) = (&*name, arguments) {
            return self.operand(value, env).map(Computed::Vertex);
        }
        let mut values = Vec::new();
        for argument in arguments {
            let vertex = self.operand(argument, env)?;
            values.push(vertex);
        }
        let values_of: Vec<Val> = values
            .iter()
            .map(|vertex| self.vertices[*vertex].value.clone())
            .collect();
        let found = match name.split_once('.') {
            Some(("list", name)) => return self.of_list(name, &values, &values_of, span),
            Some(("strings", name)) => self.of_strings(name, &values, &values_of, span)?,
            Some(("math" | "strconv", name)) => of_numbers(name, &values_of),
            None => self.builtin(&name, &values, &values_of),
            Some(_) => None,
        };
        match found {
            Some(value) => {
                if let Val::String(text) = &value {
                    self.spend(text.len(), span)?;
                }
                Ok(Computed::Value(value))
            }
            None => fault(format!("`{name}` with these arguments is not supported"), span),
        }
    }

    /// `and(list)` and `or(list)` of scalars.
    fn all_or_one(&mut self, name: &str, list: &E, env: &Rc<Env>, span: Span) -> Res<Computed> {
        let list = self.operand(list, env)?;
        let items = self.vertices[list].items.clone();
        for item in &items {
            self.evaluate(*item)?;
        }
        if name == "or" {
            let choices: Rc<[(VertexId, bool)]> = items.iter().map(|item| (*item, true)).collect();
            return match choices.as_ref() {
                [] => fault("`or` of an empty list has no value", span),
                [(only, _)] => Ok(Computed::Vertex(*only)),
                _ => Ok(Computed::Value(Val::Choice(choices))),
            };
        }
        let mut all = Val::Top;
        for item in items {
            match all.unify(&self.vertices[item].value) {
                Some(both) if !matches!(both, Val::Struct | Val::List) => all = both,
                _ => return fault("`and` is supported for scalars that agree", span),
            }
        }
        Ok(Computed::Value(all))
    }

    fn builtin(&self, name: &str, vertices: &[VertexId], values: &[Val]) -> Option<Val> {
        let int = |number| Some(Val::Number(Num::Int(number)));
        match (name, values) {
            ("len", [Val::String(text)]) => int(text.len() as i128),
            ("len", [Val::Bytes(bytes)]) => int(bytes.len() as i128),
            ("len", [Val::List]) => int(self.vertices[vertices[0]].items.len() as i128),
            ("len", [Val::Struct]) => {
                let arcs = self.vertices[vertices[0]].arcs.values();
                int(arcs
                    .filter(|arc| arc.is_data && arc.need == super::tree::Need::Regular)
                    .count() as i128)
            }
            ("div" | "mod" | "quo" | "rem", [Val::Number(Num::Int(a)), Val::Number(Num::Int(b))]) => int(match name {
                "div" => a.checked_div_euclid(*b)?,
                "mod" => a.checked_rem_euclid(*b)?,
                "quo" => a.checked_div(*b)?,
                _ => a.checked_rem(*b)?,
            }),
            _ => None,
        }
    }

    fn of_list(&mut self, name: &str, vertices: &[VertexId], values: &[Val], span: Span) -> Res<Computed> {
        let items = |machine: &Self, at: usize| vertices.get(at).map(|vertex| machine.vertices[*vertex].items.clone());
        let mut list = items(self, 0).unwrap_or_default();
        for item in &list {
            self.evaluate(*item)?;
        }
        let count = match values.get(1) {
            Some(Val::Number(Num::Int(count))) => usize::try_from(*count).ok(),
            _ => None,
        };
        let found = match (name, values) {
            ("Sort", [Val::List, Val::String(order)]) => {
                let key = |vertex: &VertexId| self.vertices[*vertex].value.clone();
                list.sort_by(|a, b| key(a).compare(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
                if **order == *"Descending" {
                    list.reverse();
                }
                list
            }
            ("SortStrings", [Val::List]) => {
                let key = |vertex: &VertexId| self.vertices[*vertex].value.clone();
                list.sort_by(|a, b| key(a).compare(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
                list
            }
            ("Contains", [Val::List, wanted]) => {
                let has = list.iter().any(|item| self.vertices[*item].value.equals(wanted));
                return Ok(Computed::Value(Val::Bool(has)));
            }
            ("Sum" | "Max" | "Min" | "Avg", [Val::List]) => {
                let of_item = |item: &VertexId| match self.vertices[*item].value {
                    Val::Number(number) => Some(number),
                    _ => None,
                };
                let numbers: Option<Vec<Num>> = list.iter().map(of_item).collect();
                let numbers = numbers.filter(|numbers| !numbers.is_empty() || name == "Sum");
                let Some(numbers) = numbers else {
                    return fault(format!("list.{name} takes numbers"), span);
                };
                let mut all = numbers.first().copied().unwrap_or(Num::Int(0));
                for number in numbers.iter().skip(1) {
                    all = match name {
                        "Max" if number.compare(all).is_gt() => *number,
                        "Min" if number.compare(all).is_lt() => *number,
                        "Max" | "Min" => all,
                        _ => match arithmetic("+", all, *number, span)? {
                            Val::Number(sum) => sum,
                            _ => all,
                        },
                    };
                }
                if name == "Avg" {
                    return arithmetic("/", all, Num::Int(numbers.len() as i128), span).map(Computed::Value);
                }
                return Ok(Computed::Value(Val::Number(all)));
            }
            (
                "Range",
                [
                    Val::Number(Num::Int(from)),
                    Val::Number(Num::Int(to)),
                    Val::Number(Num::Int(step)),
                ],
            ) if *step != 0 => {
                let (mut list, mut at) = (Vec::new(), *from);
                while (*step > 0 && at < *to) || (*step < 0 && at > *to) {
                    self.step(span)?;
                    list.push(self.done(Val::Number(Num::Int(at)), span)?);
                    at += step;
                }
                list
            }
            ("Concat", [Val::List]) => {
                let inner = list.iter().flat_map(|item| self.vertices[*item].items.clone());
                inner.collect()
            }
            ("FlattenN", [Val::List, _]) if count == Some(1) => {
                let inner = list.iter().flat_map(|item| match self.vertices[*item].value {
                    Val::List => self.vertices[*item].items.clone(),
                    _ => vec![*item],
                });
                inner.collect()
            }
            ("Take", [Val::List, _]) if count.is_some() => list.into_iter().take(count.unwrap_or(0)).collect(),
            ("Drop", [Val::List, _]) if count.is_some() => list.into_iter().skip(count.unwrap_or(0)).collect(),
            ("Repeat", [Val::List, _]) if count.is_some() => {
                let count = count.unwrap_or(0);
                self.spend(list.len().saturating_mul(count).saturating_mul(8), span)?;
                list.repeat(count)
            }
            ("Reverse", [Val::List]) => {
                list.reverse();
                list
            }
            _ => return fault(format!("`list.{name}` with these arguments is not supported"), span),
        };
        self.list(found, span).map(Computed::Vertex)
    }

    fn of_strings(&mut self, name: &str, vertices: &[VertexId], values: &[Val], span: Span) -> Res<Option<Val>> {
        if let ("Join", [Val::List, Val::String(separator)]) = (name, values) {
            let mut texts = Vec::new();
            for item in self.vertices[vertices[0]].items.clone() {
                self.evaluate(item)?;
                match &self.vertices[item].value {
                    Val::String(text) => texts.push(text.to_string()),
                    other => return fault(format!("strings.Join takes strings, not {}", other.shown()), span),
                }
            }
            let total = texts.iter().map(|text| text.len() + separator.len()).sum();
            self.spend(total, span)?;
            return Ok(Some(Val::String(texts.join(separator).into())));
        }
        if let ("MinRunes" | "MaxRunes", [Val::Number(Num::Int(count))]) = (name, values) {
            let operator = if name == "MinRunes" { ">=" } else { "<=" };
            let length = usize::try_from(*count).unwrap_or(0);
            return Ok(Some(Val::Type(
                Types::STRING,
                Rc::new([Bound::Length(operator, length)]),
            )));
        }
        let text = |text: String| Some(Val::String(text.into()));
        Ok(match (name, values) {
            ("ToUpper", [Val::String(a)]) => text(a.to_uppercase()),
            ("ToLower", [Val::String(a)]) => text(a.to_lowercase()),
            ("TrimSpace", [Val::String(a)]) => text(a.trim().to_owned()),
            ("TrimPrefix", [Val::String(a), Val::String(b)]) => text(a.strip_prefix(&**b).unwrap_or(a).to_owned()),
            ("TrimSuffix", [Val::String(a), Val::String(b)]) => text(a.strip_suffix(&**b).unwrap_or(a).to_owned()),
            ("Contains", [Val::String(a), Val::String(b)]) => Some(Val::Bool(a.contains(&**b))),
            ("HasPrefix", [Val::String(a), Val::String(b)]) => Some(Val::Bool(a.starts_with(&**b))),
            ("HasSuffix", [Val::String(a), Val::String(b)]) => Some(Val::Bool(a.ends_with(&**b))),
            (
                "Replace",
                [
                    Val::String(a),
                    Val::String(b),
                    Val::String(c),
                    Val::Number(Num::Int(count)),
                ],
            ) => {
                let most = usize::try_from(*count).unwrap_or(usize::MAX);
                let found = a.matches(&**b).count().min(most);
                self.spend(found.saturating_mul(c.len()), span)?;
                text(a.replacen(&**b, c, most))
            }
            ("Repeat", [Val::String(a), Val::Number(Num::Int(count))]) => {
                let count = usize::try_from(*count).unwrap_or(0);
                self.spend(a.len().saturating_mul(count), span)?;
                text(a.repeat(count))
            }
            ("Split" | "Fields", [Val::String(a), ..]) => {
                let parts: Vec<String> = match values.get(1) {
                    Some(Val::String(separator)) if !separator.is_empty() => {
                        a.split(&**separator).map(str::to_owned).collect()
                    }
                    None => a.split_whitespace().map(str::to_owned).collect(),
                    _ => a.chars().map(String::from).collect(),
                };
                return self.strings(parts, span);
            }
            _ => None,
        })
    }

    /// A list of strings, of which one is the value.
    fn strings(&mut self, parts: Vec<String>, span: Span) -> Res<Option<Val>> {
        let mut items = Vec::new();
        for part in parts {
            self.spend(part.len() + 16, span)?;
            items.push(self.done(Val::String(part.into()), span)?);
        }
        let list = self.list(items, span)?;
        Ok(Some(Val::Choice(Rc::new([(list, true)]))))
    }
}

fn of_numbers(name: &str, values: &[Val]) -> Option<Val> {
    let whole = |number: f64| Some(Val::Number(Num::Int(number as i128)));
    match (name, values) {
        ("Floor", [Val::Number(number)]) => whole(number.as_f64().floor()),
        ("Ceil", [Val::Number(number)]) => whole(number.as_f64().ceil()),
        ("Round", [Val::Number(number)]) => whole(number.as_f64().round()),
        ("Abs", [Val::Number(Num::Int(number))]) => Some(Val::Number(Num::Int(number.checked_abs()?))),
        ("Abs", [Val::Number(number)]) => Some(Val::Number(Num::Float(number.as_f64().abs()))),
        ("Pow", [Val::Number(Num::Int(a)), Val::Number(Num::Int(b))]) => {
            let power = u32::try_from(*b).ok()?;
            Some(Val::Number(Num::Int(a.checked_pow(power)?)))
        }
        ("Pow", [Val::Number(a), Val::Number(b)]) => Some(Val::Number(Num::Float(a.as_f64().powf(b.as_f64())))),
        ("Sqrt", [Val::Number(a)]) => Some(Val::Number(Num::Float(a.as_f64().sqrt()))),
        ("Atoi", [Val::String(text)]) => Some(Val::Number(Num::Int(text.parse().ok()?))),
        ("FormatInt", [Val::Number(Num::Int(number)), Val::Number(Num::Int(10))]) => {
            Some(Val::String(number.to_string().into()))
        }
        _ => None,
    }
}

fn number(text: &str, is_integer: bool, span: Span) -> Res<Val> {
    let found = match is_integer {
        true => text.parse().ok().map(Num::Int),
        false => text.parse().ok().map(Num::Float),
    };
    match found {
        Some(number) => Ok(Val::Number(number)),
        None => fault("integers of more than 127 bits are not supported", span),
    }
}

fn arithmetic(operator: &str, a: Num, b: Num, span: Span) -> Res<Val> {
    let exact = match (a, b) {
        (Num::Int(a), Num::Int(b)) => match operator {
            "+" => a.checked_add(b),
            "-" => a.checked_sub(b),
            "*" => a.checked_mul(b),
            _ => None,
        },
        _ => None,
    };
    if let Some(number) = exact {
        return Ok(Val::Number(Num::Int(number)));
    }
    let (a, b) = (a.as_f64(), b.as_f64());
    let found = match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        _ if b == 0.0 => return fault("division by zero", span),
        _ => a / b,
    };
    match found.is_finite() {
        true => Ok(Val::Number(Num::Float(found))),
        false => fault("the number is too large", span),
    }
}
