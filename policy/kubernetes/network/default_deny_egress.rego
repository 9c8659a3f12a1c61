# METADATA
# title: A namespace has no default deny for egress
# description: |
#   Until a NetworkPolicy isolates the egress of a pod, it may connect to everything. A policy that selects all pods of
#   the namespace (an empty podSelector) makes that forbidden by default, for pods to come as well; further policies
#   then allow what is needed. A policy whose rule lets everything out denies nothing and does not count.
#
#   Judged is each namespace in which the files have pods, at its Namespace object, or at its first workload where the
#   files have no such object. Policies of Cilium, of Calico and of the
#   network-policy-api count.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
# custom:
#   severity: medium
#   remediation: |
#     Add a NetworkPolicy to the namespace with podSelector {} and policyTypes [Egress], and one for each traffic that
#     is wanted.
#   kinds: [Namespace, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.network.default_deny_egress

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata", "name"])} if {
	some entry in kubernetes.objects
	namespace := inventory.stands_for(entry.object)
	not network.has_default_deny(namespace, "Egress")
	msg := sprintf("namespace %s has no default deny for egress: no NetworkPolicy isolates all its pods", [namespace])
}
