package kpolicy.docker.files.copy_owner_test

import data.kpolicy.docker.files.copy_owner

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_copy_behind_a_user if {
	found := copy_owner.deny with input as [instruction("user", ["root"]), instruction("user", ["app:app"]), instruction("copy", ["a", "/a"])]
	found == {{"msg": "COPY brings files of root where USER is app", "path": [2, "Cmd"]}}
}

test_allows_an_owner_and_root if {
	owned := object.union(instruction("copy", ["a", "/a"]), {"Flags": ["--chown=app"]})
	found := copy_owner.deny with input as [instruction("copy", ["a", "/a"]), instruction("user", ["app"]), owned]
	found == set()
}

test_the_last_user_before_it_counts if {
	found := copy_owner.deny with input as [
		instruction("user", ["app"]),
		instruction("user", ["0:0"]),
		instruction("copy", ["a", "/a"]),
	]
	found == set()
}

test_other_flags_give_no_owner if {
	from_stage := object.union(instruction("copy", ["a", "/a"]), {"Flags": ["--from=build"]})
	found := copy_owner.deny with input as [instruction("user", ["app"]), from_stage]
	found == {{"msg": "COPY brings files of root where USER is app", "path": [1, "Cmd"]}}
}

in_stage(stage, cmd, values) := object.union(instruction(cmd, values), {"Stage": stage})

test_denies_a_copy_behind_the_user_of_the_stage_it_is_built_on if {
	found := copy_owner.deny with input as [
		instruction("from", ["alpine", "AS", "Base"]),
		instruction("user", ["app"]),
		in_stage(1, "from", ["base", "AS", "build"]),
		in_stage(2, "from", ["build"]),
		in_stage(2, "copy", ["a", "/a"]),
		in_stage(3, "from", ["alpine"]),
		in_stage(3, "copy", ["a", "/a"]),
	]
	found == {{"msg": "COPY brings files of root where USER is app", "path": [4, "Cmd"]}}
}
