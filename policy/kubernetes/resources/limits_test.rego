package kpolicy.kubernetes.resources.limits_test

import data.kpolicy.kubernetes.resources.limits

pod(resources) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": resources}]}}

denial(resource) := {
	"msg": sprintf("container web has no %s limit", [resource]),
	"path": ["spec", "containers", 0, "resources", "limits", resource],
}

test_denies_a_missing_limit if {
	every resources in [{}, null, {"limits": {"cpu": 1}}, {"limits": null}, {"limits": "all"}, {"limits": {"memory": null}}] {
		found := limits.deny with input as pod(resources)
		found == {denial("memory")}
	}
}

test_allows_a_limit if {
	found := limits.deny with input as pod({"limits": {"memory": "1Gi"}})
	found == set()
}

test_the_resources_are_a_parameter if {
	found := limits.deny with input as pod({}) with data.params.resources.limits.resources as ["cpu", "memory"]
	found == {denial("cpu"), denial("memory")}
}

test_allows_an_ephemeral_container_without_limits if {
	found := limits.deny with input as {"kind": "Pod", "spec": {"ephemeralContainers": [{"name": "debug"}]}}
	found == set()
}

test_denies_limits_of_zero if {
	every zero in [0, 0.0, "0", "0m", "0Gi", "0.0", "0e3"] {
		found := limits.deny with input as pod({"limits": {"memory": zero}})
		found == {denial("memory")}
	}
}

test_allows_small_limits if {
	every small in [0.1, "10m", "0.5Gi", ".5", "1e0"] {
		found := limits.deny with input as pod({"limits": {"cpu": small, "memory": small}})
		found == set()
	}
}

test_a_limit_of_the_pod_bounds_its_containers if {
	spec := {"resources": {"limits": {"memory": "1Gi"}}, "containers": [{"name": "web"}]}
	found := limits.deny with input as {"kind": "Pod", "spec": spec}
	found == set()
}
