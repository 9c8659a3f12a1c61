//! Terms without operators: constants, variables, references, calls, parentheses.

use super::super::tree::{Step, Term, TermKind};
use super::operator::reference;
use super::{Kind, Parser, Span};
use kpolicy_value::Number;

impl Parser<'_> {
    /// A term, with the steps and arguments glued to it.
    pub(super) fn term(&mut self) -> Option<Term> {
        let outer = self.enter()?;
        let term = self.unfinished_term();
        self.leave(outer);
        term
    }

    fn unfinished_term(&mut self) -> Option<Term> {
        if matches!(self.kind, Kind::And | Kind::Or) && self.is_glued_to(&[Kind::LeftParenthesis]) {
            self.kind = Kind::Name;
        }
        let head = match self.kind {
            Kind::Null => self.constant(TermKind::Null),
            Kind::True => self.constant(TermKind::Bool(true)),
            Kind::False => self.constant(TermKind::Bool(false)),
            Kind::Minus => return self.negative(),
            Kind::Dot | Kind::Number => self.number()?,
            Kind::String => self.string()?,
            Kind::RawString => self.raw_string(),
            Kind::TemplatePart | Kind::TemplateEnd => self.template(false)?,
            Kind::RawTemplatePart | Kind::RawTemplateEnd => self.template(true)?,
            Kind::Name | Kind::Contains => self.variable(),
            Kind::LeftBracket => self.array()?,
            Kind::LeftBrace => self.set_or_object()?,
            Kind::LeftParenthesis => return self.parenthesised(),
            _ => return self.expected_term(),
        };
        self.finish_term(head, false)
    }

    fn expected_term(&mut self) -> Option<Term> {
        match self.kind {
            Kind::Unify | Kind::Equal => {
                self.expected_with_help("a value", "`:=` binds a variable, `==` compares, `=` does either")
            }
            Kind::Else => self.expected_with_help("a value", "`else` follows the closing brace of a rule's body"),
            Kind::If => self.expected_with_help("a value", "`if` is allowed once, after the head of a rule"),
            Kind::Not => self.expected_with_help("a value", "`not` starts a statement; bind its outcome in a rule"),
            Kind::Some | Kind::Every => {
                self.expected_with_help("a value", "`some` and `every` start a statement of their own")
            }
            Kind::RightBrace | Kind::RightBracket | Kind::RightParenthesis => {
                self.expected_with_help("a value", "something is missing before it, or it closes too much")
            }
            _ => self.expected("a value"),
        }
    }

    fn constant(&self, kind: TermKind) -> Term {
        Term {
            kind,
            span: self.span(),
        }
    }

    /// The steps and arguments after `head`, whose last token is the current one.
    fn finish_term(&mut self, head: Term, is_ref: bool) -> Option<Term> {
        self.advance();
        match self.kind {
            Kind::LeftParenthesis | Kind::Dot | Kind::LeftBracket if !self.token().spaced => {
                self.reference(head, is_ref)
            }
            _ => Some(head),
        }
    }

    /// A number with a sign, or a reference with one: `-x` is `0 - x`.
    fn negative(&mut self) -> Option<Term> {
        let sign = self.span();
        let minus = self.save();
        self.advance();
        if !matches!(self.kind, Kind::Name | Kind::Contains) {
            self.restore(minus);
            let number = self.number()?;
            return self.finish_term(number, false);
        }
        let variable = self.variable();
        let operand = self.finish_term(variable, false)?;
        self.grow()?;
        let zero = Term {
            kind: TermKind::Number(Number::from(0)),
            span: Span::new(sign.start as usize, sign.start as usize),
        };
        let function = Term {
            kind: TermKind::Var(self.name("minus")),
            span: sign,
        };
        Some(Term {
            span: sign.to(operand.span),
            kind: TermKind::Call {
                function: Box::new(function),
                arguments: vec![zero, operand],
                infix: true,
            },
        })
    }

    fn parenthesised(&mut self) -> Option<Term> {
        let open = self.span();
        self.advance();
        let mut inner = self.infix()?;
        if self.kind != Kind::RightParenthesis {
            return self.expected("`)`");
        }
        inner.span = open.to(self.span());
        let is_ref = match &inner.kind {
            TermKind::Ref { .. } => true,
            TermKind::Var(name) => matches!(&**name, "data" | "input"),
            _ => false,
        };
        self.finish_term(inner, is_ref)
    }

    /// The steps and arguments after `head`; a reference in parentheses can have none.
    pub(super) fn reference(&mut self, mut head: Term, is_ref: bool) -> Option<Term> {
        let start = head.span.start as usize;
        self.check_head(&head, is_ref)?;
        let mut steps = Vec::new();
        let mut glued = true;
        loop {
            match self.kind {
                Kind::Dot if glued => steps.push(self.dotted_step()?),
                Kind::LeftBracket if glued => steps.push(self.bracketed_step()?),
                Kind::LeftParenthesis if glued => {
                    let function = with_steps(head, std::mem::take(&mut steps), self.span_from(start));
                    head = self.call(function)?;
                    self.grow()?;
                    let goes_on = matches!(self.kind, Kind::Dot | Kind::LeftBracket) && !self.token().spaced;
                    if !goes_on {
                        return Some(head);
                    }
                }
                _ => return Some(with_steps(head, steps, self.span_from(start))),
            }
            glued = !self.token().spaced;
        }
    }

    fn check_head(&mut self, head: &Term, is_ref: bool) -> Option<()> {
        let may_be_head = matches!(
            head.kind,
            TermKind::Var(_)
                | TermKind::Array(_)
                | TermKind::Object(_)
                | TermKind::Set(_)
                | TermKind::ArrayComprehension(..)
                | TermKind::SetComprehension(..)
                | TermKind::ObjectComprehension(..)
                | TermKind::Call { .. }
        );
        if may_be_head && !is_ref {
            return Some(());
        }
        let message = "nothing can be looked up here: this is a constant, or a reference in parentheses";
        self.error_with_help(head.span, message, "bind it to a variable with `:=` first");
        None
    }

    fn dotted_step(&mut self) -> Option<Step> {
        self.advance();
        let is_name = self.kind == Kind::Name || self.kind.is_keyword();
        if !is_name || self.token().spaced {
            return self.expected_with_help("a name after `.`", "write other keys in brackets: `[\"a-b\"]`");
        }
        let term = Term {
            kind: TermKind::String(self.name(self.lexeme())),
            span: self.span(),
        };
        self.advance();
        Some(Step { term, dot: true })
    }

    fn bracketed_step(&mut self) -> Option<Step> {
        self.advance();
        let term = self.infix()?;
        if self.kind != Kind::RightBracket {
            return self.expected("`]`");
        }
        self.advance();
        Some(Step { term, dot: false })
    }

    /// The call of `function` with the arguments in the parentheses that start here.
    fn call(&mut self, function: Term) -> Option<Term> {
        let start = function.span.start as usize;
        self.advance();
        let arguments = self.list(Kind::RightParenthesis, Vec::new())?;
        self.advance();
        let span = self.span_from(start);
        let is_empty_set = arguments.is_empty() && matches!(&function.kind, TermKind::Var(name) if &**name == "set");
        let kind = if is_empty_set {
            TermKind::Set(arguments)
        } else {
            TermKind::Call {
                function: Box::new(function),
                arguments,
                infix: false,
            }
        };
        Some(Term { kind, span })
    }
}

fn with_steps(head: Term, steps: Vec<Step>, span: Span) -> Term {
    if steps.is_empty() {
        return head;
    }
    reference(head, steps, span)
}
