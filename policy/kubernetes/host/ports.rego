# METADATA
# title: A container takes a port of its node
# description: |
#   A port of the node gets around network policies and Services, and two pods that want the same one cannot share a node.
#   In a DaemonSet, which has one pod on each node, it is a warning.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   remediation: Take hostPort out, and reach the pod through a Service.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default]
package kpolicy.kubernetes.host.ports

import data.kpolicy.lib.host
import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains finding if {
	some [object_, finding] in taken
	not host.is_agent(object_)
}

warn contains finding if {
	some [object_, finding] in taken
	host.is_agent(object_)
}

# One finding for each container, at the first of its ports.
taken contains [entry.object, {"msg": msg, "path": array.concat(entry.path, ["ports", min(object.keys(given_ports)), "hostPort"])}] if {
	some entry in pods.containers
	given_ports := {index: number |
		some index, _ in shape.list_at(entry.container, ["ports"])
		number := object.get(entry.container, ["ports", index, "hostPort"], 0)
		not number in {0, null}
	}
	all := concat(", ", [sprintf("%v", [number]) | some number in given_ports])
	msg := sprintf("%s takes port %s of the node", [entry.who, all])
}
