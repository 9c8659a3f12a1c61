# METADATA
# title: A pod has no priority class
# description: |
#   On a full node, pods of lower priority go first. Without a class a pod has the default of the cluster, mostly 0: what the
#   business needs goes as soon as what it can do without.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
# custom:
#   severity: low
#   remediation: Set priorityClassName to a class of the cluster.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.reliability.priority_class

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "priorityClassName"])} if {
	some entry in kubernetes.pods
	shape.text_at(entry.pod, ["spec", "priorityClassName"]) == ""
	msg := sprintf("the pods of %s have no priority class", [kubernetes.name_of(entry.object)])
}
