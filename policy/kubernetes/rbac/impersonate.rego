# METADATA
# title: A role lets its holders act as others
# description: |
#   Who may impersonate users, groups or service accounts has whatever they have: as the group system:masters, everything. A
#   rule with resourceNames that leave out Kubernetes' own names is allowed.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Narrow the rule by resourceNames to the accounts that are meant.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.impersonate

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow_beside(entry.rule, dangerous)
}

ways := [
	{"group": "", "resource": "users", "verbs": ["impersonate"]},
	{"group": "", "resource": "groups", "verbs": ["impersonate"]},
	{"group": "", "resource": "serviceaccounts", "verbs": ["impersonate"]},
	{"group": "authentication.k8s.io", "resource": "uids", "verbs": ["impersonate"]},
]

# The names that nobody should act as.
dangerous := ["system:*", "kubernetes-admin", "kubeadm:cluster-admins"]
