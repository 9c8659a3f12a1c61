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
