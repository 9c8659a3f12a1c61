# METADATA
# title: A namespace has no ResourceQuota
# description: |
#   A ResourceQuota keeps one team's namespace from taking the cluster. A namespace with pods in the set and none is
#   reported at its Namespace object, or else at the first of its workloads.
# related_resources:
#   - https://kubernetes.io/docs/concepts/policy/resource-quotas/
# custom:
#   severity: low
#   remediation: Add a ResourceQuota to the namespace.
#   kinds: [Namespace, workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.resources.resource_quota

import data.kpolicy.lib.inventory
import data.kpolicy.lib.kubernetes

deny contains {"msg": msg, "path": array.concat(entry.path, ["metadata"])} if {
	some entry in kubernetes.objects
	namespace := inventory.stands_for(entry.object)
	inventory.in_namespace("ResourceQuota", namespace) == set()
	msg := sprintf("namespace %s has no ResourceQuota", [namespace])
}
