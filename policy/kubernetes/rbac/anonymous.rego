# METADATA
# title: A binding is for everybody
# description: |
#   system:anonymous and system:unauthenticated are whoever can reach the API server; system:authenticated is
#   everybody with any account, which some providers give to the whole world. The roles that Kubernetes itself
#   gives to everybody are left out.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: critical
#   remediation: Bind the role to the accounts that need it.
#   kinds: [RoleBinding, ClusterRoleBinding]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.rbac.anonymous

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.rbac
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["subjects", index, "name"])} if {
	some entry in rbac.bindings
	not shape.text_at(entry.object, ["roleRef", "name"]) in harmless
	some index, subject in shape.list_at(entry.object, ["subjects"])
	name := shape.text_at(subject, ["name"])
	name in {"system:anonymous", "system:unauthenticated", "system:authenticated"}
	role := shape.text_at(entry.object, ["roleRef", "name"])
	msg := sprintf("%s gives the role %s to %s, which is everybody", [kubernetes.name_of(entry.object), role, name])
}

# What everybody may do in any cluster: ask what there is, and what they may do.
harmless := {"system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery"}
