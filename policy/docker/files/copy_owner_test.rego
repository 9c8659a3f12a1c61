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
