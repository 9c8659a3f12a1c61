//! Which of the locations that speak for a member is the one at fault.
//!
//! 1. What a condition tested, or found missing, comes first; then what a condition wanted to be there; then what was
//!    chosen or read; then what only selects the document or a part of it (`type`, `name`, `kind` compared with
//!    constants); then what is read for the message alone; last parameters.
//! 2. What was tested itself comes before the conditions of the rule that gave it.
//! 3. What is in the part of the document that the message names comes before what stands elsewhere.
//! 4. The later condition comes before the earlier, and of one condition what the message shows, then the deeper.
//! 5. Of locations that one condition compared the last in the text counts, of those that one error has each by itself
//!    the first.

use std::cmp::Reverse;

use super::evidence::{Evidence, Gather, Sort};
use super::node::Provenance;
use super::operands::{PARAMETERS, Shown};
use super::{LocationId, LocationTracer, Mark};
use kpolicy_rego::trace::{Marked, Site};
use kpolicy_value::Value;

/// A location that may be the one at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The steps from the input to a value that is there.
    pub path: Vec<Value>,
    /// The steps below it that are missing.
    pub missing: Vec<Value>,
    /// Whether the key that the value is under is at fault.
    pub key: bool,
    /// How it stands to the candidate before it.
    pub preference: Preference,
}

/// A member of a rule's set with the locations that speak for it: for each way in which the rule came to it, the best
/// first.
pub type MemberLocations = (Value, Vec<Vec<Candidate>>);

/// How a candidate stands to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// It is worse.
    None,
    /// It is as good, and the one that stands first in the text counts.
    First,
    /// It is as good, and the one that stands last in the text counts.
    Last,
}

/// Keys whose values tell what sort of thing something is.
const SORTS: &[&str] = &[
    "apiVersion",
    "type",
    "Cmd",
    "mode",
    "address",
    "provider",
    "resource_type",
];
/// Keys whose values are names.
const NAMES: &[&str] = &["name", "namespace", "generateName"];
/// The key under which the parser of Dockerfiles numbers stages.
const STAGE: &str = "Stage";
/// The key of the list that says what a plan of Terraform does with a resource, and what changes are listed under.
const ACTIONS: (&str, &str) = ("actions", "resource_changes");
/// The key whose value tells what a document is.
const KIND: &str = "kind";
/// Keys at the top of a request to review something, and not of the thing itself.
const WRAPPERS: &[&str] = &[PARAMETERS, "review", "request"];
/// Where a request holds the thing itself.
const REVIEWED: &[&str] = &["object", "oldObject"];
/// The key of the mapping in which a document says its own name.
const METADATA: &str = "metadata";
/// How many candidates are reported for each way to a member.
const CANDIDATES: usize = 8;

/// How strongly a location speaks: the first the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Tested,
    /// How a part says that it is.
    Said,
    /// Judged in a rule that gave a value.
    Inner,
    Wanted,
    Read,
    Sort,
    Name,
    Kind,
    Shown,
    Everything,
    Parameter,
}

/// What candidates are sorted by: the less the better.
type Rank = (Tier, usize, bool, Reverse<usize>, bool, bool, Reverse<u32>);

impl LocationTracer {
    /// The members of a rule's set, each once, with the locations that speak for it: for each way to the member, the best
    /// first.
    pub(super) fn members_with_locations(&mut self, of: &Marked<Mark>) -> Vec<MemberLocations> {
        let mut found: Vec<MemberLocations> = Vec::new();
        for (value, mark) in self.members(&of.as_ref()) {
            let candidates = self.candidates(mark, &value);
            match found.last_mut() {
                Some((last, derivations)) if *last == value => derivations.push(candidates),
                _ => found.push((value, vec![candidates])),
            }
        }
        found
    }

