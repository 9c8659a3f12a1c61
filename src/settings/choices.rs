//! What settings choose among.

use clap::ValueEnum;
use kpolicy_rego::builtins::registry::Capability;

/// The version of Rego.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegoVersion {
    /// As before OPA 1.0.
    V0,
    /// As since OPA 1.0.
    #[default]
    V1,
}

/// What a builtin that fails is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltinErrors {
    /// An error of the run.
    Error,
    /// Undefined, as in OPA.
    Undefined,
}

/// Which engine runs the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineName {
    /// kpolicy's own.
    Own,
    /// The crate regorus.
    #[cfg(feature = "engine-regorus")]
    Regorus,
    /// The two, any difference between them an error.
    #[cfg(feature = "engine-regorus")]
    Both,
}

/// What a policy may depend on beyond its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allow {
    /// The time of day.
    Clock,
    /// Random numbers.
    Random,
    /// The environment of the process.
    Env,
}

impl Allow {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clock, Self::Random, Self::Env];

    /// What allows a capability of the engine; nothing where no builtin has it yet.
    pub fn of(capability: Capability) -> Option<Self> {
        match capability {
            Capability::Clock => Some(Self::Clock),
            Capability::Env => Some(Self::Env),
            Capability::Random => Some(Self::Random),
            Capability::Net => None,
        }
    }

    /// The name that `--allow` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Env => "env",
        }
    }
}

/// Whose defaults are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    /// conftest's.
    Conftest,
}

/// Whether to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Where a terminal shows it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to use colors on something that is, or is no, terminal.
    pub fn on(self, terminal: bool) -> bool {
        match self {
            Self::Auto => terminal,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

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
}
