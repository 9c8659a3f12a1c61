//! The variables of a clause: which names are declared where, and which place each has.

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::{HashMapExt, HashSet, HashSetExt};

use super::Names;
use crate::builtins::Available;
use crate::core::{Local, LocalInfo, Root};
use kpolicy_value::Span;

/// How a name came to be known in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurrence {
    /// It is an argument.
    Argument,
    /// It was used before it was declared here.
    Seen,
    /// It was assigned with `:=`.
    Assigned,
    /// It was declared with `some` or `every`.
    Declared,
}

#[derive(Clone, Debug)]
struct Entry {
    local: Local,
    occurrence: Occurrence,
    uses: usize,
    span: Span,
}

/// The scopes of a clause, the innermost last.
#[derive(Default)]
pub(super) struct Scopes {
    stack: Vec<Names<Entry>>,
    /// Names in each of these that OPA takes for variables that were used there: the first parts of builtins' names, and
    /// the roots of references.
    named: Vec<HashSet<Arc<str>>>,
    regions: Vec<Region>,
    /// The names that the assignment at hand declares, as long as its right side is read.
    assigned: BTreeSet<Arc<str>>,
    ignored: Vec<HashSet<Arc<str>>>,
    /// Names that are declared nowhere: one variable in the whole clause.
    free: Names<Local>,
    /// The scopes below this one are not known where a head is read: OPA reads the comprehensions of a head before its
    /// body, and what they use counts as used in them.
    floor: usize,
    locals: Vec<LocalInfo>,
}

/// A statement that OPA goes through a second time, with all names that its own scope declares: what has none of its
/// own by then has theirs, also where it stands before them or in the domain of `every`.
struct Region {
    /// The place of the scope that is known then with all below it: the statement's own, or the one around it.
    depth: usize,
    /// The names that its own scope declares, each with its variable as soon as it has one.
    names: Names<Option<Local>>,
}

/// The arguments' scope as it is before a body.
#[derive(Clone)]
pub(super) struct Mark(Names<Entry>);

impl Scopes {
    pub(super) fn push(&mut self) {
        self.stack.push(Names::new());
        self.named.push(HashSet::new());
    }

    pub(super) fn pop(&mut self) {
        self.stack.pop();
        self.named.pop();
    }

    /// Begins a statement that is gone through again with these names, which the next scope declares.
    pub(super) fn enter_region(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        self.regions.push(Region {
            depth: self.stack.len(),
            names: names.into_iter().map(|name| (name, None)).collect(),
        });
    }

    /// Begins a statement that is gone through again with no names of its own.
    pub(super) fn enter_plain_region(&mut self) {
        self.regions.push(Region {
            depth: self.stack.len() - 1,
            names: Names::new(),
        });
    }

    /// Ends the innermost of these statements.
    pub(super) fn leave_region(&mut self) {
        self.regions.pop();
    }

    /// Sets the names whose assignment has its right side read now; gives those of the assignment around it.
    pub(super) fn set_assigned(&mut self, names: BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
        std::mem::replace(&mut self.assigned, names)
    }

    /// The variable that an assignment to a name gets, where its right side has that name from outside of the scope and
    /// the statement is gone through again: by then the name has that variable on both sides.
    fn own_assigned(&mut self, name: &Arc<str>, span: Span) -> Option<Local> {
        let here = self.stack.len() - 1;
        let is_known = self.assigned.contains(name) && self.is_declared(name);
        let has_it = |region: &Region| region.depth == here && region.names.contains_key(name);
        let at = self.regions.iter().rposition(has_it).filter(|_| is_known)?;
        Some(self.reserved(at, name, span))
    }

    /// Whether the scope of a statement around this one declares a name.
    pub(super) fn is_captured(&self, name: &str) -> bool {
        self.regions.iter().any(|region| region.names.contains_key(name))
    }

    /// Whether an assignment has lost its `eq` to a variable of that name when it is met again.
    pub(super) fn hides_assignments(&self) -> bool {
        let declares = |scope: &Names<Entry>| {
            let entry = scope.get("eq");
            entry.is_some_and(|entry| entry.occurrence != Occurrence::Seen)
        };
        self.is_captured("eq")
            || self
                .regions
                .iter()
                .any(|region| self.stack.iter().take(region.depth + 1).any(declares))
    }

    /// The variable that the scope of a statement around this one declares under a name that has no other.
    fn captured(&mut self, name: &Arc<str>, span: Span) -> Option<Local> {
        let here = self.stack.len() - 1;
        let has_it = |region: &Region| region.depth != here && region.names.contains_key(name);
        let at = self.regions.iter().rposition(has_it)?;
        Some(self.reserved(at, name, span))
    }

