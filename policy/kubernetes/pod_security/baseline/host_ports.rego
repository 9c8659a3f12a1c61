# METADATA
# title: A container takes a port of its node
# description: |
#   A port of the node gets around network policies and Services, and two pods that want the same one cannot share a
#   node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   remediation: Take hostPort out, and reach the pod through a Service.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.host_ports

import data.kpolicy.lib.pods
import data.kpolicy.lib.shape

deny contains {"msg": msg, "path": array.concat(entry.path, ["ports", index, "hostPort"])} if {
	some entry in pods.containers
	some index, _ in shape.list_at(entry.container, ["ports"])
	number := object.get(entry.container, ["ports", index, "hostPort"], 0)
	not number in {0, null}
	msg := sprintf("%s takes port %v of the node", [entry.who, number])
}
