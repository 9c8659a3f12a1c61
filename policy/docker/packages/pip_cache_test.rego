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

mounted(target, run) := object.union(instruction("run", [run]), {"Flags": [sprintf("--mount=type=cache,target=%s", [target])]})

test_only_a_cache_over_that_of_pip_counts if {
	every target in ["/root/.cache", "/home/app/.cache/pip/", "/home/app", "/root", "/opt/app/.cache/pip", "$HOME/.cache/pip"] {
		found := pip_cache.deny with input as [mounted(target, "pip install flask")]
		found == set()
	}
	every target in ["/root/.cache/uv", "/go/pkg/mod", "~/.cache/pip", "/home/app/pip", "/cache"] {
		found := pip_cache.deny with input as [mounted(target, "pip install flask")]
		found == {{"msg": "`pip install flask` leaves its downloads in the image", "path": [0, "Value", 0]}}
	}
}

test_variables_and_options_move_the_cache if {
	every setting in [
		["PIP_CACHE_DIR", `"/cache"`],
		["PIP_CACHE_DIR", "/cache/pip"],
		["XDG_CACHE_HOME", "/cache"],
		["HOME", "/cache"],
	] {
		found := pip_cache.deny with input as [instruction("env", array.concat(setting, ["="])), mounted("/cache", "pip install flask")]
		found == set()
	}
	every run in [
		"pip --cache-dir /cache install flask",
		"pip install --cache-dir=/cache flask",
		"export PIP_CACHE_DIR='/cache' && pip install flask",
	] {
		found := pip_cache.deny with input as [mounted("/cache", run)]
		found == set()
	}
}

test_an_option_moves_the_cache_of_its_instruction if {
	found := pip_cache.deny with input as [mounted("/cache", "pip install --cache-dir=/cache a"), mounted("/cache", "pip install b")]
	found == {{"msg": "`pip install b` leaves its downloads in the image", "path": [1, "Value", 0]}}
}

test_uv_is_not_pip if {
	found := pip_cache.deny with input as [instruction("run", ["/bin/uv pip install flask"])]
	found == set()
}

test_other_variables_switch_nothing_off if {
	found := pip_cache.deny with input as [instruction("env", ["PIP_INDEX_URL", "x", "="]), instruction("run", ["pip install flask"])]
	found == {{"msg": "`pip install flask` leaves its downloads in the image", "path": [1, "Value", 0]}}
}

test_a_cache_that_is_moved_is_not_below_other_targets if {
	moved := instruction("env", ["PIP_CACHE_DIR", "/cache", "="])
	found := pip_cache.deny with input as [moved, mounted("/srv", "pip install flask")]
	found == {{"msg": "`pip install flask` leaves its downloads in the image", "path": [1, "Value", 0]}}
}
