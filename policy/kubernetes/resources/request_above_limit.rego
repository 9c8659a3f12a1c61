# METADATA
# title: A request is above its limit
# description: The API server refuses a container, or a pod, that requests more of a resource than its limit allows.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits
# custom:
#   severity: high
#   remediation: Raise the limit or lower the request.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.resources.request_above_limit

import data.kpolicy.lib.resources

deny contains {"msg": msg, "path": array.concat(entry.path, ["requests", resource])} if {
	some entry in resources.holders
	some resource, request in entry.holder.resources.requests
	resources.amount(entry.holder, "requests", resource) > resources.amount(entry.holder, "limits", resource)
	limit := entry.holder.resources.limits[resource]
	msg := sprintf("%s requests %v of %s, above its limit of %v", [entry.name, request, resource, limit])
}
