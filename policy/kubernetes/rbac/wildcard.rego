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

import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.rules
	"*" in shape.list_at(entry.rule, ["verbs"])
	"*" in shape.list_at(entry.rule, ["resources"])
	shape.list_at(entry.rule, ["apiGroups"]) != []
	msg := rbac.message(object.union(entry, {"what": sprintf("do everything with everything in %s", [groups(entry.rule)])}))
}

groups(rule) := "every API group" if "*" in shape.list_at(rule, ["apiGroups"])

groups(rule) := sprintf("API group %s", [concat(", ", names)]) if {
	not "*" in shape.list_at(rule, ["apiGroups"])
	names := [sprintf("%q", [sprintf("%v", [group])]) | some group in shape.list_at(rule, ["apiGroups"])]
}
