# METADATA
# title: Pods are reached by others than the given ones
# description: |
#   The parameter lists which pods may connect to which, by namespace and labels, and on which ports. In each namespace
#   that it lists as a target, the policies of the files may let through nothing else: no rule may let in everybody, all
#   pods of the cluster or other addresses than the listed ones, nor a pod of the files that is not listed, and every pod
#   needs a policy that isolates its ingress. All policies count together: traffic that a sender's own egress policies
#   forbid is no fault of the receiver's. Ports are compared by number, whatever the protocol. Policies of Cilium are
#   judged where they let everybody, all pods or all addresses in on all ports, unless one of them denies something.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: high
#   remediation: Narrow the rule to the given pods and ports, or extend the parameter.
#   kinds: [NetworkPolicy, CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     allowed:
#       type: array of objects
#       required: true
#       description: |
#         Each an object with to (namespace and labels of pods), from (the same, or cidr, a range of addresses), and ports,
#         a list of numbers; without ports all are allowed, without labels all pods of the namespace.
package kpolicy.kubernetes.network.given_traffic

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network
import data.kpolicy.lib.network_openings
import data.kpolicy.lib.shape

allowed := data.params.network.given_traffic.allowed

# A pod that nothing isolates.
deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	inventory.known
	some entry in kubernetes.pods
	namespace := inventory.namespace_of(entry.object)
	is_target(namespace)
	not network.on_host_network(entry.pod)
	not network.isolated(namespace, inventory.labels_of(entry.pod), "Ingress")
	name := kubernetes.name_of(entry.object)
	msg := sprintf("everybody may reach the pods of %s: no NetworkPolicy isolates their ingress", [name])
}

# A rule that lets more in.
deny contains {"msg": msg, "path": array.concat(entry.path, traffic.path)} if {
	some entry in network.under_review
	namespace := inventory.namespace_of(entry.object)
	is_target(namespace)
	some target in inventory.pods[namespace]
	network.selects(entry.object, target.labels)
	some rule in network.rules(entry.object, "Ingress")
	some traffic in let_in(entry.object, rule, namespace, target)
	not is_given(traffic.sender, rule, namespace, target)
	names := [kubernetes.name_of(entry.object), traffic.who, kubernetes.name_of(target.object)]
	msg := sprintf("%s lets %s connect to %s, which is not among the given traffic", names)
}

# A rule of Cilium that lets everybody in.
deny contains {"msg": msg, "path": array.concat(entry.path, opening.path)} if {
	some entry in kubernetes.objects
	some opening in network_openings.added_up(entry.object)
	some namespace in {given.to.namespace | some given in allowed}
	some target in inventory.pods[namespace]
	network_openings.is_for(entry.object, opening, namespace, target.labels)
	not network.on_host_network(target.pod)
	not is_given(opening.sender, {"rule": {}}, namespace, target)
	names := [kubernetes.name_of(entry.object), opening.who, kubernetes.name_of(target.object)]
	msg := sprintf("%s lets %s connect to %s, which is not among the given traffic", names)
}

is_target(namespace) if {
	some given in allowed
	given.to.namespace == namespace
}

# Whom a rule lets connect to a pod.
let_in(_, rule, _, _) := {{"who": "everybody", "sender": {}, "path": array.concat(rule.path, ["from"])}} if {
	network.is_for_all(rule, "Ingress")
}

let_in(policy, rule, namespace, target) := (wide | ranges) | senders if {
	not network.is_for_all(rule, "Ingress")
	peers := network.peers(rule, "Ingress")
	wide := {{"who": "every pod of the cluster", "sender": {}, "path": entry.path} |
		some entry in peers
		network.is_every_pod(entry.peer)
	}
	ranges := {{"who": cidr, "sender": {"cidr": cidr}, "path": entry.path} |
		some entry in peers
		cidr := entry.peer.ipBlock.cidr
	}
	senders := {{"who": name, "sender": {"namespace": from, "labels": pod.labels}, "path": entry.path} |
		some entry in peers
		not network.is_every_pod(entry.peer)
		some from, pods in inventory.pods
		some pod in pods
		network.is_pod(entry.peer, policy, from, pod.labels)
		network.lets_out(from, pod.labels, namespace, target.labels)
		name := sprintf("%s of namespace %s", [kubernetes.name_of(pod.object), from])
	}
}

is_given(sender, rule, namespace, target) if {
	some given in allowed
	is_end(given.to, {"namespace": namespace, "labels": target.labels})
	is_end(given.from, sender)
	has_ports(given, rule.rule, target.pod)
}

is_end(end, sender) if {
	end.namespace == sender.namespace
	every key, value in shape.table_at(end, ["labels"]) {
		sender.labels[key] == value
	}
}

is_end(end, sender) if {
	network.is_range(end.cidr)
	network.is_range(sender.cidr)
	net.cidr_contains(end.cidr, sender.cidr)
}

has_ports(given, _, _) if shape.at(given, ["ports"]) == null

has_ports(given, rule, pod) if {
	shape.list_at(rule, ["ports"]) != []
	every port in rule.ports {
		network.opens_only(port, given.ports, pod)
	}
}
