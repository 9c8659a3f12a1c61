//! A policy of the library, loaded alone.

use std::time::Duration;

use kpolicy::policy::library::catalog::Policy;
use kpolicy::policy::library::choice::Choice;
use kpolicy::policy::{self, Namespaces, PolicySet, Request};
use kpolicy::settings::{EngineName, Named};
use kpolicy_value::Value;

/// The policy as a set of its own, with this `data`.
pub(crate) fn load(policy: &Policy, data: Value) -> PolicySet {
    let named = Named::by_flag("library", &policy.id);
    let loaded = policy::load(Request {
        policy: &[],
        library: Some(Choice {
            ids: std::slice::from_ref(&named),
            ..Choice::default()
        }),
        data,
        params: None,
        severities: &[],
        exemptions: &[],
        namespaces: Namespaces::All,
        v0: false,
        allow: &[],
        allow_hosts: None,
        capabilities: None,
        strict_builtins: true,
        strict: true,
        conftest: false,
        allow_undefined: &[],
        lints: &kpolicy::settings::lints::Levels::default(),
        combine: false,
        timeout: Duration::from_secs(10),
        traced: None,
        engine: EngineName::Own,
    });
    loaded.unwrap_or_else(|problems| panic!("{}: {problems:?}", policy.id))
}
