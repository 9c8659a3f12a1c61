# METADATA
# title: A pod has the socket of the container runtime
# description: |
#   Whoever can talk to the runtime can start a privileged container with any mount: the pod has the node. Mounting it for
#   reading alone changes nothing, since a socket is used, not written. The folders that hold such a socket count too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/storage/volumes/#hostpath
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: critical
#   remediation: Take the volume out; build images with a tool that needs no daemon, and read about pods from the API server.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.host.runtime_socket

import data.kpolicy.lib.host

deny contains {"msg": msg, "path": host.path_of(entry)} if {
	some entry in host.volumes
	host.has_runtime_socket(entry.node_path)
	msg := sprintf("%s has the socket of the container runtime, and so the node: %s", [entry.who, entry.volume.hostPath.path])
}
