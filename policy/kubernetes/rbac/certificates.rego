# METADATA
# title: A role approves or signs certificates
# description: |
#   The API server takes who has a certificate of its signer for the user and the groups that stand in it. Who may approve
#   requests and use the signer can make himself any of them. A rule for signers with resourceNames of signers that are not
#   Kubernetes' own is allowed.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Narrow the rule for signers by resourceNames to a signer of your own.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.certificates

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow_beside(entry.rule, dangerous)
}

ways := [
	{"group": "certificates.k8s.io", "resource": "certificatesigningrequests/approval", "verbs": ["update", "patch"]},
	{"group": "certificates.k8s.io", "resource": "signers", "verbs": ["approve", "sign"]},
]

# The signers whose certificates are accounts.
dangerous := ["kubernetes.io/*"]
