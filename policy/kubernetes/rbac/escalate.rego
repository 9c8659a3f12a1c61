# METADATA
# title: A role lets its holders write roles beyond their own rights
# description: |
#   The API server lets nobody write a role with more than he has himself, but for who has the verb escalate: he can write
#   himself any role, up to cluster-admin. Aggregation controllers alone need it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Leave the verb out.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.escalate

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
}

ways := [
	{"group": "rbac.authorization.k8s.io", "resource": "clusterroles", "verbs": ["escalate"]},
	{"group": "rbac.authorization.k8s.io", "resource": "roles", "verbs": ["escalate"]},
]
