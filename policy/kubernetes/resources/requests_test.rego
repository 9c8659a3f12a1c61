package kpolicy.kubernetes.resources.requests_test

import data.kpolicy.kubernetes.resources.requests

pod(resources) := {"kind": "Pod", "spec": {"containers": [{"name": "web", "resources": resources}]}}

denial(resource) := {
	"msg": sprintf("container web requests no %s", [resource]),
	"path": ["spec", "containers", 0, "resources", "requests", resource],
}

test_denies_what_is_missing if {
	every resources in [{}, null, {"requests": null}, {"requests": "all"}] {
		found := requests.deny with input as pod(resources)
		found == {denial("cpu"), denial("memory")}
	}
}

test_allows_requests_and_limits_in_their_place if {
	found := requests.deny with input as pod({"requests": {"cpu": "10m"}, "limits": {"memory": "1Gi"}})
	found == set()
}

test_allows_requests_of_the_pod if {
	spec := {"resources": {"requests": {"cpu": 1, "memory": "1Gi"}}, "containers": [{"name": "web"}]}
	found := requests.deny with input as {"kind": "Pod", "spec": spec}
	found == set()
}

test_the_resources_are_a_parameter if {
	found := requests.deny with input as pod({}) with data.params.resources.requests.resources as ["ephemeral-storage"]
	found == {denial("ephemeral-storage")}
}
