# METADATA
# title: A container has no seccomp profile
# description: |
#   A seccomp profile keeps containers from system calls that they hardly ever need and that attacks on the kernel
#   do. Each container sets one, or its pod does for all. Pods for Windows are exempt.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   remediation: Set securityContext.seccompProfile.type to RuntimeDefault in the pod.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted, strict]
package kpolicy.kubernetes.pod_security.restricted.seccomp

import data.kpolicy.lib.pods

allowed := {"RuntimeDefault", "Localhost"}

deny contains {"msg": msg, "path": array.concat(entry.path, ["seccompProfile", "type"])} if {
	some entry in pods.contexts
	not pods.is_windows(entry.pod)
	object.get(entry.context, "seccompProfile", null) != null
	type := object.get(entry.context, ["seccompProfile", "type"], "")
	not type in allowed
	msg := sprintf("%s sets the seccomp profile %v", [entry.who, type])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "seccompProfile"])} if {
	some entry in pods.containers
	not pods.is_windows(entry.pod)
	pods.setting(entry, "seccompProfile") == null
	msg := sprintf("%s has no seccomp profile, nor has its pod", [entry.who])
}
