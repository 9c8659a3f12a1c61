//! Random statements. What they bind is known behind them.

use super::Writer;

impl Writer<'_, '_> {
    /// So many statements in one line.
    pub(super) fn body(&mut self, count: usize) -> String {
        let statements: Vec<String> = (0..count).map(|_| self.statement()).collect();
        if self.choices.once_in(40) {
            // OPA puts them in an order of its own.
            let reversed: Vec<String> = statements.into_iter().rev().collect();
            return reversed.join("; ");
        }
        statements.join("; ")
    }

    fn statement(&mut self) -> String {
        let known = self.bound.len();
        let text = match self.choices.among(20) {
            0..4 => self.member(),
            4..7 => self.assigned(),
            7 => {
                let b = if self.choices.once_in(4) {
                    self.expression()
                } else {
                    self.reference()
                };
                let a = self.pattern_or_value();
                format!("{a} = {b}")
            }
            8..10 => {
                let sign = self.choices.pick(&["==", "!=", "<", ">=", ">", "<="]);
                let (a, b) = (self.expression(), self.expression());
                format!("{a} {sign} {b}")
            }
            10..12 => self.negated(),
            12 => self.every(),
            13 | 14 => self.iterated(),
            15 => {
                let (of, path, value) = (self.reference(), self.fresh(), self.fresh());
                self.bound.extend([path.clone(), value.clone()]);
                format!("walk({of}, [{path}, {value}])")
            }
            16 => self.call(),
            17 => {
                let (value, of) = (self.expression(), self.collection());
                match self.keywords {
                    true => format!("{value} in {of}"),
                    false => format!("{value} == {of}[_]"),
                }
            }
            _ => self.expression(),
        };
        self.with_some(text, known)
    }

    /// `some x in xs`
    fn member(&mut self) -> String {
        let of = self.collection();
        let value = match self.choices.once_in(8) {
            true => self.pattern(),
            false => self.binding(),
        };
        if !self.keywords {
            return format!("{value} = {of}[_]");
        }
        match self.choices.among(3) {
            0 => {
                let key = self.binding();
                format!("some {key}, {value} in {of}")
            }
            _ => format!("some {value} in {of}"),
        }
    }

    fn assigned(&mut self) -> String {
        let simple = self.choices.once_in(6);
        let value = if simple { self.reference() } else { self.expression() };
        let to = match simple {
            true if self.choices.once_in(20) => self.pattern(),
            true => {
                let (a, b) = (self.binding(), self.binding());
                self.choices
                    .pick(&[format!("[{a}, {b}]"), format!("{{\"x\": {a}, \"a\": {b}}}")])
                    .clone()
            }
            false => self.binding(),
        };
        format!("{to} := {value}")
    }

    /// `xs[i].a[j]`
    fn iterated(&mut self) -> String {
        let of = self.reference();
        let key = self.binding();
        let further = self.choices.pick(&["", ".x", "[_]", "[_].a"]);
        let text = format!("some {key}; {of}[{key}]{further}");
        match self.choices.among(3) {
            0 => text,
            1 => {
                let value = self.binding();
                format!("some {key}; {value} := {of}[{key}]{further}")
            }
            _ => {
                let other = self.expression();
                format!("{text} == {other}")
            }
        }
    }

    fn negated(&mut self) -> String {
        self.closed += 1;
        let inner = match self.choices.among(5) {
            0 => self.reference(),
            1 => self.call(),
            2 if self.keywords => {
                let (value, of) = (self.expression(), self.collection());
                format!("{value} in {of}")
            }
            _ => {
                let sign = self.choices.pick(&["==", "!=", "<", "="]);
                let (a, b) = (self.expression(), self.expression());
                format!("{a} {sign} {b}")
            }
        };
        self.closed -= 1;
        format!("not {inner}")
    }

    fn every(&mut self) -> String {
        if self.depth == 0 || !self.keywords {
            return self.member();
        }
        let of = self.collection();
        let two = self.choices.once_in(3);
        self.inside(|writer| {
            let mut names = vec![writer.binding()];
            if two {
                names.push(writer.binding());
            }
            let statements = writer.choices.among(2);
            let mut body = writer.body(statements);
            for name in &names {
                // A variable that is not used is refused.
                let other = writer.expression();
                let sign = writer.choices.pick(&["!=", "==", ">=", "<"]);
                body = format!("{body}{}{name} {sign} {other}", if body.is_empty() { "" } else { "; " });
            }
            format!("every {} in {of} {{ {body} }}", names.join(", "))
        })
    }

    /// A new variable that is bound from here on.
    pub(super) fn binding(&mut self) -> String {
        let name = self.fresh();
        self.bound.push(name.clone());
        name
    }

    fn pattern_or_value(&mut self) -> String {
        if self.choices.once_in(2) {
            self.pattern()
        } else {
            self.expression()
        }
    }

    /// A pattern that binds variables.
    pub(super) fn pattern(&mut self) -> String {
        let name = self.binding();
        match self.choices.among(6) {
            0 => format!("[{name}, _]"),
            1 => {
                let other = self.binding();
                format!("[{name}, {other}]")
            }
            2 => format!("{{\"x\": {name}}}"),
            3 => {
                let constant = self.constant();
                format!("[{constant}, {name}]")
            }
            4 => format!("{{\"a\": {name}, \"x\": _}}"),
            _ => {
                let other = self.binding();
                format!("[{name}, {{\"x\": [{other}, _]}}]")
            }
        }
    }
}
