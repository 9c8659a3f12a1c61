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

test_there_are_none_in_other_documents if {
	every document in [{"kind": "Pod"}, {"resource": "x"}, {"resource": {"a": [1]}}, [1], "x"] {
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
}
