# METADATA
# title: A probe or lifecycle hook goes to another host
# description: |
#   The kubelet sends probes and hooks from the node. With a host of its own, a pod makes the node ask for addresses
#   that the pod itself may not reach.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
# custom:
#   severity: medium
#   remediation: |
#     Take host out of httpGet and tcpSocket: the kubelet then asks the pod.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, baseline, strict]
package kpolicy.kubernetes.pod_security.baseline.host_probes

import data.kpolicy.lib.pods

handlers := [
	["livenessProbe"],
	["readinessProbe"],
	["startupProbe"],
	["lifecycle", "postStart"],
	["lifecycle", "preStop"],
]

deny contains {"msg": msg, "path": array.concat(entry.path, field)} if {
	some entry in pods.containers
	some handler in handlers
	some action in ["httpGet", "tcpSocket"]
	field := array.concat(handler, [action, "host"])
	host := object.get(entry.container, field, null)
	not host in {"", null}
	msg := sprintf("%s sends its %s to the host %v", [entry.who, handler[count(handler) - 1], host])
}
