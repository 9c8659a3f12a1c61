# METADATA
# title: A workload with replicas has no disruption budget
# description: |
#   When nodes are drained for an upgrade, Kubernetes may evict all replicas at once unless a PodDisruptionBudget of the
#   same namespace selects them. Judged by the whole set.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   severity: low
#   remediation: Add a PodDisruptionBudget that selects the pods, with maxUnavailable 1.
#   kinds: [Deployment, StatefulSet, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.disruption_budget

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.workloads

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	inventory.known
	some entry in workloads.replicated
	is_replicated(entry.object)
	workloads.budgets(entry.object) == set()
	msg := sprintf("no PodDisruptionBudget selects the pods of %s", [kubernetes.name_of(entry.object)])
}

is_replicated(object_) if workloads.replicas(object_) > 1

is_replicated(object_) if workloads.autoscalers(object_) != set()
