//! A plan as text: every rule with its clauses, guards and instructions.

use std::fmt::Write;

use super::code::{
    Block, Clause, Collect, Keep, Op, Operand, OverrideTarget, OverrideValue, Plan, Rule, RuleKind, Slot,
};
use crate::text::to_rego_text;
use kpolicy_value::Value;

/// The rules of a plan, as the policy has them. `source` gives the text of a span of a module.
pub(crate) fn print(plan: &Plan, source: &dyn Fn(usize, kpolicy_value::Span) -> String) -> String {
    let mut out = String::new();
    for rule in plan.rules.iter().take(plan.own) {
        print_rule(plan, rule, source, &mut out);
    }
    out
}

fn print_rule(plan: &Plan, rule: &Rule, source: &dyn Fn(usize, kpolicy_value::Span) -> String, out: &mut String) {
    let kind = match rule.kind {
        RuleKind::Complete => "complete".to_owned(),
        RuleKind::Set => "set".to_owned(),
        RuleKind::Object => "object".to_owned(),
        RuleKind::Function(operands) => format!("function of {operands}"),
    };
    let constant = if rule.constant { ", one constant" } else { "" };
    line(out, 0, &format!("data.{}: {kind}{constant}", rule.path.join(".")));
    for (at, clause) in rule.clauses.iter().enumerate() {
        print_clause(plan, &format!("clause {at}"), clause, source, out);
    }
    if let Some(default) = &rule.default {
        print_clause(plan, "default", default, source, out);
    }
    for clause in rule.joined.iter().flat_map(|joined| &joined.clauses) {
        let gives = |op: &&Op| matches!(op, Op::Return(_));
        let several = clause
            .branches
            .iter()
            .flat_map(|block| &block.code)
            .filter(gives)
            .count();
        if several > 1 {
            line(out, 2, &format!("{several} clauses that start alike, as one"));
            print_body(plan, clause, source, out);
        }
    }
    out.push('\n');
}

fn print_clause(
    plan: &Plan,
    name: &str,
    clause: &Clause,
    source: &dyn Fn(usize, kpolicy_value::Span) -> String,
    out: &mut String,
) {
    line(
        out,
        2,
        &format!("{name}: {}", one_line(&source(clause.module, clause.head))),
    );
    print_body(plan, clause, source, out);
}

/// A clause's guards and instructions.
fn print_body(plan: &Plan, clause: &Clause, source: &dyn Fn(usize, kpolicy_value::Span) -> String, out: &mut String) {
    for guard in &clause.guards {
        line(
            out,
            4,
            &format!("guard input{} = {}", path_text(&guard.path), to_rego_text(&guard.value)),
        );
    }
    for (at, block) in clause.branches.iter().enumerate() {
        if at > 0 {
            line(out, 4, "else");
        }
        let printer = Printer { plan, clause, block };
        let mut last = None;
        for (at, op) in block.code.iter().enumerate() {
            let span = block.spans[at];
            let text = printer.op(op);
            match last.replace(span) == Some(span) {
                true => line(out, 4, &format!("{at:>3}  {text}")),
                false => line(
                    out,
                    4,
                    &format!("{at:>3}  {text:<44} ; {}", one_line(&source(clause.module, span))),
                ),
            }
        }
    }
}

fn line(out: &mut String, indent: usize, text: &str) {
    writeln!(out, "{:indent$}{}", "", text.trim_end()).expect("a string takes what is written");
}

/// The first line of a text, shortened.
fn one_line(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let short: String = first.chars().take(60).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}

fn path_text(path: &[Value]) -> String {
    path.iter().map(|step| format!("[{}]", to_rego_text(step))).collect()
}

fn kind(collect: Collect) -> &'static str {
    match collect {
        Collect::Array => "array",
        Collect::Set => "set",
        Collect::Object => "object",
    }
}

/// The instructions of one block in words.
struct Printer<'a> {
    plan: &'a Plan,
    clause: &'a Clause,
    block: &'a Block,
}

