# METADATA
# title: A namespace has no LimitRange
# description: |
#   A LimitRange gives containers requests and limits where they say none, and bounds what one may ask for. A namespace
#   with pods in the set and none is reported at its Namespace object, or else at the first of its workloads.
# related_resources:
#   - https://kubernetes.io/docs/concepts/policy/limit-range/
# custom:
#   severity: low
#   remediation: Add a LimitRange to the namespace.
#   kinds: [Namespace, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.resources.limit_range

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata"])} if {
	some entry in kubernetes.objects
	namespace := inventory.stands_for(entry.object)
	inventory.in_namespace("LimitRange", namespace) == set()
	msg := sprintf("namespace %s has no LimitRange", [namespace])
}
