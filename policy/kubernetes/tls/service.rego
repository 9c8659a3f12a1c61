# METADATA
# title: A Service offers plain HTTP to the outside
# description: |
#   A Service of type LoadBalancer or NodePort is reached from outside the cluster, and a port that speaks HTTP
#   there can be read and changed on its way. A load balancer that ends TLS by the annotation of its provider is
#   encrypted, and one that is internal is left out. A port speaks HTTP by its appProtocol, else by its name,
#   else by its number, 80 or 8080.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#ssl-support-on-aws
# custom:
#   severity: high
#   remediation: |
#     Put the Service behind an Ingress or Gateway with TLS, or let the load balancer end TLS by the annotation
#     of its provider.
#   kinds: [Service]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.tls.service

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.services
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "ports", index, "port"])} if {
	some entry in kubernetes.objects
	services.is_exposed(entry.object)
	some index, port in shape.list_at(entry.object, ["spec", "ports"])
	services.is_plain_http(port)
	not services.ends_tls(entry.object, port)
	name := kubernetes.name_of(entry.object)
	msg := sprintf("%s offers plain HTTP to the outside on port %v, as %s", [name, port.port, entry.object.spec.type])
}
