# METADATA
# title: A pod asks to run as root
# description: |
#   User 0 is root in the container, and root on the node as soon as something lets it out. Pods with users of their
#   own, hostUsers set to false, are exempt.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
# custom:
#   severity: high
#   remediation: Set runAsUser to a number above 0, or leave the user to the image.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [restricted]
package kpolicy.kubernetes.pod_security.restricted.run_as_user

import data.kpolicy.lib.pods

deny contains {"msg": msg, "path": array.concat(entry.path, ["runAsUser"])} if {
	some entry in pods.contexts
	not pods.in_user_namespace(entry.pod)
	object.get(entry.context, "runAsUser", null) in {0, "0"}
	msg := sprintf("%s runs as user 0, which is root", [entry.who])
}
