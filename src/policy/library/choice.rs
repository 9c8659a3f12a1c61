//! Which policies of the library a run takes: by profile and by id, those omitted that lack a parameter.

use std::collections::BTreeSet;

use super::catalog::{self, Policy};
use super::{Embedded, modules, suggestion};
use crate::finding::{NotConfigured, Problem};
use crate::pattern::is_below;
use crate::policy::parameter::Parameter;
use crate::problem;
use crate::settings::{Named, Profile};
use kpolicy_value::Value;

/// Ids that bring others: a level of the Pod Security Standards holds all of the level below.
const BRINGS: [(&str, &str); 1] = [("kubernetes/pod_security/restricted", "kubernetes/pod_security/baseline")];

/// The package that helpers are below.
const HELPERS: &str = "kpolicy.lib";

/// What was asked for; the profile `default` where nothing was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// Profiles.
    pub profiles: &'a [Profile],
    /// Ids, or the starts of ids.
    pub ids: &'a [Named],
    /// What the settings add to profiles.
    pub additions: &'a [(Profile, Named)],
}

/// What a run takes.
#[derive(Default)]
pub(in crate::policy) struct Chosen {
    /// The policies' modules.
    pub modules: Vec<Embedded>,
    /// The ids of the policies that only warn: a profile takes them so, and nothing else asked for them.
    pub warning: BTreeSet<String>,
    /// The policies omitted, since a parameter that they cannot do without is not given.
    pub not_configured: Vec<NotConfigured>,
}

/// The policies that were asked for, given this `data`. Where some cannot be taken, none is: every id that is none is a
/// problem, and every policy named by its whole id, or alone, that lacks a parameter.
pub(in crate::policy) fn chosen(choice: Choice, data: &Value) -> (Chosen, Vec<Problem>) {
    match choose_among(catalog::policies(), choice, data) {
        Ok(chosen) => (chosen, Vec::new()),
        Err(problems) => (Chosen::default(), problems),
    }
}

fn choose_among(all: &[Policy], choice: Choice, data: &Value) -> Result<Chosen, Vec<Problem>> {
    let unknown = choice
        .all_ids()
        .filter(|id| !all.iter().any(|policy| is_below(&policy.id, &id.text)));
    let mut problems: Vec<Problem> = unknown
        .map(|id| id.problem(format!("{id} matches no built-in policy"), suggestion(&id.text)))
        .collect();
    let wanted: Vec<&Policy> = all.iter().filter(|policy| choice.wants(policy)).collect();
    let (ready, without): (Vec<&Policy>, Vec<&Policy>) =
        wanted.into_iter().partition(|policy| missing(policy, data).is_empty());
    let by_whole_id = |policy: &Policy| choice.wanted_ids().find(|id| id.text == policy.id);
    for policy in &without {
        match by_whole_id(policy) {
            Some(id) => problems.push(needs(policy, data, Some(id))),
            None if ready.is_empty() => problems.push(needs(policy, data, None)),
            None => {}
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let not_configured = without.into_iter().map(|policy| NotConfigured {
        policy: policy.id.clone(),
        parameters: missing(policy, data)
            .into_iter()
            .map(|name| dotted(policy, name))
            .collect(),
    });
    let warning = ready.iter().filter(|policy| !choice.fails(policy));
    Ok(Chosen {
        warning: warning.map(|policy| policy.id.clone()).collect(),
        modules: ready.into_iter().map(|policy| policy.module).collect(),
        not_configured: not_configured.collect(),
    })
}

impl<'a> Choice<'a> {
    fn wants(&self, policy: &Policy) -> bool {
        self.profiles().iter().any(|profile| policy.is_in(*profile)) || self.names(policy)
    }

    /// Whether the findings of a policy fail the run: where only a profile that it warns in takes it, they do not.
    fn fails(&self, policy: &Policy) -> bool {
        self.profiles().iter().any(|profile| policy.fails_in(*profile)) || self.names(policy)
    }

    fn profiles(&self) -> &'a [Profile] {
        let nothing_said = self.profiles.is_empty() && self.ids.is_empty();
        if nothing_said {
            &[Profile::Default]
        } else {
            self.profiles
        }
    }

    /// Whether a policy was asked for by its id.
    fn names(&self, policy: &Policy) -> bool {
        let by_id = |id: &Named| {
            let id = &id.text;
            let brought = BRINGS.iter().filter(|(from, _)| id.trim_end_matches('/') == *from);
            is_below(&policy.id, id) || brought.into_iter().any(|(_, to)| is_below(&policy.id, to))
        };
        self.wanted_ids().any(by_id)
    }

    /// The ids that somebody gave.
    fn all_ids(&self) -> impl Iterator<Item = &'a Named> {
        self.ids.iter().chain(self.additions.iter().map(|(_, id)| id))
    }

    /// The ids that somebody gave, by themselves or for a profile of the run.
    fn wanted_ids(&self) -> impl Iterator<Item = &'a Named> {
        let profiles = self.profiles();
        let added = self.additions.iter().filter(|(profile, _)| profiles.contains(profile));
        self.ids.iter().chain(added.map(|(_, id)| id))
    }
}

