package kpolicy.kubernetes.containers.duplicate_env_test

import data.kpolicy.kubernetes.containers.duplicate_env

pod(names) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "env": [{"name": name} | some name in names]}]}}

test_denies_the_later_one if {
	found := duplicate_env.deny with input as pod(["A", "B", "A"])
	found == {{
		"msg": "container web has 2 variables of the name A",
		"path": ["spec", "containers", 0, "env", 2, "name"],
	}}
}

test_allows_different_names if {
	every names in [["A", "a", "B"], [], [null, null]] {
		found := duplicate_env.deny with input as pod(names)
		found == set()
	}
}
