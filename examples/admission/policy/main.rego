# METADATA
# title: The answer to an admission review
# description: OPA's server answers a request without a path by data.system.main, which is what a webhook asks for.
package system

main := {
	"apiVersion": "admission.k8s.io/v1",
	"kind": "AdmissionReview",
	"response": {"uid": input.request.uid, "allowed": messages == set(), "status": {"message": concat("; ", messages)}},
}

messages contains result.msg if some result in data.kpolicy.kubernetes.pod_security.baseline[_].deny
