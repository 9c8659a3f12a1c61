package kpolicy.docker.files.add_instead_of_copy_test

import data.kpolicy.docker.files.add_instead_of_copy

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_plain_files if {
	found := add_instead_of_copy.deny with input as [instruction("add", ["a", "b", "/c/"])]
	found == {{"msg": "ADD of a, b does no more than COPY", "path": [0, "Cmd"]}}
}

test_allows_archives_addresses_and_patterns if {
	every source in ["a.tar.gz", "A.TGZ", "https://example.com/x", "git@example.com:x.git", "*", "$X"] {
		found := add_instead_of_copy.deny with input as [instruction("add", [source, "/c/"])]
		found == set()
	}
}

test_one_without_sources_is_no_copy if {
	found := add_instead_of_copy.deny with input as [instruction("add", ["/c/"])]
	found == set()
}
