# METADATA
# title: A container requests no CPU or memory
# description: |
#   The scheduler places a pod by what it requests: without, it lands on full nodes, and it is the first to be evicted.
#   A limit counts as the request where none is given, as Kubernetes has it, and the pod's own count for its containers.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits
#   - https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
# custom:
#   severity: medium
#   remediation: Set resources.requests for cpu and memory to what the container needs in normal operation.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     resources:
#       type: array of strings
#       default: [cpu, memory]
#       description: The resources that need a request.
package kpolicy.kubernetes.resources.requests

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.resources as given

resources := kubernetes.parameter("resources", "requests", "resources", ["cpu", "memory"])

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", "requests", resource])} if {
	some entry in given.containers
	some resource in resources
	not given.is_requested(entry, resource)
	msg := sprintf("container %s requests no %s", [kubernetes.container_name(entry.container), resource])
}
