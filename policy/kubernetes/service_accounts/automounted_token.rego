# METADATA
# title: A pod gets a token for the API server
# description: |
#   Most pods never talk to the API server; whoever breaks into one gets its token, and with it all that its service account
#   may do. The pod's own setting counts, then that of its ServiceAccount where the set has it.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
# custom:
#   severity: low
#   remediation: Set automountServiceAccountToken to false, in the pod or in its ServiceAccount.
#   kinds: [workloads]
#   formats: [yaml, json]
#   profiles: [strict]
#   warns_in: [default]
package kpolicy.kubernetes.service_accounts.automounted_token

import data.kpolicy.lib.kubernetes
import data.kpolicy.lib.service_accounts

deny contains {"msg": msg, "path": kubernetes.at(entry, ["spec", "automountServiceAccountToken"])} if {
	some entry in kubernetes.pods
	service_accounts.has_token(entry)
	account := service_accounts.name_of(entry.pod)
	msg := sprintf("the pods of %s get a token of service account %s", [kubernetes.name_of(entry.object), account])
}
