package kpolicy.kubernetes.security.privileged_test

import data.kpolicy.kubernetes.security.privileged

pod(context) := {"kind": "Pod", "spec": {"initContainers": [{"name": "setup", "securityContext": context}]}}

test_denies_privileged if {
	found := privileged.deny with input as pod({"privileged": true})
	found == {{
		"msg": "container setup is privileged",
		"path": ["spec", "initContainers", 0, "securityContext", "privileged"],
	}}
}

test_allows_unprivileged if {
	every context in [{}, {"privileged": false}] {
		found := privileged.deny with input as pod(context)
		found == set()
	}
}
