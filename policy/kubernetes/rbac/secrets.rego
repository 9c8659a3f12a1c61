# METADATA
# title: A role reads every Secret
# description: |
#   Who may get, list or watch Secrets has every password and token in them; list and watch give their content too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Narrow the rule by resourceNames, and leave list and watch out.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.secrets

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow(entry.rule)
}

ways := [
	{"group": "", "resource": "secrets", "verbs": ["get", "list", "watch"]},
]
