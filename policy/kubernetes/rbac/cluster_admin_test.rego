package kpolicy.kubernetes.rbac.cluster_admin_test

import data.kpolicy.kubernetes.rbac.cluster_admin

binding(role, subject) := {
	"kind": "ClusterRoleBinding",
	"metadata": {"name": "b"},
	"roleRef": {"kind": "ClusterRole", "name": role},
	"subjects": [subject],
}

test_denies_administrators if {
	found := cluster_admin.deny with input as binding("cluster-admin", {"kind": "ServiceAccount", "name": "ci", "namespace": "ci"})
	found == {{"msg": "ClusterRoleBinding b makes serviceaccount:ci/ci an administrator", "path": ["roleRef", "name"]}}
}

test_allows_other_roles_and_the_cluster_itself if {
	other := cluster_admin.deny with input as binding("view", {"kind": "User", "name": "bob"})
	other == set()
	own := cluster_admin.deny with input as binding("cluster-admin", {"kind": "Group", "name": "system:masters"})
	own == set()
}

test_a_role_of_a_namespace_is_another if {
	found := cluster_admin.deny with input as {
		"kind": "RoleBinding",
		"metadata": {"name": "b", "namespace": "shop"},
		"roleRef": {"kind": "Role", "name": "cluster-admin"},
		"subjects": [{"kind": "User", "name": "bob"}],
	}
	found == set()
}
