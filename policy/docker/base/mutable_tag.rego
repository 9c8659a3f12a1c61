# METADATA
# title: A base image has a tag that moves
# description: |
#   A build from latest, or from no tag at all, gives another image each time, and nobody can say what was in
#   the last one. Stages of the same file, scratch and images that an argument names are left out; an image with
#   a digest never moves.
# related_resources:
#   - https://docs.docker.com/reference/dockerfile/#from
#   - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# custom:
#   severity: medium
#   remediation: Name the version of the base image, or better its digest.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [default, strict]
package kpolicy.docker.base.mutable_tag

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": base.path} if {
	some base in dockerfile.bases
	msg := fault(base.image)
}

fault(image) := sprintf("the base image %s has no tag", [image]) if not contains(name(image), ":")

fault(image) := sprintf("the tag of the base image %s moves", [image]) if endswith(name(image), ":latest")

# The last part of an image's path: a registry may have a port. With a digest it has a colon, and does not end in latest.
name(image) := regex.replace(image, "^.*/", "")
