# METADATA
# title: A namespace lets other namespaces in than the given ones
# description: |
#   The parameter says for each namespace, by name or pattern, from which namespaces its pods may be reached. All rules of
#   all NetworkPolicies of such a namespace are held to that, and every pod needs a policy that isolates its ingress: one
#   without is open to all namespaces. A namespace may always reach itself; where several patterns match, all hold.
#   Selectors of namespaces are looked up in the Namespace objects of the files and in kubernetes.io/metadata.name; one
#   that selects none of them is reported, since nobody can tell here whom it lets in.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   severity: high
#   remediation: Name the given namespaces in from by kubernetes.io/metadata.name, or extend the parameter.
#   kinds: [NetworkPolicy, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     namespaces:
#       type: object of arrays of strings
#       required: true
#       description: "By name or pattern of a namespace: names or patterns of the namespaces that it may be reached from."
#     addresses:
#       type: array of strings
#       default: []
#       description: The ranges of addresses, such as those of load balancers, that rules may let in by ipBlock.
package kpolicy.kubernetes.network.given_namespaces

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network
import data.kpolicy.lib.selectors
import data.kpolicy.lib.shape

namespaces := data.params.network.given_namespaces.namespaces

addresses := kubernetes.parameter("network", "given_namespaces", "addresses", [])

# A pod that is open to all namespaces.
deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	inventory.known
	some entry in kubernetes.pods
	namespace := inventory.namespace_of(entry.object)
	given(namespace)
	not network.on_host_network(entry.pod)
	not network.isolated(namespace, inventory.labels_of(entry.pod), "Ingress")
	name := kubernetes.name_of(entry.object)
	msg := sprintf("every namespace may reach the pods of %s: no NetworkPolicy isolates their ingress", [name])
}

# A rule that lets others in.
deny contains {"msg": msg, "path": array.concat(entry.path, guest.path)} if {
	inventory.known
	some entry in network.under_review
	namespace := inventory.namespace_of(entry.object)
	allowed := given(namespace)
	some rule in network.rules(entry.object, "Ingress")
	some guest in guests(rule)
	not is_allowed(guest, allowed)
	msg := sprintf("%s lets %s into namespace %s", [kubernetes.name_of(entry.object), guest.who, namespace])
}

# The patterns of the namespaces that may reach a namespace; undefined where the parameter says nothing of it.
given(namespace) := allowed if {
	matching := [patterns | some pattern, patterns in namespaces; glob.match(pattern, null, namespace)]
	matching != []
	allowed := {pattern | some patterns in matching; some pattern in patterns} | {namespace}
}

# Whom a rule lets in.
guests(rule) := {{"who": "everybody", "path": array.concat(rule.path, ["from"])}} if network.is_for_all(rule, "Ingress")

guests(rule) := {guest | some entry in network.peers(rule, "Ingress"); some guest in guests_of(entry)} if {
	not network.is_for_all(rule, "Ingress")
}

guests_of(entry) := {{"who": who, "range": cidr, "path": array.concat(entry.path, ["ipBlock"])}} if {
	is_object(entry.peer.ipBlock)
	cidr := shape.text_at(entry.peer, ["ipBlock", "cidr"])
	who := sprintf("the addresses of %s", [cidr])
}

guests_of(entry) := {{"who": "every namespace", "path": place(entry)}} if selectors.selects_all(entry.peer.namespaceSelector)

guests_of(entry) := {{"who": sprintf("namespace %v", [name]), "namespace": name, "path": place(entry)} | some name in found} if {
	not selectors.selects_all(entry.peer.namespaceSelector)
	found := selected(entry.peer.namespaceSelector)
	found != set()
}

guests_of(entry) := {{"who": who, "path": place(entry)}} if {
	not selectors.selects_all(entry.peer.namespaceSelector)
	selected(entry.peer.namespaceSelector) == set()
	who := "whatever namespaces have labels that no Namespace of the files has"
}

place(entry) := array.concat(entry.path, ["namespaceSelector"])

selected(selector) := {name |
	some name in (inventory.namespaces | selectors.named(selector))
	selectors.matches(selector, inventory.namespace_labels(name))
} if {
	selector != null
}

is_allowed(_, allowed) if "*" in allowed

is_allowed(guest, allowed) if shape.matches_any(allowed, guest.namespace)

is_allowed(guest, _) if {
	some range in addresses
	network.is_range(range)
	network.is_range(guest.range)
	net.cidr_contains(range, guest.range)
}
