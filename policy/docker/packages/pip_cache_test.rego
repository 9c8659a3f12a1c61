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
