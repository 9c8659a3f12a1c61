package kpolicy.terraform.google.basic_role_test

import data.kpolicy.terraform.google.basic_role

resource(block) := {"resource": {"google_project_iam_member": {"x": [block]}}}

path := ["resource", "google_project_iam_member", "x", 0]

test_denies_owner_editor_and_viewer if {
	every role in ["roles/owner", "roles/editor", "roles/viewer"] {
		found := basic_role.deny with input as resource({"role": role})
		msg := sprintf("google_project_iam_member.x grants %s", [role])
		found == {{"msg": msg, "path": array.concat(path, ["role"])}}
	}
}

test_allows_other_roles if {
	every role in ["roles/storage.viewer", "roles/storage.admin", "${var.role}"] {
		found := basic_role.deny with input as resource({"role": role})
		found == set()
	}
}
