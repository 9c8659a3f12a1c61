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