    /// The locations that speak for a member of a rule's set, the best first.
    fn candidates(&self, member: Mark, value: &Value) -> Vec<Candidate> {
        let mut gather = Gather::new(self);
        gather.because(member);
        let mut shown = Shown::default();
        self.shown(self.message(member, value), 0, &mut shown);
        shown.beside = self.beside(member);
        let mut found = gather.found;
        if found.is_empty() {
            let mut gather = Gather::new(self);
            gather.as_sort(Sort::Read, |gather| {
                shown
                    .values
                    .iter()
                    .for_each(|location| gather.note(*location, Vec::new(), false));
            });
            found = gather.found;
        }
        self.settle_keys(&mut found, &shown);
        let named: Vec<LocationId> = shown
            .values
            .iter()
            .chain(&shown.keys)
            .filter_map(|location| self.named(*location))
            .collect();
        let mut ranked: Vec<(Rank, Evidence)> = found
            .into_iter()
            .map(|evidence| (self.rank(&evidence, &shown, &named), evidence))
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        self.with_preferences(ranked)
    }

    fn with_preferences(&self, ranked: Vec<(Rank, Evidence)>) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut last: Option<(Rank, usize)> = None;
        for (rank, evidence) in ranked {
            let preference = match last {
                Some((same, event)) if same == rank && event == evidence.event => Preference::Last,
                Some((same, _)) if same == rank => Preference::First,
                _ => Preference::None,
            };
            let candidate = Candidate {
                path: self.path(evidence.location),
                missing: evidence.missing,
                key: evidence.key,
                preference,
            };
            let is_known = |known: &Candidate| {
                (&known.path, &known.missing, known.key) == (&candidate.path, &candidate.missing, candidate.key)
            };
            if !candidates.iter().any(is_known) {
                last = Some((rank, evidence.event));
                candidates.push(candidate);
            }
            if candidates.len() == CANDIDATES {
                break;
            }
        }
        candidates
    }

    /// Says what is about keys: a member whose key alone is shown; and that of a key and its value the value counts.
    fn settle_keys(&self, found: &mut [Evidence], shown: &Shown) {
        let tested: Vec<(LocationId, Sort)> = found
            .iter()
            .filter(|evidence| !evidence.key && evidence.sort <= Sort::Wanted)
            .map(|evidence| (evidence.location, evidence.sort))
            .collect();
        for evidence in found {
            // That there is something under a key says no more than the key does.
            let value_too = tested.iter().any(|(location, sort)| {
                self.is_within(*location, evidence.location) && (*sort < Sort::Wanted || *location != evidence.location)
            });
            if evidence.key && value_too {
                evidence.sort = evidence.sort.max(Sort::Chosen);
            }
            let is_named = matches!(self.location(evidence.location).key, Value::String(_));
            let only_key = shown.keys.contains(&evidence.location) && !shown.values.contains(&evidence.location);
            if evidence.sort == Sort::Chosen && is_named && only_key && !value_too {
                evidence.key = true;
            }
        }
    }

    /// The mark of a member's message.
    fn message(&self, member: Mark, value: &Value) -> Mark {
        let bare = self.bare(member);
        match (value, self.provenance(bare)) {
            (Value::Object(_), Provenance::Object(parts, _)) => {
                let message = parts.iter().find(|part| part.key.as_str() == Some("msg"));
                message.map_or(Mark::default(), |part| part.of_value)
            }
            _ => bare,
        }
    }

    /// The locations of what a result holds beside its message.
    fn beside(&self, member: Mark) -> Vec<LocationId> {
        let Provenance::Object(parts, _) = self.provenance(self.bare(member)) else {
            return Vec::new();
        };
        let locations = parts.iter().filter_map(|part| self.location_of(part.of_value));
        locations.collect()
    }

    /// Whether a location is of a request to review something, and not of the thing itself: a parameter, or how the request
    /// came about.
    fn is_of_request(&self, location: LocationId) -> bool {
        let path = self.path(location);
        let key = |at: usize| path.get(at).and_then(Value::as_str);
        match (key(0), key(1)) {
            (Some(PARAMETERS), _) => true,
            (Some(first), Some(second)) if WRAPPERS.contains(&first) => !REVIEWED.contains(&second),
            _ => false,
        }
    }

    /// Whether a location is what a plan of Terraform does with a resource, which selects it.
    fn is_of_actions(&self, location: LocationId) -> bool {
        let path = self.path(location);
        let (actions, changes) = ACTIONS;
        path.first().and_then(Value::as_str) == Some(changes) && path.iter().any(|step| step.as_str() == Some(actions))
    }

    /// The part of the document that a shown value belongs to: the innermost item of a list that it is in.
    fn named(&self, location: LocationId) -> Option<LocationId> {
        let mut at = self.location(location).parent?;
        loop {
            let location = self.location(at);
            let parent = location.parent?;
            if matches!(location.key, Value::Number(_)) {
                // The documents of several files together are no parts.
                return (location.depth > 1).then_some(at);
            }
            at = parent;
        }
    }

    fn rank(&self, evidence: &Evidence, shown: &Shown, named: &[LocationId]) -> Rank {
        let tier = match self.tier(evidence, shown) {
            // It only selects, where anything else was tested.
            tier if self.is_of_actions(evidence.location) => tier.max(Tier::Wanted),
            tier => tier,
        };
        let outside = !evidence.twin && !named.iter().any(|part| self.is_within(evidence.location, *part));
        let hidden = !evidence.twin && !shown.values.contains(&evidence.location);
        let depth = Reverse(self.depth(evidence.location));
        let order = Reverse(evidence.order);
        (tier, evidence.level, outside, order, !evidence.twin, hidden, depth)
    }

    fn tier(&self, evidence: &Evidence, shown: &Shown) -> Tier {
        let location = self.location(evidence.location);
        let first_missing = evidence.missing.first().and_then(Value::as_str);
        let is_wrapper = first_missing.is_some_and(|key| WRAPPERS.contains(&key));
        if self.is_of_request(evidence.location) || location.parent.is_none() && is_wrapper {
            return Tier::Parameter;
        }
        if location.parent.is_none() && evidence.missing.is_empty() {
            return Tier::Everything;
        }
        let is_one_of = |names: &[&str]| location.key.as_str().is_some_and(|key| names.contains(&key));
        let is_value = evidence.missing.is_empty() && !evidence.key;
        // A part that has a key says by its `type` and `name` how it is; a document or an item of a list, what it is.
        let above = location.parent.map(|parent| &self.location(parent).key);
        let is_of_part = matches!(above, Some(Value::String(key)) if *key != *METADATA);
        let failed = evidence.failed;
        match evidence.sort {
            Sort::Matched if is_value && is_one_of(&[KIND]) => Tier::Kind,
            Sort::Matched if is_value && is_one_of(&["apiVersion"]) => Tier::Sort,
            Sort::Matched if is_value && is_of_part && !failed && is_one_of(NAMES) => Tier::Said,
            Sort::Matched if is_value && is_of_part && !failed && is_one_of(SORTS) => Tier::Said,
            Sort::Matched if is_value && is_one_of(NAMES) => Tier::Name,
            Sort::Matched if is_value && is_one_of(SORTS) && !(failed && is_of_part) => Tier::Sort,
            Sort::Tested if is_value && is_one_of(&[STAGE]) => Tier::Sort,
            Sort::Tested | Sort::Matched if evidence.level > 0 => Tier::Inner,
            Sort::Tested | Sort::Matched => Tier::Tested,
            Sort::Wanted if !is_one_of(NAMES) && !is_one_of(&[KIND]) => Tier::Wanted,
            // Rules that give a value read on the path to it.
            Sort::Read if evidence.level > 0 => Tier::Shown,
            Sort::Read if shown.beside.contains(&evidence.location) => Tier::Shown,
            Sort::Read if evidence.read_at.is_some_and(|at| is_read_for(at, shown)) => Tier::Shown,
            Sort::Read | Sort::Wanted if is_one_of(NAMES) && shown.values.contains(&evidence.location) => Tier::Shown,
            Sort::Read | Sort::Wanted if is_one_of(NAMES) || is_one_of(&[KIND]) => Tier::Name,
            Sort::Read | Sort::Wanted | Sort::Chosen => Tier::Read,
        }
    }
}

/// Whether something is read where the message is put together.
fn is_read_for(at: Site, shown: &Shown) -> bool {
    shown
        .made
        .iter()
        .any(|made| made.module == at.module && made.span.start <= at.span.start && at.span.end <= made.span.end)
}
