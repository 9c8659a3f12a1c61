# METADATA
# title: A namespace has no network policy
# description: |
#   Where nothing isolates the pods of a namespace, every pod of the cluster may connect to them, and they may connect to
#   everything. Each namespace in which the files have pods is judged, at its Namespace object, or at its first workload
#   where the files have no such object.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: medium
#   remediation: Add a NetworkPolicy that denies by default, and one for each traffic that is wanted.
#   kinds: [Namespace, workloads]
#   formats: [yaml, json]
#   profiles: []
#   warns_in: [default]
package kpolicy.kubernetes.network.no_policy

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "name"])} if {
	some entry in kubernetes.objects
	namespace := inventory.stands_for(entry.object)
	not network.has_policy(namespace)
	msg := sprintf("namespace %s has no network policy in these files: every pod of the cluster may connect to its pods", [namespace])
}
