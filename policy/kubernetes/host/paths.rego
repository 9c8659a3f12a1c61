# METADATA
# title: A pod mounts a path of its node
# description: |
#   Data on a node outlives its pod, belongs to whoever comes next, and ties the pod to the node. A DaemonSet that mounts it
#   for reading alone gets a warning. What the node is run by has a policy of its own, and so have the sockets of runtimes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
# custom:
#   severity: medium
#   remediation: Use a volume of another type, such as emptyDir, configMap, secret or persistentVolumeClaim.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default]
package kpolicy.kubernetes.host.paths

import data.kpolicy.lib.host

deny contains {"msg": msg, "path": host.path_of(entry)} if {
	some entry in host.volumes
	is_ordinary(entry)
	not host.is_read_by_agent(entry)
	msg := sprintf("%s is a path of the node: %v", [entry.who, object.get(entry.volume, ["hostPath", "path"], "unknown")])
}

warn contains {"msg": msg, "path": host.path_of(entry)} if {
	some entry in host.volumes
	is_ordinary(entry)
	host.is_read_by_agent(entry)
	msg := sprintf("%s is a path of each node, for reading: %v", [entry.who, object.get(entry.volume, ["hostPath", "path"], "unknown")])
}

is_ordinary(entry) if {
	not host.is_sensitive(entry.node_path)
	not host.has_runtime_socket(entry.node_path)
}
