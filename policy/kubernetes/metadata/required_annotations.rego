# METADATA
# title: An object lacks a required annotation
# description: |
#   Annotations tell people and tools what labels have no room for: an owner's address, a runbook, a link to the source.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
# custom:
#   severity: low
#   remediation: Add the annotation to metadata.annotations, with a value that its pattern allows.
#   kinds: ["*"]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     annotations:
#       type: array of strings
#       required: true
#       description: The annotations that every object of the kinds needs.
#     patterns:
#       type: object of strings
#       default: {}
#       description: Regular expressions of whole values by annotation; one that is listed here only may be missing.
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
#       default: "%s has no annotation %s"
#       description: The message; either a whole text, or one with a %s for the object and a second for the annotation.
package kpolicy.kubernetes.metadata.required_annotations

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.metadata

annotations := data.params.metadata.required_annotations.annotations

patterns := kubernetes.parameter("metadata", "required_annotations", "patterns", {})

kinds := kubernetes.parameter("metadata", "required_annotations", "kinds", metadata.workloads)

templates := kubernetes.parameter("metadata", "required_annotations", "templates", false)

message := kubernetes.parameter("metadata", "required_annotations", "message", "%s has no annotation %s")

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "annotations", key])} if {
	some entry in holders
	some key in annotations
	metadata.value(entry.holder, "annotations", key) == ""
	msg := metadata.filled(message, entry.name, key)
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "annotations", key])} if {
	some entry in holders
	some key, pattern in patterns
	value := metadata.value(entry.holder, "annotations", key)
	value != ""
	not metadata.is_of(pattern, value)
	msg := sprintf("%s has annotation %s with %s, which is not of the pattern %s", [entry.name, key, value, pattern])
}

holders contains entry if some entry in metadata.objects(kinds)

holders contains entry if {
	templates == true
	some entry in metadata.templates(kinds)
}
