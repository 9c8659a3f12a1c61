# METADATA
# title: No network policy selects a pod
# description: |
#   A pod that no NetworkPolicy selects for a direction is not isolated in it: every pod of the cluster may connect to
#   it, or it may connect to everything. All policies of the files count together, with the defaults of policyTypes. Pods
#   on the network of their node are left out, since network policies do not reach them.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
# custom:
#   severity: medium
#   remediation: Add a NetworkPolicy whose podSelector selects the pods, for each direction.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     directions:
#       type: array of strings
#       default: [Ingress, Egress]
#       description: The directions, Ingress or Egress, that each pod needs a policy for.
package kpolicy.kubernetes.network.unselected_pods

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network

directions := kubernetes.parameter("network", "unselected_pods", "directions", ["Ingress", "Egress"])

effects := {
	"Ingress": "every pod of the cluster may connect to them",
	"Egress": "they may connect to everything",
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "labels"])} if {
	inventory.known
	some entry in kubernetes.pods
	not network.on_host_network(entry.pod)
	some direction, effect in effects
	direction in directions
	not network.isolated(inventory.namespace_of(entry.object), inventory.labels_of(entry.pod), direction)
	name := kubernetes.name_of(entry.object)
	msg := sprintf("no NetworkPolicy selects the pods of %s for %s: %s", [name, lower(direction), effect])
}
