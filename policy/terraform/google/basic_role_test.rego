package kpolicy.terraform.google.basic_role_test

import data.kpolicy.terraform.google.basic_role

resource(block) := {"resource": {"google_project_iam_member": {"x": [block]}}}

path := ["resource", "google_project_iam_member", "x", 0]

test_denies_owner_and_editor if {
	found := basic_role.deny with input as resource({"role": "roles/editor"})
	found == {{"msg": "google_project_iam_member.x grants roles/editor", "path": array.concat(path, ["role"])}}
}

test_allows_other_roles if {
	every role in ["roles/viewer", "roles/storage.admin", "${var.role}"] {
		found := basic_role.deny with input as resource({"role": role})
		found == set()
	}
}
