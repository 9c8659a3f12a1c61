//! Whole expressions, for those who evaluate them: a document shows all but literals as text.

use super::cursor::{MAX_DEPTH, Parser};
use super::token::Kind;
use super::tree::{self, Deep, Expression, Literal, LoopHead, Part, Shape};
use crate::ParseError;
use crate::document::Span;
use kpolicy_value::Value;

/// How deep a whole expression may nest.
const DEPTH: usize = 100;

/// An expression of HCL2.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Its place in the text that was parsed.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum TermKind {
    /// A number, a boolean or null.
    Literal(Value),
    /// A name without steps: `var`, `aws_vpc`, or a variable of a `for`.
    Name(String),
    /// A list.
    Tuple(Vec<Term>),
    /// An object; a key that is a name alone is that text.
    Object(Vec<(Term, Term)>),
    /// A text with what is written into it; directives are balanced.
    Template(Vec<TemplatePart>),
    /// `condition ? held : other`.
    Conditional(Box<[Term; 3]>),
    /// Operands with one operator fewer between them, in the order of the text.
    Operation(Vec<Term>, Vec<String>),
    /// Signs before an operand.
    Signed(Vec<Sign>, Box<Term>),
    /// The call of a function.
    Call {
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: Vec<Term>,
        /// Whether the last argument is followed by `...`.
        is_expanded: bool,
    },
    /// Steps from a value.
    Steps(Box<Term>, Vec<Step>),
    /// `[for …]` and `{for …}`.
    For(Box<For>),
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// What is written.
    Text(String),
    /// `${…}`.
    Interpolation(Term),
    /// `%{if …}`.
    If(Term),
    /// `%{for key, value in collection}`.
    For {
        /// The variable of the key.
        key: Option<String>,
        /// The variable of the value.
        value: String,
        /// What it goes over.
        collection: Term,
    },
    /// `%{else}`.
    Else,
    /// `%{endif}`.
    EndIf,
    /// `%{endfor}`.
    EndFor,
}

/// The sign before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `-`.
    Minus,
    /// `!`.
    Not,
}

/// A step from a value.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`, `.0`.
    Attribute(String),
    /// `[…]`.
    Index(Term),
    /// `.*` with the attributes after it.
    AttributeSplat(Vec<String>),
    /// `[*]`, which takes the steps after it along.
    Splat,
}

/// `[for key, value in collection : value if condition]`, or with braces and a key.
#[derive(Clone, Debug)]
pub struct For {
    /// The variable of the key.
    pub key_name: Option<String>,
    /// The variable of the value.
    pub value_name: String,
    /// What it goes over.
    pub collection: Term,
    /// The key of an object's item.
    pub key: Option<Term>,
    /// The item.
    pub value: Term,
    /// Whether values of the same key are grouped.
    pub is_grouped: bool,
    /// Which items are left in.
    pub condition: Option<Term>,
}

/// The expression that a text is, as it stands behind `=`.
///
/// # Errors
/// What is wrong, at its place in the text.
pub fn term(text: &str) -> Result<Term, ParseError> {
    let mut parser = whole(text);
    let expression = parser.expression()?;
    while parser.take(Kind::Newline).is_some() {}
    if parser.peek().kind != Kind::End {
        return Err(parser.unexpected("the end of the expression"));
    }
    parser.whole_term(expression)
}

fn whole(text: &str) -> Parser<'_> {
    let mut parser = Parser::new(text);
    parser.is_whole = true;
    // Those who evaluate expressions have more on their stack for each level.
    parser.depth = MAX_DEPTH - DEPTH;
    parser
}

