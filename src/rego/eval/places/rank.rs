//! Which of the places that speak for a member is the one at fault.
//!
//! 1. What a condition judged, or found missing, comes before what was only read; that before what selects the document
//!    or its part (`kind`, `name`, … compared with constants); that before what is only shown in the message, and
//!    before parameters.
//! 2. What stands in the part of the document that the message names comes before what stands elsewhere.
//! 3. The later condition comes before the earlier, and of one condition what the message shows, then the deeper.

use std::cmp::Reverse;

use super::evidence::{Evidence, Gather, Sort};
use super::origin::Origin;
use super::{Mark, PlaceId, Places};
use crate::rego::eval::recorder::Marked;
use crate::value::Value;

/// A place that may be the one at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The steps from the input to a value that is there.
    pub path: Vec<Value>,
    /// The steps below it that are missing.
    pub missing: Vec<Value>,
    /// Whether the key that the value stands under is at fault.
    pub key: bool,
    /// Whether nothing speaks for the candidate before it rather than for this one.
    pub tied: bool,
}

/// Keys whose values tell what a thing is, or what it is called, rather than how it is.
const SELECTING: &[&str] = &[
    "kind",
    "apiVersion",
    "name",
    "namespace",
    "type",
    "Cmd",
    "mode",
    "address",
];
/// Keys whose values are names.
const NAMES: &[&str] = &["name", "namespace", "generateName", "kind"];
/// The key under which Gatekeeper hands parameters over beside the object.
const PARAMETERS: &str = "parameters";

/// How strongly a place speaks: the first the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Judged,
    Read,
    Selecting,
    Shown,
    Everything,
    Parameter,
}

/// What candidates are sorted by: the less the better.
type Rank = (Tier, bool, Reverse<usize>, bool, Reverse<u32>);

impl Places {
    /// The members of a rule's set, each once, with the places that speak for it.
    pub(in crate::rego::eval) fn members_with_places(&mut self, of: &Marked<Mark>) -> Vec<(Value, Vec<Candidate>)> {
        let mut members = self.members(&of.seen());
        members.dedup_by(|later, earlier| later.0 == earlier.0);
        let members = members.into_iter();
        members
            .map(|(value, mark)| {
                let candidates = self.candidates(mark, &value);
                (value, candidates)
            })
            .collect()
    }

    /// The places that speak for a member of a rule's set, the best first.
    fn candidates(&self, member: Mark, value: &Value) -> Vec<Candidate> {
        let mut gather = Gather::new(self);
        gather.because(member);
        let message = self.message(member, value);
        let mut shown = Vec::new();
        self.shown(message, 0, &mut shown);
        let named: Vec<PlaceId> = shown.iter().filter_map(|place| self.named(*place)).collect();
        let mut found: Vec<(Rank, Evidence)> = gather
            .found
            .into_iter()
            .map(|evidence| (self.rank(&evidence, &shown, &named), evidence))
            .collect();
        if found.is_empty() {
            let all = shown.iter().map(|place| Evidence {
                place: *place,
                missing: Vec::new(),
                key: false,
                sort: Sort::Read,
                order: 0,
            });
            found.extend(all.map(|evidence| (self.rank(&evidence, &shown, &named), evidence)));
        }
        found.sort_by_key(|(rank, _)| *rank);
        self.told(found)
    }

    fn told(&self, found: Vec<(Rank, Evidence)>) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut last = None;
        for (rank, evidence) in found {
            let candidate = Candidate {
                path: self.path(evidence.place),
                missing: evidence.missing,
                key: evidence.key,
                tied: last == Some(rank),
            };
            let known = |known: &Candidate| known.path == candidate.path && known.missing == candidate.missing;
            if !candidates.iter().any(known) {
                last = Some(rank);
                candidates.push(candidate);
            }
            if candidates.len() == CANDIDATES {
                break;
            }
        }
        candidates
    }

    /// The mark of a member's message.
    fn message(&self, member: Mark, value: &Value) -> Mark {
        let bare = self.bare(member);
        match (value, self.origin(bare)) {
            (Value::Object(_), Origin::Object(parts, _)) => {
                let message = parts.iter().find(|part| part.key.as_str() == Some("msg"));
                message.map_or(Mark::default(), |part| part.of_value)
            }
            _ => bare,
        }
    }

    /// The part of the document that a shown value belongs to: what it names, or the item that it stands in.
    fn named(&self, place: PlaceId) -> Option<PlaceId> {
        let mut at = self.place(place).parent?;
        loop {
            let location = self.place(at);
            let parent = location.parent?;
            if matches!(location.key, Value::Number(_)) {
                return self.is_part(at).then_some(at);
            }
            at = parent;
        }
    }

    /// Whether a place is a part of a document, and no document of a list of them.
    fn is_part(&self, place: PlaceId) -> bool {
        self.depth(place) > 1
    }

    fn rank(&self, evidence: &Evidence, shown: &[PlaceId], named: &[PlaceId]) -> Rank {
        let tier = self.tier(evidence, shown);
        let outside = !named.iter().any(|part| self.is_within(evidence.place, *part));
        let hidden = !shown.contains(&evidence.place);
        let depth = self.depth(evidence.place);
        (tier, outside, Reverse(evidence.order), hidden, Reverse(depth))
    }

    fn tier(&self, evidence: &Evidence, shown: &[PlaceId]) -> Tier {
        let place = self.place(evidence.place);
        let is_one_of = |names: &[&str]| place.key.as_str().is_some_and(|key| names.contains(&key));
        if self.depth(evidence.place) > 0 {
            let top = self.above(evidence.place, 1);
            if self.place(top).key.as_str() == Some(PARAMETERS) {
                return Tier::Parameter;
            }
        }
        if place.parent.is_none() && evidence.missing.is_empty() {
            return Tier::Everything;
        }
        if place.parent.is_none() && evidence.missing.first().and_then(Value::as_str) == Some(PARAMETERS) {
            return Tier::Parameter;
        }
        match evidence.sort {
            Sort::Matched if evidence.missing.is_empty() && is_one_of(SELECTING) => Tier::Selecting,
            Sort::Judged | Sort::Matched => Tier::Judged,
            Sort::Read if is_one_of(NAMES) && shown.contains(&evidence.place) => Tier::Shown,
            Sort::Read if is_one_of(NAMES) => Tier::Selecting,
            Sort::Read => Tier::Read,
        }
    }
}

/// How many candidates are told.
const CANDIDATES: usize = 8;
