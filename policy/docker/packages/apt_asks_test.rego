package kpolicy.docker.packages.apt_asks_test

import data.kpolicy.docker.packages.apt_asks

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_a_question if {
	found := apt_asks.deny with input as [instruction("run", ["apt-get install curl"])]
	found == {{"msg": "`apt-get install curl` asks whether it may", "path": [0, "Value", 0]}}
}

test_allows_answers if {
	every option in ["-y", "-qy", "--yes", "--assume-yes", "-qq", "-yqq"] {
		found := apt_asks.deny with input as [instruction("run", [sprintf("apt-get %s install curl", [option])])]
		found == set()
	}
}

test_allows_other_commands if {
	found := apt_asks.deny with input as [instruction("run", ["apt-get update"])]
	found == set()
}

test_quiet_twice_is_an_answer if {
	every options in ["-q -q", "--quiet -q"] {
		found := apt_asks.deny with input as [instruction("run", [sprintf("apt-get %s install curl", [options])])]
		found == set()
	}
}

test_quiet_once_is_none if {
	found := apt_asks.deny with input as [instruction("run", ["apt-get -q install curl"])]
	found == {{"msg": "`apt-get -q install curl` asks whether it may", "path": [0, "Value", 0]}}
}
