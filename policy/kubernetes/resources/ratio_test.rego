package kpolicy.kubernetes.resources.ratio_test

import data.kpolicy.kubernetes.resources.ratio

pod(requests, limits) := {
	"kind": "Pod",
	"spec": {"containers": [{"name": "web", "resources": {"requests": requests, "limits": limits}}]},
}

denial(limit, times, request) := {
	"msg": sprintf("container web has a limit of %v for memory, more than %v times its request of %v", [limit, times, request]),
	"path": ["spec", "containers", 0, "resources", "limits", "memory"],
}

test_denies_far_apart if {
	found := ratio.deny with input as pod({"memory": "512Mi"}, {"memory": "1.1Gi"})
	found == {denial("1.1Gi", 2, "512Mi")}
}

test_denies_a_request_of_nothing if {
	found := ratio.deny with input as pod({"memory": 0}, {"memory": "1Gi"})
	found == {denial("1Gi", 2, 0)}
}

test_allows_near_together if {
	every resources in [[{"memory": "512Mi"}, {"memory": "1Gi"}], [{}, {"memory": "1Gi"}], [{"cpu": "100m"}, {"cpu": 1}]] {
		found := ratio.deny with input as pod(resources[0], resources[1])
		found == set()
	}
}

test_the_ratios_are_a_parameter if {
	found := ratio.deny with input as pod({"memory": "2Gi"}, {"memory": "3Gi"})
		with data.params.resources.ratio.highest as {"memory": 1.25}
	found == {denial("3Gi", 1.25, "2Gi")}
}
