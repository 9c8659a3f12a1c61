//! What is refused before anything is judged, with its place: what could only be silence or surprise later.

use std::collections::{HashMap, HashSet};

use super::builtins::{self, Standing};
use super::files::PolicyFile;
use super::outline::{Call, Outline, RuleOutline, Shape};
use crate::document::Span;
use crate::finding::{Kind, Problem};
use crate::problem;
use crate::settings::Allow;
use crate::suggest::nearest;
use crate::value::Value;

/// How many rules may need each other in a row: what the engine's stack holds with room to spare.
const DEEPEST_CHAIN: usize = 5_000;

/// A parsed module with its file.
pub(super) struct Parsed<'a> {
    /// Where it comes from.
    pub file: &'a PolicyFile,
    /// What it declares.
    pub outline: Outline,
}

/// The faults and the warnings of a set of modules.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is refused.
    pub faults: Vec<Problem>,
    /// What is suspicious.
    pub warnings: Vec<Problem>,
}

/// Checks modules against each other, the data and what the user allows.
pub(super) fn check(modules: &[Parsed], data: &Value, allow: &[Allow]) -> Findings {
    let defined: HashSet<String> = modules.iter().flat_map(|module| rule_paths(&module.outline)).collect();
    let mut found = Findings::default();
    for module in modules {
        for call in &module.outline.calls {
            found.faults.extend(refused_call(module, call, &defined, allow));
        }
        for rule in &module.outline.rules {
            found.faults.extend(silent_head(module, rule));
            found.faults.extend(shadowed(module, rule, data));
            found.warnings.extend(misspelled(module, rule));
        }
    }
    found.faults.extend(recursion(modules));
    found
}

fn rule_paths(outline: &Outline) -> impl Iterator<Item = String> + '_ {
    outline.rules.iter().map(|rule| full_path(outline, rule))
}

/// The rule's path from `data` on, with dots.
pub(super) fn full_path(outline: &Outline, rule: &RuleOutline) -> String {
    let parts = std::iter::once("data").chain(outline.package.iter().map(String::as_str));
    parts
        .chain(rule.path.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(".")
}

fn fault(module: &Parsed, span: Span, message: String, help: Option<String>) -> Problem {
    problem::of_span(&module.file.path, &module.file.text, span, message, help)
}

fn refused_call(module: &Parsed, call: &Call, defined: &HashSet<String>, allow: &[Allow]) -> Option<Problem> {
    if defined.contains(&call.local) {
        return None;
    }
    if call.name.starts_with("data.") {
        let known = defined.contains(&call.name);
        return (!known).then(|| {
            fault(
                module,
                call.span,
                format!("{} is no function of these policies", call.name),
                None,
            )
        });
    }
    if call.name == "walk" && call.arguments == 1 {
        let help = "write walk(value, [path, part]): the engine finds nothing in the other form".to_owned();
        return Some(fault(
            module,
            call.span,
            "walk is given one argument here".to_owned(),
            Some(help),
        ));
    }
    match builtins::standing(&call.name) {
        Standing::Supported => None,
        Standing::Guarded(needed) if allow.contains(&needed) => None,
        Standing::Guarded(needed) => Some(fault(
            module,
            call.span,
            format!("{} makes the verdict depend on more than the input", call.name),
            Some(format!("allow it with --allow {}", needed.name())),
        )),
        Standing::Lacking => Some(fault(
            module,
            call.span,
            format!("the builtin {} is not supported", call.name),
            Some("OPA has it and kpolicy does not yet: leave it out of policies that kpolicy runs".to_owned()),
        )),
        Standing::Unknown => Some(fault(
            module,
            call.span,
            format!("{} is neither a builtin nor a function of these policies", call.name),
            nearest(&call.name, builtins::names()).map(|name| format!("did you mean {name}?")),
        )),
    }
}

/// The kind of a rule by its name: `deny`, `deny_root` and so on.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    let (word, rest) = name.split_once('_').unwrap_or((name, "x"));
    let kind = [Kind::Deny, Kind::Violation, Kind::Warn]
        .into_iter()
        .find(|kind| kind.name() == word)?;
    let suffix = rest
        .split('_')
        .all(|part| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric()));
    suffix.then_some(kind)
}

/// A head that reads like a rule and can never report: `deny := true`, `deny if { … }`.
fn silent_head(module: &Parsed, rule: &RuleOutline) -> Option<Problem> {
    let [name] = rule.path.as_slice() else { return None };
    kind_of(name)?;
    match rule.shape {
        Shape::Complete(Some("set" | "array")) | Shape::Complete(None) | Shape::Set | Shape::Function => None,
        Shape::Complete(Some(literal)) => Some(fault(
            module,
            rule.span,
            format!("{name} is a {literal} here, and no result could ever come of it"),
            Some(format!("write `{name} contains msg if {{ … }}`")),
        )),
        Shape::Object => Some(fault(
            module,
            rule.span,
            format!("{name} is an object here, and no result could ever come of it"),
            Some(format!("write `{name} contains msg if {{ … }}`")),
        )),
    }
}

/// A name that is one slip away from a rule's: `dney`, `warning`.
fn misspelled(module: &Parsed, rule: &RuleOutline) -> Option<Problem> {
    let [name] = rule.path.as_slice() else { return None };
    let word = name.split('_').next().unwrap_or(name);
    if module.file.is_test() || rule.shape != Shape::Set || kind_of(name).is_some() {
        return None;
    }
    let near = ["deny", "violation", "warn"].into_iter().find(|kind| {
        let distance = strsim::damerau_levenshtein(word, kind);
        (1..=2).contains(&distance) && distance * 2 < kind.len() || word.starts_with(kind)
    })?;
    Some(fault(
        module,
        rule.span,
        format!("{name} reads like a rule and is none: nothing runs it"),
        Some(format!("name it {near}, or {near}_ and something")),
    ))
}

