# METADATA
# title: A role reaches the API of kubelets
# description: |
#   Who may use nodes/proxy runs commands in every pod of the node, also with get alone, past admission and the audit log.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Use the narrower nodes/metrics, nodes/stats or nodes/log.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.node_proxy

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow(entry.rule)
}

ways := [
	{"group": "", "resource": "nodes/proxy", "verbs": ["get", "create", "update", "patch", "delete"]},
]
