//! Random terms: constants, references, calls, collections, comprehensions, arithmetic, template strings.

use super::document::{KEYS, TEXTS};
use super::{Kind, Writer};

/// Builtins of one operand.
const ONE: [&str; 22] = [
    "count",
    "sum",
    "max",
    "min",
    "sort",
    "type_name",
    "is_string",
    "upper",
    "abs",
    "object.keys",
    "array.reverse",
    "json.marshal",
    "to_number",
    "is_object",
    "product",
    "round",
    "union",
    "intersection",
    "is_null",
    "base64.encode",
    "json.unmarshal",
    "array.flatten",
];
/// Builtins of two operands.
const TWO: [&str; 18] = [
    "concat",
    "startswith",
    "split",
    "array.concat",
    "object.union",
    "object.remove",
    "json.filter",
    "numbers.range",
    "contains",
    "trim",
    "format_int",
    "object.filter",
    "sprintf",
    "regex.match",
    "object.subset",
    "bits.and",
    "indexof",
    "strings.count",
];

impl Writer<'_, '_> {
    /// A term.
    pub(super) fn expression(&mut self) -> String {
        if self.depth == 0 {
            return match self.choices.among(3) {
                0 => self.constant(),
                1 => self.variable(),
                _ => self.reference(),
            };
        }
        match self.choices.among(26) {
            0..4 => self.constant(),
            4..9 => self.variable(),
            9..15 => self.reference(),
            15..18 => self.call(),
            18 | 19 => self.comprehension(),
            20 => {
                let items = self.terms();
                format!("[{items}]")
            }
            21 => {
                let items = self.terms();
                if items.is_empty() {
                    "set()".to_owned()
                } else {
                    format!("{{{items}}}")
                }
            }
            22 => {
                let (key, value) = (self.key(), self.within());
                match self.choices.once_in(2) {
                    true => format!("{{{key}: {value}, \"b\": 1}}"),
                    false => format!("{{{key}: {value}}}"),
                }
            }
            23 | 24 => {
                let sign = *self.choices.pick(&["+", "-", "*", "/", "%", "|", "&", "=="]);
                let mut operand = || match self.choices.among(8) {
                    7 => self.within(),
                    0 if sign != "|" && sign != "&" => self.choices.among(4).to_string(),
                    0 => self.choices.pick(&["{1, 2}", "{\"a\"}"]).to_string(),
                    1..4 => self.variable(),
                    _ => self.reference(),
                };
                let (a, b) = (operand(), operand());
                format!("({a} {sign} {b})")
            }
            _ if !self.v0 => {
                let value = self.within();
                format!("$\"<{{{value}}}>\"")
            }
            _ => self.variable(),
        }
    }

    fn within(&mut self) -> String {
        self.depth -= 1;
        let term = self.expression();
        self.depth += 1;
        term
    }

    fn terms(&mut self) -> String {
        let items: Vec<String> = (0..self.choices.among(4)).map(|_| self.within()).collect();
        items.join(", ")
    }

    /// A constant.
    pub(super) fn constant(&mut self) -> String {
        match self.choices.among(12) {
            0..5 => self.choices.among(4).to_string(),
            5..8 => format!("{:?}", self.choices.pick(&TEXTS)),
            8 => "true".to_owned(),
            9 => self.choices.pick(&["false", "null"]).to_string(),
            10 => self
                .choices
                .pick(&["0.5", "-1", "1e3", "[]", "{}", "set()"])
                .to_string(),
            _ => self
                .choices
                .pick(&["[1, 2]", "{1, 2}", "{\"x\": 1}", "[\"a\"]", "{\"a\", \"b\"}"])
                .to_string(),
        }
    }

    fn variable(&mut self) -> String {
        match self.bound.is_empty() {
            true => self.constant(),
            false => self.choices.pick(&self.bound.clone()).clone(),
        }
    }

