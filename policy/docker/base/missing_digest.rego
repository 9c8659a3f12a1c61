# METADATA
# title: A base image has no digest
# description: |
#   A version tag can be moved as well, by its publisher or by whoever took over the registry. A digest is the
#   image itself.
# related_resources:
#   - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# custom:
#   severity: low
#   remediation: Put the digest behind the tag, and let a bot raise both.
#   kinds: []
#   formats: [dockerfile]
#   profiles: [strict]
package kpolicy.docker.base.missing_digest

import data.kpolicy.lib.dockerfile

deny contains {"msg": msg, "path": base.path} if {
	some base in dockerfile.bases
	not contains(base.image, "@sha256:")
	msg := sprintf("the base image %s has no digest", [base.image])
}
