//! What is known of the variables of a branch, and what terms are by it.

use foldhash::{HashMap, HashMapExt};

use super::unify::unifies;
use super::{Layers, Replaced};
use crate::builtins::registry::Signature;
use crate::check::walk::{self, Found};
use crate::core::{Clause, Collected, Comprehension, Local, LocalInfo, Target, Term, TermKind};
use crate::error::CompileError;
use crate::types::{Array, Object, Type};
use kpolicy_value::Value;

/// The types of a branch's variables, as far as they have been inferred.
pub(super) struct Inference<'a, 'p, 'g> {
    pub(super) clause: &'a Clause,
    pub(super) replaced: &'a mut Replaced<'p, 'g>,
    pub(super) errors: &'a mut Vec<CompileError>,
    variables: Vec<Type>,
    /// What the variables were before, latest last: taken back at the end of a comprehension.
    changes: Vec<(Local, Type)>,
    /// The types of the comprehensions that have been checked, each with how often variables had been inferred then.
    comprehensions: HashMap<*const Comprehension, (Type, usize)>,
    /// How often variables have been inferred.
    inferred: usize,
    /// How many comprehensions around this are checked again.
    again: usize,
    /// How many have been checked again within others that were.
    nested: usize,
    /// Whether a replaced document changes what needs it. OPA knows nothing of that where it looks for a comprehension's
    /// type.
    pub(super) relaxed: bool,
}

/// How many comprehensions around one are checked again: OPA knows no limit, and takes twice as long for each.
const AGAIN: usize = 3;
/// How many are checked again within others that are, all in all.
const NESTED: usize = 512;

impl<'a, 'p, 'g> Inference<'a, 'p, 'g> {
    pub(super) fn new(
        clause: &'a Clause,
        replaced: &'a mut Replaced<'p, 'g>,
        errors: &'a mut Vec<CompileError>,
    ) -> Self {
        Self {
            clause,
            replaced,
            errors,
            variables: clause.locals.iter().map(of_local).collect(),
            changes: Vec::new(),
            comprehensions: HashMap::new(),
            inferred: 0,
            again: 0,
            nested: 0,
            relaxed: true,
        }
    }

    /// What is known of a variable.
    pub(super) fn variable(&self, local: Local) -> &Type {
        &self.variables[local as usize]
    }

    /// What OPA knows of a builtin, where a variable that it takes for the builtin has become something else, or one that nothing
    /// declares has the first of its names: it looks for `json.unmarshal` below what a variable `json` is, unless it has put
    /// something in the builtin's place.
    pub(super) fn shadow_of(&self, builtin: &Signature) -> Option<Type> {
        let mut below = builtin.name.split('.');
        let first = below.next()?;
        let is_dotted = first != builtin.name;
        let is_it = |local: &LocalInfo, of: &Type| match is_dotted {
            true => local.free && local.name.as_deref() == Some(first) && of.is_known(),
            false => {
                let is_it = local.function.is_some_and(|function| function.name == first);
                is_it && !matches!(of, Type::Function(_))
            }
        };
        let mut shadows = self.clause.locals.iter().zip(&self.variables);
        let (_, changed) = shadows.find(|(local, of)| is_it(local, of))?;
        if is_dotted && self.is_replaced(builtin) {
            return None;
        }
        Some(below.fold(changed.clone(), |of, name| of.select(&name.into())))
    }

    /// Whether something in the clause is in the place of a builtin.
    fn is_replaced(&self, builtin: &Signature) -> bool {
        let mut found = false;
        walk::clause(self.clause, &mut |part| {
            if let Found::Target(Target::Builtin(target)) = part {
                found |= target.name == builtin.name;
            }
        });
        found
    }

    /// Notes what a variable is.
    pub(super) fn set(&mut self, local: Local, of: Type) {
        let before = std::mem::replace(&mut self.variables[local as usize], of);
        self.changes.push((local, before));
        self.inferred += 1;
    }

    /// Parameters that the body says nothing of are any value.
    pub(super) fn default_parameters(&mut self, parameters: &[Term]) {
        for each in parameters {
            match &each.kind {
                TermKind::Local(local) if !self.variable(*local).is_known() => self.set(*local, Type::Any),
                TermKind::Array(items) | TermKind::Set(items) => self.default_parameters(items),
                TermKind::Object(entries) => {
                    for (key, value) in entries {
                        self.default_parameters(std::slice::from_ref(key));
                        self.default_parameters(std::slice::from_ref(value));
                    }
                }
                _ => {}
            }
        }
    }

    /// Checks the body of a comprehension and notes the comprehension's type. Says whether it has no error.
    pub(super) fn comprehension(&mut self, layers: &Layers, comprehension: &Comprehension) -> bool {
        let (mark, before) = (self.changes.len(), self.errors.len());
        self.body(layers, &comprehension.body);
        let fine = self.errors.len() == before;
        if fine {
            let of = match &comprehension.head {
                Collected::Array(item) => Type::array(Vec::new(), self.type_of(layers, item)),
                Collected::Set(member) => Type::set(self.type_of(layers, member)),
                Collected::Object(key, value) => {
                    let entry = (self.type_of(layers, key), self.type_of(layers, value));
                    Type::object(Vec::new(), Some(entry))
                }
            };
            self.comprehensions.insert(comprehension, (of, self.inferred));
        }
        for (local, before) in self.changes.split_off(mark).into_iter().rev() {
            self.variables[local as usize] = before;
        }
        fine
    }

