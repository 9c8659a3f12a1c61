# METADATA
# title: A role makes volumes of any path of the nodes
# description: |
#   A PersistentVolume can be a hostPath, which no level of the Pod Security Standards looks at: who may create them can mount
#   the root of a node into a pod.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Let a provisioner make volumes, and people write PersistentVolumeClaims.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.persistent_volumes

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
}

ways := [
	{"group": "", "resource": "persistentvolumes", "verbs": ["create"]},
]
