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