/// The parameters that a policy cannot do without and that are not given.
fn missing<'a>(policy: &'a Policy, data: &Value) -> Vec<&'a str> {
    let keys = std::iter::once("params").chain(policy.params_path());
    let given = keys.into_iter().try_fold(data, |at, key| at.field(key));
    let is_given = |parameter: &Parameter| given.is_some_and(|given| given.field(&parameter.name).is_some());
    let is_missing = |parameter: &&Parameter| parameter.required && !is_given(parameter);
    policy
        .parameters
        .iter()
        .filter(is_missing)
        .map(|parameter| parameter.name.as_str())
        .collect()
}

fn dotted(policy: &Policy, name: &str) -> String {
    let keys = std::iter::once("params").chain(policy.params_path()).chain([name]);
    keys.collect::<Vec<_>>().join(".")
}

/// The problem of a policy that somebody wants and that cannot be evaluated.
fn needs(policy: &Policy, data: &Value, by: Option<&Named>) -> Problem {
    let names: Vec<String> = missing(policy, data)
        .into_iter()
        .map(|name| dotted(policy, name))
        .collect();
    let message = format!("{} is not configured: it requires {}", policy.id, names.join(", "));
    let table = std::iter::once("params")
        .chain(policy.params_path())
        .collect::<Vec<_>>()
        .join(".");
    let help = format!(
        "set it in kpolicy.toml under [{table}]; see kpolicy explain {}",
        policy.id
    );
    match by {
        Some(named) => named.problem(message, help),
        None => problem::of_run(message, help),
    }
}

/// The library's helpers that these strings name, and those that these name. Where one says `kpolicy.lib` and no name
/// after it, it may mean any.
pub(in crate::policy) fn helpers<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Embedded> {
    let all: Vec<Embedded> = modules()
        .iter()
        .copied()
        .filter(|module| name_of(module).is_some())
        .collect();
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut left: Vec<&str> = texts.collect();
    while let Some(text) = left.pop() {
        for helper in &all {
            let name = name_of(helper).unwrap_or_default();
            if mentioned(text).any(|named| named.is_none_or(|named| named == name)) && wanted.insert(name) {
                left.push(helper.text);
            }
        }
    }
    all.into_iter()
        .filter(|helper| name_of(helper).is_some_and(|name| wanted.contains(name)))
        .collect()
}

/// A helper's name, the last part of its package.
fn name_of(module: &Embedded) -> Option<&'static str> {
    module.path.strip_prefix("lib/")?.strip_suffix(".rego")
}

