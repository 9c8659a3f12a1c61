# METADATA
# title: A pod runs as the default service account
# description: |
#   All pods of a namespace that name none share it: what one of them is granted, all have. A pod that gets no token may keep
#   it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/service-accounts/
# custom:
#   severity: low
#   remediation: Give the workload a ServiceAccount of its own, or set automountServiceAccountToken to false.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
package kpolicy.kubernetes.service_accounts.default_account

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.service_accounts

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "serviceAccountName"])} if {
	some entry in kubernetes.pods
	service_accounts.name_of(entry.pod) == "default"
	service_accounts.has_token(entry)
	msg := sprintf("the pods of %s run as the default service account", [kubernetes.name_of(entry.object)])
}
