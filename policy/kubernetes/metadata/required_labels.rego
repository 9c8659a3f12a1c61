# METADATA
# title: A workload lacks a required label
# description: Labels such as environment tell who and what a workload belongs to, in alerts, bills and selectors.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   severity: low
#   remediation: Add the label to metadata.labels.
#   kinds: [Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate]
#   formats: [yaml, json]
#   parameters:
#     labels:
#       type: array
#       default: [environment]
#       description: The labels that every workload needs.
#     message:
#       type: string
#       default: "%s has no label %s"
#       description: The message, with a place for the object and one for the label.
package kpolicy.kubernetes.metadata.required_labels

import data.kpolicy.lib.kubernetes

labels := kubernetes.parameter("metadata", "required_labels", "labels", ["environment"])

message := kubernetes.parameter("metadata", "required_labels", "message", "%s has no label %s")

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels", label])} if {
	some entry in kubernetes.objects
	workload(entry.object.kind)
	some label in labels
	object.get(entry.object, ["metadata", "labels", label], "") in {"", null}
	msg := sprintf(message, [kubernetes.name_of(entry.object), label])
}

workload(kind) if kind == "Pod"

workload(kind) if kubernetes.template_paths[kind]
