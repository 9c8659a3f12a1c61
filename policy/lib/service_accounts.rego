# METADATA
# title: Service accounts of pods
# description: Which service account a pod runs as, and whether it gets a token of it.
package kpolicy.lib.service_accounts

import data.kpolicy.lib.inventory
import data.kpolicy.lib.shape

# The name of a pod's service account, by the field or by its old name.
name_of(pod) := names[0] if {
	given := [shape.text_at(pod, ["spec", field]) | some field in ["serviceAccountName", "serviceAccount"]]
	names := [name | some name in array.concat(given, ["default"]); name != ""]
}

# Whether the pod of an entry of `kubernetes.pods` gets a token: its own setting, then its account's, then yes.
has_token(entry) if {
	own := object.get(entry.pod, ["spec", "automountServiceAccountToken"], null)
	settings := [setting | some setting in [own, of_account(entry)]; is_boolean(setting)]
	array.concat(settings, [true])[0]
}

of_account(entry) := false if {
	namespace := inventory.namespace_of(entry.object)
	some account in inventory.in_namespace("ServiceAccount", namespace)
	inventory.name_of(account.object) == name_of(entry.pod)
	account.object.automountServiceAccountToken == false
} else := null
