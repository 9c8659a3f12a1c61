# METADATA
# title: A container may gain privileges
# description: |
#   Unless allowPrivilegeEscalation is false, a process can become more than its parent, by files with set-user-ID.
#   Pods for Windows are exempt.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Set securityContext.allowPrivilegeEscalation to false in each container.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted, strict]
package kpolicy.kubernetes.pod_security.restricted.privilege_escalation

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "allowPrivilegeEscalation"])} if {
	some entry in pods.containers
	not pods.is_windows(entry.pod)
	object.get(entry.container, ["securityContext", "allowPrivilegeEscalation"], null) != false
	msg := sprintf("%s may gain privileges: allowPrivilegeEscalation is not false", [entry.who])
}
