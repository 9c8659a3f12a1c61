package kpolicy.kubernetes.reliability.disruption_budget_test

import data.kpolicy.kubernetes.reliability.disruption_budget

deployment(many) := {
	"kind": "Deployment",
	"metadata": {"name": "web"},
	"spec": {"replicas": many, "template": {"metadata": {"labels": {"app": "web"}}}},
}

budget(labels) := {"PodDisruptionBudget": {"default": {"web": [{"object": {"spec": {"selector": {"matchLabels": labels}}}}]}}}

test_denies_replicas_without_a_budget if {
	every objects in [{}, budget({"app": "api"})] {
		found := disruption_budget.deny with input as deployment(2) with data.inventory as {"objects": objects}
		found == {{
			"msg": "no PodDisruptionBudget selects the pods of Deployment web",
			"path": ["spec", "template", "metadata", "labels"],
		}}
	}
}

test_allows_a_budget_and_one_replica if {
	found := disruption_budget.deny with input as deployment(2) with data.inventory as {"objects": budget({"app": "web"})}
	found == set()
	alone := disruption_budget.deny with input as deployment(1) with data.inventory as {"objects": {}}
	alone == set()
}

test_says_nothing_where_the_set_is_not_known if {
	found := disruption_budget.deny with input as deployment(2)
	found == set()
}

test_what_an_autoscaler_scales_has_replicas if {
	autoscaler := {"kind": "HorizontalPodAutoscaler", "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}
	web := json.remove(deployment(1), ["spec/replicas"])
	found := disruption_budget.deny with input as web
		with data.inventory.objects as {"HorizontalPodAutoscaler": {"default": {"load": [{"object": autoscaler}]}}}
	found == {{
		"msg": "no PodDisruptionBudget selects the pods of Deployment web",
		"path": ["spec", "template", "metadata", "labels"],
	}}
}
