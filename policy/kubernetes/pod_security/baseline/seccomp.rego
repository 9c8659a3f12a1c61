# METADATA
# title: A pod turns seccomp off
# description: |
#   A seccomp profile keeps containers from system calls that they hardly ever need and that attacks on the kernel
#   do. A pod may choose the default of the runtime or a profile of the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Set seccompProfile.type to RuntimeDefault or Localhost.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline]
package kpolicy.kubernetes.pod_security.baseline.seccomp

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["seccompProfile", "type"])} if {
	some entry in pods.contexts
	object.get(entry.context, "seccompProfile", null) != null
	type := object.get(entry.context, ["seccompProfile", "type"], "")
	not type in {"RuntimeDefault", "Localhost"}
	msg := sprintf("%s sets the seccomp profile %v", [entry.who, type])
}
