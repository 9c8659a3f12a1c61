# METADATA
# title: An image has no digest
# description: |
#   A version tag can be moved too, by its publisher or by whoever took over the registry. A digest is the image itself:
#   what was tested, scanned and signed is what runs.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: low
#   remediation: Put the digest behind the tag, as in web:1.2.0@sha256:…, and let a bot raise both.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.images.missing_digest

import data.kpolicy.lib.images

deny contains {"msg": msg, "path": entry.path} if {
	some entry in images.all
	entry.reference.digest == ""
	msg := sprintf("%s %s, which has no digest", [entry.use, entry.image])
}
