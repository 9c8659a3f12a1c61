//! A policy set of the library alone, of the program that is compiled with the binary. It is the set that
//! [`compile`](super::compile) makes of the same request: a test compares them.

use super::files;
use super::library::choice::{self, Choice};
use super::library::{self, embedded};
use super::module::Parsed;
use super::parameter;
use super::selection;
use super::workloads::Workloads;
use super::{PolicySet, Request, Suspects, engines, no_rule, other_inventory, rule, selected};
use crate::finding::Problem;
use crate::settings::EngineName;

/// Whether a request needs nothing but the program of the library: no module of the user's, no check of the library's
/// against what the user gives, and the engine that the program is for.
pub(super) fn serves(request: &Request) -> bool {
    request.policy.is_empty()
        && request.capabilities.is_none()
        && !request.requires_match
        && matches!(request.engine, EngineName::Own)
        && request.data.field(library::PACKAGE).is_none()
}

/// The library's policies that were asked for; or every error of the settings about them.
pub(super) fn load(request: &Request, choice: Choice) -> Result<PolicySet, Vec<Problem>> {
    let (chosen, unchosen) = choice::chosen(choice, &request.data);
    let not_configured = chosen.not_configured;
    let chosen_files: Vec<_> = files::embedded(&chosen.modules).collect();
    let outlined = chosen_files.iter().zip(&chosen.modules);
    let parsed: Vec<Parsed> = outlined
        .map(|(file, module)| Parsed::outlined(file, embedded::outline(module)))
        .collect();
    let all = selection::advising(rule::rules(&parsed), &chosen.warning);
    let mut found = Suspects {
        errors: parameter::check::errors(&request.data, request.params, std::iter::empty()),
        ..Suspects::default()
    };
    found.errors.extend(selection::unknown_names(request, &all));
    found.errors.extend(unchosen);
    let has_rules = !all.is_empty();
    let mut rules = selected(request, all, &mut found)?;
    if embedded::readers().mark(&mut rules, &[], &request.data) {
        found.warnings.push(other_inventory());
    }
    let warnings = found.refused(request.strict && !request.conftest)?;
    let files: Vec<_> = files::embedded(library::modules()).collect();
    if !has_rules {
        return Err(vec![no_rule(&parsed, &not_configured)]);
    }
    let engine = Box::new(engines::own(embedded::program(), files.iter(), request));
    Ok(PolicySet {
        excepting: Vec::new(),
        not_configured,
        gatekeeper: None,
        needs_inventory: rules.iter().any(|rule| rule.reads_inventory),
        workloads: Workloads::of(&request.data),
        reads_file_info: false,
        warnings: warnings.warnings,
        lints: warnings.counted,
        conftest: request.conftest,
        profiled: request.profiled,
        traced: request.traced.clone(),
        names_passed: request.names_passed,
        timeout: request.timeout,
        rules,
        engine,
        files,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{load, serves};
    use crate::engine::Worker;
    use crate::pattern::is_below;
    use crate::policy::library::catalog::{Policy, policies};
    use crate::policy::library::choice::Choice;
    use crate::policy::{INVENTORY, Namespaces, PolicySet, Request, Rule, compile};
    use crate::settings::{EngineName, Named, Profile};
    use kpolicy_parse::Format;
    use kpolicy_value::Value;

    fn request<'a>(choice: Choice<'a>, data: Value) -> Request<'a> {
        Request {
            policy: &[],
            snapshot: None,
            library: Some(choice),
            data,
            params: None,
            severities: &[],
            exemptions: &[],
            namespaces: Namespaces::All,
            v0: false,
            allow: &[],
            allow_hosts: None,
            capabilities: None,
            schemas: None,
            strict_builtins: true,
            strict: false,
            conftest: false,
            allow_undefined: &[],
            lints: crate::settings::lints::Levels::default(),
            combine: false,
            expand: None,
            gator: false,
            profiled: false,
            traced: None,
            requires_match: false,
            names_passed: false,
            timeout: Duration::from_secs(10),
            engine: EngineName::Own,
        }
    }

    /// The set of the compiled library, and that of its texts.
    fn both(choice: Choice, data: &Value) -> [PolicySet; 2] {
        let asked = request(choice, data.clone());
        assert!(serves(&asked));
        let sets = [load(&asked, choice), compile(&asked)];
        sets.map(|set| set.unwrap_or_else(|problems| panic!("{problems:?}")))
    }

    fn said(set: &PolicySet) -> String {
        // What conditions leave is found only where somebody asks for it.
        let without_conditions = |rule: &Rule| Rule {
            conditions: None,
            ..rule.clone()
        };
        let rules: Vec<Rule> = set.rules.iter().map(without_conditions).collect();
        let flags = (set.needs_inventory, set.reads_file_info, set.reads_workloads());
        let others = (&set.excepting, &set.warnings, &set.not_configured, &set.workloads);
        format!("{rules:#?}\n{flags:?}\n{others:?}")
    }

    #[test]
    fn each_profile_has_the_rules_of_its_texts() {
        let own = [Named::by_flag("library", "kubernetes/network")];
        for (profile, ids) in [
            (Profile::Default, &own[..0]),
            (Profile::Baseline, &own[..0]),
            (Profile::Restricted, &own[..]),
            (Profile::Strict, &own[..0]),
        ] {
            let choice = Choice {
                profiles: &[profile],
                ids,
                additions: &[],
            };
            let [compiled, of_texts] = both(choice, &Value::object(Vec::new()));
            assert_eq!(said(&compiled), said(&of_texts), "{}", profile.name());
        }
    }

    #[test]
    fn both_find_the_same_at_the_same_locations_in_every_example() {
        let ids = ["docker", "kubernetes", "terraform"].map(|id| Named::by_flag("library", id));
        let choice = Choice {
            profiles: &[],
            ids: &ids,
            additions: &[],
        };
        let sets = both(choice, &Value::object(Vec::new()));
        let [mut compiled, mut of_texts] = [0, 1].map(|at| sets[at].engine().worker());
        let mut found = 0;
        for policy in policies() {
            for (format, document) in documents(policy) {
                // The rules of its area are enough: each rule meets many documents.
                let area = policy.id.rsplit_once('/').map_or("", |(area, _)| area);
                let rules = sets[0].rules.iter().filter(|rule| is_below(&rule.id, area));
                let rules = rules.filter(|rule| rule.is_for_format(format));
                compiled.set_input(&document);
                of_texts.set_input(&document);
                for rule in rules {
                    let [ours, theirs] = [&mut compiled, &mut of_texts].map(|worker| results(&mut **worker, rule));
                    assert_eq!(ours, theirs, "{} on the examples of {}", rule.id, policy.id);
                    found += usize::from(ours.1.is_some());
                }
            }
        }
        assert!(found >= 100, "the examples fail their policies");
    }

    /// The documents of a policy's examples.
    fn documents(policy: &Policy) -> Vec<(Format, Value)> {
        let mut found = Vec::new();
        for example in [policy.fails, policy.passes] {
            let format = Format::of_path(Path::new(example.path)).expect("examples are of known formats");
            let read = format.read(example.text, 100_000).expect("examples are valid");
            found.extend(read.documents.into_iter().map(|node| (format, node.value)));
        }
        found
    }

    /// What a rule gives, and where that is from, where it gives something.
    fn results(worker: &mut dyn Worker, rule: &Rule) -> (String, Option<String>) {
        let evaluated = worker.evaluate(&rule.query());
        let has_parts = |value: &Value| value.extent().parts > 1;
        let has_results = evaluated.value.as_ref().is_some_and(has_parts);
        let located = has_results.then(|| format!("{:?}", worker.locations(&rule.query())));
        (format!("{evaluated:?}"), located)
    }

    #[test]
    fn the_whole_set_is_read_by_the_same_rules() {
        let id = [Named::by_flag("library", "kubernetes/ingress/duplicate_host")];
        let choice = Choice {
            profiles: &[],
            ids: &id,
            additions: &[],
        };
        let given = Value::object(vec![(INVENTORY.into(), Value::object(Vec::new()))]);
        for data in [Value::object(Vec::new()), given] {
            let [compiled, of_texts] = both(choice, &data);
            assert_eq!(said(&compiled), said(&of_texts));
        }
    }
}
