package kpolicy.kubernetes.reliability.fixed_replicas_test

import data.kpolicy.kubernetes.reliability.fixed_replicas

deployment(spec) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": object.union({"template": {"spec": {}}}, spec),
}

autoscaler(name) := {"HorizontalPodAutoscaler": {"default": {"load": [{"object": {
	"kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "load"},
	"spec": {"scaleTargetRef": {"kind": "Deployment", "name": name}},
}}]}}}

test_denies_fixed_replicas if {
	found := fixed_replicas.deny with input as deployment({"replicas": 2})
		with data.inventory as {"objects": autoscaler("web")}
	found == {{
		"msg": "Deployment web fixes 2 replicas, which HorizontalPodAutoscaler load sets",
		"path": ["spec", "replicas"],
	}}
}

test_allows_replicas_of_one_side if {
	found := fixed_replicas.deny with input as deployment({}) with data.inventory as {"objects": autoscaler("web")}
	found == set()
	other := fixed_replicas.deny with input as deployment({"replicas": 2})
		with data.inventory as {"objects": autoscaler("api")}
	other == set()
}

test_replicas_that_are_null_are_not_fixed if {
	found := fixed_replicas.deny with input as deployment({"replicas": null}) with data.inventory.objects as autoscaler("web")
	found == set()
}
