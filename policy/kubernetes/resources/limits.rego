# METADATA
# title: A container has no limit for CPU or memory
# description: |
#   Without limits, one container can take the node's memory and processors from all others on it. A limit of the whole
#   pod bounds each of its containers; a limit of 0 bounds nothing.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
#   - https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/
# custom:
#   severity: medium
#   remediation: Set resources.limits for cpu and memory, of the container or of the pod.
#   kinds: [Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     resources:
#       type: array of strings
#       default: [cpu, memory]
#       description: The resources that need a limit.
package kpolicy.kubernetes.resources.limits

import data.kpolicy.lib.kubernetes

resources := kubernetes.parameter("resources", "limits", "resources", ["cpu", "memory"])

# An ephemeral container has no resources of its own: Kubernetes refuses them there.
deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", "limits", resource])} if {
	some entry in kubernetes.containers
	not "ephemeralContainers" in {step | some step in entry.path}
	some resource in resources
	not bounded(entry.container, resource)
	not bounded(entry.pod.spec, resource)
	msg := sprintf("container %s has no %s limit", [kubernetes.container_name(entry.container), resource])
}

# Whether a container, or a pod, has a limit that is one: the kubelet takes zero as none.
bounded(holder, resource) if {
	limit := object.get(holder, ["resources", "limits", resource], null)
	limit != null
	not regex.match(`^[+-]?[0.]+([A-Za-z].*)?$`, sprintf("%v", [limit]))
}
