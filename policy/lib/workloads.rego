# METADATA
# title: Workloads that serve
# description: Workloads that run until they are deleted, with their containers, replicas and what else of the set is theirs.
package kpolicy.lib.workloads

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

serving := {
	"CloneSet", "DaemonSet", "Deployment", "DeploymentConfig",
	"ReplicaSet", "ReplicationController", "Rollout", "StatefulSet",
}

# The containers proper of workloads that serve, as in `kubernetes.containers`.
serving_containers contains entry if {
	some entry in kubernetes.containers
	entry.object.kind in serving
	entry.path[count(entry.path) - 2] == "containers"
}

# How many replicas a workload runs by its own spec; one where it says nothing.
replicas(object_) := many if {
	many := object.get(object_, ["spec", "replicas"], null)
	is_number(many)
}

replicas(object_) := 1 if not is_number(object.get(object_, ["spec", "replicas"], null))

# The Deployments, StatefulSets and the like under review: {"object": …, "path": …, "pod": …}.
replicated contains entry if {
	some entry in kubernetes.pods
	entry.object.kind in {"CloneSet", "Deployment", "DeploymentConfig", "Rollout", "StatefulSet"}
}

# The path of the object of an entry of `replicated`.
object_path(entry) := array.slice(entry.path, 0, count(entry.path) - 2)

# The autoscalers of the set that scale a workload.
autoscalers(object_) := {entry.object |
	some kind in ["HorizontalPodAutoscaler", "ScaledObject"]
	some entry in inventory.in_namespace(kind, inventory.namespace_of(object_))
	target := entry.object.spec.scaleTargetRef
	target.name == inventory.name_of(object_)
	object.get(target, "kind", "Deployment") == object_.kind
}

# The disruption budgets of the set that select the pods of a workload.
budgets(object_) := {entry.object |
	some entry in inventory.in_namespace("PodDisruptionBudget", inventory.namespace_of(object_))
	selectors.matches(object.get(entry.object, ["spec", "selector"], null), pod_labels(object_))
}

# The labels of a workload's pods.
pod_labels(object_) := shape.table_at(object_, ["spec", "template", "metadata", "labels"])
