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
	rbac.is_of_kubernetes({"kind": "ClusterRole", "metadata": {"name": "system:node"}})
	labels := {"kubernetes.io/bootstrapping": "rbac-defaults"}
	not rbac.is_of_kubernetes({"kind": "ClusterRole", "metadata": {"name": "system:mine", "labels": labels}})
}

test_rules_are_read_as_the_authorizer_does if {
	rbac.grants(exec, "create", "", "pods/exec")
	not rbac.grants(exec, "create", "", "pods")
	not rbac.grants(exec, "create", "apps", "pods/exec")
	not rbac.grants({"apiGroups": [""], "resources": ["pods/*"], "verbs": ["*"]}, "create", "", "pods/exec")
}

exec := {"apiGroups": [""], "resources": ["*/exec"], "verbs": ["*"]}

web := {"kind": "ClusterRole", "metadata": {"name": "web", "labels": {"team": "shop"}}, "rules": [exec]}

all := {"kind": "ClusterRole", "metadata": {"name": "all"}, "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"team": "shop"}}]}}

bound(role) := {
	"kind": "RoleBinding",
	"metadata": {"name": "b", "namespace": "shop"},
	"roleRef": {"kind": "ClusterRole", "name": role},
	"subjects": [{"kind": "User", "name": "bob"}],
}

set_with(role) := {
	"ClusterRole": {"": {"web": [{"object": web}], "all": [{"object": all}]}},
	"RoleBinding": {"shop": {"b": [{"object": bound(role)}]}},
}

test_holders_through_bindings_and_roles_that_gather if {
	every role in ["web", "all"] {
		found := rbac.holders(web) with data.inventory.objects as set_with(role)
		found == {"user:bob through RoleBinding b in namespace shop"}
	}
	none := rbac.holders(web) with data.inventory.objects as set_with("other")
	none == set()
}

test_a_gathering_role_writes_what_its_parts_write if {
	rbac.writes(bound("all")) with data.inventory.objects as set_with("all")
}

test_names_keep_from_creation if {
	narrow := {"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"], "resourceNames": ["a"]}
	rbac.grants(narrow, "get", "", "secrets")
	not rbac.grants(narrow, "create", "", "secrets")
}
