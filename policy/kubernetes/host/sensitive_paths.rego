# METADATA
# title: A pod mounts what its node is run by
# description: |
#   The root of the node, /etc, /proc, /sys, /root, /home, the folders of the kubelet, of the runtime and of etcd hold keys,
#   tokens and programs: reading them is enough to become the node, writing them is the node. In a DaemonSet that mounts it
#   for reading alone, as agents that watch the node do, it is a warning.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
# custom:
#   severity: high
#   remediation: Mount the one file that is needed, with readOnly, or a volume of another type.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.host.sensitive_paths

import data.kpolicy.lib.host

deny contains {"msg": msg, "path": host.path_of(entry)} if {
	some entry in host.volumes
	is_sensitive(entry)
	not host.is_read_by_agent(entry)
	msg := sprintf("%s is %s of the node", [entry.who, entry.volume.hostPath.path])
}

warn contains {"msg": msg, "path": host.path_of(entry)} if {
	some entry in host.volumes
	is_sensitive(entry)
	host.is_read_by_agent(entry)
	msg := sprintf("%s is %s of each node, for reading", [entry.who, entry.volume.hostPath.path])
}

# The sockets of the runtime have a policy of their own.
is_sensitive(entry) if {
	host.is_sensitive(entry.node_path)
	not host.has_runtime_socket(entry.node_path)
}
