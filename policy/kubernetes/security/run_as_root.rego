# METADATA
# title: A container runs as root
# description: |
#   Root in a container is root on the node as soon as something lets it out. The container's securityContext counts,
#   and where it says nothing the pod's. Pods with users of their own, hostUsers set to false, are
#   exempt: their root is nobody on the node. Where nothing is said, see kubernetes/security/root_unless_image.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Set runAsUser to a number above 0, or take it out and set runAsNonRoot to true.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [default, strict]
package kpolicy.kubernetes.security.run_as_root

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": pods.setting_path(entry, "runAsUser")} if {
	some entry in kubernetes.containers
	not pods.in_user_namespace(entry.pod)
	pods.setting(entry, "runAsUser") in {0, "0"}
	msg := sprintf("container %s runs as user 0, which is root", [kubernetes.container_name(entry.container)])
}
