# METADATA
# title: A pod names its service account by the old field
# description: |
#   spec.serviceAccount is an alias that Kubernetes keeps for old manifests; tools that read serviceAccountName alone miss
#   it.
# related_resources:
#   - https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
# custom:
#   severity: low
#   remediation: Write spec.serviceAccountName.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.api.deprecated_service_account

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "serviceAccount"])} if {
	some entry in kubernetes.pods
	name := shape.text_at(entry.pod, ["spec", "serviceAccount"])
	name != ""
	shape.text_at(entry.pod, ["spec", "serviceAccountName"]) != name
	msg := sprintf("%s names service account %s by the old field serviceAccount", [kubernetes.name_of(entry.object), name])
}
