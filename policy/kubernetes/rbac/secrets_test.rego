package kpolicy.kubernetes.rbac.secrets_test

import data.kpolicy.kubernetes.rbac.secrets

role(rule) := {"kind": "Role", "metadata": {"name": "r"}, "rules": [rule]}

test_denies_readers if {
	found := secrets.deny with input as role({"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["list", "get"]})
	found == {{"msg": "Role r may get, list every Secret", "path": ["rules", 0, "resources", 1]}}
}

test_allows_named_ones_and_writers if {
	every rule in [
		{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"], "verbs": ["get"]},
		{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
		{"apiGroups": ["example.com"], "resources": ["secrets"], "verbs": ["get"]},
	] {
		found := secrets.deny with input as role(rule)
		found == set()
	}
}
