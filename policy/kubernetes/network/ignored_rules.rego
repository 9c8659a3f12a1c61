# METADATA
# title: A network policy has rules that Kubernetes ignores
# description: |
#   Rules count only for the directions that policyTypes names. A policy with policyTypes [Ingress] and a list of egress
#   rules looks as if it bounded egress, and does not.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
# custom:
#   severity: high
#   remediation: Add the direction to spec.policyTypes, or remove its rules.
#   kinds: [NetworkPolicy]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.network.ignored_rules

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", field])} if {
	some entry in network.under_review
	some direction, field in network.rules_of
	shape.list_at(entry.object, ["spec", field]) != []
	not direction in network.directions(entry.object)
	name := kubernetes.name_of(entry.object)
	msg := sprintf("%s has %s rules that do not count: policyTypes lacks %s", [name, field, direction])
}
