# METADATA
# title: A network policy lets everything in
# description: |
#   A rule without from, or with an empty selector of namespaces, lets every pod of the cluster in; 0.0.0.0/0 and ::/0 let
#   every address in. Where the rule has no ports either, the policy undoes all others that select the same pods, since
#   policies add up. A rule that is for certain ports is allowed: a service for everybody is made so. In the policies of
#   Cilium, Calico and the network-policy-api a rule counts that nothing in its policy narrows, such as fromEntities with
#   all, or a first rule that allows without a source.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic
#   - https://docs.cilium.io/en/stable/security/policy/layer3/#entities-based
#   - https://docs.tigera.io/calico/latest/reference/resources/networkpolicy
# custom:
#   severity: medium
#   remediation: Name the namespaces and pods that may connect in from, and the ports in ports.
#   kinds: [NetworkPolicy, CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, GlobalNetworkPolicy, AdminNetworkPolicy,
#     ClusterNetworkPolicy]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.network.allow_all_ingress

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network
import data.kpolicy.lib.network_openings

deny contains {"msg": msg, "path": array.concat(entry.path, array.concat(rule.path, ["from"]))} if {
	some entry in network.under_review
	some rule in network.rules(entry.object, "Ingress")
	network.is_for_all_ports(rule)
	network.is_for_all(rule, "Ingress")
	msg := sprintf("%s lets everybody in on all ports: an ingress rule has neither from nor ports", [name_of(entry)])
}

deny contains {"msg": msg, "path": array.concat(entry.path, place)} if {
	some entry in network.under_review
	some rule in network.rules(entry.object, "Ingress")
	network.is_for_all_ports(rule)
	some peer in network.peers(rule, "Ingress")
	some field, who in who_are(peer.peer)
	place := array.concat(peer.path, [field])
	msg := sprintf("%s lets %s in on all ports", [name_of(entry), who])
}

deny contains {"msg": msg, "path": array.concat(entry.path, opening.path)} if {
	some entry in kubernetes.objects
	some opening in network_openings.openings(entry.object)
	msg := sprintf("%s lets %s in on all ports", [name_of(entry), opening.who])
}

name_of(entry) := kubernetes.name_of(entry.object)

who_are(peer) := {"namespaceSelector": "every pod of the cluster"} if network.is_every_pod(peer)

who_are(peer) := {"ipBlock": sprintf("every address of %s", [peer.ipBlock.cidr])} if network.is_every_address(peer)
