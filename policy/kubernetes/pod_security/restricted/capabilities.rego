# METADATA
# title: A container keeps capabilities
# description: |
#   Hardly any program needs a capability. Each container drops ALL, and may add NET_BIND_SERVICE alone. Pods for
#   Windows are exempt.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   remediation: |
#     Set securityContext.capabilities.drop to [ALL] in each container, and add none but NET_BIND_SERVICE.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted, strict]
package kpolicy.kubernetes.pod_security.restricted.capabilities

import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "capabilities", "drop"])} if {
	some entry in pods.containers
	not pods.is_windows(entry.pod)
	dropped := shape.list_at(entry.container, ["securityContext", "capabilities", "drop"])
	not "ALL" in dropped
	msg := sprintf("%s does not drop ALL capabilities", [entry.who])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "capabilities", "add", index])} if {
	some entry in pods.containers
	not pods.is_windows(entry.pod)
	some index, capability in shape.list_at(entry.container, ["securityContext", "capabilities", "add"])
	capability != "NET_BIND_SERVICE"
	msg := sprintf("%s adds the capability %v", [entry.who, capability])
}
