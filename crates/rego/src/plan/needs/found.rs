//! What a body wants, as it is found statement by statement.

use foldhash::HashMap;

use super::super::code::Slot;
use super::{Body, Source, Wanted};

/// What is wanted of each value, in the order in which the values were met.
#[derive(Default)]
pub(super) struct Found<'b> {
    body: Body<'b>,
    /// Where each value is in it.
    places: HashMap<Source<'b>, usize>,
    /// The values that are in a variable, by their places, the first that it was given first.
    held: HashMap<Slot, Vec<usize>>,
}

impl<'b> Found<'b> {
    /// Where a value has to be something, that it may be anything says nothing more.
    pub(super) fn into_body(mut self) -> Body<'b> {
        for (_, wanted) in &mut self.body {
            if !wanted.iter().all(Wanted::is_any) {
                wanted.retain(|wanted| !wanted.is_any());
            }
        }
        self.body
    }

    /// Whether something is wanted of a value already.
    pub(super) fn has(&self, source: &Source<'b>) -> bool {
        self.places.contains_key(source)
    }

    /// The value that was found in a variable.
    pub(super) fn in_variable(&self, variable: Slot) -> Option<&Source<'b>> {
        let place = *self.held.get(&variable)?.first()?;
        Some(&self.body[place].0)
    }

    /// Notes what is wanted of a value. A constant takes the place of one variable that the value is in; what is left in
    /// another may be anything. Prefixes and suffixes leave it in all.
    pub(super) fn want(&mut self, source: Source<'b>, wanted: Wanted<'b>) {
        let place = *self.places.entry(source.clone()).or_insert(self.body.len());
        if place == self.body.len() {
            self.body.push((source, Vec::new()));
        }
        let all = &mut self.body[place].1;
        let other = all
            .iter()
            .position(|other| *other == wanted || other.is_any() && !wanted.is_any() && !wanted.is_affix());
        let before = match other {
            Some(at) => std::mem::replace(&mut all[at], wanted.clone()),
            None => {
                all.push(wanted.clone());
                Wanted::Defined(None)
            }
        };
        if before == wanted {
            return;
        }
        if let Wanted::Defined(Some(variable)) = before
            && let Some(places) = self.held.get_mut(&variable)
        {
            places.retain(|other| *other != place);
        }
        if let Wanted::Defined(Some(variable)) = wanted {
            self.held.entry(variable).or_default().push(place);
        }
    }
}
