package kpolicy.docker.base.duplicate_stage_test

import data.kpolicy.docker.base.duplicate_stage

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_name_that_is_taken if {
	found := duplicate_stage.deny with input as [instruction("from", ["a:1", "AS", "build"]), instruction("from", ["b:1", "AS", "Build"])]
	found == {{"msg": "an earlier stage is called Build too", "path": [1, "Value", 2]}}
}

test_allows_names_of_their_own if {
	found := duplicate_stage.deny with input as [instruction("from", ["a:1", "AS", "build"]), instruction("from", ["b:1", "AS", "run"]), instruction("from", ["build"])]
	found == set()
}