/// Data that stands where a rule does would hide the rule, or be hidden.
fn shadowed(module: &Parsed, rule: &RuleOutline, data: &Value) -> Option<Problem> {
    let path = module.outline.package.iter().chain(&rule.path);
    let mut at = data;
    for step in path {
        // A value that is no object hides everything below it.
        let Some(object) = at.as_object() else { break };
        at = object.field(step)?;
    }
    Some(fault(
        module,
        rule.span,
        format!(
            "the data given has a value at or above {}, where this rule stands",
            full_path(&module.outline, rule)
        ),
        Some("rename the rule's package, or take the value out of the data".to_owned()),
    ))
}

/// Rules that need their own value: OPA refuses them, and the engine would not end.
fn recursion(modules: &[Parsed]) -> Vec<Problem> {
    let mut graph: HashMap<String, Vec<&Vec<String>>> = HashMap::new();
    for module in modules {
        for rule in &module.outline.rules {
            graph
                .entry(full_path(&module.outline, rule))
                .or_default()
                .extend(&rule.references);
        }
    }
    let edges: HashMap<&str, Vec<&str>> = graph
        .iter()
        .map(|(from, references)| (from.as_str(), reached(references, &graph)))
        .collect();
    let looping = on_a_cycle(&edges);
    if looping.is_empty() && longest_chain(&edges) > DEEPEST_CHAIN {
        let message =
            format!("a chain of more than {DEEPEST_CHAIN} rules that need each other is deeper than the engine can go");
        return vec![problem::of_run(
            message,
            "let rules need data instead of ever more rules",
        )];
    }
    let mut reported = HashSet::new();
    let mut faults = Vec::new();
    for module in modules {
        for rule in &module.outline.rules {
            let path = full_path(&module.outline, rule);
            if looping.contains(path.as_str()) && reported.insert(path.clone()) {
                let message = format!("{path} is recursive: its value would need itself");
                faults.push(fault(
                    module,
                    rule.span,
                    message,
                    Some("Rego has no recursion: use walk or graph.reachable".to_owned()),
                ));
            }
        }
    }
    faults
}

/// The rules that references lead to: a rule's own path, or a part of it.
fn reached<'a>(references: &[&Vec<String>], graph: &'a HashMap<String, Vec<&Vec<String>>>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for reference in references {
        let hit = (1..=reference.len())
            .rev()
            .find_map(|length| graph.get_key_value(&reference[..length].join(".")));
        found.extend(hit.map(|(key, _)| key.as_str()));
    }
    found
}

/// How many rules need each other in the longest chain; the edges have no cycle.
fn longest_chain(edges: &HashMap<&str, Vec<&str>>) -> usize {
    let mut needed: HashMap<&str, usize> = HashMap::new();
    for target in edges.values().flatten() {
        *needed.entry(target).or_default() += 1;
    }
    let mut depths: HashMap<&str, usize> = HashMap::new();
    let mut ready: Vec<&str> = edges
        .keys()
        .copied()
        .filter(|node| !needed.contains_key(node))
        .collect();
    while let Some(node) = ready.pop() {
        let depth = depths.get(node).copied().unwrap_or(1);
        for target in &edges[node] {
            let known = depths.entry(target).or_default();
            *known = (*known).max(depth + 1);
            let left = needed.get_mut(target).expect("every target was counted");
            *left -= 1;
            if *left == 0 {
                ready.push(target);
            }
        }
    }
    depths.into_values().max().unwrap_or(1)
}

/// The nodes on cycles: what remains when everything that leads nowhere, and then everything that nothing leads to,
/// is taken away. Linear, and without recursion of our own, since policies can be deep.
fn on_a_cycle<'a>(edges: &HashMap<&'a str, Vec<&'a str>>) -> HashSet<&'a str> {
    let mut reversed: HashMap<&str, Vec<&str>> = edges.keys().map(|node| (*node, Vec::new())).collect();
    for (from, targets) in edges {
        for target in targets {
            reversed.entry(target).or_default().push(from);
        }
    }
    let leading = without_ends(edges, &reversed, edges.keys().copied().collect());
    without_ends(&reversed, edges, leading)
}

/// `nodes` less those that, by `edges`, lead to no other of them; `reversed` are the edges turned round.
fn without_ends<'a>(
    edges: &HashMap<&'a str, Vec<&'a str>>,
    reversed: &HashMap<&'a str, Vec<&'a str>>,
    mut nodes: HashSet<&'a str>,
) -> HashSet<&'a str> {
    let degree = |node: &str| edges[node].iter().filter(|target| nodes.contains(*target)).count();
    let mut degrees: HashMap<&str, usize> = nodes.iter().map(|node| (*node, degree(node))).collect();
    let mut ends: Vec<&str> = nodes.iter().copied().filter(|node| degrees[node] == 0).collect();
    while let Some(end) = ends.pop() {
        nodes.remove(end);
        for before in &reversed[end] {
            let Some(degree) = degrees.get_mut(before).filter(|degree| **degree > 0) else {
                continue;
            };
            *degree -= 1;
            if *degree == 0 {
                ends.push(before);
            }
        }
    }
    nodes
}
