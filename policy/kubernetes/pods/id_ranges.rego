# METADATA
# title: A pod runs as a user or group out of the allowed ranges
# description: |
#   The parameter has ranges for runAsUser, runAsGroup, fsGroup and supplementalGroups; those that it does not name
#   are not judged. A user and a group must be set, in the container or its pod, where a range is given; the other
#   two count where they are set.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: medium
#   remediation: Set the user or group to a number in its range.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: []
#   parameters:
#     ranges:
#       type: object of arrays of objects
#       required: true
#       description: The ranges by field, each with min and max.
package kpolicy.kubernetes.pods.id_ranges

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

ranges := kubernetes.parameter("pods", "id_ranges", "ranges", null)

deny contains {"msg": msg, "path": pods.setting_path(entry, field)} if {
	some field in ["runAsUser", "runAsGroup"]
	is_array(ranges[field])
	some entry in pods.containers
	number := pods.setting(entry, field)
	not is_allowed(field, number)
	msg := sprintf("%s has %s %v, which is out of the allowed ranges", [entry.who, field, number])
}

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "securityContext", "fsGroup"])} if {
	is_array(ranges.fsGroup)
	some entry in pods.pods
	number := object.get(entry.pod, ["spec", "securityContext", "fsGroup"], null)
	number != null
	not is_allowed("fsGroup", number)
	msg := sprintf("%s has fsGroup %v, which is out of the allowed ranges", [entry.who, number])
}

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "securityContext", "supplementalGroups", index])} if {
	is_array(ranges.supplementalGroups)
	some entry in pods.pods
	some index, number in shape.list_at(entry.pod, ["spec", "securityContext", "supplementalGroups"])
	not is_allowed("supplementalGroups", number)
	msg := sprintf("%s adds the group %v, which is out of the allowed ranges", [entry.who, number])
}

is_allowed(field, number) if {
	is_number(number)
	some range in ranges[field]
	number >= range.min
	number <= range.max
}
