# METADATA
# title: A container sees all of /proc
# description: |
#   Runtimes mask parts of /proc that tell about the node or change it. They may be shown only where the pod has
#   users of its own, with hostUsers set to false.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take procMount out of the securityContext, or set hostUsers to false.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.proc_mount

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "procMount"])} if {
	some entry in pods.containers
	not pods.in_user_namespace(entry.pod)
	mount := object.get(entry.container, ["securityContext", "procMount"], null)
	not mount in {null, "Default"}
	msg := sprintf("%s mounts /proc as %v", [entry.who, mount])
}
