# METADATA
# title: A pod may reach the cloud's metadata service
# description: |
#   The metadata service of the clouds answers whoever asks with credentials of the node. A pod may reach it where no
#   NetworkPolicy isolates its egress, and where a rule lets it connect to the address on port 80: by a range that holds
#   it and does not except it, or by having no to. All policies of the files count together. Pods on the network of their
#   node are left out, since network policies do not reach them.
# related_resources:
#   - https://kubernetes.io/docs/tasks/administer-cluster/securing-a-cluster/#restricting-cloud-metadata-api-access
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
# custom:
#   severity: high
#   remediation: |
#     Isolate the egress of all pods, and except 169.254.169.254/32 (and fd00:ec2::254/128) from the ranges that rules allow.
#   kinds: [NetworkPolicy, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     addresses:
#       type: array of strings
#       default: [169.254.169.254, "fd00:ec2::254"]
#       description: The addresses of the metadata service.
package kpolicy.kubernetes.network.metadata_service

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network

addresses := kubernetes.parameter("network", "metadata_service", "addresses", ["169.254.169.254", "fd00:ec2::254"])

# A pod that nothing isolates.
deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	inventory.known
	some entry in kubernetes.pods
	not network.on_host_network(entry.pod)
	not network.isolated(inventory.namespace_of(entry.object), inventory.labels_of(entry.pod), "Egress")
	name := kubernetes.name_of(entry.object)
	msg := sprintf("the pods of %s may reach %s: no NetworkPolicy isolates their egress", [name, addresses[0]])
}

# A rule that lets its pods reach it.
deny contains {"msg": msg, "path": array.concat(entry.path, array.concat(rule.path, ["to"]))} if {
	some entry in network.under_review
	some rule in network.rules(entry.object, "Egress")
	network.is_for_port(rule, "TCP", 80)
	network.is_for_all(rule, "Egress")
	name := kubernetes.name_of(entry.object)
	msg := sprintf("%s lets its pods reach %s: an egress rule has no to", [name, addresses[0]])
}

deny contains {"msg": msg, "path": array.concat(entry.path, array.concat(peer.path, ["ipBlock", "cidr"]))} if {
	some entry in network.under_review
	some rule in network.rules(entry.object, "Egress")
	network.is_for_port(rule, "TCP", 80)
	some peer in network.peers(rule, "Egress")
	some address in addresses
	network.is_address(peer.peer, address)
	name := kubernetes.name_of(entry.object)
	msg := sprintf("%s lets its pods reach %s, by %s", [name, address, peer.peer.ipBlock.cidr])
}