    /// The variable that the scope of a statement declares, or will declare, under a name.
    fn reserved(&mut self, region: usize, name: &Arc<str>, span: Span) -> Local {
        if let Some(local) = self.regions[region].names[name] {
            return local;
        }
        let local = self.add(Some(name.clone()), span);
        self.regions[region].names.insert(name.clone(), Some(local));
        local
    }

    /// From here on a head is read.
    pub(super) fn enter_head(&mut self) {
        self.floor = self.stack.len();
    }

    /// The head has been read.
    pub(super) fn leave_head(&mut self) {
        self.floor = 0;
    }

    /// The innermost scope, to go back to.
    pub(super) fn top_mark(&self) -> Mark {
        Mark(self.stack.last().cloned().unwrap_or_default())
    }

    /// Goes back to a scope with nothing in it but what the mark had; uses stay counted.
    pub(super) fn reset(&mut self, mark: &Mark) {
        let uses: Vec<(Arc<str>, usize)> = self
            .stack
            .first()
            .into_iter()
            .flatten()
            .map(|(name, entry)| (name.clone(), entry.uses))
            .collect();
        let mut scope = mark.0.clone();
        for (name, count) in uses {
            if let Some(entry) = scope.get_mut(&name) {
                entry.uses = count;
            }
        }
        self.stack = vec![scope];
        self.named = vec![HashSet::new()];
    }

    /// Names that mean no rule and no import until [`Self::unignore`].
    pub(super) fn ignore(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        self.ignored.push(names.into_iter().collect());
    }

    pub(super) fn unignore(&mut self) {
        self.ignored.pop();
    }

    pub(super) fn is_ignored(&self, name: &str) -> bool {
        self.ignored.iter().any(|names| names.contains(name))
    }

    /// A new variable that no name leads to.
    pub(super) fn generate(&mut self, span: Span) -> Local {
        self.add(None, span)
    }

    /// The variable of one `_`.
    pub(super) fn wildcard(&mut self, span: Span) -> Local {
        self.add(Some("_".into()), span)
    }

    fn add(&mut self, name: Option<Arc<str>>, span: Span) -> Local {
        let local = Local::try_from(self.locals.len()).expect("a module is smaller than 4 GiB");
        self.locals.push(LocalInfo {
            name,
            span,
            free: false,
            function: None,
        });
        local
    }

    /// Declares a name in the innermost scope; gives how it is known there already, where it is.
    pub(super) fn declare(&mut self, name: &Arc<str>, span: Span, occurrence: Occurrence) -> Result<Local, Occurrence> {
        if let Some(entry) = self.top().get(name) {
            return Err(entry.occurrence);
        }
        if self.named.last().is_some_and(|named| named.contains(name)) {
            return Err(Occurrence::Seen);
        }
        let here = self.stack.len() - 1;
        let mut own = self.regions.iter().filter(|region| region.depth == here);
        let reserved = own.find_map(|region| *region.names.get(name)?);
        let local = reserved.unwrap_or_else(|| self.add(Some(name.clone()), span));
        let entry = Entry {
            local,
            occurrence,
            uses: 0,
            span,
        };
        self.top().insert(name.clone(), entry);
        Ok(local)
    }

    /// Notes a name that is not a variable's, but that OPA takes for one that is used here: for the first time, so that it can be
    /// declared in a scope within.
    pub(super) fn named(&mut self, name: &str) {
        let is_known = self.named.iter().any(|named| named.contains(name));
        if let (Some(named), false) = (self.named.last_mut(), is_known) {
            named.insert(name.into());
        }
    }

    /// Notes that a reference starts with a root document and leads into it.
    pub(super) fn root(&mut self, root: Root) {
        match root {
            Root::Input => self.named("input"),
            Root::Data => self.named("data"),
            Root::Local(_) => {}
        }
    }

    fn top(&mut self) -> &mut Names<Entry> {
        self.stack
            .last_mut()
            .expect("a clause has a scope as long as it is lowered")
    }

