package kpolicy.lib.terraform_test

import data.kpolicy.lib.terraform

test_resources_of_both_syntaxes_and_of_plans if {
	native := {"resource": {"a": {"x": [{"n": 1}, {"n": 2}]}}}
	found := terraform.of_type("a") with input as native
	found == {
		{"name": "a.x", "block": {"n": 1}, "path": ["resource", "a", "x", 0]},
		{"name": "a.x", "block": {"n": 2}, "path": ["resource", "a", "x", 1]},
	}
	of_json := terraform.of_type("a") with input as {"resource": {"a": {"x": {"n": 1}}}}
	of_json == {{"name": "a.x", "block": {"n": 1}, "path": ["resource", "a", "x"]}}
	module := {"resources": [{"address": "module.m.a.x", "mode": "managed", "type": "a", "values": {"n": 1}}]}
	plan := {"planned_values": {"root_module": {"child_modules": [module]}}}
	planned := terraform.of_type("a") with input as plan
	path := ["planned_values", "root_module", "child_modules", 0, "resources", 0, "values"]
	planned == {{"name": "module.m.a.x", "block": {"n": 1}, "path": path}}
}

test_a_plan_has_resources_in_its_modules_alone if {
	copy := {"address": "a.x", "mode": "managed", "type": "a", "values": {"n": 1}}
	plan := {"planned_values": {
		"outputs": {"copy": {"value": copy}},
		"root_module": {"resources": [
			object.union(copy, {"address": "data.a.x", "mode": "data"}),
			object.union(copy, {"address": "a.unknown", "values": null}),
			object.union(copy, {"address": "a.y"}),
		]},
	}}
	found := {resource.name | some resource in terraform.of_type("a")} with input as plan
	found == {"a.y"}
}

test_there_are_none_in_other_documents if {
	every document in [{"kind": "Pod"}, {"resource": "x"}, {"resource": {"a": [1]}}, {"resource": {"a": [{"n": 1}]}}, [1], "x"] {
		found := terraform.of_type("a") with input as document
		found == set()
	}
}

test_blocks_in_a_list_or_alone if {
	holder := {"path": ["p"], "block": {"one": {"n": 1}, "many": [{"n": 1}, "${each.value}"], "text": "x"}}
	terraform.blocks(holder, "one") == [{"block": {"n": 1}, "path": ["p", "one"]}]
	terraform.blocks(holder, "many") == [{"block": {"n": 1}, "path": ["p", "many", 0]}]
	terraform.blocks(holder, "text") == []
	terraform.blocks(holder, "none") == []
}

test_blocks_that_are_made if {
	made := [{"for_each": "${var.x}", "content": [{"n": 1}]}]
	holder := {"path": ["p"], "block": {"dynamic": {"many": made}}}
	terraform.blocks(holder, "many") == [{"block": {"n": 1}, "path": ["p", "dynamic", "many", 0, "content", 0]}]
	not terraform.absent(holder.block, "many")
	terraform.absent(holder.block, "none")
}

test_blocks_that_are_made_in_json if {
	holder := {"path": ["p"], "block": {"dynamic": {"many": {"for_each": "${var.x}", "content": {"n": 1}}}}}
	terraform.blocks(holder, "many") == [{"block": {"n": 1}, "path": ["p", "dynamic", "many", "content"]}]
}

test_expressions_are_neither_on_nor_off if {
	block := {"on": true, "text": "false", "expression": "${var.x}"}
	terraform.on(block, "on")
	terraform.off(block, "text")
	terraform.off(block, "none")
	not terraform.on(block, "expression")
	not terraform.off(block, "expression")
}

test_items_that_are_written_out if {
	block := {"one": "a", "many": ["b", "${var.x}", null], "expression": "${var.y}"}
	terraform.items(block, "one") == {"a"}
	terraform.items(block, "many") == {"b"}
	terraform.items(block, "expression") == set()
	terraform.items(block, "none") == set()
	terraform.items({"ports": [443, "8443"]}, "ports") == {443, "8443"}
}

test_open_fields if {
	block := {"source": ["10.0.0.0/8", "0.0.0.0/0"], "other": "Internet"}
	terraform.open_field(block, ["none", "source"]) == "source"
	terraform.open_field(block, ["other"]) == "other"
	not terraform.open_field({"source": "10.0.0.0/8"}, ["source"])
}

