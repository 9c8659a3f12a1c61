package kpolicy.docker.packages.apt_leftovers_test

import data.kpolicy.docker.packages.apt_leftovers

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_both if {
	found := apt_leftovers.deny with input as [instruction("run", ["apt-get install -y curl"])]
	found == {
		{"msg": "`apt-get install -y curl` also installs what is recommended", "path": [0, "Value", 0]},
		{"msg": "the lists of packages stay in the image", "path": [0, "Value", 0]},
	}
}

test_allows_a_clean_install if {
	run := "apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*"
	found := apt_leftovers.deny with input as [instruction("run", [run])]
	found == set()
}
