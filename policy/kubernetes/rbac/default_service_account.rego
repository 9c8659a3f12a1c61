# METADATA
# title: The default service account is given a role
# description: |
#   Every pod that names no account runs as default: what it may do, all of them may.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Make a ServiceAccount of its own for what needs the role.
#   kinds: [RoleBinding, ClusterRoleBinding]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.rbac.default_service_account

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["subjects", index, "name"])} if {
	some entry in rbac.bindings
	some index, subject in shape.list_at(entry.object, ["subjects"])
	subject.kind == "ServiceAccount"
	subject.name == "default"
	account := rbac.account(subject, entry.object)
	role := shape.text_at(entry.object, ["roleRef", "name"])
	msg := sprintf("%s gives the role %s to %s, and so to every pod that names no account", [kubernetes.name_of(entry.object), role, account])
}
