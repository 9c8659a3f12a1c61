# METADATA
# title: Two Ingresses take the same path of a host
# description: |
#   Which of the two answers is for the controller to say, and may change with each reload. Judged by the whole set; Ingresses
#   of different classes do not meet.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches
# custom:
#   severity: medium
#   remediation: Keep the path in one of them.
#   kinds: [Ingress]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.ingress.duplicate_host

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "rules", index])} if {
	some entry in kubernetes.objects
	entry.object.kind == "Ingress"
	some index, rule in shape.list_at(entry.object, ["spec", "rules"])
	some route in routes_of(rule)
	some other in inventory.everywhere("Ingress")
	is_other(other.object, entry.object)
	class_of(other.object) == class_of(entry.object)
	some other_rule in shape.list_at(other.object, ["spec", "rules"])
	route in routes_of(other_rule)
	names := [kubernetes.name_of(entry.object), route[0], route[1], inventory.name_of(other.object), other.file]
	msg := sprintf("%s takes host %s and path %s, as does %s in %s", names)
}

# The hosts and paths that a rule takes, one by one.
routes_of(rule) := {[host, path] |
	host := shape.text_at(rule, ["host"])
	host != ""
	some taken in shape.list_at(rule, ["http", "paths"])
	path := shape.text_at(taken, ["path"])
}

is_other(a, b) if inventory.name_of(a) != inventory.name_of(b)

is_other(a, b) if inventory.namespace_of(a) != inventory.namespace_of(b)

class_of(ingress) := [
	shape.text_at(ingress, ["spec", "ingressClassName"]),
	shape.text_at(ingress, ["metadata", "annotations", "kubernetes.io/ingress.class"]),
]
