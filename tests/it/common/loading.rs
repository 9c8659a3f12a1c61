//! Policies, loaded without the program.

use std::time::Duration;

use kpolicy::policy::library::catalog::Policy;
use kpolicy::policy::library::choice::Choice;
use kpolicy::policy::{self, Namespaces, PolicySet, Request};
use kpolicy::settings::lints::Levels;
use kpolicy::settings::{EngineName, Named};
use kpolicy_value::Value;

/// A request for no policies with the settings of a run without flags; tests name what they differ in.
pub(crate) fn request<'a>() -> Request<'a> {
    Request {
        policy: &[],
        snapshot: None,
        library: None,
        data: Value::object(Vec::new()),
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
        lints: Levels::default(),
        combine: false,
        timeout: Duration::from_secs(10),
        profiled: false,
        traced: None,
        requires_match: false,
        names_passed: false,
        engine: EngineName::Own,
        expand: None,
        gator: false,
    }
}

/// The policy as a set of its own, with this `data`.
pub(crate) fn load(policy: &Policy, data: Value) -> PolicySet {
    let named = Named::by_flag("library", &policy.id);
    let loaded = policy::load(Request {
        library: Some(Choice {
            ids: std::slice::from_ref(&named),
            ..Choice::default()
        }),
        data,
        strict: true,
        ..request()
    });
    loaded.unwrap_or_else(|problems| panic!("{}: {problems:?}", policy.id))
}
