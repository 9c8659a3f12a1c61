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
	every resources in [["pods/*"], ["*/log"], ["exec"], [3, null], "*"] {
		not rbac.grants({"apiGroups": [""], "resources": resources, "verbs": ["*"]}, "create", "", "pods/exec")
	}
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

test_names_do_not_keep_from_the_creation_of_a_subresource if {
	narrow := {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"], "resourceNames": ["a"]}
	rbac.grants(narrow, "create", "", "pods/exec")
}

test_names_beside_those_that_are_dangerous if {
	rbac.is_narrow_beside({"resourceNames": ["web", "api"]}, ["db", "vault-*"])
	every rule in [{"resourceNames": ["web", "vault-a"]}, {"resourceNames": []}, {"resourceNames": null}, {}] {
		not rbac.is_narrow_beside(rule, ["db", "vault-*"])
	}
}

test_roles_and_bindings_of_the_group if {
	given := [{"kind": kind, "apiVersion": version, "metadata": {"name": "a"}} |
		some version in ["rbac.authorization.k8s.io/v1", "authorization.openshift.io/v1", "v1", "iam.example.com/v1"]
		some kind in ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Policy"]
	]
	roles := {entry.path[1] | some entry in rbac.roles} with input as {"kind": "List", "items": given}
	roles == {0, 1, 5, 6, 10, 11}
	bindings := {entry.path[1] | some entry in rbac.bindings} with input as {"kind": "List", "items": given}
	bindings == {2, 3, 7, 8, 12, 13}
}

test_rules_of_roles_that_kubernetes_does_not_make if {
	roles := [
		{"kind": "ClusterRole", "metadata": {"name": "system:node"}, "rules": [exec]},
		{"kind": "ClusterRole", "metadata": {"name": "web"}, "rules": [null, "odd", exec]},
	]
	found := {[entry.path, entry.rule] | some entry in rbac.rules} with input as {"kind": "List", "items": roles}
	found == {[["items", 1, "rules", 2], exec]}
}

binding_of(kind, ref, users) := {
	"kind": kind,
	"metadata": {"name": "b", "namespace": "shop"},
	"roleRef": ref,
	"subjects": [{"kind": "User", "name": user} | some user in users],
}

bound_to_web(users) := {"ClusterRoleBinding": {"": {"b": [{"object": binding_of("ClusterRoleBinding", {"kind": "ClusterRole", "name": "web"}, users)}]}}}

test_messages_name_three_holders if {
	every users, text in {
		[]: "",
		["a"]: ": user:a through ClusterRoleBinding b",
		["a", "b", "c"]: ": user:a through ClusterRoleBinding b, user:b through ClusterRoleBinding b, user:c through ClusterRoleBinding b",
		["a", "b", "c", "d", "e"]: ": user:a through ClusterRoleBinding b, user:b through ClusterRoleBinding b, user:c through ClusterRoleBinding b and 2 more",
	} {
		message := rbac.message({"object": web, "what": "create pods/exec"}) with data.inventory.objects as bound_to_web(users)
		message == sprintf("ClusterRole web lets its holders create pods/exec%s", [text])
	}
}

test_holders_of_a_role_of_a_namespace if {
	labels := {"rbac.authorization.k8s.io/aggregate-to-view": "true", "team": "shop"}
	of_namespace := {"kind": "Role", "metadata": {"name": "web", "namespace": "shop", "labels": labels}}
	bindings := {
		"a": [{"object": binding_of("RoleBinding", {"kind": "Role", "name": "web"}, ["a"])}],
		"b": [{"object": binding_of("RoleBinding", {"kind": "ClusterRole", "name": "web"}, ["b"])}],
		"c": [{"object": binding_of("RoleBinding", {"kind": "Role", "name": "view"}, ["c"])}],
		"d": [{"object": binding_of("RoleBinding", {"kind": "Role", "name": "all"}, ["d"])}],
	}
	objects_ := {"ClusterRole": {"": {"all": [{"object": all}]}}, "RoleBinding": {"shop": bindings, "bank": {
		"e": [{"object": json.patch(
			binding_of("RoleBinding", {"kind": "Role", "name": "web"}, ["e"]),
			[{"op": "replace", "path": "/metadata/namespace", "value": "bank"}],
		)}],
	}}}
	found := rbac.holders(of_namespace) with data.inventory.objects as objects_
	found == {"user:a through RoleBinding b in namespace shop"}
}

reader := object.union(web, {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]})

test_a_gathering_role_reads_where_its_parts_do_and_may_write_where_none_is_known if {
	parts := {"ClusterRole": {"": {"web": [{"object": reader}], "all": [{"object": all}]}}}
	not rbac.writes(bound("all")) with data.inventory.objects as parts
	rbac.writes(bound("all")) with data.inventory.objects as {"ClusterRole": {"": {"all": [{"object": all}]}}}
}
