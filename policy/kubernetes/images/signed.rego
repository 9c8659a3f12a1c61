# METADATA
# title: An image is not known to be signed
# description: |
#   What runs in production is what the build made and signed. The evidence is a list of signatures that a pipeline has
#   verified, as `cosign verify --output json` prints them: the image needs a digest, and a signature of that digest by
#   an accepted issuer and subject. The list is taken as true; nothing is asked of a registry.
# related_resources:
#   - https://docs.sigstore.dev/cosign/verifying/verify/
#   - https://kubernetes.io/docs/tasks/administer-cluster/verify-signed-artifacts/
# custom:
#   severity: high
#   remediation: Build the image in the pipeline that signs it, pin it by its digest, and add its signature to the list.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     signatures:
#       type: array of objects
#       required: true
#       description: The verified signatures, each with digest, issuer, subject and time (RFC 3339).
#     namespaces:
#       type: array of strings
#       default: []
#       description: The namespaces that need signed images, * for any characters; without labels either, each does.
#     namespace_labels:
#       type: object of strings
#       default: {}
#       description: The labels of further namespaces that need signed images; a namespace must have them all.
#     issuers:
#       type: array of strings
#       default: []
#       description: Who may vouch for the signer, * for any characters; none means anybody.
#     subjects:
#       type: array of strings
#       default: []
#       description: Who may sign, * for any characters; none means anybody.
#     since:
#       type: string
#       default: ""
#       description: The time (RFC 3339) before which a signature is too old.
package kpolicy.kubernetes.images.signed

import data.kpolicy.lib.images
import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape
import data.kpolicy.lib.signatures as evidence

signatures := data.params.images.signed.signatures

namespaces := kubernetes.parameter("images", "signed", "namespaces", [])

namespace_labels := kubernetes.parameter("images", "signed", "namespace_labels", {})

issuers := kubernetes.parameter("images", "signed", "issuers", [])

subjects := kubernetes.parameter("images", "signed", "subjects", [])

since := kubernetes.parameter("images", "signed", "since", "")

accepted := {"issuers": issuers, "subjects": subjects, "since": since}

deny contains {"msg": msg, "path": entry.path} if {
	is_array(signatures)
	some entry in images.all
	needs_signatures(inventory.namespace_of(entry.object))
	lack := evidence.lack(entry.reference.digest, signatures, accepted)
	msg := sprintf("%s %s, %s", [entry.use, entry.image, lack])
}

needs_signatures(namespace) if shape.matches_any(namespaces, namespace)

needs_signatures(namespace) if {
	namespace_labels != {}
	labels := inventory.namespace_labels(namespace)
	every key, value in namespace_labels {
		labels[key] == value
	}
}

needs_signatures(_) if {
	namespaces == []
	namespace_labels == {}
}
