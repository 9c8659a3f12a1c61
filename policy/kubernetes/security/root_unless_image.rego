# METADATA
# title: Only its image keeps a container from root
# description: |
#   Where neither runAsNonRoot nor runAsUser is set, the user of the image counts, which is root in most images. The
#   container's securityContext counts, and where it says nothing the pod's. Pods with users of their own, hostUsers set to
#   false, are exempt: their root is nobody on the node.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: medium
#   remediation: Set securityContext.runAsNonRoot to true, and runAsUser to a number above 0 where the image's user is root.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   warns_in: [default]
package kpolicy.kubernetes.security.root_unless_image

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": pods.setting_path(entry, "runAsNonRoot")} if {
	some entry in kubernetes.containers
	not pods.in_user_namespace(entry.pod)
	pods.setting(entry, "runAsNonRoot") != true
	not says_user(entry)
	msg := sprintf("container %s may run as root: runAsNonRoot is not true", [kubernetes.container_name(entry.container)])
}

# A user above 0 is not root, whatever runAsNonRoot says; user 0 has a policy of its own.
says_user(entry) if is_number(pods.setting(entry, "runAsUser"))

# Windows knows no user 0.
says_user(entry) if pods.is_windows(entry.pod)
