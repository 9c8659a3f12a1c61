//! Profiles: which policies of the library are chosen together.

use clap::ValueEnum;

use super::catalog::Policy;

/// A set of policies that METADATA's `custom.profiles` puts a policy in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Profile {
    /// What nearly everybody wants: clear faults, few false alarms.
    Default,
    /// The level `baseline` of the Pod Security Standards.
    Baseline,
    /// The level `restricted`, which holds all of `baseline`.
    Restricted,
    /// All that can sensibly be run without parameters.
    Strict,
}

impl Profile {
    /// Its name, as METADATA and settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
            Self::Strict => "strict",
        }
    }

    /// The profile of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::value_variants()
            .iter()
            .copied()
            .find(|profile| profile.name() == name)
    }

    /// Whether a policy is in it.
    pub fn holds(self, policy: &Policy) -> bool {
        let within = match self {
            Self::Restricted => &[Self::Restricted, Self::Baseline][..],
            Self::Default | Self::Baseline | Self::Strict => std::slice::from_ref(&self),
        };
        within.iter().any(|profile| policy.profiles.contains(profile))
    }
}
