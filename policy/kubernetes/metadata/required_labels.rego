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
#   profiles: []
#   parameters:
#     labels:
#       type: array of strings
#       default: [environment]
#       description: The labels that every workload needs.
#     message:
#       type: string
#       default: "%s has no label %s"
#       description: The message; either a whole text, or one with a %s for the object and a second for the label.
package kpolicy.kubernetes.metadata.required_labels

import data.kpolicy.lib.kubernetes

labels := kubernetes.parameter("metadata", "required_labels", "labels", ["environment"])

message := kubernetes.parameter("metadata", "required_labels", "message", "%s has no label %s")

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels", label])} if {
	some entry in kubernetes.objects
	workload(entry.object.kind)
	some label in labels
	object.get(entry.object, ["metadata", "labels", label], "") in {"", null}
	msg := text_for(kubernetes.name_of(entry.object), label)
}

# A message without places is complete as it is: sprintf would append what it has no place for.
text_for(name, label) := sprintf(message, [name, label]) if contains(message, "%s")

text_for(_, _) := message if not contains(message, "%s")

workload(kind) if kind == "Pod"

workload(kind) if kubernetes.template_paths[kind]
