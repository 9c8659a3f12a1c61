# METADATA
# title: An Ingress leads to a port that its Service does not have
# description: |
#   The controller answers 503 for a path whose Service has no such port: it is a port of the Service, by number or name, not
#   of the pods. Judged where the set has the Service.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/
# custom:
#   severity: medium
#   remediation: Name a port that the Service has.
#   kinds: [Ingress]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.references.ingress_port

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, array.concat(backend.path, ["port", field]))} if {
	some entry in kubernetes.objects
	entry.object.kind == "Ingress"
	some backend in backends(entry.object)
	some field, of_service in {"name": "name", "number": "port"}
	wanted := backend.service.port[field]
	some held in object.get(inventory.by_kind, ["Service", inventory.namespace_of(entry.object), backend.service.name], [])
	ports := shape.list_at(held.object, ["spec", "ports"])
	ports != []
	not wanted in {shape.at(port, [of_service]) | some port in ports}
	msg := sprintf("%s leads to port %v of Service %s, which has no such port", [kubernetes.name_of(entry.object), wanted, backend.service.name])
}

backends(ingress) := array.concat(
	[{"service": service, "path": ["spec", "defaultBackend", "service"]} |
		service := shape.table_at(ingress, ["spec", "defaultBackend", "service"])
	],
	[{"service": service, "path": ["spec", "rules", at, "http", "paths", index, "backend", "service"]} |
		some at, rule in shape.list_at(ingress, ["spec", "rules"])
		some index, taken in shape.list_at(rule, ["http", "paths"])
		service := shape.table_at(taken, ["backend", "service"])
	],
)
