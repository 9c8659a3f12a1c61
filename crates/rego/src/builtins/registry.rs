//! The registry of builtins: one row for each, beside its function. What the rest of the program knows of a builtin is
//! derived from its row: types, suggestions, what it needs allowed, whether its value can be memoized, and
//! `kpolicy inspect --builtins`.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};

use super::{Body, FAMILIES};
use crate::types::Type;

/// A row of the registry.
#[derive(Debug)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// What it takes and gives: `(number, array[any]) -> string`.
    pub types: &'static str,
    /// What it gives, in one sentence.
    pub summary: &'static str,
    /// Whether the same operands always give the same value.
    pub purity: Purity,
    /// What evaluates it.
    pub implementation: Implementation,
    /// Whether OPA advises against it, and refuses it in v1.
    pub deprecated: bool,
    /// Whether it can have several results for the same operands.
    pub relation: bool,
    /// The operator that it is written as.
    pub infix: Option<&'static str>,
    /// How its result comes from its operands, for tracers.
    pub origin: Origin,
}

/// Whether the value of a builtin depends on more than its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purity {
    /// The same operands always give the same value.
    Pure,
    /// The value depends on something that policies see only where it is allowed.
    Needs(Capability),
}

/// What a policy can see beyond its input and data, where that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// The current time.
    Clock,
    /// The environment of the process.
    Env,
    /// Random numbers.
    Random,
    /// The network.
    Net,
}

/// How the result of a builtin comes from its operands: what a tracer may say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is computed from all operands.
    Computed,
    /// Whether the operand at this position passes a test that the other operands describe.
    Test(usize),
    /// The first operand's part under the second, else the third operand.
    Part,
    /// The items of the operands, one operand after the other.
    Items,
    /// Members of the operands.
    Members,
    /// The first operand's members that are no members of the second.
    Difference,
    /// Members of the operand's members.
    MembersOfMembers,
    /// The keys of the first operand.
    Keys,
    /// The first operand's entries, with the second's over them.
    Over,
    /// The entries of all the operand's items, the later over the earlier.
    OverAll,
    /// The first operand, or what is left of it.
    First,
    /// The first operand with the values of the patches of the second put into it.
    Patched,
    /// The member of the operand that is the result.
    Member,
    /// Whether the first operand is a member of the second.
    Among,
}

/// What evaluates a builtin.
#[derive(Clone, Copy, Debug)]
pub enum Implementation {
    /// A function.
    Function(Body),
    /// A function whose first operand is the directory of the module that calls it, before those that are written.
    Placed(Body),
    /// Instructions that the compiler puts in the place of a call.
    Compiled,
    /// Nothing: OPA has it and kpolicy does not.
    Missing,
}

/// The rows of a family of builtins.
pub(super) type Family = &'static [Builtin];

/// A row of a builtin whose value depends on its operands alone.
pub const fn pure(name: &'static str, types: &'static str, summary: &'static str, body: Body) -> Builtin {
    row(name, types, summary, Purity::Pure, Implementation::Function(body))
}

/// A row of a builtin that is given the directory of the module that calls it as a further, first operand.
pub const fn placed(name: &'static str, types: &'static str, summary: &'static str, body: Body) -> Builtin {
    row(name, types, summary, Purity::Pure, Implementation::Placed(body))
}

/// A row of a builtin whose value depends on something that has to be allowed.
pub const fn needs(
    capability: Capability,
    name: &'static str,
    types: &'static str,
    summary: &'static str,
    body: Body,
) -> Builtin {
    let implementation = Implementation::Function(body);
    row(name, types, summary, Purity::Needs(capability), implementation)
}

/// A row of a builtin that the compiler replaces.
pub(super) const fn compiled(name: &'static str, types: &'static str, summary: &'static str) -> Builtin {
    row(name, types, summary, Purity::Pure, Implementation::Compiled)
}

/// A row of a builtin that this build does not have.
#[cfg(not(all(feature = "crypto", feature = "http")))]
pub(super) const fn missing(purity: Purity, name: &'static str, types: &'static str, summary: &'static str) -> Builtin {
    row(name, types, summary, purity, Implementation::Missing)
}

/// A row.
pub(super) const fn row(
    name: &'static str,
    types: &'static str,
    summary: &'static str,
    purity: Purity,
    implementation: Implementation,
) -> Builtin {
    Builtin {
        name,
        types,
        summary,
        purity,
        implementation,
        deprecated: false,
        relation: false,
        infix: None,
        origin: Origin::Computed,
    }
}

/// A row of a builtin that is part of a cargo feature, and that is missing without it.
macro_rules! optional {
    ($feature:literal, $purity:expr, $name:literal, $types:literal, $summary:literal, $body:expr $(,)?) => {{
        #[cfg(feature = $feature)]
        {
            $crate::builtins::registry::row(
                $name,
                $types,
                $summary,
                $purity,
                $crate::builtins::registry::Implementation::Function($body),
            )
        }
        #[cfg(not(feature = $feature))]
        {
            $crate::builtins::registry::missing($purity, $name, $types, $summary)
        }
    }};
}
pub(super) use optional;

