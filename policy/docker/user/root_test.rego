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
