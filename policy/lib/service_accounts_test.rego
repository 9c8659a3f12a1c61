package kpolicy.lib.service_accounts_test

import data.kpolicy.lib.service_accounts

entry(spec) := {"pod": {"spec": spec}, "object": {"metadata": {"namespace": "shop"}}}

account(name, token) := [{"object": {"metadata": {"name": name}, "automountServiceAccountToken": token}}]

given := {"objects": {"ServiceAccount": {"shop": {"web": account("web", false), "api": account("api", true), "db": account("db", null)}}}}

test_names if {
	service_accounts.name_of({"spec": {"serviceAccountName": "web", "serviceAccount": "old"}}) == "web"
	service_accounts.name_of({"spec": {"serviceAccount": "old"}}) == "old"
	service_accounts.name_of({"spec": null}) == "default"
}

test_tokens if {
	service_accounts.has_token(entry({}))
	service_accounts.has_token(entry({"automountServiceAccountToken": "false"}))
	not service_accounts.has_token(entry({"automountServiceAccountToken": false}))
}

test_the_account_says_where_the_pod_does_not if {
	not service_accounts.has_token(entry({"serviceAccountName": "web"})) with data.inventory as given
	every name in ["api", "db", "unknown"] {
		service_accounts.has_token(entry({"serviceAccountName": name})) with data.inventory as given
	}
	service_accounts.has_token(entry({"serviceAccountName": "web", "automountServiceAccountToken": true}))
		with data.inventory as given
}
