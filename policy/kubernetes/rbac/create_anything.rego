# METADATA
# title: A role creates objects of every kind
# description: |
#   A rule with * for resources and create for verbs covers what exists and what will come: pods, bindings, webhook
#   configurations. A rule with * for its verbs too has a policy of its own.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Name the resources that are needed.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.create_anything

import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources"])} if {
	some entry in rbac.rules
	"*" in shape.list_at(entry.rule, ["resources"])
	"create" in shape.list_at(entry.rule, ["verbs"])
	some group in shape.list_at(entry.rule, ["apiGroups"])
	group in {"", "*", "apps", "batch", "rbac.authorization.k8s.io"}
	msg := rbac.message(object.union(entry, {"what": sprintf("create everything in API group %q", [group])}))
}
