# METADATA
# title: A role changes what the API server asks before it admits
# description: |
#   Who may write webhook configurations or admission policies sees every object that is created, Secrets among them, changes
#   it on the way, or turns the checks of a cluster off.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: high
#   remediation: Narrow the rule by resourceNames to the configuration that the program owns.
#   kinds: [Role, ClusterRole]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.rbac.webhook_configurations

import data.kpolicy.lib.rbac

deny contains {"msg": rbac.message(entry), "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.granting(ways)
	not rbac.is_narrow(entry.rule)
}

ways := [
	{"group": "admissionregistration.k8s.io", "resource": "mutatingwebhookconfigurations", "verbs": ["create", "update", "patch"]},
	{"group": "admissionregistration.k8s.io", "resource": "validatingwebhookconfigurations", "verbs": ["create", "update", "patch"]},
	{"group": "admissionregistration.k8s.io", "resource": "mutatingadmissionpolicies", "verbs": ["create", "update", "patch"]},
	{"group": "admissionregistration.k8s.io", "resource": "validatingadmissionpolicies", "verbs": ["create", "update", "patch"]},
]
