# METADATA
# title: A namespace runs another image than those given for it
# description: |
#   Each namespace runs what is listed for it and nothing else, so that whoever gets to deploy there cannot bring a tool
#   of their own. All entries whose pattern matches the namespace count together. Images are compared by their full
#   name: nginx is docker.io/library/nginx.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   severity: high
#   remediation: Run an image that is given for the namespace, or add this one to the list after a review.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     allowed:
#       type: object of arrays of strings
#       required: true
#       description: |
#         The images of namespaces, by a pattern of their names. A pattern of images without a tag or digest allows each;
#         in both, * stands for any characters, in images up to the next / (and ** across).
#     allow_elsewhere:
#       type: boolean
#       default: false
#       description: Whether a namespace that no entry is for may run any image.
package kpolicy.kubernetes.images.given_images

import data.kpolicy.lib.images
import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes

allowed := data.params.images.given_images.allowed

allow_elsewhere := kubernetes.parameter("images", "given_images", "allow_elsewhere", false)

deny contains {"msg": msg, "path": entry.path} if {
	is_object(allowed)
	some entry in images.all
	namespace := inventory.namespace_of(entry.object)
	lists := [list | some pattern, list in allowed; glob.match(pattern, null, namespace)]
	not is_given(entry.reference, lists)
	text := "%s %s, which is not among the images that are given for namespace %s (its full name is %s)"
	msg := sprintf(text, [entry.use, entry.image, namespace, images.resolved(entry.reference)])
}

is_given(_, []) if allow_elsewhere == true

is_given(reference, lists) if {
	reference.is_valid
	some list in lists
	some pattern in list
	matches(pattern, reference)
}

matches(pattern, reference) if glob.match(pattern, ["/"], reference.name)

matches(pattern, reference) if glob.match(pattern, ["/"], images.resolved(reference))

matches(pattern, reference) if {
	reference.tag != ""
	glob.match(pattern, ["/"], sprintf("%s:%s", [reference.name, reference.tag]))
}

matches(pattern, reference) if {
	reference.digest != ""
	glob.match(pattern, ["/"], sprintf("%s@%s", [reference.name, reference.digest]))
}
