# METADATA
# title: A node may run an old copy of an image
# description: |
#   Unless the policy is Always, a node runs the image that it has under that tag, be it an old one or one that another pod with
#   other rights has pulled. Where nothing is said, it is Always for images with the tag latest or none. An image with a digest
#   is what it is.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
# custom:
#   severity: low
#   remediation: Set imagePullPolicy to Always, or pin the image to a digest.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.images.pull_policy

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["imagePullPolicy"])} if {
	some entry in kubernetes.containers
	image := shape.text_at(entry.container, ["image"])
	image != ""
	not contains(image, "@")
	policy := policy_of(entry.container, image)
	policy != "Always"
	msg := sprintf("container %s is pulled by the policy %s", [kubernetes.container_name(entry.container), policy])
}

policy_of(container, _) := policy if {
	policy := shape.text_at(container, ["imagePullPolicy"])
	policy != ""
}

policy_of(container, image) := "IfNotPresent" if {
	shape.text_at(container, ["imagePullPolicy"]) == ""
	regex.match(`:[^/]+$`, image)
	not endswith(image, ":latest")
}
