# METADATA
# title: A selector does not match the labels of its own pods
# description: |
#   The API server refuses a workload whose selector does not select its pod template, also a Job with a selector of its
#   own.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
# custom:
#   severity: high
#   remediation: Give the template all labels that spec.selector asks for.
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, DeploymentConfig, Rollout, CloneSet,
#     Job, CronJob]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.reliability.selector_mismatch

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	some entry in kubernetes.pods
	selector := selector_of(entry.object)
	is_object(selector)
	not selects(entry.object.kind, selector, shape.table_at(entry.pod, ["metadata", "labels"]))
	msg := sprintf("the pods of %s have other labels than its selector asks for", [kubernetes.name_of(entry.object)])
}

# Where a workload of a kind has its selector.
selector_of(object_) := shape.at(object_, ["spec", "jobTemplate", "spec", "selector"]) if object_.kind == "CronJob"

selector_of(object_) := shape.at(object_, ["spec", "selector"]) if object_.kind in (of_labels | of_requirements)

# The selector of the two oldest kinds is the labels themselves.
of_labels := {"DeploymentConfig", "ReplicationController"}

of_requirements := {"CloneSet", "DaemonSet", "Deployment", "Job", "ReplicaSet", "Rollout", "StatefulSet"}

selects(kind, selector, labels) := object.subset(labels, selector) if kind in of_labels

selects(kind, selector, labels) if {
	not kind in of_labels
	selectors.matches(selector, labels)
}
