package kpolicy.docker.packages.pip_cache_test

import data.kpolicy.docker.packages.pip_cache

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_downloads_that_stay if {
	found := pip_cache.deny with input as [instruction("run", ["pip install flask"])]
	found == {{"msg": "`pip install flask` leaves its downloads in the image", "path": [0, "Value", 0]}}
}

test_allows_no_cache if {
	found := pip_cache.deny with input as [instruction("run", ["pip3 install --no-cache-dir flask"])]
	found == set()
	by_variable := [instruction("env", ["PIP_NO_CACHE_DIR", "1", "="]), instruction("run", ["pip install flask"])]
	switched_off := pip_cache.deny with input as by_variable
	switched_off == set()
}

test_allows_other_commands if {
	found := pip_cache.deny with input as [instruction("run", ["pip check"])]
	found == set()
}

test_downloads_in_a_mounted_cache_do_not_stay if {
	install := instruction("run", ["pip install flask"])
	cached := object.union(install, {"Flags": ["--mount=type=cache,target=/root/.cache/pip"]})
	secret := object.union(install, {"Flags": ["--mount=type=secret,id=key"]})
	found := pip_cache.deny with input as [cached, install, secret]
	found == {{"msg": "`pip install flask` leaves its downloads in the image", "path": [index, "Value", 0]} | some index in [1, 2]}
}

test_other_variables_switch_nothing_off if {
	found := pip_cache.deny with input as [instruction("env", ["PIP_INDEX_URL", "x", "="]), instruction("run", ["pip install flask"])]
	found == {{"msg": "`pip install flask` leaves its downloads in the image", "path": [1, "Value", 0]}}
}
