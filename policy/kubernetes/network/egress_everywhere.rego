# METADATA
# title: A network policy lets pods connect to everywhere
# description: |
#   A rule without to, one to 0.0.0.0/0 or ::/0 (with excepted ranges or without), and one to all pods of the cluster let
#   whoever takes over the pod fetch what they need and send away what they find. A rule that is only for ports of the
#   parameter ports is allowed: names are looked up on port 53.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-egress-traffic
# custom:
#   severity: medium
#   remediation: Name the pods, namespaces and address ranges that are needed in to.
#   kinds: [NetworkPolicy]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     ports:
#       type: array of integers
#       default: [53]
#       description: The ports that egress to everywhere is allowed on.
package kpolicy.kubernetes.network.egress_everywhere

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network
import data.kpolicy.lib.shape

ports := kubernetes.parameter("network", "egress_everywhere", "ports", [53])

deny contains {"msg": msg, "path": array.concat(entry.path, target.path)} if {
	some entry in network.under_review
	some rule in network.rules(entry.object, "Egress")
	not is_for_allowed_ports(rule.rule)
	some target in targets(rule)
	msg := sprintf("%s lets its pods connect to %s", [kubernetes.name_of(entry.object), target.name])
}

targets(rule) := {{"name": "everywhere: an egress rule has no to", "path": array.concat(rule.path, ["to"])}} if {
	network.is_for_all(rule, "Egress")
}

targets(rule) := addresses | pods if {
	not network.is_for_all(rule, "Egress")
	addresses := {{"name": peer.peer.ipBlock.cidr, "path": array.concat(peer.path, ["ipBlock", "cidr"])} |
		some peer in network.peers(rule, "Egress")
		network.is_every_address(peer.peer)
	}
	pods := {{"name": "every pod of the cluster", "path": array.concat(peer.path, ["namespaceSelector"])} |
		some peer in network.peers(rule, "Egress")
		network.is_every_pod(peer.peer)
	}
}

is_for_allowed_ports(rule) if {
	shape.list_at(rule, ["ports"]) != []
	every port in rule.ports {
		port.port in ports
		shape.at(port, ["endPort"]) == null
	}
}
