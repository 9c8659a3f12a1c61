package kpolicy.kubernetes.reliability.replicas_test

import data.kpolicy.kubernetes.reliability.replicas

deployment(spec) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": object.union({"template": {"spec": {}}}, spec),
}

denial(many, least) := {
	"msg": sprintf("Deployment web has %d of at least %d replicas", [many, least]),
	"path": ["spec", "replicas"],
}

test_denies_one_and_the_default_of_one if {
	every spec in [{}, {"replicas": 1}, {"replicas": null}] {
		found := replicas.deny with input as deployment(spec)
		found == {denial(1, 2)}
	}
}

test_allows_enough_and_none if {
	every spec in [{"replicas": 2}, {"replicas": 0}] {
		found := replicas.deny with input as deployment(spec)
		found == set()
	}
}

test_the_minimum_is_a_parameter if {
	found := replicas.deny with input as deployment({"replicas": 2}) with data.params.reliability.replicas.minimum as 3
	found == {denial(2, 3)}
}

test_allows_what_an_autoscaler_scales if {
	autoscaler := {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
	given := {"HorizontalPodAutoscaler": {"default": {"web": [{"object": autoscaler}]}}}
	found := replicas.deny with input as deployment({}) with data.inventory as {"objects": given}
	found == set()
}
