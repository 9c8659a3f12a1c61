//! Which rules depend on the input: the values of all others hold for every document. And which read a base document.

use super::code::{Op, Plan};

/// Notes for each rule whether it depends on the input, by itself or by a rule that it needs.
pub(super) fn note(plan: &mut Plan) {
    let of_input = spread(plan, depends);
    for (rule, of_input) in plan.rules.iter_mut().zip(of_input) {
        rule.of_input = of_input;
    }
}

/// For each rule, whether it reads the base document under a key at the top of `data`, by itself or by a rule that it
/// needs.
pub(crate) fn readers(plan: &Plan, key: &str) -> Vec<bool> {
    spread(plan, |op| reads(op, key))
}

/// For each rule, whether one of its instructions is such a one, or one of a rule that it needs.
fn spread(plan: &Plan, is_such: impl Fn(&Op) -> bool) -> Vec<bool> {
    let mut left: Vec<usize> = Vec::new();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); plan.rules.len()];
    for (at, rule) in plan.rules.iter().enumerate() {
        if rule.ops().any(&is_such) {
            left.push(at);
        }
        for needed in rule.ops().filter_map(|op| needs(plan, op)) {
            needed_by[needed].push(at);
        }
    }
    let mut found = vec![false; plan.rules.len()];
    while let Some(at) = left.pop() {
        if !std::mem::replace(&mut found[at], true) {
            left.append(&mut needed_by[at]);
        }
    }
    found
}

/// Whether an instruction reads the base document under a key, or all base documents.
fn reads(op: &Op, key: &str) -> bool {
    match op {
        Op::Data { path, .. } => path.first().is_none_or(|first| first.as_str() == Some(key)),
        Op::MergeBase { path, .. } => path.first().is_none_or(|first| **first == *key),
        _ => false,
    }
}

/// Whether an instruction's outcome can be another for another input. What is under `with` sees documents of its own.
fn depends(op: &Op) -> bool {
    match op {
        Op::Input { .. } | Op::Print(_) | Op::With { .. } => true,
        Op::Builtin { builtin, .. } => !builtin.is_pure,
        _ => false,
    }
}

/// The rule whose value an instruction takes.
fn needs(plan: &Plan, op: &Op) -> Option<usize> {
    let rule = match op {
        Op::Rule { rule, .. } | Op::Call { rule, .. } => Some(*rule),
        Op::Whole { node, .. } => plan.nodes[*node].whole,
        _ => None,
    };
    rule.map(|rule| rule as usize)
}

#[cfg(test)]
mod tests {
    use super::readers;
    use crate::program::{Options, Program, Source};
    use crate::syntax::tree::Dialect;

    #[test]
    fn a_rule_depends_on_the_input_by_itself_or_by_what_it_needs() {
        let text = "package p\n\
            a := input.x\n\
            b := f(1)\n\
            f(x) := x + a\n\
            c := [data.d, g(2)]\n\
            g(x) := x * 2\n\
            t := time.now_ns()\n\
            w := 1 if c with input.y as 2\n";
        let dialect = Dialect::V1;
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        let rules = program.plan().rules.iter().filter(|rule| rule.path.len() == 2);
        let passing: Vec<&str> = rules.filter(|rule| rule.of_input).map(|rule| &*rule.path[1]).collect();
        assert_eq!(passing, ["a", "b", "f", "t", "w"]);
    }

    #[test]
    fn a_rule_reads_a_base_document_by_itself_or_by_what_it_needs() {
        let text = "package p\n\
            a := data.conftest.file\n\
            b := [f(1), data.other]\n\
            f(x) := [x, a]\n\
            c := data.other # data.conftest\n\
            d := [v | some k in [\"conftest\"]; v := data[k].file]\n\
            e := data.other[\"conftest\"]\n\
            g := data.p.c\n";
        let dialect = Dialect::V1;
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        let plan = program.plan();
        let read = readers(plan, "conftest");
        let rules = plan
            .rules
            .iter()
            .zip(read)
            .filter(|(rule, read)| rule.path.len() == 2 && *read);
        let reading: Vec<&str> = rules.map(|(rule, _)| &*rule.path[1]).collect();
        assert_eq!(reading, ["a", "b", "f", "d"]);
    }
}
