# METADATA
# title: A pod sets SELinux options that are not allowed
# description: |
#   The parameter lists options that may be set. What a pod or a container sets is allowed where one of them has the
#   same user, role, type and level for each of these that is set.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: high
#   remediation: Set seLinuxOptions to options that are allowed, or take them out.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     options:
#       type: array of objects
#       required: true
#       description: The options that are allowed, each with any of user, role, type and level.
package kpolicy.kubernetes.pods.allowed_selinux_options

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

options := kubernetes.parameter("pods", "allowed_selinux_options", "options", null)

deny contains {"msg": msg, "path": array.concat(entry.path, ["seLinuxOptions"])} if {
	is_array(options)
	some entry in pods.contexts
	given := shape.table_at(entry.context, ["seLinuxOptions"])
	not is_allowed(given)
	msg := sprintf("%s sets SELinux options that are not allowed: %v", [entry.who, given])
}

is_allowed(given) if given == {}

is_allowed(given) if {
	some allowed in options
	every field, value in given {
		object.get(allowed, field, "") == value
	}
}