impl Parser<'_> {
    fn whole_term(&self, expression: Expression<'_>) -> Result<Term, ParseError> {
        let span = expression.span;
        let kind = match expression.shape {
            Shape::Literal(literal) => TermKind::Literal(self.literal(literal, span)?),
            Shape::Signed(sign, literal, operand) => {
                let kind = TermKind::Literal(self.literal(literal, operand)?);
                TermKind::Signed(vec![sign_of(sign)], Box::new(Term { kind, span: operand }))
            }
            Shape::Traversal => TermKind::Name(self.source(span).to_owned()),
            Shape::Tuple(items) => TermKind::Tuple(self.terms(items)?),
            Shape::Object(items) => {
                let entry = |(key, value)| Ok((self.key(key)?, self.whole_term(value)?));
                TermKind::Object(items.into_iter().map(entry).collect::<Result<_, ParseError>>()?)
            }
            Shape::Template(parts) => {
                let parts = parts.into_iter().map(|part| self.part(part));
                TermKind::Template(parts.collect::<Result<_, _>>()?)
            }
            Shape::Wrapped(inner) => return self.whole_term(*inner),
            Shape::Conditional(conditional) => {
                let tree::Conditional { condition, held, other } = *conditional;
                let [condition, held, other] = [condition, held, other].map(|part| self.whole_term(part));
                TermKind::Conditional(Box::new([condition?, held?, other?]))
            }
            Shape::Other(Some(deep)) => return self.deep(*deep, span),
            Shape::Other(None) => unreachable!("whole expressions were asked for"),
        };
        Ok(Term { kind, span })
    }

    fn terms(&self, expressions: Vec<Expression<'_>>) -> Result<Vec<Term>, ParseError> {
        expressions.into_iter().map(|item| self.whole_term(item)).collect()
    }

    /// A key of an object: a name alone is a text.
    fn key(&self, key: Expression<'_>) -> Result<Term, ParseError> {
        let text = match key.shape {
            Shape::Traversal | Shape::Literal(Literal::Null | Literal::Bool(_)) => self.source(key.span).to_owned(),
            _ => return self.whole_term(key),
        };
        Ok(Term {
            kind: TermKind::Template(vec![TemplatePart::Text(text)]),
            span: key.span,
        })
    }

    fn deep(&self, deep: Deep<'_>, span: Span) -> Result<Term, ParseError> {
        let name = |span: Span| self.source(span).to_owned();
        let kind = match deep {
            Deep::Operation(operands, operators) => {
                TermKind::Operation(self.terms(operands)?, operators.into_iter().map(name).collect())
            }
            Deep::Signed(signs, operand) => {
                let signs = signs.into_iter().map(sign_of).collect();
                TermKind::Signed(signs, Box::new(self.whole_term(operand)?))
            }
            Deep::Parenthesis(inner) => return self.whole_term(inner),
            Deep::Call {
                name: of,
                arguments,
                is_expanded,
            } => TermKind::Call {
                name: name(of),
                arguments: self.terms(arguments)?,
                is_expanded,
            },
            Deep::Steps(from, steps) => {
                let steps: Result<_, ParseError> = steps.into_iter().map(|step| self.step(step)).collect();
                TermKind::Steps(Box::new(self.whole_term(from)?), steps?)
            }
            Deep::For {
                head,
                key,
                value,
                is_grouped,
                condition,
            } => {
                let (key_name, value_name, collection) = self.head(head)?;
                TermKind::For(Box::new(For {
                    key_name,
                    value_name,
                    collection,
                    key: key.map(|key| self.whole_term(key)).transpose()?,
                    value: self.whole_term(value)?,
                    is_grouped,
                    condition: condition.map(|condition| self.whole_term(condition)).transpose()?,
                }))
            }
        };
        Ok(Term { kind, span })
    }

    fn step(&self, step: tree::Step<'_>) -> Result<Step, ParseError> {
        let name = |span: Span| self.source(span).to_owned();
        Ok(match step {
            tree::Step::Attribute(span) => Step::Attribute(name(span)),
            tree::Step::Index(index) => Step::Index(self.whole_term(index)?),
            tree::Step::AttributeSplat(names) => Step::AttributeSplat(names.into_iter().map(name).collect()),
            tree::Step::Splat => Step::Splat,
        })
    }

    /// The variables of a loop, and what it goes over.
    fn head(&self, head: LoopHead<'_>) -> Result<(Option<String>, String, Term), ParseError> {
        let name = |span: Span| self.source(span).to_owned();
        Ok((head.key.map(name), name(head.value), self.whole_term(head.collection)?))
    }

    fn part(&self, part: Part<'_>) -> Result<TemplatePart, ParseError> {
        Ok(match part {
            Part::Text(text) => TemplatePart::Text(text.into_owned()),
            Part::Interpolation(inner) => TemplatePart::Interpolation(self.whole_term(inner)?),
            Part::If(condition) => TemplatePart::If(self.whole_term(condition)?),
            Part::For(head) => {
                let (key, value, collection) = self.head(*head)?;
                TemplatePart::For { key, value, collection }
            }
            Part::Else => TemplatePart::Else,
            Part::EndIf => TemplatePart::EndIf,
            Part::EndFor => TemplatePart::EndFor,
        })
    }
}

fn sign_of(sign: tree::Sign) -> Sign {
    match sign {
        tree::Sign::Minus => Sign::Minus,
        tree::Sign::Not => Sign::Not,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_expressions_have_every_part() {
        let kind = |text: &str| term(text).expect(text).kind;
        let TermKind::Operation(operands, operators) = kind("a + -b.c[0] * 2") else {
            panic!("an operation");
        };
        assert_eq!((operands.len(), operators), (3, vec!["+".to_owned(), "*".to_owned()]));
        assert!(matches!(&operands[1].kind, TermKind::Signed(signs, _) if signs == &[Sign::Minus]));
        let TermKind::Call {
            name,
            arguments,
            is_expanded,
        } = kind("merge({a = 1}, x[*].y...)")
        else {
            panic!("a call");
        };
        assert_eq!((name.as_str(), arguments.len(), is_expanded), ("merge", 2, true));
        let TermKind::Steps(from, steps) = &arguments[1].kind else {
            panic!("steps");
        };
        assert!(matches!(&from.kind, TermKind::Name(name) if name == "x") && matches!(steps[0], Step::Splat));
        let TermKind::For(all) = kind("{ for k, v in x : k => v... if v }") else {
            panic!("a for");
        };
        assert!(all.is_grouped && all.key.is_some() && all.condition.is_some());
        assert!(matches!(kind("\"a${b}\""), TermKind::Template(parts) if parts.len() == 2));
        assert!(matches!(kind("\"${b}\""), TermKind::Name(_)));
        assert!(matches!(kind("<<E\na\nE\n"), TermKind::Template(_)));
        assert!(term("a b").is_err() && term("").is_err());
    }

    #[test]
    fn depth_has_a_limit_here_too() {
        assert!(term(&format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000))).is_err());
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("{a=", "1", "}"),
            ("f(", "1", ")"),
            ("\"x${", "1", "}\""),
            ("{ for x in y : x => ", "1", "}"),
        ] {
            let depth = 90;
            assert!(term(&format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))).is_ok());
        }
        assert!(term(&format!("1{}", " + 1".repeat(100_000))).is_ok());
        assert!(term(&format!("x{}", ".y[0].*[*]".repeat(10_000))).is_ok());
    }
}
