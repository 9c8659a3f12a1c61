# METADATA
# title: An object lacks a required label
# description: |
#   Labels such as environment tell who and what a workload belongs to, in alerts, bills and selectors.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   severity: low
#   remediation: Add the label to metadata.labels, with a value that its pattern allows.
#   kinds: ["*"]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     labels:
#       type: array of strings
#       default: [environment]
#       description: The labels that every object of the kinds needs.
#     patterns:
#       type: object of strings
#       default: {}
#       description: Regular expressions of whole values by label; one that is listed here only may be missing.
#     kinds:
#       type: array of strings
#       default: [CronJob, DaemonSet, Deployment, DeploymentConfig, Job, Pod, PodTemplate, ReplicaSet, ReplicationController, StatefulSet]
#       description: The kinds of objects that are judged, * for any characters.
#     templates:
#       type: boolean
#       default: false
#       description: Whether the pod templates of these kinds are judged too.
#     message:
#       type: string
#       default: "%s has no label %s"
#       description: The message; either a whole text, or one with a %s for the object and a second for the label.
package kpolicy.kubernetes.metadata.required_labels

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.metadata

labels := kubernetes.parameter("metadata", "required_labels", "labels", ["environment"])

patterns := kubernetes.parameter("metadata", "required_labels", "patterns", {})

kinds := kubernetes.parameter("metadata", "required_labels", "kinds", metadata.workloads)

templates := kubernetes.parameter("metadata", "required_labels", "templates", false)

message := kubernetes.parameter("metadata", "required_labels", "message", "%s has no label %s")

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels", key])} if {
	some entry in holders
	some key in labels
	metadata.value(entry.holder, "labels", key) == ""
	msg := metadata.filled(message, entry.name, key)
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels", key])} if {
	some entry in holders
	some key, pattern in patterns
	value := metadata.value(entry.holder, "labels", key)
	value != ""
	not metadata.is_of(pattern, value)
	msg := sprintf("%s has label %s with %s, which is not of the pattern %s", [entry.name, key, value, pattern])
}

holders contains entry if some entry in metadata.objects(kinds)

holders contains entry if {
	templates == true
	some entry in metadata.templates(kinds)
}