    /// The type of a term, as far as it is known.
    pub(super) fn type_of(&mut self, layers: &Layers, term: &Term) -> Type {
        match &term.kind {
            TermKind::Const(value) => Type::of(value),
            TermKind::Local(local) => self.variable(*local).clone(),
            TermKind::Ref(root, path) => self.type_of_ref(layers, *root, path),
            TermKind::Array(items) => {
                let items = items.iter().map(|each| self.type_of(layers, each)).collect();
                Type::array(items, Type::Unknown)
            }
            TermKind::Set(members) => {
                let all = Type::union(
                    members
                        .iter()
                        .map(|each| self.type_of(layers, each))
                        .collect::<Vec<_>>(),
                );
                Type::set(all)
            }
            TermKind::Object(entries) => self.type_of_object(layers, entries),
            TermKind::Comprehension(comprehension) => self.type_of_comprehension(layers, comprehension),
        }
    }

    /// The type of a comprehension that has been checked; anew where more is known of variables by now.
    fn type_of_comprehension(&mut self, layers: &Layers, comprehension: &Comprehension) -> Type {
        let key: *const Comprehension = comprehension;
        match self.comprehensions.get(&key) {
            None => Type::Unknown,
            Some((of, inferred))
                if !self.checks_again() || *inferred == self.inferred && !replaces_data(comprehension) =>
            {
                of.clone()
            }
            Some(_) => {
                let before = self.errors.len();
                let relaxed = std::mem::replace(&mut self.relaxed, false);
                let fine = self.check_again(|this| this.comprehension(layers, comprehension));
                self.relaxed = relaxed;
                self.errors.truncate(before);
                match self.comprehensions.get(&key) {
                    Some((of, _)) if fine => of.clone(),
                    _ => Type::Unknown,
                }
            }
        }
    }

    /// Checks what has been checked before.
    pub(super) fn check_again<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        self.nested += usize::from(self.again > 0);
        self.again += 1;
        let result = check(self);
        self.again -= 1;
        result
    }

    /// Whether what has been checked is checked again here.
    pub(super) fn checks_again(&self) -> bool {
        self.again == 0 || self.again < AGAIN && self.nested < NESTED
    }

    fn type_of_object(&mut self, layers: &Layers, entries: &[(Term, Term)]) -> Type {
        let (mut known, mut others) = (Vec::new(), None);
        for (key, value) in entries {
            let value = self.type_of(layers, value);
            match &key.kind {
                TermKind::Const(key) => known.push((key.clone(), value)),
                _ => others = Some((self.type_of(layers, key), value)),
            }
        }
        Type::object(known, others)
    }

    /// Whether two terms can be equal; what is not known of one is inferred from the other.
    pub(super) fn equate(&mut self, layers: &Layers, a: &Term, of_a: &Type, b: &Term, of_b: &Type) -> bool {
        match (of_a.is_unknown(), of_b.is_unknown()) {
            (true, false) => return self.fit(layers, a, of_b, false),
            (false, true) => return self.fit(layers, b, of_a, false),
            (false, false) => return unifies(of_a, of_b),
            (true, true) => {}
        }
        match (&a.kind, &b.kind) {
            (TermKind::Array(x), TermKind::Array(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(x, y)| self.equate_parts(layers, x, y))
            }
            (TermKind::Object(x), TermKind::Object(y)) => self.equate_objects(layers, x, y),
            (TermKind::Local(_), TermKind::Array(_) | TermKind::Object(_)) => self.equate_through(layers, b, a),
            (TermKind::Local(_) | TermKind::Array(_) | TermKind::Object(_), TermKind::Local(_)) => {
                self.equate_through(layers, a, b)
            }
            (TermKind::Local(_), TermKind::Ref(..)) => self.fit(layers, a, &Type::Any, false),
            (TermKind::Ref(..), TermKind::Local(_)) => self.fit(layers, b, &Type::Any, false),
            (TermKind::Local(_), _) if !of_a.is_known() && of_b.is_known() => self.fit(layers, a, of_b, false),
            (_, TermKind::Local(_)) if !of_b.is_known() && of_a.is_known() => self.fit(layers, b, of_a, false),
            _ => false,
        }
    }

    /// Takes the unknown parts of `shape` as any value, and the variable to be what it is then.
    fn equate_through(&mut self, layers: &Layers, shape: &Term, variable: &Term) -> bool {
        let fits = self.fit(layers, shape, &Type::Any, false);
        let of = self.type_of(layers, shape);
        fits && self.fit(layers, variable, &of, false)
    }

    fn equate_parts(&mut self, layers: &Layers, a: &Term, b: &Term) -> bool {
        let (of_a, of_b) = (self.type_of(layers, a), self.type_of(layers, b));
        self.equate(layers, a, &of_a, b, &of_b)
    }

    fn equate_objects(&mut self, layers: &Layers, a: &[(Term, Term)], b: &[(Term, Term)]) -> bool {
        a.len() == b.len()
            && a.iter().all(|(key, value)| {
                let same = b.iter().find(|(other, _)| same_key(key, other));
                same.is_some_and(|(_, other)| self.equate_parts(layers, value, other))
            })
    }

    /// Whether a term can be of a type; its variables are inferred from it. With `union`, a variable may be this
    /// beside what it was.
    pub(super) fn fit(&mut self, layers: &Layers, term: &Term, of: &Type, union: bool) -> bool {
        match (&term.kind, of) {
            (TermKind::Const(value), _) => fits_value(value, of),
            (TermKind::Ref(..) | TermKind::Comprehension(_), _) => unifies(&self.type_of(layers, term), of),
            (TermKind::Local(local), _) => self.fit_variable(*local, of, union),
            (TermKind::Array(items) | TermKind::Set(items), Type::Any) => {
                for each in items {
                    self.fit(layers, each, &Type::Any, true);
                }
                true
            }
            (TermKind::Object(entries), Type::Any) => {
                for (key, value) in entries {
                    self.fit(layers, key, &Type::Any, true);
                    self.fit(layers, value, &Type::Any, true);
                }
                true
            }
            (_, Type::OneOf(one_of)) => {
                let fitting = one_of.types.iter().filter(|each| self.fit(layers, term, each, true));
                fitting.count() > 0
            }
            (TermKind::Array(items), Type::Array(array)) => {
                may_have(items.len(), array)
                    && items.iter().enumerate().all(|(at, each)| {
                        self.fit(layers, each, &array.first.get(at).unwrap_or(&array.rest).clone(), union)
                    })
            }
            (TermKind::Object(entries), Type::Object(object)) => self.fit_object(layers, entries, object, union),
            (TermKind::Set(members), Type::Set(set)) => {
                members.iter().all(|each| self.fit(layers, each, &set.of, union))
            }
            _ => false,
        }
    }

    fn fit_variable(&mut self, local: Local, of: &Type, union: bool) -> bool {
        let known = self.variable(local).clone();
        if !union && known.is_known() {
            return unifies(&known, of);
        }
        self.set(local, if union { known.or(of) } else { of.clone() });
        true
    }

    fn fit_object(&mut self, layers: &Layers, entries: &[(Term, Term)], object: &Object, union: bool) -> bool {
        if !may_hold(entries.len(), object) {
            return false;
        }
        entries.iter().all(|(key, value)| match &key.kind {
            TermKind::Const(key) => match object.select(key) {
                Type::Unknown => false,
                of => self.fit(layers, value, &of, union),
            },
            _ => {
                self.fit(layers, value, &Type::Any, union);
                true
            }
        })
    }
}

