package kpolicy.docker.packages.apt_interface_test

import data.kpolicy.docker.packages.apt_interface

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_apt if {
	found := apt_interface.deny with input as [instruction("run", ["apt install -y curl"])]
	found == {{"msg": "`apt install -y curl` calls apt, which has no stable interface", "path": [0, "Value", 0]}}
}

test_allows_apt_get if {
	found := apt_interface.deny with input as [instruction("run", ["apt-get install -y curl"])]
	found == set()
}
