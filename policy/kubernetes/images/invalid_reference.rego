# METADATA
# title: An image is named in a way that no node understands
# description: |
#   A pod with such an image stays in InvalidImageName. A placeholder that nothing has filled in, a scheme such as
#   https://, upper-case letters in the repository and a digest that was cut off are the usual reasons.
# related_resources:
#   - https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: high
#   remediation: Write the image as registry/repository:tag or registry/repository@sha256:…, in lower case.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.images.invalid_reference

import data.kpolicy.lib.images

deny contains {"msg": msg, "path": entry.path} if {
	some entry in images.all
	entry.reference.is_valid == false
	msg := sprintf("%s %s, which is no image reference", [entry.use, entry.image])
}