fn may_have(items: usize, array: &Array) -> bool {
    items == array.first.len() || array.rest.is_known()
}

fn may_hold(entries: usize, object: &Object) -> bool {
    entries == object.known.len() || object.others.as_ref().is_some_and(|(_, value)| value.is_known())
}

/// Whether a constant can be of a type.
fn fits_value(value: &Value, of: &Type) -> bool {
    match (value, of) {
        (Value::Array(_) | Value::Object(_) | Value::Set(_), Type::OneOf(one_of)) => {
            one_of.types.iter().any(|each| fits_value(value, each))
        }
        (Value::Array(items), Type::Array(array)) => {
            may_have(items.len(), array)
                && items
                    .iter()
                    .enumerate()
                    .all(|(at, each)| fits_value(each, array.first.get(at).unwrap_or(&array.rest)))
        }
        (Value::Object(entries), Type::Object(object)) => {
            may_hold(entries.len(), object)
                && entries
                    .iter()
                    .all(|(key, value)| fits_value(value, &object.select(key)))
        }
        (Value::Set(members), Type::Set(set)) => members.iter().all(|each| fits_value(each, &set.of)),
        _ => unifies(&Type::of(value), of),
    }
}

/// Whether something in a comprehension replaces a part of `data`.
fn replaces_data(comprehension: &Comprehension) -> bool {
    let mut found = false;
    walk::body(&comprehension.body, &mut |part| {
        found |= matches!(part, Found::Target(Target::Data(_)));
    });
    found
}

/// The type of a variable before the body says anything of it: OPA takes one of a builtin's name for the builtin.
fn of_local(local: &LocalInfo) -> Type {
    local.function.map_or(Type::Unknown, of_function)
}

/// The type of a builtin.
pub(super) fn of_function(builtin: &Signature) -> Type {
    Type::function(
        builtin.operands.clone(),
        builtin.variadic.clone().unwrap_or(Type::Unknown),
        builtin.result.clone().unwrap_or(Type::Unknown),
    )
}

/// Whether two keys of patterns are the same term.
fn same_key(a: &Term, b: &Term) -> bool {
    match (&a.kind, &b.kind) {
        (TermKind::Const(a), TermKind::Const(b)) => a == b,
        (TermKind::Local(a), TermKind::Local(b)) => a == b,
        _ => false,
    }
}
