# METADATA
# title: A role opens a shell in pods
# description: |
#   Who may use pods/exec, attach or port-forward, or put an ephemeral container into a pod, is inside the containers of the
#   namespace, with all that they may do.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Give it to people for as long as they need it, and not to programs.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.pod_exec

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
}

ways := [
	{"group": "", "resource": "pods/exec", "verbs": ["create", "get"]},
	{"group": "", "resource": "pods/attach", "verbs": ["create", "get"]},
	{"group": "", "resource": "pods/portforward", "verbs": ["create", "get"]},
	{"group": "", "resource": "pods/ephemeralcontainers", "verbs": ["update", "patch"]},
]
