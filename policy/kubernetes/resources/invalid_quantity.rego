# METADATA
# title: A request or limit is no quantity
# description: |
#   The API server refuses the object: 1GB, 512mb and 1 Gi are the usual slips for 1G, 512M and 1Gi.
# related_resources:
#   - https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
# custom:
#   severity: high
#   remediation: Write a number with one of the suffixes m, k, M, G, T, Ki, Mi, Gi, Ti, or none.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.resources.invalid_quantity

import data.kpolicy.lib.quantity
import data.kpolicy.lib.resources

deny contains {"msg": msg, "path": entry.path} if {
	some entry in resources.values
	not is_null(entry.value)
	not quantity.is_valid(entry.value)
	msg := sprintf("%s has %v for %s of %s, which is no quantity", [entry.name, entry.value, entry.field, entry.resource])
}
