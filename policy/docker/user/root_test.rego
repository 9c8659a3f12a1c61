package kpolicy.docker.user.root_test

import data.kpolicy.docker.user.root

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_root if {
	found := root.deny with input as [instruction("from", ["alpine"]), instruction("user", ["1000"]), instruction("user", ["0:0"])]
	found == {{"msg": "the image runs as 0:0", "path": [2, "Value", 0]}}
}

test_denies_an_image_without_a_user if {
	found := root.deny with input as [instruction("from", ["alpine"])]
	found == {{"msg": "the image has no USER, and so runs as its base does: most run as root", "path": [0, "Cmd"]}}
}

test_allows_another_user if {
	found := root.deny with input as [instruction("from", ["alpine"]), instruction("user", ["root"]), instruction("user", ["app"])]
	found == set()
}

test_says_nothing_of_other_documents if {
	found := root.deny with input as {"kind": "Pod"}
	found == set()
}

in_stage(stage, cmd, values) := object.union(instruction(cmd, values), {"Stage": stage})

chain(user) := [
	instruction("from", ["alpine", "AS", "Base"]),
	instruction("user", [user]),
	in_stage(1, "from", ["base", "AS", "build"]),
	in_stage(2, "from", ["build"]),
]

test_a_stage_takes_over_the_user_of_the_one_it_is_built_on if {
	allowed := root.deny with input as chain("app")
	allowed == set()
	denied := root.deny with input as chain("root")
	denied == {{"msg": "the image runs as root", "path": [1, "Value", 0]}}
}

test_what_is_copied_from_a_stage_brings_no_user if {
	found := root.deny with input as [
		instruction("from", ["alpine", "AS", "build"]),
		instruction("user", ["app"]),
		in_stage(1, "from", ["alpine"]),
		object.union(in_stage(1, "copy", ["/a", "/a"]), {"Flags": ["--from=0"]}),
	]
	found == {{"msg": "the image has no USER, and so runs as its base does: most run as root", "path": [2, "Cmd"]}}
}

# Nobody knows whether it is a stage with a USER.
test_denies_a_stage_without_a_user_whose_base_an_argument_names if {
	found := root.deny with input as [
		instruction("arg", ["VARIANT"]),
		instruction("from", ["alpine", "AS", "plain"]),
		in_stage(1, "from", ["${VARIANT}"]),
	]
	found == {{"msg": "the image has no USER, and so runs as its base does: most run as root", "path": [2, "Cmd"]}}
}
