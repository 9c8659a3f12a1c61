# METADATA
# title: A binding lets others write to a namespace
# description: |
#   Only the users, groups and service accounts that the parameter names for a namespace may be given a role
#   that writes there. Roles are looked up in the files; of those that Kubernetes brings, view alone only reads,
#   and a role that nobody knows may write. A ClusterRoleBinding counts for every namespace.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/
# custom:
#   severity: high
#   remediation: Remove the subject from the binding, or name it in the parameter.
#   kinds: [RoleBinding, ClusterRoleBinding]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     namespaces:
#       type: object of arrays of strings
#       required: true
#       description: |
#         For each pattern of namespaces who may write there: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME, each with *
#         for any characters.
package kpolicy.kubernetes.rbac.namespace_writers

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

namespaces := data.params.rbac.namespace_writers.namespaces

deny contains {"msg": msg, "path": array.concat(entry.path, ["subjects", index, "name"])} if {
	inventory.known
	some entry in rbac.bindings
	some pattern, allowed in namespaces
	concerns(entry.object, pattern)
	rbac.writes(entry.object)
	some index, subject in shape.list_at(entry.object, ["subjects"])
	account := rbac.account(subject, entry.object)
	not shape.matches_any(allowed, account)
	role := shape.text_at(entry.object, ["roleRef", "name"])
	msg := sprintf("%s lets %s write to namespace %s, as %s", [kubernetes.name_of(entry.object), account, pattern, role])
}

concerns(binding, _) if binding.kind == "ClusterRoleBinding"

concerns(binding, pattern) if glob.match(pattern, null, inventory.namespace_of(binding))
