package kpolicy.docker.packages.apt_update_alone_test

import data.kpolicy.docker.packages.apt_update_alone

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_lone_update if {
	found := apt_update_alone.deny with input as [instruction("run", ["apt-get -q update"]), instruction("run", ["apt-get install -y x"])]
	found == {{"msg": "apt-get update stands without an install in the same RUN", "path": [0, "Value", 0]}}
}

test_allows_both_in_one if {
	found := apt_update_alone.deny with input as [instruction("run", ["apt-get update && apt-get install -y x"])]
	found == set()
}

test_denies_a_lone_update_of_apk if {
	found := apt_update_alone.deny with input as [instruction("run", ["apk update"]), instruction("run", ["apk update && apk add x"])]
	found == {{"msg": "apk update stands without an add in the same RUN", "path": [0, "Value", 0]}}
}

test_allows_a_script_that_installs if {
	found := apt_update_alone.deny with input as [instruction("run", ["apt-get update && ./install-tools.sh"])]
	found == set()
}

test_a_script_in_another_run_does_not_count if {
	found := apt_update_alone.deny with input as [instruction("run", ["apt-get update"]), instruction("run", ["./install-tools.sh"])]
	found == {{"msg": "apt-get update stands without an install in the same RUN", "path": [0, "Value", 0]}}
}
