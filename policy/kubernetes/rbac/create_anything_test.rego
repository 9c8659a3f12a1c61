package kpolicy.kubernetes.rbac.create_anything_test

import data.kpolicy.kubernetes.rbac.create_anything

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

test_denies_create_on_everything if {
	found := create_anything.deny with input as role({"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "create"]})
	found == {{"msg": "ClusterRole r lets its holders create everything in API group \"*\"", "path": ["rules", 0, "resources"]}}
}

test_allows_reading_and_own_groups if {
	every rule in [
		{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]},
		{"apiGroups": ["example.com"], "resources": ["*"], "verbs": ["create"]},
		{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]},
	] {
		found := create_anything.deny with input as role(rule)
		found == set()
	}
}