    /// A key of an object: a text most of the time.
    pub(super) fn key(&mut self) -> String {
        match self.choices.among(8) {
            0..3 => format!("{:?}", self.choices.pick(&KEYS)),
            3..7 => self.variable(),
            _ => self.constant(),
        }
    }

    /// What can be gone through, mostly.
    pub(super) fn collection(&mut self) -> String {
        match self.choices.among(10) {
            0..3 => "input.xs".to_owned(),
            3 | 4 => "input.m".to_owned(),
            5..8 => self.reference(),
            8 if self.choices.once_in(4) => self.expression(),
            _ => match self.bound.last() {
                Some(variable) => variable.clone(),
                None => "input.a".to_owned(),
            },
        }
    }

    /// A reference into a document or to a rule.
    pub(super) fn reference(&mut self) -> String {
        let roots = [
            "input.xs",
            "input.m",
            "input.a",
            "input.n",
            "input.s",
            "input.o",
            "input",
            "data.base",
            "data.a.base",
            "data.base.x",
        ];
        let root = match self.choices.among(10) {
            0..5 => self.choices.pick(&roots).to_string(),
            5..9 => self.named_rule(),
            _ => {
                let variable = self.variable();
                match variable.starts_with('v') {
                    true => variable,
                    false if self.choices.once_in(12) => self.choices.pick(&["data.c", "data.a", "data"]).to_string(),
                    false => "input".to_owned(),
                }
            }
        };
        let mut text = root;
        while self.choices.once_in(3) {
            match self.choices.among(6) {
                0 => text.push_str(self.choices.word(&[".x", ".a", ".b", ".y"])),
                1 => text.push_str(self.choices.word(&["[0]", "[1]", "[\"x\"]", "[\"r1\"]"])),
                2 if self.closed == 0 => text.push_str("[_]"),
                _ => {
                    let key = self.key();
                    text.push_str(&format!("[{key}]"));
                }
            }
        }
        text
    }

    fn named_rule(&mut self) -> String {
        let reach = if self.choices.once_in(300) {
            self.rules.len()
        } else {
            self.at
        };
        let known: Vec<usize> = (0..reach)
            .filter(|at| !matches!(self.rules[*at].kind, Kind::Function(_)))
            .collect();
        if known.is_empty() {
            return "input.o".to_owned();
        }
        let rule = self.rules[*self.choices.pick(&known)].clone();
        if rule.package == self.rules[self.at].package && self.choices.once_in(2) {
            return rule.name;
        }
        format!("data.{}.{}", rule.package, rule.name)
    }

    /// A call of a builtin or of a function.
    pub(super) fn call(&mut self) -> String {
        if self.depth == 0 {
            return self.reference();
        }
        let functions: Vec<_> = (0..self.at)
            .filter_map(|at| match self.rules[at].kind {
                Kind::Function(arity) => Some((
                    format!("data.{}.{}", self.rules[at].package, self.rules[at].name),
                    arity,
                )),
                _ => None,
            })
            .collect();
        let (name, arity) = match self.choices.among(8) {
            0..3 => (self.choices.pick(&ONE).to_string(), 1),
            3 | 4 => (self.choices.pick(&TWO).to_string(), 2),
            5 => ("object.get".to_owned(), 3),
            _ if functions.is_empty() => ("array.slice".to_owned(), 3),
            _ => self.choices.pick(&functions).clone(),
        };
        let operands: Vec<String> = (0..arity)
            .map(|_| match self.choices.among(6) {
                5 => self.within(),
                _ => self.reference(),
            })
            .collect();
        format!("{name}({})", operands.join(", "))
    }

    fn comprehension(&mut self) -> String {
        self.inside(|writer| {
            let statements = 1 + writer.choices.among(3);
            let body = writer.body(statements);
            let value = writer.variable();
            match writer.choices.among(3) {
                0 => format!("[{value} | {body}]"),
                1 => format!("{{{value} | {body}}}"),
                _ => {
                    let key = writer.key();
                    format!("{{{key}: {value} | {body}}}")
                }
            }
        })
    }
}
