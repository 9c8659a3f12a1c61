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
	conflicts := sort(conflicts_of(entry.object))
	[index, host, path, name, file] := conflicts[0]
	names := [kubernetes.name_of(entry.object), host, path, name, file, others(count(conflicts) - 1)]
	msg := sprintf("%s takes host %s and path %s, as does %s in %s%s", names)
}

others(0) := ""

others(n) := sprintf(" (and %d more)", [n]) if n > 0

# What else takes a host and path of this Ingress: the index of its rule, host and path, the other's name and file.
conflicts_of(ingress) := {[index, route[0], route[1], owner[1], owner[2]] |
	some index, rule in shape.list_at(ingress, ["spec", "rules"])
	some route in routes_of(rule)
	some owner in owners[[class_of(ingress), route]]
	[owner[0], owner[1]] != [inventory.namespace_of(ingress), inventory.name_of(ingress)]
}

# Every route of the set with the Ingresses that take it: looked up by route, so that the cost is that of the set once.
owners := taken

taken[[class_of(other.object), route]] contains owner if {
	some other in inventory.everywhere("Ingress")
	owner := [inventory.namespace_of(other.object), inventory.name_of(other.object), other.file]
	some rule in shape.list_at(other.object, ["spec", "rules"])
	some route in routes_of(rule)
}

# The hosts and paths that a rule takes, one by one.
routes_of(rule) := {[host, path] |
	host := shape.text_at(rule, ["host"])
	host != ""
	some taken_path in shape.list_at(rule, ["http", "paths"])
	path := shape.text_at(taken_path, ["path"])
}

class_of(ingress) := [
	shape.text_at(ingress, ["spec", "ingressClassName"]),
	shape.text_at(ingress, ["metadata", "annotations", "kubernetes.io/ingress.class"]),
]
