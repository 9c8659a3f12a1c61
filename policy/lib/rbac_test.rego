package kpolicy.lib.rbac_test

import data.kpolicy.lib.rbac

test_accounts_by_their_kind if {
	binding := {"metadata": {"namespace": "shop"}}
	rbac.account({"kind": "User", "name": "bob"}, binding) == "user:bob"
	rbac.account({"kind": "Group", "name": "dev"}, binding) == "group:dev"
	rbac.account({"kind": "ServiceAccount", "name": "a", "namespace": "ci"}, binding) == "serviceaccount:ci/a"
	rbac.account({"kind": "ServiceAccount", "name": "a"}, binding) == "serviceaccount:shop/a"
}

binding(kind, name) := {"metadata": {"namespace": "shop"}, "roleRef": {"kind": kind, "name": name}}

role(rule) := [{"object": {"rules": [rule]}}]

objects := {
	"Role": {"shop": {"r": role({"verbs": ["get"]}), "w": role({"verbs": ["get", "delete"]})}},
	"ClusterRole": {"": {"r": role({"verbs": ["watch"]}), "all": role({"verbs": ["*"]})}},
}

test_roles_that_write if {
	every case in [["Role", "w"], ["ClusterRole", "all"], ["ClusterRole", "edit"], ["Role", "unknown"]] {
		rbac.writes(binding(case[0], case[1])) with data.inventory.objects as objects
	}
}

test_roles_that_only_read if {
	every case in [["Role", "r"], ["ClusterRole", "r"], ["ClusterRole", "view"]] {
		not writes(case)
	}
}

writes(case) if rbac.writes(binding(case[0], case[1])) with data.inventory.objects as objects

test_roles_of_kubernetes if {
	rbac.is_of_kubernetes({"metadata": {"name": "system:node"}})
	rbac.is_of_kubernetes({"metadata": {"name": "edit", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}})
	not rbac.is_of_kubernetes({"metadata": {"name": "edit"}})
}
