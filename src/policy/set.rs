//! Policies, ready to be evaluated.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use super::Rule;
use super::engines::of_engine;
use super::files::PolicyFile;
use super::workloads::Workloads;
use crate::engine::{Engine, EngineError};
use crate::finding::{Input, NotConfigured, Problem, RuleInfo, Unevaluated};
use crate::gatekeeper::Gatekeeper;
use crate::settings::Trace;
use crate::subject::WORKLOADS;

/// Policies, ready to be evaluated.
pub struct PolicySet {
    /// The rules to run, by namespace, and there as they are written.
    pub rules: Vec<Rule>,
    /// The namespaces among them that define exceptions.
    pub excepting: Vec<String>,
    /// What is suspicious about the policies.
    pub warnings: Vec<Problem>,
    /// How often each lint found something in them.
    pub lints: BTreeMap<&'static str, usize>,
    /// Whether a policy reads `data.conftest`, conftest's note of the file at hand.
    pub reads_file_info: bool,
    /// Whether a rule reads `data.inventory`, the whole set, which nobody has given.
    pub needs_inventory: bool,
    /// The policies of a cluster beside the rules.
    pub gatekeeper: Option<Gatekeeper>,
    /// Which kinds create pods, and where they keep them.
    pub workloads: Workloads,
    /// The library's policies that were chosen and lack a parameter.
    pub not_configured: Vec<NotConfigured>,
    /// Whether a rule that is not a set of results is one that finds nothing, as in conftest.
    pub conftest: bool,
    /// Whether it is counted what rules cost.
    pub profiled: bool,
    /// What is traced; none where nothing is.
    pub traced: Option<Trace>,
    /// Whether the names of the rules that held are kept.
    pub names_passed: bool,
    /// The time that one rule may take on one document.
    pub timeout: Duration,
    pub(super) files: Vec<PolicyFile>,
    pub(super) engine: Box<dyn Engine>,
}

impl PolicySet {
    /// An engine's error as a problem, with the policy's line where the engine knows it.
    pub fn problem(&self, error: &EngineError) -> Problem {
        of_engine(self.files.iter(), error)
    }

    /// What the rules say of themselves, by their ids.
    pub fn described(&self) -> BTreeMap<String, RuleInfo> {
        let mut described: BTreeMap<String, RuleInfo> = BTreeMap::new();
        for rule in self.all_rules() {
            let info = described.entry(rule.id.clone()).or_insert_with(|| rule.info.clone());
            // The first severity is the most severe.
            info.severity = info.severity.into_iter().chain([rule.severity]).min();
        }
        described
    }

    /// The rules to run, then those that constraints of Gatekeeper are to reports.
    pub fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        let constraints = self.gatekeeper.iter().flat_map(|gatekeeper| &gatekeeper.rules);
        self.rules.iter().chain(constraints)
    }

    /// Whether a policy asks for more than the document at hand.
    pub fn needs_set(&self) -> bool {
        self.needs_inventory || self.constraints_need_set()
    }

    /// Whether a rule reads Terraform's configuration.
    pub fn reads_configuration(&self) -> bool {
        self.rules.iter().any(|rule| rule.reads_configuration)
    }

    /// Whether a constraint of Gatekeeper does.
    pub fn constraints_need_set(&self) -> bool {
        self.gatekeeper.as_ref().is_some_and(Gatekeeper::needs_inventory)
    }

    /// The rules whose findings in a file depend on other files, by package and name.
    pub fn set_rules(&self) -> HashSet<(&str, &str)> {
        let constraints = self.gatekeeper.iter().filter(|_| self.constraints_need_set());
        let constraints = constraints.flat_map(|gatekeeper| &gatekeeper.rules);
        let own = self.rules.iter().filter(|rule| rule.depends_on_others());
        let all = own.chain(constraints);
        all.map(|rule| (rule.namespace.as_str(), rule.name.as_str())).collect()
    }

    /// A problem for each constraint of Gatekeeper that is for none of the objects. `matched` says of each rule whether it
    /// applies to a document.
    pub fn unused_constraints(&self, matched: &[bool]) -> Vec<Problem> {
        let Some(gatekeeper) = &self.gatekeeper else {
            return Vec::new();
        };
        let of_constraints = matched.get(self.rules.len()..).unwrap_or_default();
        let unused = |at: &usize| !of_constraints.get(*at).copied().unwrap_or(false);
        let all = (0..gatekeeper.rules.len()).filter(unused);
        all.map(|at| gatekeeper.unused(at)).collect()
    }

    /// Whether a policy of the library reads the pods of workloads.
    pub fn reads_workloads(&self) -> bool {
        let mut of_library = self.rules.iter().filter(|rule| rule.is_of_library());
        of_library.any(|rule| rule.kinds.iter().any(|kind| kind == WORKLOADS))
    }

    /// Which policies were not evaluated and which files no policy applies to. `matched` says of each rule whether it
    /// applies to a document, and `files` are those without such a document.
    pub fn unevaluated(&self, matched: &[bool], mut files: Vec<Input>) -> Unevaluated {
        files.sort();
        let with = |wanted: bool| {
            let rules = self.all_rules().enumerate();
            rules
                .filter(move |(at, _)| matched.get(*at).copied().unwrap_or(false) == wanted)
                .map(|(_, rule)| rule.id.as_str())
        };
        let active: BTreeSet<&str> = with(true).collect();
        let vacuous: BTreeSet<&str> = with(false).filter(|id| !active.contains(id)).collect();
        Unevaluated {
            not_configured: self.not_configured.clone(),
            vacuous: vacuous.into_iter().map(str::to_owned).collect(),
            files,
            ..Unevaluated::default()
        }
    }

    /// The compiled policies.
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }
}
