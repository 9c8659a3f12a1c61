# METADATA
# title: Rules of other projects that let everybody in
# description: |
#   The rules of Cilium's, Calico's and the network-policy-api's policies that let everybody, every pod or every address
#   in on all ports. A rule counts where nothing in its policy narrows it: what cannot be told lets nobody in.
package kpolicy.lib.network_openings

import data.kpolicy.lib.inventory
import data.kpolicy.lib.network
import data.kpolicy.lib.network_projects
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

# The openings of a policy: {"who": …, "sender": …, "path": …}; the sender has the range of addresses, if it is one.
openings(object_) := of_cilium(object_) if inventory.in_group(object_, "cilium.io")

openings(object_) := of_calico(object_) if network_projects.is_of_calico(object_)

openings(object_) := of_admin(object_) if inventory.in_group(object_, "policy.networking.k8s.io")

# The openings of a policy of Cilium, whose rules add up, as long as no policy of the set denies anything.
added_up(object_) := of_cilium(object_) if cilium_denials == set()

cilium_denials contains rule if {
	some kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"]
	some entry in inventory.everywhere(kind)
	some part in specs(entry.object)
	some rule in shape.list_at(part.spec, ["ingressDeny"])
}

# Whether an opening of Cilium is for a pod. Its path ends with the rule, the field and the peer in the spec.
is_for(object_, opening, namespace, labels) if {
	not is_elsewhere(object_, namespace)
	spec := object.get(object_, array.slice(opening.path, 0, count(opening.path) - 4), null)
	some part in network_projects.cilium_parts({"spec": spec})
	network_projects.selects(part, namespace, labels)
}

is_elsewhere(object_, namespace) if {
	object_.kind == "CiliumNetworkPolicy"
	inventory.namespace_of(object_) != namespace
}

everybody := {"who": "everybody", "sender": {}}

every_pod := {"who": "every pod of the cluster", "sender": {}}

addresses(range) := {"who": sprintf("every address of %s", [range]), "sender": {"cidr": range}} if {
	network.is_every_address({"ipBlock": {"cidr": range}})
}

# Cilium: a rule without peers is for nobody, and what a policy denies goes before what any allows.
of_cilium(object_) := {object.union(opening, {"path": path}) |
	object_.kind in {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"}
	some part in specs(object_)
	is_object(part.spec.endpointSelector)
	shape.list_at(part.spec, ["ingressDeny"]) == []
	some index, rule in shape.list_at(part.spec, ["ingress"])
	asks_nothing(rule, ["authentication", "fromRequires", "icmps", "toPorts"])
	some field in ["fromCIDR", "fromCIDRSet", "fromEndpoints", "fromEntities"]
	some at, peer in shape.list_at(rule, [field])
	opening := cilium_peer(field, peer, object_.kind)
	path := array.concat(part.path, ["ingress", index, field, at])
}

specs(object_) := {{"spec": shape.at(object_, ["spec"]), "path": ["spec"]}} | {{"spec": spec, "path": ["specs", index]} |
	some index, spec in shape.list_at(object_, ["specs"])
}

cilium_peer("fromCIDR", peer, _) := addresses(peer)

cilium_peer("fromCIDRSet", peer, _) := addresses(peer.cidr) if asks_nothing(peer, ["except"])

cilium_peer("fromEntities", "all", _) := everybody

cilium_peer("fromEntities", "cluster", _) := every_pod

cilium_peer("fromEntities", "world", _) := {"who": "every address outside of the cluster", "sender": {"cidr": "0.0.0.0/0"}}

# In the policy of a namespace an empty selector is for the pods of that namespace.
cilium_peer("fromEndpoints", peer, "CiliumClusterwideNetworkPolicy") := every_pod if selectors.selects_all(peer)

cilium_peer("fromEndpoints", peer, _) := every_pod if {
	asks_nothing(peer, ["matchLabels"])
	[requirement] := shape.list_at(peer, ["matchExpressions"])
	requirement.operator == "Exists"
	regex.match(`^((k8s|any):)?io\.kubernetes\.pod\.namespace$`, requirement.key)
}

# Calico: the first rule that is for the traffic decides.
of_calico(object_) := {object.union(opening, {"path": path}) |
	asks_nothing(object_, [["spec", "doNotTrack"], ["spec", "preDNAT"]])
	"Ingress" in network_projects.calico_directions(shape.table_at(object_, ["spec"]))
	some index, rule in first_rules(object_, "Allow")
	asks_nothing(rule, ["destination", "http", "icmp", "ipVersion", "notICMP", "notProtocol", "protocol"])
	opening := calico_source(asked(shape.table_at(rule, ["source"])), object_.kind)
	path := ["spec", "ingress", index, "source"]
}

calico_source(source, _) := everybody if source == {}

calico_source(source, _) := opening if {
	object.keys(source) == {"nets"}
	opening := [found | some range in source.nets; found := addresses(range)][0]
}

calico_source(source, _) := every_pod if {
	source.namespaceSelector == "all()"
	object.get(source, "selector", "all()") == "all()"
	object.keys(source) - {"namespaceSelector", "selector"} == set()
}

# In the policy of a namespace a selector alone is for the pods of that namespace.
calico_source({"selector": "all()"}, "GlobalNetworkPolicy") := every_pod

# The network-policy-api: what an administrator allows, no NetworkPolicy denies. The first rule decides here as well.
of_admin(object_) := {object.union(every_pod, {"path": ["spec", "ingress", index, "from", at]}) |
	action := allowing(object_)
	some index, rule in first_rules(object_, action)
	asks_nothing(rule, ["ports", "protocols"])
	some at, peer in shape.list_at(rule, ["from"])
	is_every_pod(peer)
}

allowing(object_) := "Allow" if object_.kind == "AdminNetworkPolicy"

allowing(object_) := "Accept" if {
	object_.kind == "ClusterNetworkPolicy"
	object_.spec.tier == "Admin"
}

is_every_pod(peer) if peer.namespaces == {}

is_every_pod(peer) if {
	selectors.selects_all(peer.pods.namespaceSelector)
	selectors.selects_all(peer.pods.podSelector)
}

# The rules of an action by their place, up to the first of another one.
first_rules(object_, action) := {index: rule |
	rules := shape.list_at(object_, ["spec", "ingress"])
	some index, rule in rules
	every earlier in array.slice(rules, 0, index + 1) { earlier.action == action }
}

asks_nothing(holder, paths) if {
	every path in paths { is_empty(shape.at(holder, path)) }
}

asked(holder) := {key: value |
	some key, value in holder
	not is_empty(value)
}

is_empty(value) if value in {null, false, "", [], {}}
