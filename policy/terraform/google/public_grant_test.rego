package kpolicy.terraform.google.public_grant_test

import data.kpolicy.terraform.google.public_grant

resource(block) := {"resource": {"google_storage_bucket_iam_member": {"x": [block]}}}

path := ["resource", "google_storage_bucket_iam_member", "x", 0]

test_denies_everybody if {
	found := public_grant.deny with input as resource({"role": "roles/storage.objectViewer", "member": "allUsers"})
	msg := "google_storage_bucket_iam_member.x gives roles/storage.objectViewer to allUsers"
	found == {{"msg": msg, "path": array.concat(path, ["member"])}}
}

test_allows_accounts_by_name if {
	found := public_grant.deny with input as resource({"role": "r", "members": ["user:a@example.com", "${var.x}"]})
	found == set()
}

test_denies_everybody_in_a_policy if {
	text := `{"bindings": [{"role": "r", "members": ["allAuthenticatedUsers"]}, {"role": "s", "members": ["user:a"]}]}`
	found := public_grant.deny with input as {"resource": {"google_kms_crypto_key_iam_policy": {"x": [{"policy_data": text}]}}}
	place := ["resource", "google_kms_crypto_key_iam_policy", "x", 0, "policy_data"]
	found == {{"msg": "google_kms_crypto_key_iam_policy.x gives r to allAuthenticatedUsers", "path": place}}
}

test_denies_everybody_in_a_document if {
	bindings := [{"role": "r", "members": ["user:a"]}, {"role": "s", "members": ["allUsers"]}]
	found := public_grant.deny with input as {"data": {"google_iam_policy": {"x": [{"binding": bindings}]}}}
	place := ["data", "google_iam_policy", "x", 0, "binding", 1, "members"]
	found == {{"msg": "data.google_iam_policy.x gives s to allUsers", "path": place}}
}

test_allows_a_policy_that_is_not_written_out if {
	every text in ["${data.google_iam_policy.x.policy_data}", `{"bindings": [1, {"members": "user:a"}]}`, 1] {
		found := public_grant.deny with input as {"resource": {"google_kms_crypto_key_iam_policy": {"x": [{"policy_data": text}]}}}
		found == set()
	}
}

test_allows_what_grants_nothing if {
	resources := {
		"ldap_group": {"x": [{"members": ["allUsers"]}]},
		"archived_document": {"x": [{"policy_data": `{"bindings": [{"role": "r", "members": ["allUsers"]}]}`}]},
	}
	found := public_grant.deny with input as {"resource": resources}
	found == set()
}
