# METADATA
# title: A disruption budget lets no pod go
# description: |
#   With maxUnavailable 0, minAvailable 100%, or minAvailable at the number of replicas that the set shows or at the minimum
#   of an autoscaler, no node with such a pod can be drained: upgrades of the cluster hang until somebody deletes the budget.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/#specifying-a-poddisruptionbudget
# custom:
#   severity: medium
#   remediation: Set maxUnavailable to 1, or minAvailable below the number of replicas.
#   kinds: [PodDisruptionBudget]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.reliability.blocking_budget

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape
import data.kpolicy.lib.workloads

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", field])} if {
	some entry in kubernetes.objects
	entry.object.kind == "PodDisruptionBudget"
	some field, values in {"maxUnavailable": {0, "0", "0%"}, "minAvailable": {"100%"}}
	value := entry.object.spec[field]
	value in values
	msg := sprintf("%s has %s %v: no pod may ever go", [kubernetes.name_of(entry.object), field, value])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "minAvailable"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "PodDisruptionBudget"
	least := entry.object.spec.minAvailable
	is_number(least)
	some workload in selected(entry.object)
	workloads.replicas(workload) <= least
	text := "%s keeps %v pods of %s, which has %v: no pod may ever go"
	names := [kubernetes.name_of(entry.object), least, kubernetes.name_of(workload), workloads.replicas(workload)]
	msg := sprintf(text, names)
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "minAvailable"])} if {
	some entry in kubernetes.objects
	entry.object.kind == "PodDisruptionBudget"
	least := entry.object.spec.minAvailable
	is_number(least)
	workload := only_selected(entry.object)
	some scaler in workloads.autoscalers(workload)
	scaler.kind == "HorizontalPodAutoscaler"
	minimum := minimum_of(scaler)
	minimum <= least
	text := "%s keeps %v pods of %s, which %s brings down to %v: no pod may go then"
	msg := sprintf(text, [kubernetes.name_of(entry.object), least, kubernetes.name_of(workload), kubernetes.name_of(scaler), minimum])
}

# How many replicas an autoscaler leaves; one where it says nothing.
minimum_of(scaler) := 1 if shape.at(scaler, ["spec", "minReplicas"]) == null

minimum_of(scaler) := minimum if {
	minimum := shape.at(scaler, ["spec", "minReplicas"])
	minimum != null
}

# The workloads whose pods a budget selects, but for those that are scaled: their replicas are not in the set. A budget
# that selects several counts their pods together.
selected(budget) := {workload |
	workload := only_selected(budget)
	workload.kind in {"Deployment", "StatefulSet"}
	workloads.autoscalers(workload) == set()
	workloads.replicas(workload) > 0
}

# The workload whose pods a budget selects, where it is the only one.
only_selected(budget) := workload if {
	found := {pod.object |
		some pod in object.get(inventory.pods, inventory.namespace_of(budget), set())
		selectors.matches(object.get(budget, ["spec", "selector"], null), pod.labels)
	}
	count(found) == 1
	some workload in found
}
