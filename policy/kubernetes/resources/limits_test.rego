package kpolicy.kubernetes.resources.limits_test

import data.kpolicy.kubernetes.resources.limits

pod(resources) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": resources}]}}

denial(resource) := {
	"msg": sprintf("container web has no %s limit", [resource]),
	"path": ["spec", "containers", 0, "resources", "limits", resource],
}

test_denies_each_missing_limit if {
	found := limits.deny with input as pod({})
	found == {denial("cpu"), denial("memory")}
}

test_denies_the_one_that_is_missing if {
	found := limits.deny with input as pod({"limits": {"cpu": 1}})
	found == {denial("memory")}
}

test_allows_both if {
	found := limits.deny with input as pod({"limits": {"cpu": "500m", "memory": "1Gi"}})
	found == set()
}

test_the_resources_are_a_parameter if {
	found := limits.deny with input as pod({}) with data.params.resources.limits.resources as ["memory"]
	found == {denial("memory")}
}

test_allows_an_ephemeral_container_without_limits if {
	found := limits.deny with input as {"kind": "Pod", "spec": {"ephemeralContainers": [{"name": "debug"}]}}
	found == set()
}
