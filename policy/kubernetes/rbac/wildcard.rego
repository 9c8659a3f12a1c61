# METADATA
# title: A role allows everything
# description: |
#   A rule with * for verbs and for resources allows what exists and what will come: it is cluster-admin under
#   another name.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Name the verbs and resources that are needed.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
#   warns_in: [default]
package kpolicy.kubernetes.rbac.wildcard

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["rules", index, "verbs"])} if {
	some entry in rbac.roles
	not rbac.is_of_kubernetes(entry.object)
	some index, rule in shape.list_at(entry.object, ["rules"])
	"*" in shape.list_at(rule, ["verbs"])
	"*" in shape.list_at(rule, ["resources"])
	msg := sprintf("%s allows everything on everything in %s", [kubernetes.name_of(entry.object), groups(rule)])
}

groups(rule) := "every API group" if "*" in shape.list_at(rule, ["apiGroups"])

groups(rule) := sprintf("API group %s", [concat(", ", names)]) if {
	not "*" in shape.list_at(rule, ["apiGroups"])
	names := [sprintf("%q", [sprintf("%v", [group])]) | some group in shape.list_at(rule, ["apiGroups"])]
}
