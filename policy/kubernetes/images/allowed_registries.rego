# METADATA
# title: An image is from another registry than the given ones
# description: |
#   Images from registries that nobody vouches for can be swapped, deleted or rate-limited by strangers. A short name is
#   taken as a node takes it: nginx is docker.io/library/nginx. An entry holds what is below it in the path and no more:
#   registry.example.com holds neither registry.example.com.evil.io nor registry.example.com:5000.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
#   - https://cheatsheetseries.owasp.org/cheatsheets/Kubernetes_Security_Cheat_Sheet.html
# custom:
#   severity: high
#   remediation: Copy the image to an allowed registry and name it there.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     registries:
#       type: array of strings
#       required: true
#       description: |
#         The registries that images may come from, each with as much of the path as is needed, such as
#         registry.example.com, ghcr.io/shop or docker.io/library.
package kpolicy.kubernetes.images.allowed_registries

import data.kpolicy.lib.images

registries := data.params.images.allowed_registries.registries

deny contains {"msg": msg, "path": entry.path} if {
	is_array(registries)
	some entry in images.all
	not is_allowed(entry.reference)
	msg := sprintf("%s %s, which is from none of the allowed registries%s", [entry.use, entry.image, meant(entry)])
}

is_allowed(reference) if {
	reference.is_valid
	some registry in registries
	images.holds(registry, reference.name)
}

# A short name hides where it leads.
meant(entry) := "" if startswith(lower(entry.image), lower(entry.reference.name))

meant(entry) := sprintf(": it is %s", [images.resolved(entry.reference)]) if {
	not startswith(lower(entry.image), lower(entry.reference.name))
}
