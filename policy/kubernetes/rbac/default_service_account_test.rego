package kpolicy.kubernetes.rbac.default_service_account_test

import data.kpolicy.kubernetes.rbac.default_service_account

binding(name) := {
	"kind": "RoleBinding",
	"metadata": {"name": "b", "namespace": "shop"},
	"roleRef": {"kind": "Role", "name": "reader"},
	"subjects": [{"kind": "ServiceAccount", "name": name}],
}

test_denies_the_default_account if {
	found := default_service_account.deny with input as binding("default")
	msg := "RoleBinding b gives the role reader to serviceaccount:shop/default, and so to every pod that names no account"
	found == {{"msg": msg, "path": ["subjects", 0, "name"]}}
}

test_allows_an_account_of_its_own if {
	found := default_service_account.deny with input as binding("web")
	found == set()
}

test_a_user_of_that_name_is_another if {
	found := default_service_account.deny with input as object.union(binding("default"), {"subjects": [{"kind": "User", "name": "default"}]})
	found == set()
}
