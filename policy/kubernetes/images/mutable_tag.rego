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
#   kinds: [Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.images.mutable_tag

import data.kpolicy.lib.kubernetes

deny contains {"msg": msg, "path": entry.path} if {
	some entry in kubernetes.images
	tag := tag_of(entry.image)
	tag in {"", "latest"}
	msg := sprintf("%s %s, %s", [entry.use, entry.image, fault[tag]])
}

fault := {"": "which has no tag", "latest": "whose tag moves"}

# The tag is what follows a colon in the last part of the path: a registry may have a port. A digest needs none.
tag_of(image) := "by digest" if contains(image, "@")

tag_of(image) := concat(":", array.slice(parts, 1, count(parts))) if {
	not contains(image, "@")
	path := split(image, "/")
	parts := split(path[count(path) - 1], ":")
}
