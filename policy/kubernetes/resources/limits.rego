# METADATA
# title: A container has no memory limit
# description: |
#   Without a limit, one container can take the node's memory from all others on it. A limit of the whole pod bounds each
#   of its containers; a limit of 0 bounds nothing. CPU is left to kubernetes/resources/cpu_limit, since many run without.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
#   - https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/
# custom:
#   severity: medium
#   remediation: Set resources.limits.memory, of the container or of the pod.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   warns_in: [default]
#   parameters:
#     resources:
#       type: array of strings
#       default: [memory]
#       description: The resources that need a limit.
package kpolicy.kubernetes.resources.limits

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.resources as given

resources := kubernetes.parameter("resources", "limits", "resources", ["memory"])

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", "limits", resource])} if {
	some entry in given.containers
	some resource in resources
	not given.is_bounded(entry, resource)
	msg := sprintf("container %s has no %s limit", [kubernetes.container_name(entry.container), resource])
}
