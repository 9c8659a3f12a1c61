package kpolicy.docker.base.mutable_tag_test

import data.kpolicy.docker.base.mutable_tag

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_latest_and_no_tag if {
	latest := mutable_tag.deny with input as [instruction("from", ["alpine:latest"])]
	latest == {{"msg": "the tag of the base image alpine:latest moves", "path": [0, "Value", 0]}}
	none := mutable_tag.deny with input as [instruction("from", ["localhost:5000/alpine"])]
	none == {{"msg": "the base image localhost:5000/alpine has no tag", "path": [0, "Value", 0]}}
}

test_allows_versions_digests_stages_and_arguments if {
	every image in ["alpine:3.20", "alpine@sha256:0123", "alpine:latest@sha256:0123", "scratch", "${BASE}"] {
		found := mutable_tag.deny with input as [instruction("from", [image])]
		found == set()
	}
	stages := [instruction("from", ["alpine:3.20", "AS", "build"]), instruction("from", ["build"])]
	found := mutable_tag.deny with input as stages
	found == set()
}
