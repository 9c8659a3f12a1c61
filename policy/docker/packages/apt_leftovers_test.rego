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

stays(index) := {"msg": "the lists of packages stay in the image", "path": [index, "Value", 0]}

test_recommended_packages_can_be_switched_off_by_an_option if {
	run := "apt-get install -y -o APT::Install-Recommends=false curl"
	found := apt_leftovers.deny with input as [instruction("run", [run])]
	found == {stays(0)}
}

test_lists_that_another_layer_removes_stay if {
	install := instruction("run", ["apt-get install -y --no-install-recommends curl"])
	found := apt_leftovers.deny with input as [install, instruction("run", ["rm -rf /var/lib/apt/lists/*"])]
	found == {stays(0)}
}

test_lists_in_a_mounted_cache_do_not_stay if {
	install := instruction("run", ["apt-get install -y --no-install-recommends curl"])
	cached := object.union(install, {"Flags": ["--mount=type=cache,target=/var/lib/apt"]})
	archives := object.union(install, {"Flags": ["--mount=type=cache,target=/var/cache/apt"]})
	found := apt_leftovers.deny with input as [cached, install, archives]
	found == {stays(1), stays(2)}
}