test_ports_beyond_those_that_may_be_open if {
	terraform.beyond(22, 22, [80, 443])
	terraform.beyond("0", "65535", [80, 443])
	terraform.beyond(443, 444, [80, 443])
	not terraform.beyond(80, 80, [80, 443])
	not terraform.beyond("443", "443", [80, 443])
	terraform.beyond(80, 83, [80, 81, 82])
	terraform.beyond(79, 82, [80, 81, 82])
	not terraform.beyond(80, 82, [80, 81, 82])
	terraform.beyond(22, 22, [])
}

test_ports_that_are_not_known_are_not_beyond if {
	not terraform.beyond("${var.from}", "${var.to}", [80, 443])
	not terraform.beyond(22, "${var.to}", [80, 443])
	not terraform.beyond(null, null, [80, 443])
}

entry(name, file, values) := {"name": name, "module": ".", "file": file, "path": ["p"], "values": values}

configuration(versions) := {
	"file": "a.tf",
	"providers": versions,
	"resources": {"a": [entry("a.x", "a.tf", {"n": "b-name"}), entry("a.y", "b.tf", {})]},
	"data": {"d": [entry("data.d.z", "a.tf", {})]},
}

test_a_configuration_takes_the_place_of_what_is_written if {
	written := {"resource": {"a": {"x": [{"n": "${var.n}"}]}}}
	found := terraform.of_type("a") with input as written with data.terraform_configuration as configuration({})
	found == {{"name": "a.x", "block": {"n": "b-name"}, "path": ["p"], "module": "."}}
	all := terraform.everywhere("a") with input as written with data.terraform_configuration as configuration({})
	{resource.name | some resource in all} == {"a.x", "a.y"}
	sources := terraform.sources("d") with input as written with data.terraform_configuration as configuration({})
	{source.name | some source in sources} == {"data.d.z"}
	none := terraform.of_type("a") with input as written with data.terraform_configuration as null
	none == {{"name": "a.x", "block": {"n": "${var.n}"}, "path": ["resource", "a", "x", 0]}}
	alone := terraform.everywhere("a") with input as written
	{resource.name | some resource in alone} == {"a.x"}
}

test_references_by_address_and_by_value if {
	resource := {"name": "a.x", "block": {"n": "b-name"}}
	terraform.refers("${a.x.id}", resource, "n")
	terraform.refers("${a.x[0].id}", resource, "n")
	terraform.refers("b-name", resource, "n")
	not terraform.refers("${a.xy.id}", resource, "n")
	not terraform.refers("a.x", resource, "n")
	not terraform.refers("other", resource, "n")
	not terraform.refers(3, resource, "n")
	not terraform.refers(null, {"name": "a.x", "block": {"n": null}}, "n")
	terraform.together({"module": "m"}, {"module": "m"})
	not terraform.together({"module": "m"}, {"module": "n"})
}

test_a_dynamic_block_that_makes_nothing_is_absent if {
	terraform.absent({"dynamic": {"many": [{"content": []}]}}, "many")
	holder := {"path": ["p"], "block": {"dynamic": {"many": [{"content": [{"n": 1}, {"n": 2}]}]}}}
	path := ["p", "dynamic", "many", 0, "content", 0]
	terraform.blocks(holder, "many") == [{"block": {"n": 1}, "path": path}, {"block": {"n": 2}, "path": path}]
}

test_defaults_of_providers if {
	type := "azurerm_storage_account"
	field := "allow_nested_items_to_be_public"
	every version in ["~> 3.0", ">= 2.0", "4.1.0", "= 3.2", ">= 2, < 4.0"] {
		terraform.on_or_default(type, {}, field) with input.resource as {}
			with data.terraform_configuration as configuration({"azurerm": version})
	}
	every version in ["~> 2.9", "2.1", "< 2.99.0", ">= 2.0, < 3.0.0"] {
		not on_in_version(type, field, version)
	}
	terraform.on_or_default(type, {}, field) with input.resource as {}
	not terraform.on_or_default(type, {}, field) with input as {"planned_values": {}}
	not terraform.on_or_default(type, {field: "${var.x}"}, field) with input.resource as {}
	not terraform.on_or_default("aws_redshift_cluster", {}, "publicly_accessible") with input.resource as {}
	on_in_version("aws_redshift_cluster", "publicly_accessible", "~> 5.1")
	not on_in_version("aws_db_instance", "publicly_accessible", "~> 5.1")
	not on_in_version("aws_redshift_cluster", "encrypted", "~> 5.1")
}

on_in_version(type, field, version) if {
	terraform.on_or_default(type, {}, field) with input.resource as {}
		with data.terraform_configuration as configuration({"aws": version, "azurerm": version})
}
