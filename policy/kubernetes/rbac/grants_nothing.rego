# METADATA
# title: A rule grants nothing
# description: |
#   The API server compares words: pods/* is no pattern to it, and a resource in another API group than its own is another
#   resource. Such a rule looks as if it granted something, or as if it were harmless, until a resource of that name comes.
#   Judged are the groups of Kubernetes itself.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
# custom:
#   severity: low
#   remediation: Write each subresource, as in pods/exec, or */exec for those of all resources, and the API group of the resource.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.grants_nothing

import data.kpolicy.lib.api_resources
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", index])} if {
	some entry in rbac.rules
	some index, _ in shape.list_at(entry.rule, ["resources"])
	resource := shape.text_at(entry.rule, ["resources", index])
	endswith(resource, "/*")
	msg := sprintf("%s names %s, which grants nothing: the API server knows no such pattern", [kubernetes.name_of(entry.object), resource])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources", index])} if {
	some entry in rbac.rules
	groups := {group | some group in shape.list_at(entry.rule, ["apiGroups"])}
	groups - object.keys(api_resources.subresources) == set()
	groups != set()
	some index, _ in shape.list_at(entry.rule, ["resources"])
	resource := shape.text_at(entry.rule, ["resources", index])
	right := api_resources.groups_of(resource)
	right != set()
	right & groups == set()
	text := concat(" or ", [sprintf("%q", [group]) | some group in right])
	msg := sprintf("%s names %s in the wrong API group: it is in %s", [kubernetes.name_of(entry.object), resource, text])
}
