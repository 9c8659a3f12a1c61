# METADATA
# title: An image has a tag that moves
# description: |
#   The tag latest, or no tag at all, makes a rollout impossible to repeat and a rollback impossible to trust. The images
#   of containers count, and those that volumes mount. An image with a digest never moves, whatever its tag.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: medium
#   remediation: Pin the image to a version tag, or better to a digest.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
#   parameters:
#     tags:
#       type: array of strings
#       default: [latest]
#       description: The tags that move; * stands for any characters.
package kpolicy.kubernetes.images.mutable_tag

import data.kpolicy.lib.images
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

tags := kubernetes.parameter("images", "mutable_tag", "tags", ["latest"])

deny contains {"msg": msg, "path": entry.path} if {
	some entry in images.all
	entry.reference.digest == ""
	msg := sprintf("%s %s, %s", [entry.use, entry.image, fault(entry.reference.tag)])
}

fault("") := "which has no tag"

fault(tag) := "whose tag moves" if shape.matches_any(tags, tag)
