package kpolicy.docker.base.missing_digest_test

import data.kpolicy.docker.base.missing_digest

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_tag_alone if {
	found := missing_digest.deny with input as [instruction("from", ["alpine:3.20"])]
	found == {{"msg": "the base image alpine:3.20 has no digest", "path": [0, "Value", 0]}}
}

test_allows_a_digest if {
	found := missing_digest.deny with input as [instruction("from", ["alpine:3.20@sha256:0123"])]
	found == set()
}