    /// Whether the name is known in any scope.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        self.stack.iter().any(|scope| scope.contains_key(name))
    }

    /// Whether the name stands for a variable of its own, and not for what it would mean without the clause.
    pub(super) fn shadows(&self, name: &str) -> bool {
        self.declared(name).is_some()
    }

    /// The variable that a name was declared for.
    pub(super) fn declared(&self, name: &str) -> Option<Local> {
        let mut entries = self.stack.iter().rev().filter_map(|scope| scope.get(name));
        entries
            .find(|entry| entry.occurrence != Occurrence::Seen)
            .map(|entry| entry.local)
    }

    /// Whether a scope that is known here declares a name: in a comprehension of a head those of the body are not.
    fn is_own(&self, name: &str) -> bool {
        let known = if self.floor < self.stack.len() { self.floor } else { 0 };
        let mut entries = self.stack[known..].iter().filter_map(|scope| scope.get(name));
        entries.any(|entry| entry.occurrence != Occurrence::Seen)
    }

    /// The variable after a name that is used here.
    pub(super) fn resolve(&mut self, name: &Arc<str>, span: Span) -> Local {
        if !self.is_own(name)
            && let Some(local) = self.captured(name, span)
        {
            // After the statement the name has the variable that it has without it.
            let outside = self.outside(name, span);
            self.seen(name, outside, span);
            return local;
        }
        if !self.is_own(name)
            && let Some(local) = self.own_assigned(name, span)
        {
            return local;
        }
        let known = self.stack.iter_mut().enumerate().rev();
        if let Some((depth, entry)) = known
            .filter_map(|(depth, scope)| Some((depth, scope.get_mut(name)?)))
            .next()
        {
            entry.uses += 1;
            let local = entry.local;
            if depth < self.floor && self.floor < self.stack.len() {
                self.seen(name, local, span);
            }
            return local;
        }
        let local = self.free(name, span);
        self.seen(name, local, span);
        local
    }

    /// The variable that a name has where no statement that is gone through again takes it.
    fn outside(&mut self, name: &Arc<str>, span: Span) -> Local {
        let entry = self.stack.iter().rev().find_map(|scope| scope.get(name));
        entry.map(|entry| entry.local).unwrap_or_else(|| self.free(name, span))
    }

    /// The variable of a name that nothing declares.
    fn free(&mut self, name: &Arc<str>, span: Span) -> Local {
        if let Some(local) = self.free.get(name) {
            return *local;
        }
        let local = self.add(Some(name.clone()), span);
        self.locals[local as usize].free = true;
        self.free.insert(name.clone(), local);
        local
    }

    /// Notes that a name was used here without being declared.
    pub(super) fn seen(&mut self, name: &Arc<str>, local: Local, span: Span) {
        let entry = Entry {
            local,
            occurrence: Occurrence::Seen,
            uses: 1,
            span,
        };
        self.top().entry(name.clone()).or_insert(entry);
    }

    /// The names of the innermost scope that were declared so and are used nowhere, in the order of their places.
    pub(super) fn unused(&mut self, occurrence: Occurrence) -> Vec<(Arc<str>, Span)> {
        let mut found: Vec<(Arc<str>, Span)> = self
            .top()
            .iter()
            .filter(|(_, entry)| entry.occurrence == occurrence && entry.uses == 0)
            .map(|(name, entry)| (name.clone(), entry.span))
            .collect();
        found.sort_by_key(|(_, span)| *span);
        found
    }

    /// Notes a use of a declared name that is not a reference: `some x in xs` uses its `x`.
    pub(super) fn used(&mut self, name: &str) {
        if let Some(entry) = self.top().get_mut(name) {
            entry.uses += 1;
        }
    }

    /// Takes back one use of a variable of the innermost scope.
    pub(super) fn unuse(&mut self, local: Local) {
        if let Some(entry) = self.top().values_mut().find(|entry| entry.local == local) {
            entry.uses = entry.uses.saturating_sub(1);
        }
    }

    /// How often an argument is used.
    pub(super) fn argument_uses(&self, name: &str) -> usize {
        let entry = self.stack.first().and_then(|scope| scope.get(name));
        // Its own place in the head counts once.
        entry.map_or(1, |entry| entry.uses.saturating_sub(1))
    }

    /// The names that are declared nowhere.
    pub(super) fn undeclared(&self) -> impl Iterator<Item = &Arc<str>> {
        self.free.keys()
    }

    /// Takes the names that are declared nowhere, and that are a builtin's too, for the builtin: but for those that were
    /// `renamed`. In another branch they are other variables.
    pub(super) fn take_builtins(&mut self, builtins: &Available, renamed: &BTreeSet<Arc<str>>) {
        let locals = &mut self.locals;
        self.free.retain(|name, local| {
            let builtin = builtins.find(name).filter(|_| !name.contains('.'));
            if builtin.is_some() && !renamed.contains(name) {
                locals[*local as usize].function = builtin;
            }
            builtin.is_none()
        });
    }

    /// All variables of the clause.
    pub(super) fn into_locals(self) -> Vec<LocalInfo> {
        self.locals
    }
}
