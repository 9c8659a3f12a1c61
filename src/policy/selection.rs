//! Which rules are run and how much they matter, as the settings name packages and policies.

use std::collections::BTreeSet;

use super::library;
use super::module::{Parsed, name};
use super::{Namespaces, Request, Rule};
use crate::finding::{Kind, Problem};
use crate::pattern::Pattern;
use crate::problem;
use crate::settings::Named;
use crate::settings::exempt::SeverityOverride;
use crate::suggest::nearest;

/// The rules that were selected, and a problem for each namespace that has none.
pub(super) type Selected = (Vec<Rule>, Vec<Problem>);

/// The rules of the wanted namespaces. Those of the embedded library are wanted by their ids and always stay. Patterns
/// that are none are errors.
pub(super) fn select(all: Vec<Rule>, namespaces: Namespaces) -> Result<Selected, Vec<Problem>> {
    let patterns = match namespaces {
        // Where there is no rule at all, no namespace is to blame.
        Namespaces::Named(patterns) if !all.is_empty() => patterns,
        _ => return Ok((all, Vec::new())),
    };
    let (mut unknown, mut errors) = (Vec::new(), Vec::new());
    let mut matchers = Vec::new();
    for pattern in patterns {
        match globset::Glob::new(&pattern.text) {
            Ok(glob) => {
                let matcher = glob.compile_matcher();
                if all
                    .iter()
                    .any(|rule| !rule.embedded && matcher.is_match(&rule.namespace))
                {
                    matchers.push(matcher);
                } else {
                    unknown.push(unknown_namespace(pattern, &all));
                }
            }
            Err(error) => errors.push(pattern.problem(
                format!("{pattern} is not a valid pattern: {}", error.kind()),
                "name a package, or a glob such as main.*",
            )),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let wanted = |rule: &Rule| rule.embedded || matchers.iter().any(|matcher| matcher.is_match(&rule.namespace));
    Ok((all.into_iter().filter(wanted).collect(), unknown))
}

fn unknown_namespace(pattern: &Named, all: &[Rule]) -> Problem {
    let mut known: Vec<&str> = all
        .iter()
        .filter(|rule| !rule.embedded)
        .map(|rule| rule.namespace.as_str())
        .collect();
    known.dedup();
    let bare = pattern.text.strip_prefix("data.").unwrap_or(&pattern.text);
    let help = match nearest(bare, known.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None if known.is_empty() => "remove it: built-in policies are selected with --library alone".to_owned(),
        None => format!("the namespaces with rules are {}", known.join(", ")),
    };
    pattern.problem(format!("there is no rule in namespace {}", pattern.text), help)
}

/// The policies that the settings name and that nobody has: neither this run nor the library.
pub(super) fn unknown_names(request: &Request, all: &[Rule]) -> Vec<Problem> {
    let with_severities = request
        .severities
        .iter()
        .map(|with_severities| ("severity", &with_severities.policy));
    let exempted = request.exemptions.iter().flat_map(|exemption| &exemption.policy);
    let named = with_severities.chain(exempted.map(|pattern| ("exempt", pattern)));
    let unknown = named.filter(|(_, pattern)| !all.iter().any(|rule| pattern.fits_path(&rule.id)));
    let of_library = || library::catalog::policies().iter().map(|policy| policy.id.as_str());
    let unknown = unknown.filter(|(_, pattern)| !of_library().any(|id| pattern.fits_path(id)));
    let describe = |(key, pattern): (&str, &Pattern)| {
        let known = all.iter().map(|rule| rule.id.as_str()).chain(of_library());
        let help = match nearest(&pattern.text, known) {
            Some(near) => format!("did you mean {near}?"),
            None => library::suggestion(&pattern.text),
        };
        let message = format!("{key}: no policy has the id {}", pattern.text);
        problem::of_location(pattern.location.clone(), message, Some(help))
    };
    unknown.map(describe).collect()
}

/// The rules with the severities of the settings. These come sorted by the ids, so that the longer of two counts.
pub(crate) fn with_severities(mut rules: Vec<Rule>, severities: &[SeverityOverride]) -> Vec<Rule> {
    for rule in &mut rules {
        let given = severities
            .iter()
            .rfind(|with_severities| with_severities.policy.fits_path(&rule.id));
        rule.severity = given.map_or(rule.severity, |with_severities| with_severities.severity);
    }
    rules
}

/// The rules, those of the policies that only warn in the profile as warnings.
pub(super) fn advising(mut rules: Vec<Rule>, warning: &BTreeSet<String>) -> Vec<Rule> {
    for rule in &mut rules {
        if rule.embedded && warning.contains(&rule.id) {
            rule.kind = Kind::Warn;
            rule.info.advises = true;
        }
    }
    rules
}

/// The namespaces of the chosen rules that define `exception`.
pub(super) fn excepting(parsed: &[Parsed], rules: &[Rule]) -> Vec<String> {
    let mut found: Vec<String> = parsed
        .iter()
        .filter(|module| {
            let mut rules = module.tree.rules.iter();
            rules.any(|rule| name(&rule.head) == Some("exception"))
        })
        .map(Parsed::namespace)
        .filter(|namespace| rules.iter().any(|rule| rule.namespace == *namespace))
        .collect();
    found.sort();
    found.dedup();
    found
}
