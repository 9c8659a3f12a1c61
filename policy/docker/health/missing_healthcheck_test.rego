package kpolicy.docker.health.missing_healthcheck_test

import data.kpolicy.docker.health.missing_healthcheck

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_an_image_without_one if {
	found := missing_healthcheck.deny with input as [instruction("from", ["alpine"])]
	found == {{"msg": "the image has no HEALTHCHECK", "path": [0, "Cmd"]}}
}

test_allows_one if {
	found := missing_healthcheck.deny with input as [instruction("from", ["alpine"]), instruction("healthcheck", ["NONE"])]
	found == set()
}

in_stage(stage, cmd, values) := object.union(instruction(cmd, values), {"Stage": stage})

test_allows_one_of_the_stage_it_is_built_on if {
	found := missing_healthcheck.deny with input as [
		instruction("from", ["alpine", "AS", "build"]),
		instruction("healthcheck", ["NONE"]),
		in_stage(1, "from", ["build"]),
	]
	found == set()
}

test_denies_where_another_stage_has_one if {
	found := missing_healthcheck.deny with input as [
		instruction("from", ["alpine", "AS", "build"]),
		instruction("healthcheck", ["NONE"]),
		in_stage(1, "from", ["alpine"]),
	]
	found == {{"msg": "the image has no HEALTHCHECK", "path": [2, "Cmd"]}}
}

test_says_nothing_of_a_stage_that_an_argument_names if {
	found := missing_healthcheck.deny with input as [
		instruction("arg", ["VARIANT"]),
		instruction("from", ["alpine", "AS", "plain"]),
		in_stage(1, "from", ["${VARIANT}"]),
	]
	found == set()
}
