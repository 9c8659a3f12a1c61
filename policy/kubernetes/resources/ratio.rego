# METADATA
# title: A limit is many times its request
# description: |
#   What a node has is given out by requests and used up to the limits: the wider apart they are, the more pods share what
#   is not there. For memory that ends in containers that are killed.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
# custom:
#   severity: low
#   remediation: Raise the request to what the container really needs, or lower the limit.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   parameters:
#     highest:
#       type: object of numbers
#       default: {cpu: 10, memory: 2}
#       description: How many times its request a limit may be, by resource.
package kpolicy.kubernetes.resources.ratio

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.resources

highest := kubernetes.parameter("resources", "ratio", "highest", {"cpu": 10, "memory": 2})

deny contains {"msg": msg, "path": array.concat(entry.path, ["limits", resource])} if {
	some entry in resources.holders
	some resource, times in highest
	limit := resources.amount(entry.holder, "limits", resource)
	request := resources.amount(entry.holder, "requests", resource)
	limit > request * times
	values := [entry.holder.resources[field][resource] | some field in ["limits", "requests"]]
	text := "%s has a limit of %v for %s, more than %v times its request of %v"
	msg := sprintf(text, [entry.name, values[0], resource, times, values[1]])
}
