# METADATA
# title: A binding makes somebody an administrator of the cluster
# description: |
#   cluster-admin may do everything, and whoever breaks into one account that has it has the cluster.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Bind a role with what is needed, in the namespace where it is needed.
#   kinds: [RoleBinding, ClusterRoleBinding]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.rbac.cluster_admin

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["roleRef", "name"])} if {
	some entry in rbac.bindings
	shape.text_at(entry.object, ["roleRef", "kind"]) != "Role"
	shape.text_at(entry.object, ["roleRef", "name"]) == "cluster-admin"
	accounts := {account |
		some subject in shape.list_at(entry.object, ["subjects"])
		account := rbac.account(subject, entry.object)
		account != "group:system:masters"
	}
	accounts != set()
	msg := sprintf("%s makes %s an administrator", [kubernetes.name_of(entry.object), concat(", ", sort(accounts))])
}
