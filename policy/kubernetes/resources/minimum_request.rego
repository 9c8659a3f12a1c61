# METADATA
# title: A request is below what is allowed
# description: |
#   A request of next to nothing is kept by every node, so that the scheduler fills nodes beyond what they have.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: medium
#   remediation: Raise the request to what the container really needs.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     requests:
#       type: object of strings
#       required: true
#       description: The lowest request by resource, such as 10m for cpu.
package kpolicy.kubernetes.resources.minimum_request

import data.kpolicy.lib.quantity
import data.kpolicy.lib.resources

requests := data.params.resources.minimum_request.requests

deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.values
	entry.field == "requests"
	bound := requests[entry.resource]
	quantity.billionths(entry.value) < quantity.billionths(bound)
	msg := sprintf("%s has a request of %v for %s, below %v", [entry.name, entry.value, entry.resource, bound])
}

# A bound that is none must not pass for one that all keep.
deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.holders
	some [resource, bound] in resources.faulty(requests)
	msg := sprintf("%s cannot be judged: the bound %s for %s is no quantity", [entry.name, bound, resource])
}
