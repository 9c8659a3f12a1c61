# METADATA
# title: A role reads every Secret
# description: |
#   Who may get, list or watch Secrets has every password and token in them; list and watch give their content
#   too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Narrow the rule by resourceNames, and leave list and watch out.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.secrets

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["rules", index, "resources", at])} if {
	some entry in rbac.roles
	not rbac.is_of_kubernetes(entry.object)
	some index, rule in shape.list_at(entry.object, ["rules"])
	rbac.is_for_core(rule)
	shape.list_at(rule, ["resourceNames"]) == []
	some at, resource in shape.list_at(rule, ["resources"])
	resource in {"secrets", "*"}
	verbs := {"get", "list", "watch", "*"} & {verb | some verb in shape.list_at(rule, ["verbs"])}
	verbs != set()
	msg := sprintf("%s may %s every Secret", [kubernetes.name_of(entry.object), concat(", ", sort(verbs))])
}
