//! What Jsonnet computes with. Thunks and objects are kept by number in the [`Machine`](super::machine::Machine): no
//! value owns another one, so that cycles cost nothing and dropping never recurses.

use std::collections::HashMap;
use std::rc::Rc;

use super::library::Builtin;
use super::tree::{Assertion, At, Bind, E, Lambda, Symbol, Visibility};

/// The number of a thunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThunkId(pub(super) u32);

/// The number of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ObjectId(pub(super) u32);

/// A value.
#[derive(Clone)]
pub(super) enum Val {
    Null,
    Bool(bool),
    Number(f64),
    String(Rc<str>),
    Array(Rc<[ThunkId]>),
    Object(ObjectId),
    Function(Function),
}

impl Val {
    pub(super) fn string(text: impl Into<Rc<str>>) -> Self {
        Self::String(text.into())
    }

    /// The name that `std.type` gives.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
            Self::Function(_) => "function",
        }
    }
}

/// A function.
#[derive(Clone)]
pub(super) enum Function {
    Closure(Rc<Lambda>, Rc<Env>),
    Builtin(&'static Builtin),
}

/// The variables of a scope, and its object.
#[derive(Default)]
pub(super) struct Env {
    pub(super) parent: Option<Rc<Env>>,
    pub(super) variables: Vec<(Symbol, ThunkId)>,
    /// `self`, and the layer that `super` looks below.
    pub(super) object: Option<(ObjectId, usize)>,
    /// `$`.
    pub(super) outermost: Option<ObjectId>,
}

impl Env {
    /// A scope in this one with further variables.
    pub(super) fn with(self: &Rc<Self>, variables: Vec<(Symbol, ThunkId)>) -> Rc<Self> {
        Rc::new(Self {
            parent: Some(Rc::clone(self)),
            variables,
            object: self.object,
            outermost: self.outermost,
        })
    }

    pub(super) fn find(&self, name: Symbol) -> Option<ThunkId> {
        let mut scope = Some(self);
        while let Some(env) = scope {
            if let Some((_, thunk)) = env.variables.iter().rev().find(|(known, _)| *known == name) {
                return Some(*thunk);
            }
            scope = env.parent.as_deref();
        }
        None
    }
}

/// A value that is computed when it is first asked for.
pub(super) struct Thunk {
    pub(super) state: State,
    /// Where it is written.
    pub(super) at: At,
}

#[derive(Clone)]
pub(super) enum State {
    Done(Val),
    Pending(E, Rc<Env>),
    /// A call of a function, as the items of `std.map` are.
    Call(Function, Rc<[ThunkId]>),
    /// A field: the object, its layer, and the position of the field there.
    Field(ObjectId, usize, usize),
    /// Being computed.
    Running,
}

/// An object: layers, the lowest first, that `+` put over each other.
pub(super) struct Object {
    pub(super) layers: Rc<[Rc<Layer>]>,
    /// The scopes of the layers, once a field of them was needed.
    pub(super) scopes: HashMap<usize, Rc<Env>>,
    /// The thunks of fields, by layer and position.
    pub(super) fields: HashMap<(usize, usize), ThunkId>,
    pub(super) are_asserts_run: bool,
}

/// What an object literal or comprehension gives.
pub(super) struct Layer {
    pub(super) fields: Vec<Field>,
    pub(super) positions: HashMap<Rc<str>, usize>,
    pub(super) asserts: Vec<Rc<Assertion>>,
    pub(super) locals: Rc<[Bind]>,
    pub(super) env: Rc<Env>,
}

pub(super) struct Field {
    pub(super) name: Rc<str>,
    pub(super) name_at: At,
    pub(super) is_plus: bool,
    pub(super) visibility: Visibility,
    pub(super) body: Body,
}

pub(super) enum Body {
    /// An expression in the scope of the layer.
    Layer(E),
    /// An expression in a scope of its own, of an object comprehension.
    Own(E, Rc<Env>),
    /// A value of the library.
    Thunk(ThunkId),
}
