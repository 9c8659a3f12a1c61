# METADATA
# title: A container may run as root
# description: |
#   Root in a container is root on the node as soon as something lets it out. The container's securityContext counts,
#   and where it says nothing the pod's. Pods with users of their own, hostUsers set to false, are
#   exempt: their root is nobody on the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Set securityContext.runAsNonRoot to true, and runAsUser to a number above 0 where the image's user is root.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.security.run_as_root

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": pods.setting_path(entry, "runAsUser")} if {
	some entry in kubernetes.containers
	not pods.in_user_namespace(entry.pod)
	pods.setting(entry, "runAsUser") in {0, "0"}
	msg := sprintf("container %s runs as user 0, which is root", [kubernetes.container_name(entry.container)])
}

deny contains {"msg": msg, "path": pods.setting_path(entry, "runAsNonRoot")} if {
	some entry in kubernetes.containers
	not pods.in_user_namespace(entry.pod)
	pods.setting(entry, "runAsNonRoot") != true
	not runs_as_number(entry)
	msg := sprintf("container %s may run as root: runAsNonRoot is not true", [kubernetes.container_name(entry.container)])
}

# A user above 0 is not root, whatever runAsNonRoot says.
runs_as_number(entry) if is_number(pods.setting(entry, "runAsUser"))
