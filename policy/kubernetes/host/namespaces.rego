# METADATA
# title: A pod shares namespaces of its node
# description: |
#   A pod in the network, process or IPC namespace of its node sees what runs there, and gets around network policies. The
#   pods of a DaemonSet are often there for the node: its network and its processes are a warning there, its IPC is not.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: high
#   remediation: Take hostNetwork, hostPID and hostIPC out of the pod.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default]
package kpolicy.kubernetes.host.namespaces

import data.kpolicy.lib.host
import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", field])} if {
	some entry in pods.pods
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	pods.is_on(object.get(entry.pod, ["spec", field], null))
	not is_for_agents(entry.object, field)
	msg := sprintf("%s sets %s, and so shares it with the node", [entry.who, field])
}

warn contains {"msg": msg, "path": kubernetes.at(entry, ["spec", field])} if {
	some entry in pods.pods
	some field in ["hostNetwork", "hostPID"]
	pods.is_on(object.get(entry.pod, ["spec", field], null))
	is_for_agents(entry.object, field)
	msg := sprintf("%s sets %s, and so shares it with each node", [entry.who, field])
}

is_for_agents(object_, field) if {
	host.is_agent(object_)
	field != "hostIPC"
}
