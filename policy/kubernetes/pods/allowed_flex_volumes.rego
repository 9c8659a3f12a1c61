# METADATA
# title: A pod has a FlexVolume whose driver is not allowed
# description: |
#   A FlexVolume runs a program of the node as root. The parameter says which drivers may.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/
# custom:
#   severity: high
#   remediation: Use a driver that is allowed, or better a CSI volume.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     drivers:
#       type: array of strings
#       required: true
#       description: The drivers that are allowed.
package kpolicy.kubernetes.pods.allowed_flex_volumes

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

drivers := kubernetes.parameter("pods", "allowed_flex_volumes", "drivers", null)

deny contains {"msg": msg, "path": array.concat(entry.path, ["flexVolume", "driver"])} if {
	is_array(drivers)
	some entry in pods.volumes
	"flexVolume" in pods.sources(entry.volume)
	driver := object.get(entry.volume, ["flexVolume", "driver"], "unknown")
	not driver in drivers
	msg := sprintf("%s uses the FlexVolume driver %v, which is not allowed", [entry.who, driver])
}
