package kpolicy.docker.commands.relative_workdir_test

import data.kpolicy.docker.commands.relative_workdir

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_relative_one if {
	found := relative_workdir.deny with input as [instruction("workdir", ["app"])]
	found == {{"msg": "WORKDIR app is relative to what the base image says", "path": [0, "Value", 0]}}
}

test_allows_absolute_ones if {
	found := relative_workdir.deny with input as [instruction("workdir", ["/app"]), instruction("workdir", ["sub"])]
	found == set()
}

test_an_absolute_one_of_an_earlier_stage_does_not_count if {
	stages := [
		instruction("workdir", ["/app"]),
		object.union(instruction("workdir", ["sub"]), {"Stage": 1}),
	]
	found := relative_workdir.deny with input as stages
	found == {{"msg": "WORKDIR sub is relative to what the base image says", "path": [1, "Value", 0]}}
}

test_an_absolute_one_that_follows_does_not_count if {
	found := relative_workdir.deny with input as [instruction("workdir", ["sub"]), instruction("workdir", ["/app"])]
	found == {{"msg": "WORKDIR sub is relative to what the base image says", "path": [0, "Value", 0]}}
}

test_what_follows_a_relative_one_is_relative if {
	found := relative_workdir.deny with input as [instruction("workdir", ["app"]), instruction("workdir", ["sub"])]
	found == {
		{"msg": "WORKDIR app is relative to what the base image says", "path": [0, "Value", 0]},
		{"msg": "WORKDIR sub is relative to what the base image says", "path": [1, "Value", 0]},
	}
}

in_stage(stage, cmd, values) := object.union(instruction(cmd, values), {"Stage": stage})

test_an_absolute_one_of_the_stage_it_is_built_on_counts if {
	found := relative_workdir.deny with input as [
		instruction("from", ["alpine", "AS", "Base"]),
		instruction("workdir", ["/app"]),
		in_stage(1, "from", ["base", "AS", "build"]),
		in_stage(2, "from", ["build"]),
		in_stage(2, "workdir", ["sub"]),
	]
	found == set()
}

test_says_nothing_of_a_stage_that_an_argument_names if {
	found := relative_workdir.deny with input as [
		instruction("arg", ["VARIANT"]),
		instruction("from", ["alpine", "AS", "plain"]),
		in_stage(1, "from", ["${VARIANT}"]),
		in_stage(1, "workdir", ["sub"]),
	]
	found == set()
}
