# METADATA
# title: A pod has a volume of a type that is not allowed
# description: |
#   The parameter says which types of volumes pods may have, by the names of their fields.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   severity: medium
#   remediation: Use a volume of a type that is allowed.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     types:
#       type: array of strings
#       required: true
#       description: The types that are allowed, such as configMap and secret; * allows all.
package kpolicy.kubernetes.pods.allowed_volume_types

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

types := kubernetes.parameter("pods", "allowed_volume_types", "types", null)

deny contains {"msg": msg, "path": array.concat(entry.path, [type])} if {
	is_array(types)
	some entry in pods.volumes
	some type in pods.sources(entry.volume)
	not type in types
	not "*" in types
	msg := sprintf("%s is of the type %s, which is not allowed", [entry.who, type])
}
