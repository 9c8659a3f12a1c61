# METADATA
# title: A container adds a capability that is not allowed
# description: |
#   The parameter says which capabilities containers may add to those that they have by default.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: high
#   remediation: Take the capability out of securityContext.capabilities.add.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     capabilities:
#       type: array of strings
#       required: true
#       description: The capabilities that may be added; * allows all.
package kpolicy.kubernetes.pods.allowed_capabilities

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

capabilities := kubernetes.parameter("pods", "allowed_capabilities", "capabilities", null)

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "capabilities", "add", index])} if {
	is_array(capabilities)
	some entry in pods.containers
	some index, capability in shape.list_at(entry.container, ["securityContext", "capabilities", "add"])
	not capability in capabilities
	not "*" in capabilities
	msg := sprintf("%s adds the capability %v, which is not allowed", [entry.who, capability])
}
