# METADATA
# title: A role runs pods
# description: |
#   Who may create pods, or what makes them, runs any image as any service account of the namespace, with its Secrets, and as
#   far as admission lets it on the node. Changing a workload is as good as creating one.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: medium
#   remediation: Give it to the pipeline that deploys, in the namespaces that it deploys to.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.create_workloads

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow(entry.rule)
}

ways := [
	{"group": "", "resource": "pods", "verbs": ["create"]},
	{"group": "", "resource": "replicationcontrollers", "verbs": ["create", "update", "patch"]},
	{"group": "apps", "resource": "daemonsets", "verbs": ["create", "update", "patch"]},
	{"group": "apps", "resource": "deployments", "verbs": ["create", "update", "patch"]},
	{"group": "apps", "resource": "replicasets", "verbs": ["create", "update", "patch"]},
	{"group": "apps", "resource": "statefulsets", "verbs": ["create", "update", "patch"]},
	{"group": "batch", "resource": "cronjobs", "verbs": ["create", "update", "patch"]},
	{"group": "batch", "resource": "jobs", "verbs": ["create", "update", "patch"]},
]
