package kpolicy.docker.packages.apk_cache_test

import data.kpolicy.docker.packages.apk_cache

instruction(cmd, values) := {"Cmd": cmd, "SubCmd": "", "Flags": [], "JSON": false, "Stage": 0, "Value": values}

test_denies_an_index_that_stays if {
	found := apk_cache.deny with input as [instruction("run", ["apk add curl"])]
	found == {{"msg": "`apk add curl` leaves its index in the image", "path": [0, "Value", 0]}}
}

test_allows_no_cache_and_a_removed_one if {
	every run in ["apk add --no-cache curl", "apk --no-cache add curl", "apk add curl && rm -rf /var/cache/apk/*"] {
		found := apk_cache.deny with input as [instruction("run", [run])]
		found == set()
	}
}

test_allows_other_commands if {
	found := apk_cache.deny with input as [instruction("run", ["apk del curl"])]
	found == set()
}

test_what_another_layer_removes_stays if {
	found := apk_cache.deny with input as [instruction("run", ["apk add curl"]), instruction("run", ["rm -rf /var/cache/apk/*"])]
	found == {{"msg": "`apk add curl` leaves its index in the image", "path": [0, "Value", 0]}}
}

mounted(flag) := object.union(instruction("run", ["apk add curl"]), {"Flags": [flag]})

test_an_index_in_a_mounted_cache_does_not_stay if {
	found := apk_cache.deny with input as [
		mounted("--mount=type=cache,target=/var/cache/apk"),
		mounted("--mount=type=cache,target=/etc/apk/cache"),
		mounted("--mount=type=cache,target=/var/cache/apt"),
	]
	found == {{"msg": "`apk add curl` leaves its index in the image", "path": [2, "Value", 0]}}
}
