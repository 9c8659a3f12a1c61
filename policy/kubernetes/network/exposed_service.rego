# METADATA
# title: A Service is open to the outside of the cluster
# description: |
#   A Service of type LoadBalancer or NodePort is reached from outside, past the Ingress or Gateway that others go
#   through. A load balancer counts as internal by the annotations that AWS, Azure, Google Cloud and others document.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
#   - https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
# custom:
#   severity: medium
#   remediation: Use type ClusterIP behind an Ingress or Gateway, an internal load balancer, or add the name to the parameter.
#   kinds: [Service]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     allowed:
#       type: array of strings
#       default: []
#       description: Services that may be open, as namespace/name or a pattern of that, such as ingress-nginx/*.
package kpolicy.kubernetes.network.exposed_service

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.services
import data.kpolicy.lib.shape

allowed := kubernetes.parameter("network", "exposed_service", "allowed", [])

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "type"])} if {
	some entry in kubernetes.objects
	services.is_exposed(entry.object)
	id := sprintf("%s/%s", [inventory.namespace_of(entry.object), inventory.name_of(entry.object)])
	not shape.matches_any(allowed, id)
	msg := sprintf("%s is open to the outside as %s", [kubernetes.name_of(entry.object), entry.object.spec.type])
}
