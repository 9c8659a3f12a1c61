# METADATA
# title: A pod mounts a path of its node
# description: |
#   Files of the node hold the keys of its kubelet, the sockets of its container runtime and the data of other pods.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: |
#     Use a volume of another type: emptyDir, configMap, secret, projected, or a persistentVolumeClaim.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [baseline]
package kpolicy.kubernetes.pod_security.baseline.host_path_volumes

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["hostPath"])} if {
	some entry in pods.volumes
	"hostPath" in pods.sources(entry.volume)
	msg := sprintf("%s is a path of the node: %v", [entry.who, object.get(entry.volume, ["hostPath", "path"], "unknown")])
}
