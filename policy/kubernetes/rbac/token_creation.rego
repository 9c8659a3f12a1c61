# METADATA
# title: A role makes tokens of service accounts
# description: |
#   Who may create serviceaccounts/token has the rights of every service account in the namespace, or, by a ClusterRoleBinding,
#   of the cluster, controllers of Kubernetes among them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Narrow the rule by resourceNames to the accounts whose tokens are needed.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.token_creation

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow(entry.rule)
}

ways := [
	{"group": "", "resource": "serviceaccounts/token", "verbs": ["create"]},
]
