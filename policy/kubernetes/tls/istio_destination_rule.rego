# METADATA
# title: Istio is told to send plain text
# description: |
#   A DestinationRule with TLS mode DISABLE sends plain text, also where the mesh would have encrypted it; with
#   insecureSkipVerify nobody looks at who answers.
# related_resources:
#   - https://istio.io/latest/docs/reference/config/networking/destination-rule/
# custom:
#   severity: high
#   remediation: Set the mode to ISTIO_MUTUAL within the mesh, to SIMPLE or MUTUAL for hosts outside.
#   kinds: [DestinationRule]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.tls.istio_destination_rule

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, array.concat(place.path, ["tls", "mode"]))} if {
	some entry in kubernetes.objects
	entry.object.kind == "DestinationRule"
	some place in places(entry.object)
	place.policy.tls.mode == "DISABLE"
	msg := sprintf("%s sends plain text to %v", [kubernetes.name_of(entry.object), object.get(entry.object, ["spec", "host"], "its host")])
}

deny contains {"msg": msg, "path": array.concat(entry.path, array.concat(place.path, ["tls", "insecureSkipVerify"]))} if {
	some entry in kubernetes.objects
	entry.object.kind == "DestinationRule"
	some place in places(entry.object)
	place.policy.tls.insecureSkipVerify == true
	msg := sprintf("%s does not verify whom it speaks to", [kubernetes.name_of(entry.object)])
}

# Where a rule has settings of TLS: for the host, its subsets and the ports of both.
places(rule) := policies | {{"policy": setting, "path": array.concat(place.path, ["portLevelSettings", index])} |
	some place in policies
	some index, setting in shape.list_at(place.policy, ["portLevelSettings"])
} if {
	of_host := {{"policy": shape.table_at(rule, ["spec", "trafficPolicy"]), "path": ["spec", "trafficPolicy"]}}
	of_subsets := {{"policy": subset.trafficPolicy, "path": ["spec", "subsets", index, "trafficPolicy"]} |
		some index, subset in shape.list_at(rule, ["spec", "subsets"])
	}
	policies := of_host | of_subsets
}
