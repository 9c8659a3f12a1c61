package kpolicy.lib.resources_test

import data.kpolicy.lib.resources

pod := {"kind": "Pod", "spec": {
	"resources": {"limits": {"memory": "1Gi"}},
	"containers": [{"name": "web", "resources": {"requests": {"cpu": 1}, "limits": {"cpu": "0"}}}],
	"ephemeralContainers": [{"name": "debug", "resources": {"limits": {"cpu": 1}}}],
}}

test_values_with_their_places if {
	found := resources.values with input as pod
	{[value.name, value.field, value.resource, value.value, value.path] | some value in found} == {
		["the pod", "limits", "memory", "1Gi", ["spec", "resources", "limits", "memory"]],
		["container web", "requests", "cpu", 1, ["spec", "containers", 0, "resources", "requests", "cpu"]],
		["container web", "limits", "cpu", "0", ["spec", "containers", 0, "resources", "limits", "cpu"]],
	}
}

test_bounds_and_requests if {
	every entry in resources.containers {
		resources.is_bounded(entry, "memory")
		not resources.is_bounded(entry, "cpu")
		resources.is_requested(entry, "cpu")
		resources.is_requested(entry, "memory")
		not resources.is_requested(entry, "ephemeral-storage")
	} with input as pod
}

test_wrong_types_are_no_amounts if {
	every held in [null, "none", [], {"limits": null}, {"limits": "1"}, {"limits": {"cpu": {}}}] {
		not resources.amount({"resources": held}, "limits", "cpu")
	}
}

test_faulty_bounds if {
	resources.faulty({"cpu": "1", "memory": "1GB", "x": ""}) == {["memory", "1GB"], ["x", ""]}
}