impl Builtin {
    /// Marks it as one that OPA advises against.
    pub const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    /// Marks it as one that can have several results.
    pub(super) const fn relation(mut self) -> Self {
        self.relation = true;
        self
    }

    /// Says which operator it is written as.
    pub(super) const fn infix(mut self, operator: &'static str) -> Self {
        self.infix = Some(operator);
        self
    }

    /// Says how its result comes from its operands.
    pub const fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Its function, where it has one.
    pub fn body(&self) -> Option<Body> {
        match self.implementation {
            Implementation::Function(body) | Implementation::Placed(body) => Some(body),
            Implementation::Compiled | Implementation::Missing => None,
        }
    }

    /// Whether it gives no value.
    pub fn is_void(&self) -> bool {
        !self.types.contains(") -> ")
    }

    /// What it needs allowed, if anything.
    pub fn needed(&self) -> Option<Capability> {
        match self.purity {
            Purity::Pure => None,
            Purity::Needs(capability) => Some(capability),
        }
    }
}

/// What a builtin takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// Its row.
    pub row: &'static Builtin,
    /// The types of its operands.
    pub operands: Vec<Type>,
    /// The type of any number of further operands; only `print` has them.
    pub variadic: Option<Type>,
    /// The type of its result; nothing for one that has none.
    pub result: Option<Type>,
}

/// The rows by name, each with its types once somebody asked for them.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    all()
        .map(|builtin| (builtin.name, (builtin, OnceLock::new())))
        .collect()
});

type Table = HashMap<&'static str, (&'static Builtin, OnceLock<Signature>), foldhash::fast::FixedState>;

/// The types of the rows of callers, which are statics, by their address.
static OWN: LazyLock<RwLock<HashMap<usize, &'static Signature>>> = LazyLock::new(RwLock::default);

static FIRST: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let first = |builtin: &'static Builtin| builtin.name.split_once('.').map(|(first, _)| first);
    all().filter_map(first).collect()
});

/// All builtins, family by family.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    FAMILIES.iter().copied().flatten()
}

/// The builtin of a name.
pub fn builtin(name: &str) -> Option<&'static Builtin> {
    TABLE.get(name).map(|(builtin, _)| *builtin)
}

/// What the builtin of a name takes and gives.
pub fn signature(name: &str) -> Option<&'static Signature> {
    let (builtin, signature) = TABLE.get(name)?;
    Some(signature.get_or_init(|| read(builtin)))
}

/// What the builtin of a row takes and gives: the row of a caller, which the table does not have.
pub(super) fn signature_of(builtin: &'static Builtin) -> &'static Signature {
    let known = OWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(signature) = known.get(&std::ptr::from_ref(builtin).addr()) {
        return signature;
    }
    drop(known);
    let mut known = OWN.write().unwrap_or_else(PoisonError::into_inner);
    let signature = known.entry(std::ptr::from_ref(builtin).addr());
    signature.or_insert_with(|| Box::leak(Box::new(read(builtin))))
}

/// Whether builtins have this as the first of several names, as `json.unmarshal` has `json`.
pub fn is_first(name: &str) -> bool {
    FIRST.contains(name)
}

/// The names of all builtins.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|builtin| builtin.name)
}

/// Reads the types of a row.
fn read(builtin: &'static Builtin) -> Signature {
    let (operands, result) = match builtin.types.split_once(") -> ") {
        Some((operands, result)) => (operands, Some(Type::read(result))),
        None => (builtin.types.trim_end_matches(')'), None),
    };
    let mut operands: Vec<&str> = split(operands.trim_start_matches('('));
    let variadic = operands
        .last()
        .and_then(|last| last.strip_suffix("..."))
        .map(Type::read);
    if variadic.is_some() {
        operands.pop();
    }
    Signature {
        name: builtin.name,
        row: builtin,
        operands: operands.into_iter().map(Type::read).collect(),
        variadic,
        result,
    }
}

/// The parts of a list, at commas outside brackets.
pub(crate) fn split(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'[' | b'{' | b'<' => depth += 1,
            b']' | b'}' | b'>' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = list[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{all, builtin, names, signature};

    #[test]
    fn each_builtin_has_one_row_that_can_be_read() {
        let mut seen = HashSet::new();
        for builtin in all() {
            assert!(seen.insert(builtin.name), "{} has two rows", builtin.name);
            assert!(builtin.types.starts_with('('), "{}", builtin.name);
            assert!(builtin.summary.ends_with('.'), "{}", builtin.name);
            signature(builtin.name).expect("its types can be read");
        }
        assert_eq!(names().count(), 206);
        let walk = signature("walk").expect("OPA has walk");
        assert!(walk.row.relation && walk.operands.len() == 1);
        let print = signature("print").expect("OPA has print");
        assert!(print.variadic.is_some() && print.result.is_none() && print.operands.is_empty());
        assert_eq!(builtin("minus").and_then(|minus| minus.infix), Some("-"));
        assert!(builtin("any").is_some_and(|any| any.deprecated));
    }
}
