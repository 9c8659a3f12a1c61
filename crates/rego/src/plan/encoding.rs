//! A plan as bytes, so that a program that is known when the binary is built need not be compiled when it starts.
//!
//! An encoding is read by the build that has written it alone: it has no version. Builtins are written by name.

use std::collections::BTreeMap;

use foldhash::HashMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::code::{BuiltinRef, Node, Plan};
use super::rules::Rules;
use crate::builtins::registry::builtin;
use kpolicy_value::Value;

/// What stands before the rules.
#[derive(Deserialize, Serialize)]
struct Header {
    own: usize,
    nodes: Vec<Node>,
    non_canonical: bool,
    /// Where each rule starts after the header, and where the last ends.
    starts: Vec<u32>,
}

/// The plan as bytes.
pub(crate) fn encode(plan: &Plan) -> Vec<u8> {
    let mut rules = Vec::new();
    let mut starts = vec![0];
    for rule in plan.rules.iter() {
        rules.append(&mut bytes(rule));
        starts.push(u32::try_from(rules.len()).expect("a plan is smaller than 4 GiB"));
    }
    let mut encoded = bytes(&Header {
        own: plan.own,
        nodes: plan.nodes.clone(),
        non_canonical: plan.non_canonical,
        starts,
    });
    encoded.append(&mut rules);
    encoded
}

fn bytes(part: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(part).expect("each part of a plan has an encoding")
}

/// The plan of these bytes, which [`encode`] has made.
pub(crate) fn decode(encoded: &'static [u8]) -> Plan {
    let (header, rules): (Header, _) = postcard::take_from_bytes(encoded).expect("the same build has encoded it");
    Plan {
        rules: Rules::encoded(header.starts, rules),
        own: header.own,
        nodes: header.nodes,
        non_canonical: header.non_canonical,
        // What is encoded calls builtins of OPA only, and none of these asks for its directory.
        directories: Vec::new(),
    }
}

impl Serialize for BuiltinRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name.serialize(serializer)
    }
}

impl<'e> Deserialize<'e> for BuiltinRef {
    fn deserialize<D: Deserializer<'e>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <&str>::deserialize(deserializer)?;
        let found = builtin(name).map(Self::of);
        found.ok_or_else(|| D::Error::custom("it is not a builtin of OPA"))
    }
}

/// The entries of a map in the order of their keys, so that a program has one encoding.
pub(super) fn sorted<V: Serialize, S: Serializer>(map: &HashMap<Value, V>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().collect::<BTreeMap<_, _>>())
}
