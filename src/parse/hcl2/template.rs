//! Templates back into text: literals are inlined, conditions and loops become directives, all else stays `${…}`.

use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, Strip, Template};

use super::Converter;
use crate::value::Value;

/// A text in which what would start a template is escaped.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// The expression of a template that is nothing but `${e}`.
pub(super) fn lone<'e>(elements: &[&'e Element]) -> Option<&'e Expression> {
    match elements {
        [Element::Interpolation(interpolation)] => Some(&interpolation.expr),
        _ => None,
    }
}

/// Whether whitespace is taken away before and after a marker.
fn strips(strip: Strip) -> (bool, bool) {
    (
        matches!(strip, Strip::Start | Strip::Both),
        matches!(strip, Strip::End | Strip::Both),
    )
}

/// The markers at an element's two ends.
fn ends(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(interpolation) => strips(interpolation.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(directive) => (strips(directive.if_expr.strip).0, strips(directive.endif_expr.strip).1),
            Directive::For(directive) => (
                strips(directive.for_expr.strip).0,
                strips(directive.endfor_expr.strip).1,
            ),
        },
    }
}

impl Converter<'_> {
    /// The text of a template's elements.
    pub(super) fn template(&self, elements: &[&Element]) -> String {
        self.stripped(elements, (false, false), false)
    }

    /// The text of elements, less the whitespace that markers around them take away.
    /// `raw` says that escapes are still in the literals, as they are within directives.
    fn stripped(&self, elements: &[&Element], (before, after): (bool, bool), raw: bool) -> String {
        let mut text = String::new();
        for (index, element) in elements.iter().enumerate() {
            match element {
                Element::Literal(literal) => {
                    let left = if index == 0 {
                        before
                    } else {
                        ends(elements[index - 1]).1
                    };
                    let right = elements.get(index + 1).map_or(after, |next| ends(next).0);
                    let literal = if raw {
                        unescaped(literal.as_str())
                    } else {
                        literal.as_str().to_owned()
                    };
                    let mut part = literal.as_str();
                    if left {
                        part = part.trim_start();
                    }
                    if right {
                        part = part.trim_end();
                    }
                    text.push_str(&escaped(part));
                }
                Element::Interpolation(interpolation) => text.push_str(&self.part(&interpolation.expr)),
                Element::Directive(directive) => text.push_str(&self.directive(directive)),
            }
        }
        text
    }

    fn inner(&self, template: &Template, before: bool, after: bool) -> String {
        let elements: Vec<_> = template.iter().collect();
        self.stripped(&elements, (before, after), self.quoted)
    }

    fn directive(&self, directive: &Directive) -> String {
        match directive {
            Directive::If(directive) => {
                let end = strips(directive.endif_expr.strip).0;
                let other = directive.else_expr.as_ref();
                let until = other.map_or(end, |other| strips(other.strip).0);
                let condition = self.source(&directive.if_expr.cond_expr);
                let held = self.inner(&directive.if_expr.template, strips(directive.if_expr.strip).1, until);
                let other = other
                    .map(|other| self.inner(&other.template, strips(other.strip).1, end))
                    .unwrap_or_default();
                conditional(condition, &held, &other)
            }
            Directive::For(directive) => {
                let head = &directive.for_expr;
                let key = head
                    .key_var
                    .as_ref()
                    .map(|key| format!("{}, ", key.as_str()))
                    .unwrap_or_default();
                let body = self.inner(
                    &head.template,
                    strips(head.strip).1,
                    strips(directive.endfor_expr.strip).0,
                );
                let (value, collection) = (head.value_var.as_str(), self.source(&head.collection_expr));
                format!("%{{for {key}{value} in {collection}}}{body}%{{endfor}}")
            }
        }
    }

    /// An expression as a part of a text.
    pub(super) fn part(&self, expression: &Expression) -> String {
        match expression {
            // HCL takes a negative number for an operation.
            Expression::Number(_) if self.source(expression).starts_with('-') => {
                format!("${{{}}}", self.source(expression))
            }
            Expression::String(_) | Expression::Bool(_) | Expression::Number(_) => match self.scalar(expression) {
                Value::String(text) => text.to_string(),
                other => plain(&other),
            },
            Expression::StringTemplate(template) => self.template(&template.iter().collect::<Vec<_>>()),
            Expression::HeredocTemplate(_) => self.heredoc(expression),
            Expression::Conditional(conditional_) => conditional(
                self.source(&conditional_.cond_expr),
                &self.part(&conditional_.true_expr),
                &self.part(&conditional_.false_expr),
            ),
            other => format!("${{{}}}", self.source(other)),
        }
    }

    /// The text of a heredoc. One with `<<-` loses the blanks that all its lines start with; they are taken off the
    /// source, line by line, as HCL does it, and what remains is read as a template.
    pub(super) fn heredoc(&self, expression: &Expression) -> String {
        let source = self.source(expression);
        let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
        let body = &rest[..rest.trim_end().rfind('\n').map_or(0, |newline| newline + 1)];
        let body = if first.starts_with("<<-") {
            dedented(body)
        } else {
            body.to_owned()
        };
        match hcl_edit::parser::parse_template(&body) {
            Ok(template) => Converter {
                text: &body,
                quoted: false,
            }
            .template(&template.iter().collect::<Vec<_>>()),
            Err(_) => body,
        }
    }
}

/// Where a quoted text, given with its quotes, breaks its line outside interpolations.
pub(super) fn broken_at(source: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut last = '"';
    for (at, character) in source.char_indices() {
        match character {
            '{' if depth > 0 || matches!(last, '$' | '%') => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '\n' if depth == 0 => return Some(at),
            _ => {}
        }
        last = character;
    }
    None
}

/// The text with HCL's backslash escapes read.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(width @ ('u' | 'U')) => {
                let digits: String = characters.by_ref().take(if width == 'u' { 4 } else { 8 }).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

/// A number or boolean as HCL turns it into text.
fn plain(value: &Value) -> String {
    match value {
        Value::Number(number) if number.as_i64().is_none() && number.to_string().contains(['e', 'E', '.']) => {
            number.as_f64().to_string()
        }
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_json().to_string(),
    }
}

fn conditional(condition: &str, held: &str, other: &str) -> String {
    let other = if other.is_empty() {
        String::new()
    } else {
        format!("%{{else}}{other}")
    };
    format!("%{{if {condition}}}{held}{other}%{{endif}}")
}

/// The lines without the blanks that all of them start with; a blank line counts for nothing and stays as it is.
fn dedented(body: &str) -> String {
    let blanks = |line: &str| line.chars().take_while(|character| character.is_whitespace()).count();
    let is_blank = |line: &str| line.trim().is_empty();
    let least = body
        .split_inclusive('\n')
        .filter(|line| !is_blank(line))
        .map(blanks)
        .min()
        .unwrap_or(0);
    let cut = |line: &str| {
        if is_blank(line) {
            line.to_owned()
        } else {
            line.chars().skip(least).collect()
        }
    };
    body.split_inclusive('\n').map(cut).collect()
}
