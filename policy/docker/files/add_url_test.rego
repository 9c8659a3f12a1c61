package kpolicy.docker.files.add_url_test

import data.kpolicy.docker.files.add_url

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_an_address if {
	found := add_url.deny with input as [instruction("add", ["https://example.com/x", "/x"])]
	found == {{"msg": "ADD fetches https://example.com/x and does not verify it", "path": [0, "Value", 0]}}
}

test_allows_a_checksum_and_files if {
	verified := object.union(instruction("add", ["https://example.com/x", "/x"]), {"Flags": ["--checksum=sha256:0123"]})
	found := add_url.deny with input as [verified, instruction("add", ["x.tar.gz", "https://example.com"])]
	found == set()
}

test_other_flags_verify_nothing if {
	owned := object.union(instruction("add", ["https://example.com/x", "/x"]), {"Flags": ["--chown=app"]})
	found := add_url.deny with input as [owned]
	found == {{"msg": "ADD fetches https://example.com/x and does not verify it", "path": [0, "Value", 0]}}
}