impl Printer<'_> {
    /// A slot with the name of the variable that it holds.
    fn slot(&self, slot: Slot) -> String {
        let parameters = self.block.parameters;
        let local = slot
            .checked_sub(parameters)
            .and_then(|local| self.clause.locals.get(local as usize));
        match local.and_then(|local| local.name.as_ref()) {
            Some(name) => format!("${slot}:{name}"),
            None => format!("${slot}"),
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Slot(slot) => self.slot(*slot),
            Operand::Const(value) => to_rego_text(value),
        }
    }

    fn operands(&self, operands: &[Operand]) -> String {
        let texts: Vec<String> = operands.iter().map(|operand| self.operand(operand)).collect();
        texts.join(", ")
    }

    fn rule(&self, rule: u32) -> String {
        format!("data.{}", self.plan.rules[rule as usize].path.join("."))
    }

    fn op(&self, op: &Op) -> String {
        let (slot, operand) = (|at: &Slot| self.slot(*at), |at: &Operand| self.operand(at));
        match op {
            Op::Fail => "fail".to_owned(),
            Op::Jump(at) => format!("go to {at}"),
            Op::Fork(alternatives) => format!("try each of {alternatives:?}"),
            Op::Move { from, to } => format!("{} = {}", slot(to), operand(from)),
            Op::Array { items, to } => format!("{} = [{}]", slot(to), self.operands(items)),
            Op::Set { items, to } => format!("{} = {{{}}}", slot(to), self.operands(items)),
            Op::Object { entries, to } => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", operand(key), operand(value)))
                    .collect();
                format!("{} = {{{}}}", slot(to), entries.join(", "))
            }
            Op::Input { path, to } => format!("{} = input{}", slot(to), path_text(path)),
            Op::Data { path, to } => format!("{} = base data{}", slot(to), path_text(path)),
            Op::Path { of, path, to, .. } => format!("{} = {}{}", slot(to), operand(of), path_text(path)),
            Op::Get { of, key, to } | Op::Stored { of, key, to } => {
                format!("{} = {}[{}]", slot(to), operand(of), operand(key))
            }
            Op::Scan { of, key, to } => format!("for each {}, {} in {}", slot(key), slot(to), operand(of)),
            Op::Walk { of, to } => format!("for each {} below {}", slot(to), operand(of)),
            Op::Equal(a, b) => format!("{} = {}?", operand(a), operand(b)),
            Op::Truthy(value) => format!("{} is not false?", operand(value)),
            Op::ArrayOf { of, length } => format!("{} is an array of {length}?", operand(of)),
            Op::ObjectOf { of, length } => format!("{} is an object of {length}?", operand(of)),
            Op::MayBe { value, collect } => format!("{} may be {}?", operand(value), kind(*collect)),
            Op::NoneOf { value, names } => format!("{} is none of {}?", operand(value), names.join(", ")),
            Op::Rule { rule, part, to } => {
                let keys = part
                    .as_ref()
                    .map(|part| format!(", under {}", self.operands(&part.keys)));
                format!("{} = {}{}", slot(to), self.rule(*rule), keys.unwrap_or_default())
            }
            Op::Whole { node, to } => {
                format!("{} = data.{}, whole", slot(to), self.plan.nodes[*node].path.join("."))
            }
            Op::Call { rule, operands, to, .. } => {
                format!("{} = {}({})", slot(to), self.rule(*rule), self.operands(operands))
            }
            Op::Builtin {
                builtin, operands, to, ..
            } => {
                format!("{} = {}({})", slot(to), builtin.name, self.operands(operands))
            }
            Op::Print(value) => format!("print {}", operand(value)),
            Op::MergeBase { path, of, to } => {
                format!("{} = base data.{} under {}", slot(to), path.join("."), slot(of))
            }
            Op::Collect { collect, to, end, keep } => {
                let kind = kind(*collect);
                let once = match keep.as_deref() {
                    None => String::new(),
                    Some(Keep { of, .. }) if of.is_empty() => ", once for all".to_owned(),
                    Some(Keep { of, .. }) => {
                        let slots: Vec<String> = of.iter().map(slot).collect();
                        format!(", once for each {}", slots.join(", "))
                    }
                };
                format!("{} = {kind} of what is yielded before {end}{once}", slot(to))
            }
            Op::Yield { key: Some(key), value } => format!("yield {}: {}", operand(key), operand(value)),
            Op::Yield { key: None, value } => format!("yield {}", operand(value)),
            Op::Not { end } => format!("not, up to {end}"),
            Op::TestCase(case) => format!("test case {}", operand(case)),
            Op::EndNot => "it holds: fail".to_owned(),
            Op::Once => "once".to_owned(),
            Op::EndOnce => "one solution is enough".to_owned(),
            Op::Iterable(value) => format!("{} can be gone through?", operand(value)),
            Op::With { overrides, end } => {
                let texts: Vec<String> = overrides
                    .iter()
                    .map(|each| format!("{} as {}", self.target(&each.target), self.replacement(&each.value)))
                    .collect();
                format!("with {}, up to {end}", texts.join(", "))
            }
            Op::EndWith => "end of the replacement".to_owned(),
            Op::Return(value) => format!("give {}", operand(value)),
            Op::Leaf { path, member, value } => {
                let verb = if *member { "give a member at" } else { "give at" };
                format!("{verb} [{}]: {}", self.operands(path), operand(value))
            }
        }
    }

    fn target(&self, target: &OverrideTarget) -> String {
        let path = |root: &str, path: &[std::sync::Arc<str>]| {
            std::iter::once(root)
                .chain(path.iter().map(|name| &**name))
                .collect::<Vec<_>>()
                .join(".")
        };
        match target {
            OverrideTarget::Input(names) => path("input", names),
            OverrideTarget::Data(names) => path("data", names),
            OverrideTarget::Function(rule) => self.rule(*rule),
            OverrideTarget::Builtin(builtin) => builtin.name.to_owned(),
        }
    }

    fn replacement(&self, value: &OverrideValue) -> String {
        match value {
            OverrideValue::Value(value) => self.operand(value),
            OverrideValue::Document(rule) | OverrideValue::Function(rule) => self.rule(*rule),
            OverrideValue::Builtin(builtin) => builtin.name.to_owned(),
        }
    }
}
