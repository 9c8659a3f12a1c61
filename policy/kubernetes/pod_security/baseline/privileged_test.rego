package kpolicy.kubernetes.pod_security.baseline.privileged_test

import data.kpolicy.kubernetes.pod_security.baseline.privileged

pod(context) := {"kind": "Pod", "spec": {"initContainers": [{"name": "setup", "securityContext": context}]}}

test_denies_privileged if {
	every value in [true, "true"] {
		found := privileged.deny with input as pod({"privileged": value})
		found == {{
			"msg": "container setup is privileged",
			"path": ["spec", "initContainers", 0, "securityContext", "privileged"],
		}}
	}
}

test_allows if {
	every given in [{}, {"privileged": false}, {"privileged": null}, null, "odd"] {
		found := privileged.deny with input as pod(given)
		found == set()
	}
}
