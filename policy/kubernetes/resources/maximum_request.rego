# METADATA
# title: A request is above what is allowed
# description: |
#   What a pod requests is set aside for it, used or not; a great request keeps others from being scheduled.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: medium
#   remediation: Lower the request, or have the bound raised by who runs the cluster.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     requests:
#       type: object of strings
#       required: true
#       description: The highest request by resource, such as 2Gi for memory.
package kpolicy.kubernetes.resources.maximum_request

import data.kpolicy.lib.quantity
import data.kpolicy.lib.resources

requests := data.params.resources.maximum_request.requests

deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.values
	entry.field == "requests"
	bound := requests[entry.resource]
	quantity.billionths(entry.value) > quantity.billionths(bound)
	msg := sprintf("%s has a request of %v for %s, above %v", [entry.name, entry.value, entry.resource, bound])
}

# A bound that is none must not pass for one that all keep.
deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.holders
	some [resource, bound] in resources.faulty(requests)
	msg := sprintf("%s cannot be judged: the bound %s for %s is no quantity", [entry.name, bound, resource])
}
