package kpolicy.kubernetes.resources.maximum_request_test

import data.kpolicy.kubernetes.resources.maximum_request

pod(requests) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {"requests": requests}}]}}

test_denies_what_is_above_the_bound if {
	found := maximum_request.deny with input as pod({"memory": "1.5Gi"})
		with data.params.resources.maximum_request.requests as {"memory": "1Gi"}
	found == {{
		"msg": "container web has a request of 1.5Gi for memory, above 1Gi",
		"path": ["spec", "containers", 0, "resources", "requests", "memory"],
	}}
}

test_allows_the_bound_and_what_has_none if {
	every requests in [{"memory": "1Gi"}, {"memory": "1e9"}, {"cpu": 1}, {}, null] {
		found := maximum_request.deny with input as pod(requests)
			with data.params.resources.maximum_request.requests as {"memory": "1024Mi"}
		found == set()
	}
}

test_a_bound_that_is_none_is_told if {
	found := maximum_request.deny with input as pod({}) with data.params.resources.maximum_request.requests as {"memory": "1GB"}
	found == {{
		"msg": "container web cannot be judged: the bound 1GB for memory is no quantity",
		"path": ["spec", "containers", 0, "resources"],
	}}
}

test_says_nothing_where_nothing_is_given if {
	found := maximum_request.deny with input as pod({"memory": "1.5Gi"})
	found == set()
}

test_limits_are_no_requests if {
	limited := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {
		"requests": {"memory": "1Gi"},
		"limits": {"memory": "2Gi"},
	}}]}}
	found := maximum_request.deny with input as limited
		with data.params.resources.maximum_request.requests as {"memory": "1Gi"}
	found == set()
}
