# METADATA
# title: A selector does not match the labels of its own pods
# description: |
#   The API server refuses a workload whose selector does not select its pod template.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
# custom:
#   severity: high
#   remediation: Give the template all labels that spec.selector asks for.
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, DeploymentConfig, Rollout, CloneSet]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.reliability.selector_mismatch

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	some entry in kubernetes.pods
	selector := entry.object.spec.selector
	is_object(selector)
	not selects(entry.object.kind, selector, shape.table_at(entry.pod, ["metadata", "labels"]))
	msg := sprintf("the pods of %s have other labels than its selector asks for", [kubernetes.name_of(entry.object)])
}

# The selector of the two oldest kinds is the labels themselves.
of_labels := {"DeploymentConfig", "ReplicationController"}

selects(kind, selector, labels) if {
	kind in of_labels
	object.subset(labels, selector)
}

selects(kind, selector, labels) if {
	kind in {"CloneSet", "DaemonSet", "Deployment", "ReplicaSet", "Rollout", "StatefulSet"}
	selectors.matches(selector, labels)
}

selects(kind, _, _) if not kind in {"CloneSet", "DaemonSet", "Deployment", "DeploymentConfig", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet"}
