# METADATA
# title: A container waits for input
# description: |
#   stdin and tty are for a person at a shell; in a deployed workload they are left over from a try, or an open door.
# related_resources:
#   - https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#debugging
# custom:
#   severity: low
#   remediation: Take stdin and tty out of the container.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.containers.interactive

import data.kpolicy.lib.kubernetes

deny contains {"msg": msg, "path": array.concat(entry.path, [field])} if {
	some entry in kubernetes.containers
	some field in ["stdin", "tty"]
	entry.container[field] == true
	msg := sprintf("container %s has %s", [kubernetes.container_name(entry.container), field])
}
