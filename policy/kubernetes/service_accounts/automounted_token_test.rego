package kpolicy.kubernetes.service_accounts.automounted_token_test

import data.kpolicy.kubernetes.service_accounts.automounted_token

pod(spec) := {"kind": "Pod", "metadata": {"name": "web"}, "spec": spec}

test_denies_what_is_not_false if {
	every spec in [{}, {"automountServiceAccountToken": true}, {"automountServiceAccountToken": null}] {
		found := automounted_token.deny with input as pod(spec)
		found == {{
			"msg": "the pods of Pod web get a token of service account default",
			"path": ["spec", "automountServiceAccountToken"],
		}}
	}
}

test_allows_false if {
	found := automounted_token.deny with input as pod({"automountServiceAccountToken": false})
	found == set()
}
