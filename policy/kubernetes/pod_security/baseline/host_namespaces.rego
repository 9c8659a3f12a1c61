# METADATA
# title: A pod shares namespaces of its node
# description: |
#   A pod in the network, process or IPC namespace of its node sees what runs there, and gets around network
#   policies.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take hostNetwork, hostPID and hostIPC out of the pod.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.host_namespaces

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", field])} if {
	some entry in pods.pods
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	pods.is_on(object.get(entry.pod, ["spec", field], null))
	msg := sprintf("%s sets %s, and so shares it with the node", [entry.who, field])
}
