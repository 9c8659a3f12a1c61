package kpolicy.kubernetes.resources.request_above_limit_test

import data.kpolicy.kubernetes.resources.request_above_limit

pod(requests, limits) := {
	"kind": "Pod",
	"spec": {"containers": [{"name": "web", "resources": {"requests": requests, "limits": limits}}]},
}

test_denies_across_units if {
	found := request_above_limit.deny with input as pod({"cpu": 1.1, "memory": "1Gi"}, {"cpu": "1000m", "memory": "1G"})
	found == {
		{
			"msg": "container web requests 1.1 of cpu, above its limit of 1000m",
			"path": ["spec", "containers", 0, "resources", "requests", "cpu"],
		},
		{
			"msg": "container web requests 1Gi of memory, above its limit of 1G",
			"path": ["spec", "containers", 0, "resources", "requests", "memory"],
		},
	}
}

test_allows_equal_and_missing_ones if {
	every limits in [{"cpu": "0.5"}, {}, null, {"cpu": "no quantity"}] {
		found := request_above_limit.deny with input as pod({"cpu": "500m"}, limits)
		found == set()
	}
}

test_denies_it_of_a_pod if {
	resources := {"requests": {"cpu": 2}, "limits": {"cpu": 1}}
	found := request_above_limit.deny with input as {"kind": "Pod", "spec": {"resources": resources}}
	found == {{
		"msg": "the pod requests 2 of cpu, above its limit of 1",
		"path": ["spec", "resources", "requests", "cpu"],
	}}
}
