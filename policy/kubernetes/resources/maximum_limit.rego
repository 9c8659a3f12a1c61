# METADATA
# title: A limit is above what is allowed
# description: |
#   A container that may take a whole node leaves nothing to the others on it. What has no limit at all is found by
#   kubernetes/resources/limits and kubernetes/resources/cpu_limit.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: medium
#   remediation: Lower the limit, or have the bound raised by who runs the cluster.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     limits:
#       type: object of strings
#       required: true
#       description: The highest limit by resource, such as 4Gi for memory.
package kpolicy.kubernetes.resources.maximum_limit

import data.kpolicy.lib.quantity
import data.kpolicy.lib.resources

limits := data.params.resources.maximum_limit.limits

deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.values
	entry.field == "limits"
	bound := limits[entry.resource]
	quantity.billionths(entry.value) > quantity.billionths(bound)
	msg := sprintf("%s has a limit of %v for %s, above %v", [entry.name, entry.value, entry.resource, bound])
}

# A bound that is none must not pass for one that all keep.
deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.holders
	some [resource, bound] in resources.faulty(limits)
	msg := sprintf("%s cannot be judged: the bound %s for %s is no quantity", [entry.name, bound, resource])
}
