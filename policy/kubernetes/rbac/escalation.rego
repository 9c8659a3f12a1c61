# METADATA
# title: A role lets its holders become more
# description: |
#   Who may escalate or bind roles, impersonate others, sign certificates or make tokens can give themselves
#   whatever they want.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Leave the verb out, or narrow the rule by resourceNames.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.escalation

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["rules", index, "verbs"])} if {
	some entry in rbac.roles
	not rbac.is_of_kubernetes(entry.object)
	some index, rule in shape.list_at(entry.object, ["rules"])
	shape.list_at(rule, ["resourceNames"]) == []
	some verb, resources in ways
	verb in shape.list_at(rule, ["verbs"])
	some resource in shape.list_at(rule, ["resources"])
	resource in resources
	msg := sprintf("%s lets its holders %s %s", [kubernetes.name_of(entry.object), verb, resource])
}

# Which verbs lead where.
ways := {
	"approve": {"signers", "certificatesigningrequests"},
	"bind": {"roles", "clusterroles"},
	"create": {"serviceaccounts/token"},
	"escalate": {"roles", "clusterroles"},
	"impersonate": {"users", "groups", "serviceaccounts", "userextras", "*"},
}
