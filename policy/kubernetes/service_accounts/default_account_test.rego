package kpolicy.kubernetes.service_accounts.default_account_test

import data.kpolicy.kubernetes.service_accounts.default_account

pod(spec) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": spec}

test_denies_default_and_none if {
	every spec in [{}, {"serviceAccountName": "default"}, {"serviceAccountName": ""}, {"serviceAccountName": null}] {
		found := default_account.deny with input as pod(spec)
		found == {{
			"msg": "the pods of Pod web run as the default service account",
			"path": ["spec", "serviceAccountName"],
		}}
	}
}

test_allows_an_account_of_its_own_and_no_token if {
	every spec in [{"serviceAccountName": "web"}, {"serviceAccount": "web"}, {"automountServiceAccountToken": false}] {
		found := default_account.deny with input as pod(spec)
		found == set()
	}
}
