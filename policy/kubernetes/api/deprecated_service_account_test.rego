package kpolicy.kubernetes.api.deprecated_service_account_test

import data.kpolicy.kubernetes.api.deprecated_service_account

pod(spec) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": spec}

test_denies_the_old_field if {
	found := deprecated_service_account.deny with input as pod({"serviceAccount": "web"})
	found == {{
		"msg": "Pod web names service account web by the old field serviceAccount",
		"path": ["spec", "serviceAccount"],
	}}
}

# The API server writes both.
test_allows_the_new_field_and_both if {
	every spec in [{"serviceAccountName": "web"}, {"serviceAccountName": "web", "serviceAccount": "web"}, {}] {
		found := deprecated_service_account.deny with input as pod(spec)
		found == set()
	}
}
