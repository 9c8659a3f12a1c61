# METADATA
# title: A role opens a shell in pods
# description: |
#   Who may create pods/exec, attach or port-forward is inside every container of the namespace, with all that
#   it may do.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Give it to people for as long as they need it, and not to programs.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.pod_exec

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["rules", index, "resources", at])} if {
	some entry in rbac.roles
	not rbac.is_of_kubernetes(entry.object)
	some index, rule in shape.list_at(entry.object, ["rules"])
	rbac.is_for_core(rule)
	some verb in shape.list_at(rule, ["verbs"])
	verb in {"create", "get", "*"}
	some at, resource in shape.list_at(rule, ["resources"])
	resource in {"pods/exec", "pods/attach", "pods/portforward", "pods/*", "pods/ephemeralcontainers"}
	msg := sprintf("%s is let into pods by %s", [kubernetes.name_of(entry.object), resource])
}
