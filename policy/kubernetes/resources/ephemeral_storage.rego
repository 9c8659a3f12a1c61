# METADATA
# title: A container has no limit for ephemeral storage
# description: |
#   Logs, emptyDir volumes and the writable layer fill the node's disk; when it is full, all pods on the node are evicted,
#   not the one that wrote.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/ephemeral-storage/
# custom:
#   severity: low
#   remediation: Set resources.limits.ephemeral-storage.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.resources.ephemeral_storage

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.resources

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", "limits", "ephemeral-storage"])} if {
	some entry in resources.containers
	not resources.is_bounded(entry, "ephemeral-storage")
	msg := sprintf("container %s has no limit for ephemeral storage", [kubernetes.container_name(entry.container)])
}
