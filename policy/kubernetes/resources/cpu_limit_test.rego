package kpolicy.kubernetes.resources.cpu_limit_test

import data.kpolicy.kubernetes.resources.cpu_limit

pod(resources) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": resources}]}}

test_denies_none_and_zero if {
	every resources in [{}, {"limits": {"memory": "1Gi"}}, {"limits": {"cpu": 0}}] {
		found := cpu_limit.deny with input as pod(resources)
		found == {{
			"msg": "container web has no cpu limit",
			"path": ["spec", "containers", 0, "resources", "limits", "cpu"],
		}}
	}
}

test_allows_a_limit if {
	found := cpu_limit.deny with input as pod({"limits": {"cpu": "500m"}})
	found == set()
}
