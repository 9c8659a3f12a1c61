# METADATA
# title: A container adds a capability that containers do not have by default
# description: |
#   Capabilities are parts of the powers of root. NET_RAW and all beyond the usual set of container runtimes help
#   whoever takes the container over to leave it, or to attack its neighbours.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take the capability out of securityContext.capabilities.add.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [baseline]
package kpolicy.kubernetes.pod_security.baseline.capabilities

import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "capabilities", "add", index])} if {
	some entry in pods.containers
	some index, capability in shape.list_at(entry.container, ["securityContext", "capabilities", "add"])
	not capability in pods.usual_capabilities
	msg := sprintf("%s adds the capability %v", [entry.who, capability])
}
