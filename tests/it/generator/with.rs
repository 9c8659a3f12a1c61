//! Random replacements.

use super::{Kind, Writer};

impl Writer<'_, '_> {
    /// A statement, sometimes under a replacement.
    /// Its values know only so many variables.
    pub(super) fn with_some(&mut self, statement: String, known: usize) -> String {
        if !self.choices.once_in(7) || statement.starts_with("some ") && statement.contains(';') {
            return statement;
        }
        let new = self.bound.split_off(known.min(self.bound.len()));
        // OPA takes functions behind `every`, and behind what binds a template string's variable, for values.
        let functions = new.is_empty() && !statement.starts_with("every ");
        let mut text = format!("{statement}{}", self.replacement(functions));
        if self.choices.once_in(4) {
            text.push_str(&self.replacement(functions));
        }
        self.bound.extend(new);
        text
    }

    fn replacement(&mut self, functions: bool) -> String {
        let (target, value) = match self.choices.among(if functions { 9 } else { 4 }) {
            0 => ("input".to_owned(), self.expression()),
            1..3 => (
                self.choices
                    .pick(&["input.n", "input.xs", "input.m.x", "input.s"])
                    .to_string(),
                self.expression(),
            ),
            3 => (
                self.choices
                    .pick(&["data.base", "data.base.x", "data.a", "data.c", "data.a.base"])
                    .to_string(),
                self.expression(),
            ),
            4..6 => return self.replaced_rule(),
            6 => {
                let builtin = self
                    .choices
                    .pick(&["count", "upper", "object.get", "sum", "is_string"])
                    .to_string();
                (builtin, self.expression())
            }
            _ => return self.replaced_builtin(),
        };
        format!(" with {target} as {value}")
    }

    fn replaced_rule(&mut self) -> String {
        let rule = self.choices.pick(&self.rules.clone()).clone();
        let target = format!("data.{}.{}", rule.package, rule.name);
        let functions: Vec<String> = self.functions(match rule.kind {
            Kind::Function(arity) => arity,
            _ => 0,
        });
        let value = match functions.is_empty() || self.choices.once_in(2) {
            true => self.expression(),
            false => self.choices.pick(&functions).clone(),
        };
        format!(" with {target} as {value}")
    }

    fn replaced_builtin(&mut self) -> String {
        let mut functions = self.functions(1);
        functions.extend(["count", "is_array", "type_name"].map(str::to_owned));
        let target = *self.choices.pick(&["count", "upper", "is_string", "type_name"]);
        // OPA takes a function that replaces itself for a value.
        functions.retain(|function| function != target);
        let value = self.choices.pick(&functions).clone();
        format!(" with {target} as {value}")
    }

    /// The functions of so many operands.
    fn functions(&self, arity: usize) -> Vec<String> {
        let known = self.rules.iter().filter(|rule| rule.kind == Kind::Function(arity));
        known
            .map(|rule| format!("data.{}.{}", rule.package, rule.name))
            .collect()
    }
}
