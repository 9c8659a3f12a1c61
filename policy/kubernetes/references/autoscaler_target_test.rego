package kpolicy.kubernetes.references.autoscaler_target_test

import data.kpolicy.kubernetes.references.autoscaler_target

autoscaler(kind, name) := {
	"kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "load"},
	"spec": {"scaleTargetRef": {"kind": kind, "name": name}},
}

given := {"objects": {"Deployment": {"default": {"web": [{"object": {"metadata": {"name": "web"}}}]}}}}

test_denies_a_missing_target if {
	found := autoscaler_target.deny with input as autoscaler("Deployment", "wbe") with data.inventory as given
	found == {{
		"msg": "HorizontalPodAutoscaler load scales Deployment wbe, which namespace default has not",
		"path": ["spec", "scaleTargetRef", "name"],
	}}
}

test_allows_a_target_that_is_there_or_elsewhere if {
	every target in [["Deployment", "web"], ["StatefulSet", "db"]] {
		found := autoscaler_target.deny with input as autoscaler(target[0], target[1]) with data.inventory as given
		found == set()
	}
	unknown := autoscaler_target.deny with input as autoscaler("Deployment", "wbe")
	unknown == set()
}

test_leaves_other_kinds_alone if {
	scaled_object := object.union(autoscaler("Deployment", "wbe"), {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"})
	found := autoscaler_target.deny with input as scaled_object with data.inventory as given
	found == set()
}
