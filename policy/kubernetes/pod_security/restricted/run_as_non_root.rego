# METADATA
# title: A pod does not ask to run as another user than root
# description: |
#   With runAsNonRoot the kubelet refuses to start a container as root, whatever its image says. Each container sets
#   it, or its pod does for all. Pods with users of their own, hostUsers set to false, are exempt.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Set securityContext.runAsNonRoot to true in the pod, and take it out of the containers.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted]
package kpolicy.kubernetes.pod_security.restricted.run_as_non_root

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["runAsNonRoot"])} if {
	some entry in pods.contexts
	not pods.in_user_namespace(entry.pod)
	value := object.get(entry.context, "runAsNonRoot", null)
	not value in {true, null}
	msg := sprintf("%s sets runAsNonRoot to %v", [entry.who, value])
}

deny contains {"msg": msg, "path": array.concat(entry.path, ["securityContext", "runAsNonRoot"])} if {
	some entry in pods.containers
	not pods.in_user_namespace(entry.pod)
	pods.setting(entry, "runAsNonRoot") == null
	msg := sprintf("%s may run as root: neither it nor its pod sets runAsNonRoot", [entry.who])
}
