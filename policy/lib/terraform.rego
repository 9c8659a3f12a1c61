# METADATA
# title: One view of Terraform resources
# description: |
#   The resources of a Terraform file, in its own syntax or in JSON, and of a plan (`terraform show -json`), each with its
#   path into the input. A value that is an expression (`${var.x}`) is not known here: no rule calls it wrong.
package kpolicy.lib.terraform

import data.kpolicy.lib.shape

# The resources of each type: {"name": …, "block": …, "path": …}.
resources[type] contains entry if {
	some type, names in shape.table_at(input, ["resource"])
	is_object(names)
	some name, body in names
	some part in parts(body, ["resource", type, name])
	entry := {"name": sprintf("%s.%s", [type, name]), "block": part.block, "path": part.path}
}

resources[resource.type] contains entry if {
	is_object(input.planned_values)
	walk(input.planned_values, [steps, resource])
	steps[count(steps) - 2] == "resources"
	resource.mode == "managed"
	is_string(resource.type)
	is_object(resource.values)
	path := array.concat(["planned_values"], array.concat(steps, ["values"]))
	name := object.get(resource, "address", sprintf("%s.%s", [resource.type, object.get(resource, "name", "")]))
	entry := {"name": name, "block": resource.values, "path": path}
}

# The resources of one type.
of_type(type) := object.get(resources, [type], set())

# The data sources of one type.
sources(type) := {entry |
	some name, body in shape.table_at(input, ["data", type])
	some part in parts(body, ["data", type, name])
	entry := {"name": sprintf("data.%s.%s", [type, name]), "block": part.block, "path": part.path}
}

# The blocks of a name in a resource or in another block, those that `dynamic` makes too: a list of {"block": …, "path": …}.
blocks(holder, name) := array.concat(
	parts(object.get(holder.block, name, []), array.concat(holder.path, [name])),
	[content |
		path := ["dynamic", name]
		some dynamic in parts(shape.at(holder.block, path), array.concat(holder.path, path))
		some content in parts(object.get(dynamic.block, "content", []), array.concat(dynamic.path, ["content"]))
	],
)

# A body is a list of blocks, or in JSON also the only one.
parts(body, path) := [{"block": block, "path": array.concat(path, [index])} |
	some index, block in body
	is_object(block)
] if {
	is_array(body)
}

parts(body, path) := [{"block": body, "path": path}] if is_object(body)

parts(body, _) := [] if {
	not is_array(body)
	not is_object(body)
}

# Whether a switch is on. An expression is not known to be.
on(block, field) if block[field] in {true, "true"}

# Whether a switch is off, said or left out. An expression may be on.
off(block, field) if object.get(block, field, false) in {false, "false", null, ""}

# Whether a field is left out.
absent(block, field) if {
	object.get(block, field, null) in {null, "", []}
	shape.at(block, ["dynamic", field]) == null
}

# The items of a list that are written out, or the value itself; an expression has none.
items(block, field) := {item |
	some item in array.flatten([object.get(block, field, [])])
	known(item)
}

# Whether a value is written out: neither an expression nor, in a plan, left to be known later.
known(value) if {
	value != null
	not is_string(value)
}

known(value) if {
	is_string(value)
	not contains(value, "${")
}

# Addresses that are everybody's.
everybody := {"0.0.0.0/0", "::/0", "*", "any", "internet"}

# A number that is written as one or as a text; an expression is none.
number(value) := value if is_number(value)

number(value) := to_number(value) if {
	is_string(value)
	regex.match(`^[0-9]+$`, value)
}

# The field of a block that admits everybody: the first of these that does.
open_field(block, fields) := [field |
	some field in fields
	some address in items(block, field)
	is_string(address)
	lower(address) in everybody
][0]

# Whether a range of ports, as numbers or as texts, holds another port than those that may be open.
beyond(low, high, allowed) if {
	from := number(low)
	to := number(high)
	to - from >= count(allowed)
}

beyond(low, high, allowed) if {
	from := floor(number(low))
	to := ceil(number(high))
	to - from < count(allowed)
	some port in numbers.range(from, max([from, to]))
	not port in allowed
}
