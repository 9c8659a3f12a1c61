# METADATA
# title: A container is in the group of root
# description: |
#   Files of group 0 are often writable for the group, in images and on shared volumes. The group that a container
#   runs as counts, merged from container and pod, and the groups that its pod adds. Pods with users of their own,
#   hostUsers set to false, are exempt.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: medium
#   remediation: Set runAsGroup, fsGroup and supplementalGroups to numbers above 0.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.security.root_group

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": pods.setting_path(entry, "runAsGroup")} if {
	some entry in pods.containers
	not pods.in_user_namespace(entry.pod)
	pods.setting(entry, "runAsGroup") in {0, "0"}
	msg := sprintf("%s runs as group 0, which is root's", [entry.who])
}

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "securityContext", "fsGroup"])} if {
	some entry in pods.pods
	not pods.in_user_namespace(entry.pod)
	object.get(entry.pod, ["spec", "securityContext", "fsGroup"], null) in {0, "0"}
	msg := sprintf("%s gives its volumes to group 0, which is root's", [entry.who])
}

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "securityContext", "supplementalGroups", index])} if {
	some entry in pods.pods
	not pods.in_user_namespace(entry.pod)
	some index, group in shape.list_at(entry.pod, ["spec", "securityContext", "supplementalGroups"])
	group in {0, "0"}
	msg := sprintf("%s adds group 0, which is root's", [entry.who])
}
