# METADATA
# title: An Ingress leads to no Service
# description: |
#   The controller answers 503 for a path whose Service does not exist. Judged by the whole set, and only where it has other
#   Services in the namespace.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/
# custom:
#   severity: medium
#   remediation: Correct the name of the backend, or add the Service.
#   kinds: [Ingress]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.references.ingress_service

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, backend.path)} if {
	some entry in kubernetes.objects
	entry.object.kind == "Ingress"
	some backend in backends(entry.object)
	backend.name != ""
	namespace := inventory.namespace_of(entry.object)
	present := {inventory.name_of(other.object) | some other in inventory.in_namespace("Service", namespace)}
	present != set()
	not backend.name in present
	names := [kubernetes.name_of(entry.object), backend.name, namespace]
	msg := sprintf("%s leads to Service %s, which namespace %s has not", names)
}

backends(ingress) := array.concat([of_default], of_paths) if {
	default_path := ["spec", "defaultBackend", "service", "name"]
	of_default := {"name": shape.text_at(ingress, default_path), "path": default_path}
	of_paths := [{"name": shape.text_at(taken, tail), "path": array.concat(["spec", "rules", at, "http", "paths", index], tail)} |
		some at, rule in shape.list_at(ingress, ["spec", "rules"])
		some index, taken in shape.list_at(rule, ["http", "paths"])
		tail := ["backend", "service", "name"]
	]
}
