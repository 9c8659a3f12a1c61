package kpolicy.kubernetes.resources.maximum_limit_test

import data.kpolicy.kubernetes.resources.maximum_limit

pod(limits) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {"limits": limits}}]}}

test_denies_what_is_above_the_bound if {
	found := maximum_limit.deny with input as pod({"memory": "1.5Gi"})
		with data.params.resources.maximum_limit.limits as {"memory": "1Gi"}
	found == {{
		"msg": "container web has a limit of 1.5Gi for memory, above 1Gi",
		"path": ["spec", "containers", 0, "resources", "limits", "memory"],
	}}
}

test_allows_the_bound_and_what_has_none if {
	every limits in [{"memory": "1Gi"}, {"memory": "1e9"}, {"cpu": 1}, {}, null] {
		found := maximum_limit.deny with input as pod(limits)
			with data.params.resources.maximum_limit.limits as {"memory": "1024Mi"}
		found == set()
	}
}

test_a_bound_that_is_none_is_told if {
	found := maximum_limit.deny with input as pod({}) with data.params.resources.maximum_limit.limits as {"memory": "1GB"}
	found == {{
		"msg": "container web cannot be judged: the bound 1GB for memory is no quantity",
		"path": ["spec", "containers", 0, "resources"],
	}}
}

test_says_nothing_where_nothing_is_given if {
	found := maximum_limit.deny with input as pod({"memory": "1.5Gi"})
	found == set()
}

test_requests_are_no_limits if {
	requesting := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": {"requests": {"memory": "2Gi"}}}]}}
	found := maximum_limit.deny with input as requesting
		with data.params.resources.maximum_limit.limits as {"memory": "1Gi"}
	found == set()
}
