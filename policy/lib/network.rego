# METADATA
# title: Network policies
# description: |
#   What the NetworkPolicy objects of the whole set do together: which pods they isolate, in which direction, and what
#   their rules let through, with the defaults that Kubernetes gives what they leave out.
package kpolicy.lib.network

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network_projects
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

# Each NetworkPolicy under review: {"object": …, "path": …}.
under_review contains entry if {
	some entry in kubernetes.objects
	is_policy(entry.object)
}

# The NetworkPolicies of the set by namespace.
policies[namespace] contains entry.object if {
	some namespace, _ in shape.table_at(inventory.by_kind, ["NetworkPolicy"])
	some entry in inventory.in_namespace("NetworkPolicy", namespace)
	is_policy(entry.object)
}

# Other projects have a kind of this name in groups of theirs; one with a spec that is no table isolates nothing.
is_policy(object_) if {
	object_.kind == "NetworkPolicy"
	type_name(shape.at(object_, ["spec"])) in {"null", "object"}
	some group in ["networking.k8s.io", "extensions"]
	inventory.in_group(object_, group)
}

# The directions that a policy isolates its pods in, Ingress or Egress.
directions(policy) := {direction | some direction in policy.spec.policyTypes} if {
	shape.list_at(policy, ["spec", "policyTypes"]) != []
}

directions(policy) := {"Ingress"} | {"Egress" | shape.list_at(policy, ["spec", "egress"]) != []} if {
	shape.list_at(policy, ["spec", "policyTypes"]) == []
}

# The selector of a policy's pods; without one it is for all pods of its namespace.
pod_selector(policy) := {} if object.get(policy, ["spec", "podSelector"], null) == null

pod_selector(policy) := policy.spec.podSelector if object.get(policy, ["spec", "podSelector"], null) != null

# Where a policy has the rules of a direction, and where a rule has its peers.
rules_of := {"Ingress": "ingress", "Egress": "egress"}

peers_of := {"Ingress": "from", "Egress": "to"}

# The rules of a policy in a direction: {"rule": …, "path": …}; Kubernetes passes over those of other directions.
rules(policy, direction) := {{"rule": rule, "path": ["spec", rules_of[direction], index]} |
	direction in directions(policy)
	some index, rule in shape.list_at(policy, ["spec", rules_of[direction]])
	is_object(rule)
}

# The peers of a rule: {"peer": …, "path": …}.
peers(entry, direction) := {{"peer": peer, "path": array.concat(entry.path, [peers_of[direction], index])} |
	some index, peer in shape.list_at(entry.rule, [peers_of[direction]])
	is_object(peer)
}

# Whether a rule names no peers, and so is for all.
is_for_all(entry, direction) if shape.list_at(entry.rule, [peers_of[direction]]) == []

# Whether a peer is every pod of the cluster.
is_every_pod(peer) if {
	selectors.selects_all(peer.namespaceSelector)
	object.get(peer, "podSelector", null) == null
}

is_every_pod(peer) if {
	selectors.selects_all(peer.namespaceSelector)
	selectors.selects_all(peer.podSelector)
}

# Whether a peer is every address, or as good as that: half of all addresses.
is_every_address(peer) if {
	is_range(peer.ipBlock.cidr)
	to_number(split(peer.ipBlock.cidr, "/")[1]) <= 1
}

# Whether a peer is an address.
is_address(peer, address) if {
	is_range(peer.ipBlock.cidr)
	net.cidr_contains(peer.ipBlock.cidr, address)
	not is_excepted(peer.ipBlock, address)
}

is_excepted(block, address) if {
	some range in shape.list_at(block, ["except"])
	is_range(range)
	net.cidr_contains(range, address)
}

is_range(value) if net.cidr_is_valid(value)

# Whether a peer is a pod; a peer without namespaceSelector is of the policy's own namespace.
is_pod(peer, _, namespace, labels) if {
	selectors.matches(peer.namespaceSelector, inventory.namespace_labels(namespace))
	selects_or_absent(peer, "podSelector", labels)
}

