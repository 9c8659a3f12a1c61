# METADATA
# title: Somebody else deploys into a namespace
# description: |
#   Only the users, groups and service accounts that the parameter names for a namespace may create, change or
#   delete objects there. It judges who asks, which an admission review says; in a pipeline
#   kubernetes/rbac/namespace_writers judges who could.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
# custom:
#   severity: critical
#   remediation: Let one of the named accounts deploy, or name this one.
#   kinds: ["*"]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     namespaces:
#       type: object of arrays of strings
#       required: true
#       description: |
#         For each pattern of namespaces who may deploy there: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME, each
#         with * for any characters.
#     always:
#       type: array of strings
#       default: ["user:system:kube-*", "user:system:apiserver", "serviceaccount:kube-system/*", "group:system:nodes"]
#       description: |
#         Who may deploy everywhere; without the controllers of the cluster itself nothing that a Deployment makes would
#         come to be.
#     operations:
#       type: array of strings
#       default: [CREATE, UPDATE, DELETE]
#       description: The operations that are judged.
package kpolicy.kubernetes.admission.deployers

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

namespaces := data.params.admission.deployers.namespaces

always := kubernetes.parameter("admission", "deployers", "always", [
	"user:system:kube-*",
	"user:system:apiserver",
	"serviceaccount:kube-system/*",
	"group:system:nodes",
])

operations := kubernetes.parameter("admission", "deployers", "operations", ["CREATE", "UPDATE", "DELETE"])

deny contains {"msg": msg, "path": [field, "userInfo", "username"]} if {
	some field, review in kubernetes.reviews
	shape.text_at(review, ["operation"]) in operations
	namespace := shape.text_at(review, ["namespace"])
	allowed := {account | some pattern, accounts in namespaces; glob.match(pattern, null, namespace); some account in accounts}
	is_listed(namespace)
	not is_allowed(shape.table_at(review, ["userInfo"]), allowed | {account | some account in always})
	user := shape.text_at(review, ["userInfo", "username"])
	msg := sprintf("%s may not %s objects in namespace %s", [user, lower(review.operation), namespace])
}

is_listed(namespace) if {
	some pattern, _ in namespaces
	glob.match(pattern, null, namespace)
}

is_allowed(user, allowed) if {
	some account in allowed
	some name in names(user)
	glob.match(account, null, name)
}

# What a user is called: a service account is a user of a long name.
names(user) := ({sprintf("user:%s", [username])} | groups) | accounts if {
	username := shape.text_at(user, ["username"])
	groups := {sprintf("group:%v", [group]) | some group in shape.list_at(user, ["groups"])}
	accounts := {sprintf("serviceaccount:%s", [replace(name, ":", "/")]) |
		startswith(username, "system:serviceaccount:")
		name := trim_prefix(username, "system:serviceaccount:")
	}
}
