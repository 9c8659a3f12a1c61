package kpolicy.kubernetes.reliability.blocking_budget_test

import data.kpolicy.kubernetes.reliability.blocking_budget

budget(spec) := {
	"kind": "PodDisruptionBudget",
	"metadata": {"name": "web"},
	"spec": object.union({"selector": {"matchLabels": {"app": "web"}}}, spec),
}

deployment(name, many) := [{"object": {
	"kind": "Deployment",
	"metadata": {"name": name},
	"spec": {"replicas": many, "template": {"metadata": {"labels": {"app": "web"}}}},
}}]

test_denies_what_can_never_hold if {
	every spec, text in {
		{"maxUnavailable": 0}: "maxUnavailable 0",
		{"maxUnavailable": "0%"}: "maxUnavailable 0%",
		{"minAvailable": "100%"}: "minAvailable 100%",
	} {
		found := blocking_budget.deny with input as budget(spec)
		{denial.msg | some denial in found} == {sprintf("PodDisruptionBudget web has %s: no pod may ever go", [text])}
	}
}

test_denies_as_many_as_there_are if {
	found := blocking_budget.deny with input as budget({"minAvailable": 2})
		with data.inventory as {"objects": {"Deployment": {"default": {"web": deployment("web", 2)}}}}
	found == {{
		"msg": "PodDisruptionBudget web keeps 2 pods of Deployment web, which has 2: no pod may ever go",
		"path": ["spec", "minAvailable"],
	}}
}

test_allows_room if {
	every spec in [{"maxUnavailable": 1}, {"minAvailable": "50%"}, {"minAvailable": 1}, {}] {
		found := blocking_budget.deny with input as budget(spec)
			with data.inventory as {"objects": {"Deployment": {"default": {"web": deployment("web", 2)}}}}
		found == set()
	}
}

test_allows_where_several_workloads_count_together if {
	both := {"web": deployment("web", 2), "canary": deployment("canary", 2)}
	found := blocking_budget.deny with input as budget({"minAvailable": 2})
		with data.inventory as {"objects": {"Deployment": {"default": both}}}
	found == set()
}

# What is found in a budget of a Deployment that says no replicas, since an autoscaler sets them.
found_with(autoscaler, least) := denied if {
	target := {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
	scaler := object.union({"metadata": {"name": "load"}, "spec": target}, autoscaler)
	web := json.remove(deployment("web", null)[0].object, ["spec/replicas"])
	denied := blocking_budget.deny with input as budget({"minAvailable": least})
		with data.inventory.objects as {
			"Deployment": {"default": {"web": [{"object": web}]}},
			scaler.kind: {"default": {"load": [{"object": scaler}]}},
		}
}

test_denies_as_many_as_an_autoscaler_leaves if {
	every spec, least in {{"minReplicas": 2}: 2, {"minReplicas": null}: 1, {}: 1} {
		found_with({"kind": "HorizontalPodAutoscaler", "spec": spec}, least) == {{
			"msg": sprintf(
				"PodDisruptionBudget web keeps %d pods of Deployment web, which HorizontalPodAutoscaler load brings down to %d: no pod may go then",
				[least, least],
			),
			"path": ["spec", "minAvailable"],
		}}
	}
}

test_allows_room_above_what_an_autoscaler_leaves if {
	found_with({"kind": "HorizontalPodAutoscaler", "spec": {"minReplicas": 3}}, 2) == set()
	found_with({"kind": "HorizontalPodAutoscaler", "spec": {"minReplicas": 3}}, "50%") == set()
	found_with({"kind": "ScaledObject", "spec": {"minReplicaCount": 3}}, 2) == set()
}

test_leaves_kinds_of_other_projects_alone if {
	scaled := {"HorizontalPodAutoscaler": {"default": {"load": [{"object": {
		"kind": "HorizontalPodAutoscaler",
		"metadata": {"name": "load"},
		"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2},
	}}]}}}
	every spec in [{"maxUnavailable": 0}, {"minAvailable": 2}] {
		every further in [{}, scaled] {
			of_kruise := object.union(budget(spec), {"apiVersion": "policy.kruise.io/v1alpha1", "kind": "PodUnavailableBudget"})
			found := blocking_budget.deny with input as of_kruise
				with data.inventory.objects as object.union({"Deployment": {"default": {"web": deployment("web", 2)}}}, further)
			found == set()
		}
	}
}
