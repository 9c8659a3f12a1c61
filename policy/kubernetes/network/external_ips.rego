# METADATA
# title: A Service takes external addresses for itself
# description: |
#   Whoever may write a Service with externalIPs draws the cluster's traffic to those addresses to pods of theirs
#   (CVE-2020-8554). Few clusters need them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#external-ips
#   - https://github.com/kubernetes/kubernetes/issues/97076
# custom:
#   severity: high
#   remediation: Remove externalIPs; use a Service of type LoadBalancer, or add the addresses to the parameter.
#   kinds: [Service]
#   formats: [yaml, json]
#   profiles: [default, strict]
#   parameters:
#     allowed:
#       type: array of strings
#       default: []
#       description: The addresses that Services may take.
package kpolicy.kubernetes.network.external_ips

import data.kpolicy.lib.kubernetes

allowed := kubernetes.parameter("network", "external_ips", "allowed", [])

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "externalIPs", index])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Service"
	some index, address in entry.object.spec.externalIPs
	not address in allowed
	msg := sprintf("%s takes the external address %v for itself", [kubernetes.name_of(entry.object), address])
}
