//! Where in the input a value comes from, for those who tell of an evaluation.

use super::node::Provenance;
use super::{LocationTracer, Mark};
use kpolicy_rego::trace::MarkedRef;
use kpolicy_value::Value;

/// Where in the input a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The steps from the input to a value that is there.
    pub path: Vec<Value>,
    /// The steps below it that are missing.
    pub missing: Vec<Value>,
    /// Whether it is the key that the value there is under.
    pub key: bool,
}

impl LocationTracer {
    /// Where the value of a mark comes from, where that is one place of the input.
    pub fn origin(&self, mark: Mark) -> Option<Origin> {
        match self.provenance(self.bare(mark)) {
            Provenance::Location(location) => Some(Origin {
                path: self.path(*location),
                ..Origin::default()
            }),
            Provenance::Key(location) => Some(Origin {
                path: self.path(*location),
                key: true,
                ..Origin::default()
            }),
            Provenance::Absent { of, path } => Some(Origin {
                missing: path.clone(),
                ..self.origin(*of)?
            }),
            _ => None,
        }
    }

    /// The places of the input that a value is at, or that what it was made of is at: the first ones.
    pub fn paths(&self, mark: Mark) -> Vec<Vec<Value>> {
        const MOST: usize = 64;
        let mut found = Vec::new();
        let mut left = vec![mark];
        while let Some(mark) = left.pop()
            && found.len() + left.len() < MOST
        {
            match self.provenance(self.bare(mark)) {
                Provenance::Location(location) | Provenance::Key(location) => found.push(self.path(*location)),
                Provenance::Absent { of, .. } => left.push(*of),
                Provenance::Array(items, _) => left.extend(items),
                Provenance::Set(members, _) => left.extend(members.iter().map(|(_, mark)| *mark)),
                Provenance::Object(parts, _) => left.extend(parts.iter().map(|part| part.of_value)),
                Provenance::Over { first, second } => left.extend([first.mark, second.mark]),
                Provenance::Made { operands, .. } => left.extend(operands.iter().map(|(mark, _)| *mark)),
                _ => {}
            }
        }
        found
    }

    /// Where a path from a value on would lead, of which something is missing.
    pub fn missing(&mut self, of: MarkedRef<Mark>, path: &[Value]) -> Option<Origin> {
        let mark = self.reached(of, path);
        self.origin(mark)
    }
}
