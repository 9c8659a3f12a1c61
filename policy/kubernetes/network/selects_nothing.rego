# METADATA
# title: A network policy selects no pod
# description: |
#   A NetworkPolicy whose podSelector selects none of the namespace's pods protects nobody, mostly for a label that was
#   misspelled or renamed. Judged are policies of namespaces that the files have pods in, and in which no operator makes
#   pods that the files do not show.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
# custom:
#   severity: medium
#   remediation: Correct spec.podSelector to labels that the pods have, or remove the policy.
#   kinds: [NetworkPolicy]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.network.selects_nothing

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.network
import data.kpolicy.lib.unseen_pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["spec", "podSelector"])} if {
	some entry in network.under_review
	namespace := inventory.namespace_of(entry.object)
	not unseen_pods.in_namespace[namespace]
	pods := inventory.pods[namespace]
	not selects_some(entry.object, pods)
	name := kubernetes.name_of(entry.object)
	msg := sprintf("%s selects no pod that the files have in namespace %s", [name, namespace])
}

selects_some(policy, pods) if {
	some pod in pods
	network.selects(policy, pod.labels)
}
