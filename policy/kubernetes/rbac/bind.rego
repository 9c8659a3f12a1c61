# METADATA
# title: A role lets its holders give roles that they do not have
# description: |
#   The API server lets nobody bind a role with more than he has himself, but for who has the verb bind: with it and the right
#   to write bindings, he gives himself cluster-admin. A rule with resourceNames that leave out the roles of administrators is
#   allowed.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Leave the verb out, or narrow the rule by resourceNames to the roles that may be given.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.bind

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow_beside(entry.rule, dangerous)
}

ways := [
	{"group": "rbac.authorization.k8s.io", "resource": "clusterroles", "verbs": ["bind"]},
	{"group": "rbac.authorization.k8s.io", "resource": "roles", "verbs": ["bind"]},
]

# The roles that no name in a rule makes harmless.
dangerous := ["cluster-admin", "admin", "system:*"]