is_pod(peer, policy, namespace, labels) if {
	object.get(peer, "namespaceSelector", null) == null
	namespace == inventory.namespace_of(policy)
	selectors.matches(peer.podSelector, labels)
}

selects_or_absent(peer, field, labels) if selectors.matches(peer[field], labels)

selects_or_absent(peer, field, _) if object.get(peer, field, null) == null

# Whether a rule is for all ports.
is_for_all_ports(entry) if shape.list_at(entry.rule, ["ports"]) == []

# Whether a rule is for a port of a number.
is_for_port(entry, _, _) if is_for_all_ports(entry)

is_for_port(entry, protocol, number) if {
	some port in entry.rule.ports
	protocol_of(port) == protocol
	in_port(port, number)
}

in_port(port, _) if shape.at(port, ["port"]) == null

in_port(port, number) if port.port == number

in_port(port, number) if {
	is_number(port.endPort)
	port.port <= number
	number <= port.endPort
}

# The protocol of a rule's port.
protocol_of(port) := "TCP" if shape.text_at(port, ["protocol"]) == ""

protocol_of(port) := port.protocol if shape.text_at(port, ["protocol"]) != ""

# Whether policies of the set isolate pods in a direction.
isolated(namespace, labels, direction) if {
	some policy in policies[namespace]
	selects(policy, labels)
	direction in directions(policy)
}

isolated(namespace, labels, direction) if network_projects.isolates(namespace, labels, direction)

# Whether a policy is for pods with these labels, in its namespace.
selects(policy, labels) if selectors.matches(pod_selector(policy), labels)

# Whether a pod is on the network of its node, which no NetworkPolicy reaches.
on_host_network(pod) if pod.spec.hostNetwork == true

# Whether a policy is a default deny: for all pods of its namespace, and none of its rules is for all on all ports.
denies_by_default(policy, direction) if {
	direction in directions(policy)
	selectors.selects_all(pod_selector(policy))
	open_rules := {entry |
		some entry in rules(policy, direction)
		is_for_all(entry, direction)
		is_for_all_ports(entry)
	}
	open_rules == set()
}

# Whether a namespace has a default deny in a direction.
has_default_deny(namespace, direction) if {
	some policy in policies[namespace]
	denies_by_default(policy, direction)
}

has_default_deny(namespace, direction) if network_projects.denies_by_default(namespace, direction)

# Whether a namespace has a policy, be it of another project, or the cluster one that may be for it.
has_policy(namespace) if policies[namespace]

has_policy(namespace) if network_projects.has_policy(namespace)

# Whether the policies of a pod let it connect to another.
lets_out(namespace, labels, _, _) if not isolated(namespace, labels, "Egress")

lets_out(namespace, labels, to_namespace, to_labels) if {
	some policy in policies[namespace]
	selects(policy, labels)
	some entry in rules(policy, "Egress")
	goes_to(policy, entry, to_namespace, to_labels)
}

goes_to(_, entry, _, _) if is_for_all(entry, "Egress")

# The address of a pod is not known before it runs: any range may hold it.
goes_to(_, entry, _, _) if {
	some target in peers(entry, "Egress")
	is_object(target.peer.ipBlock)
}

goes_to(policy, entry, namespace, labels) if {
	some target in peers(entry, "Egress")
	is_pod(target.peer, policy, namespace, labels)
}

# Whether a port of a rule opens no others than these at a pod, whose containers may give one a name. A port without a
# number opens all, and a name that no container has may come to mean any.
opens_only(port, given_ports, _) if {
	is_number(port.port)
	last := last_of(port)
	within := {number | some number in given_ports; port.port <= number; number <= last}
	count(within) == (last - port.port) + 1
}

opens_only(port, given_ports, pod) if {
	is_string(port.port)
	opened := {of_container.containerPort |
		some container in pod.spec.containers
		some of_container in container.ports
		of_container.name == port.port
	}
	opened != set()
	every number in opened {
		number in given_ports
	}
}

last_of(port) := port.endPort if is_number(port.endPort)

last_of(port) := port.port if not is_number(shape.at(port, ["endPort"]))
