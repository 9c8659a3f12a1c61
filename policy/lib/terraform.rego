# METADATA
# title: One view of Terraform resources
# description: |
#   The resources of a Terraform file, in its own syntax or in JSON, and of a plan (`terraform show -json`), each with its
#   path into the input. Of a file, values are those of `data.terraform_configuration`, where kpolicy has evaluated the
#   expressions as far as they are known. A value that is an expression still (`${var.x}`) is not known: no rule calls it
#   wrong.
package kpolicy.lib.terraform

import data.kpolicy.lib.shape

# The configuration that the file belongs to, its expressions evaluated; undefined where nobody has done that.
configuration := data.terraform_configuration if is_object(data.terraform_configuration)

entry_of(resource) := {
	"name": resource.name,
	"block": resource.values,
	"path": resource.path,
	"module": resource.module,
}

# The resources of each type: {"name": …, "block": …, "path": …}, and where a configuration is known "module".
resources[type] contains entry if {
	not configuration
	some type, names in shape.table_at(input, ["resource"])
	is_object(names)
	some name, body in names
	some part in parts(body, ["resource", type, name])
	entry := {"name": sprintf("%s.%s", [type, name]), "block": part.block, "path": part.path}
}

resources[type] contains entry if {
	some type, found in configuration.resources
	some resource in found
	resource.file == configuration.file
	entry := entry_of(resource)
}

resources[resource.type] contains entry if {
	walk(input.planned_values, [steps, resource])
	steps[count(steps) - 2] == "resources"
	resource.mode == "managed"
	is_object(resource.values)
	path := array.concat(["planned_values"], array.concat(steps, ["values"]))
	name := object.get(resource, "address", sprintf("%s.%s", [resource.type, object.get(resource, "name", "")]))
	entry := {"name": name, "block": resource.values, "path": path}
}

# The resources of one type.
of_type(type) := object.get(resources, [type], set())

# The resources of one type in all files of the directory, those of the file where nothing else is known.
everywhere(type) := {entry |
	some resource in object.get(configuration.resources, type, [])
	entry := entry_of(resource)
} if {
	configuration
} else := of_type(type)

# Whether a value of a resource refers to another resource: by its address, or by the same name in a field.
refers(value, resource, _) if {
	is_string(value)
	regex.match(sprintf(`(^|[^A-Za-z0-9_.-])%s($|[^A-Za-z0-9_-])`, [replace(resource.name, ".", `\.`)]), value)
	contains(value, "${")
}

refers(value, resource, field) if {
	known(value)
	value == resource.block[field]
}

# Whether two resources are of the same module, as far as that is known.
together(one, other) if object.get(one, "module", null) == object.get(other, "module", null)

# The data sources of one type.
sources(type) := {entry |
	not configuration
	some name, body in shape.table_at(input, ["data", type])
	some part in parts(body, ["data", type, name])
	entry := {"name": sprintf("data.%s.%s", [type, name]), "block": part.block, "path": part.path}
} | {entry |
	some source in object.get(configuration.data, type, [])
	source.file == configuration.file
	entry := entry_of(source)
}

# The blocks of a name in a resource or in another block, those that `dynamic` makes too: a list of {"block": …, "path": …}.
blocks(holder, name) := array.concat(
	parts(object.get(holder.block, name, []), array.concat(holder.path, [name])),
	[content |
		path := ["dynamic", name]
		some dynamic in parts(shape.at(holder.block, path), array.concat(holder.path, path))
		some content in contents(dynamic)
	],
)

# What a `dynamic` block makes. It has one content, of which a configuration has as many as there are items.
contents(dynamic) := [{"block": block, "path": array.concat(dynamic.path, ["content", 0])} |
	some block in dynamic.block.content
	is_object(block)
] if {
	is_array(dynamic.block.content)
} else := parts(object.get(dynamic.block, "content", []), array.concat(dynamic.path, ["content"]))

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

# Whether a switch is on, or is left out and the provider turns it on. What an expression gives is not known.
on_or_default(_, block, field) if on(block, field)

on_or_default(type, block, field) if {
	object.get(block, field, null) == null
	input.resource
	some switch in switches_on
	switch.type == type
	switch.field == field
	in_versions(switch)
}

# Switches that providers turn on where a resource does not say it: with the versions that do, the first and the first
# that does not, and the documentation that says so. Of a provider whose version is not asked for, the newest is taken.
switches_on := [
	{
		"type": "azurerm_storage_account",
		"field": "allow_nested_items_to_be_public",
		"provider": "azurerm",
		"since": 3,
		"before": 1000,
		"source": "https://registry.terraform.io/providers/hashicorp/azurerm/4.0.0/docs/resources/storage_account",
	},
	{
		"type": "aws_redshift_cluster",
		"field": "publicly_accessible",
		"provider": "aws",
		"since": 0,
		"before": 6,
		"source": "https://registry.terraform.io/providers/hashicorp/aws/5.0.0/docs/resources/redshift_cluster",
	},
]

in_versions(switch) if {
	newest(switch.provider) >= switch.since
	newest(switch.provider) < switch.before
}

# The newest major version of a provider that is allowed.
newest(provider) := min(bounds) if {
	bounds := {highest(bound) | some bound in split(configuration.providers[provider], ",")}
} else := 999

# The highest major version within a bound: `~> 3.1` has 3, `< 4.0` has 3, `>= 3` has none.
highest(bound) := number(major) - 1 if {
	[[_, major]] := regex.find_all_string_submatch_n(`^\s*<\s*v?([0-9]+)(?:\.0)*\s*$`, bound, -1)
} else := number(major) if {
	[[_, major]] := regex.find_all_string_submatch_n(`^\s*(?:=|~>|<=|<|)\s*v?([0-9]+)`, bound, -1)
}

# Whether a switch is off, said or left out. An expression may be on.
off(block, field) if object.get(block, field, false) in {false, "false", null, ""}

# Whether a field is left out.
absent(block, field) if {
	object.get(block, field, null) in {null, "", []}
	not is_made(block, field)
}

is_made(block, field) if {
	path := ["dynamic", field]
	some dynamic in parts(shape.at(block, path), path)
	count(contents(dynamic)) > 0
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
# One port more than may be open is enough to look at.
beyond(low, high, allowed) if {
	from := floor(number(low))
	to := min([ceil(number(high)), from + count(allowed)])
	some port in numbers.range(from, max([from, to]))
	not port in allowed
}
