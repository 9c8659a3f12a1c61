package kpolicy.lib.workloads_test

import data.kpolicy.lib.workloads

deployment := {
	"kind": "Deployment",
	"metadata": {"name": "web", "namespace": "shop"},
	"spec": {"replicas": 3, "template": {
		"metadata": {"labels": {"app": "web"}},
		"spec": {"containers": [{"name": "web"}], "initContainers": [{"name": "setup"}]},
	}},
}

autoscaler(target) := {"kind": "HorizontalPodAutoscaler", "spec": {"scaleTargetRef": target}}

budget(labels) := {"kind": "PodDisruptionBudget", "spec": {"selector": {"matchLabels": labels}}}

test_containers_of_workloads_that_serve if {
	found := workloads.serving_containers with input as deployment
	{entry.container.name | some entry in found} == {"web"}
	none := workloads.serving_containers with input as object.union(deployment, {"kind": "Job"})
	none == set()
}

test_replicas if {
	workloads.replicas(deployment) == 3
	every spec in [{}, {"replicas": null}, {"replicas": "3"}, null] {
		workloads.replicas({"kind": "Deployment", "spec": spec}) == 1
	}
}

test_the_path_of_the_object if {
	found := workloads.replicated with input as {"kind": "List", "items": [deployment]}
	{workloads.object_path(entry) | some entry in found} == {["items", 0]}
}

test_what_has_no_replicas_to_give_is_not_replicated if {
	every kind in ["DaemonSet", "Job", "ReplicaSet"] {
		found := workloads.replicated with input as object.union(deployment, {"kind": kind})
		found == set()
	}
}

test_autoscalers_by_kind_and_name if {
	every target, many in {
		{"kind": "Deployment", "name": "web"}: 1,
		{"name": "web"}: 1,
		{"kind": "StatefulSet", "name": "web"}: 0,
		{"kind": "Deployment", "name": "api"}: 0,
	} {
		given := {"HorizontalPodAutoscaler": {"shop": {"x": [{"object": autoscaler(target)}]}}}
		found := workloads.autoscalers(deployment) with data.inventory as {"objects": given}
		count(found) == many
	}
}

test_budgets_by_selector if {
	every labels, many in {{"app": "web"}: 1, {}: 1, {"app": "api"}: 0} {
		given := {"PodDisruptionBudget": {"shop": {"x": [{"object": budget(labels)}]}}}
		found := workloads.budgets(deployment) with data.inventory as {"objects": given}
		count(found) == many
	}
}