/// The names that follow `kpolicy.lib` in a text; nothing where another thing is there.
fn mentioned(text: &str) -> impl Iterator<Item = Option<&str>> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.match_indices(HELPERS).map(move |(at, root)| {
        let rest = text[at + root.len()..].strip_prefix('.')?;
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Choice, Chosen, choose_among, mentioned};
    use crate::finding::{NotConfigured, Problem};
    use crate::policy::library::catalog::{Policy, policies};
    use crate::policy::parameter::{Parameter, Type};
    use crate::settings::{Named, Profile};
    use kpolicy_value::Value;

    fn policy(id: &str, profiles: &[Profile], needs: Option<&str>) -> Policy {
        let needed = |name: &str| Parameter {
            name: name.to_owned(),
            kind: Type::String,
            default: None,
            required: true,
            description: String::new(),
        };
        Policy {
            id: id.to_owned(),
            profiles: profiles.to_vec(),
            parameters: needs.map(needed).into_iter().collect(),
            ..policies()[0].clone()
        }
    }

    /// How many policies are chosen, and which lack something; or the problems' messages.
    fn chosen(
        profiles: &[Profile],
        ids: &[&str],
        data: serde_json::Value,
    ) -> Result<(usize, Vec<NotConfigured>), Vec<String>> {
        let all = [
            policy("kubernetes/a/plain", &[Profile::Default, Profile::Strict], None),
            policy("kubernetes/a/needy", &[Profile::Strict], Some("key")),
            policy("kubernetes/pod_security/baseline/x", &[Profile::Baseline], None),
            policy("kubernetes/pod_security/restricted/y", &[Profile::Restricted], None),
        ];
        let ids: Vec<Named> = ids.iter().map(|id| Named::by_flag("library", id)).collect();
        let choice = Choice {
            profiles,
            ids: &ids,
            additions: &[],
        };
        let found = choose_among(&all, choice, &Value::from_json(&data));
        let count = |chosen: Chosen| (chosen.modules.len(), chosen.not_configured);
        let messages = |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.message).collect();
        found.map(count).map_err(messages)
    }

    #[test]
    fn a_level_of_the_standard_brings_the_one_below() {
        assert_eq!(chosen(&[], &[], json!({})).map(|(count, _)| count), Ok(1));
        assert_eq!(
            chosen(&[Profile::Baseline], &[], json!({})).map(|(count, _)| count),
            Ok(1)
        );
        assert_eq!(
            chosen(&[Profile::Restricted], &[], json!({})).map(|(count, _)| count),
            Ok(2)
        );
        let ids = ["kubernetes/pod_security/restricted/"];
        assert_eq!(chosen(&[], &ids, json!({})).map(|(count, _)| count), Ok(2));
        let one = ["kubernetes/pod_security/restricted/y"];
        assert_eq!(chosen(&[], &one, json!({})).map(|(count, _)| count), Ok(1));
    }

    #[test]
    fn a_policy_that_lacks_a_parameter_is_told_and_where_it_was_named_refused() {
        let without = vec![NotConfigured {
            policy: "kubernetes/a/needy".to_owned(),
            parameters: vec!["params.a.needy.key".to_owned()],
        }];
        assert_eq!(chosen(&[Profile::Strict], &[], json!({})), Ok((1, without.clone())));
        assert_eq!(chosen(&[], &["kubernetes/a"], json!({})), Ok((1, without)));
        let refused = Err(vec![
            "kubernetes/a/needy is not configured: it requires params.a.needy.key".to_owned(),
        ]);
        assert_eq!(chosen(&[], &["kubernetes/a/needy"], json!({})), refused);
        let given = json!({"params": {"a": {"needy": {"key": "x"}}}});
        assert_eq!(chosen(&[], &["kubernetes/a/needy"], given), Ok((1, Vec::new())));
    }

    #[test]
    fn a_policy_that_a_profile_only_warns_of_fails_where_it_is_asked_for() {
        let advice = Policy {
            warns_in: vec![Profile::Default],
            ..policy("kubernetes/a/advice", &[Profile::Strict], None)
        };
        let id = Named::by_flag("library", "kubernetes/a");
        let warning = |profiles: &[Profile], ids: &[Named]| {
            let choice = Choice {
                profiles,
                ids,
                additions: &[],
            };
            let found = choose_among(std::slice::from_ref(&advice), choice, &Value::object(Vec::new()));
            found.map(|chosen| (chosen.modules.len(), chosen.warning.len()))
        };
        assert_eq!(warning(&[], &[]), Ok((1, 1)));
        assert_eq!(warning(&[Profile::Default, Profile::Strict], &[]), Ok((1, 0)));
        assert_eq!(warning(&[Profile::Default], &[id]), Ok((1, 0)));
        assert_eq!(warning(&[Profile::Baseline], &[]), Ok((0, 0)));
    }

    #[test]
    fn settings_add_policies_to_a_profile() {
        let all = [
            policy("kubernetes/a/plain", &[Profile::Default], None),
            policy("kubernetes/b/other", &[], None),
        ];
        let additions = [(Profile::Default, Named::by_flag("library", "kubernetes/b"))];
        let count = |profiles: &[Profile], ids: &[Named]| {
            let choice = Choice {
                profiles,
                ids,
                additions: &additions,
            };
            choose_among(&all, choice, &Value::object(Vec::new())).map(|chosen| chosen.modules.len())
        };
        assert_eq!(count(&[], &[]), Ok(2));
        assert_eq!(count(&[Profile::Baseline], &[]), Ok(0));
        assert_eq!(count(&[], &[Named::by_flag("library", "kubernetes/a")]), Ok(1));
    }

    #[test]
    fn helpers_are_found_where_they_are_named() {
        let named = |text| mentioned(text).collect::<Vec<_>>();
        assert_eq!(named("import data.kpolicy.lib.kubernetes\n"), [Some("kubernetes")]);
        assert_eq!(named("x := data.kpolicy.lib.quantity.of(y)"), [Some("quantity")]);
        assert_eq!(named("import data.kpolicy.lib"), [None]);
        assert_eq!(named("data.kpolicy.lib[name]"), [None]);
    }
}
