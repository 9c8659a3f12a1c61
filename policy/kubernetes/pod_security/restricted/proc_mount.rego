# METADATA
# title: A container sees all of /proc
# description: |
#   Runtimes mask parts of /proc that tell about the node or change it. At this level they stay masked, in a user
#   namespace too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Take procMount out of the securityContext.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted]
package kpolicy.kubernetes.pod_security.restricted.proc_mount

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "procMount"])} if {
	some entry in pods.containers
	mount := object.get(entry.container, ["securityContext", "procMount"], null)
	not mount in {null, "Default"}
	msg := sprintf("%s mounts /proc as %v", [entry.who, mount])
}
