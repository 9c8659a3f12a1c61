//! Functions of objects.

use std::rc::Rc;

use super::super::machine::Machine;
use super::super::value::Val;
use super::{Builtin, row};

pub(super) const TABLE: &[Builtin] = &[
    row("objectFieldsEx", &["obj", "hidden"], |machine, arguments| {
        let object = arguments.object(machine, 0)?;
        let hidden = arguments.boolean(machine, 1, false)?;
        let names = machine.names(object, hidden, arguments.at)?;
        machine.array_of(names.into_iter().map(Val::String).collect(), arguments.at)
    }),
    row("objectHasEx", &["obj", "fname", "hidden"], |machine, arguments| {
        let object = arguments.object(machine, 0)?;
        let name = arguments.string(machine, 1)?;
        let hidden = arguments.boolean(machine, 2, false)?;
        let has = machine.field_at(object, &name).is_some() && (hidden || machine.is_visible(object, &name));
        Ok(Val::Bool(has))
    }),
    row("objectRemoveKey", &["obj", "key"], |machine, arguments| {
        let object = arguments.object(machine, 0)?;
        let removed = arguments.string(machine, 1)?;
        machine.check_object(object, arguments.at)?;
        let mut fields = Vec::new();
        for name in machine.names(object, false, arguments.at)? {
            if let Some(place) = other_field(machine, object, &name, &removed) {
                let thunk = machine.field_thunk(object, place)?;
                fields.push((name, thunk));
            }
        }
        machine.object_of(fields, arguments.at)
    }),
];

fn other_field(
    machine: &Machine<'_>,
    object: super::ObjectId,
    name: &Rc<str>,
    removed: &Rc<str>,
) -> Option<(usize, usize)> {
    if name == removed {
        return None;
    }
    machine.field_at(object, name)
}
