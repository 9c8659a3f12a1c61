package kpolicy.kubernetes.resources.minimum_request_test

import data.kpolicy.kubernetes.resources.minimum_request

pod(requests) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {"requests": requests}}]}}

test_denies_what_is_below_the_bound if {
	found := minimum_request.deny with input as pod({"memory": "512Mi"})
		with data.params.resources.minimum_request.requests as {"memory": "1Gi"}
	found == {{
		"msg": "container web has a request of 512Mi for memory, below 1Gi",
		"path": ["spec", "containers", 0, "resources", "requests", "memory"],
	}}
}

test_allows_the_bound_and_what_has_none if {
	every requests in [{"memory": "1Gi"}, {"memory": "2Gi"}, {"cpu": 1}, {}, null] {
		found := minimum_request.deny with input as pod(requests)
			with data.params.resources.minimum_request.requests as {"memory": "1024Mi"}
		found == set()
	}
}

test_a_bound_that_is_none_is_told if {
	found := minimum_request.deny with input as pod({}) with data.params.resources.minimum_request.requests as {"memory": "1GB"}
	found == {{
		"msg": "container web cannot be judged: the bound 1GB for memory is no quantity",
		"path": ["spec", "containers", 0, "resources"],
	}}
}

test_says_nothing_where_nothing_is_given if {
	found := minimum_request.deny with input as pod({"memory": "512Mi"})
	found == set()
}

test_limits_are_no_requests if {
	limited := {"kind": "Pod", "spec": {"initContainers": [{"name": "init", "resources": {"limits": {"memory": "512Mi"}}}]}}
	found := minimum_request.deny with input as limited
		with data.params.resources.minimum_request.requests as {"memory": "1Gi"}
	found == set()
}
