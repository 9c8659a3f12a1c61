package kpolicy.kubernetes.rbac.namespace_writers_test

import data.kpolicy.kubernetes.rbac.namespace_writers

binding(kind, role, subject) := {
	"kind": kind,
	"metadata": {"name": "b", "namespace": "shop"},
	"roleRef": {"kind": "ClusterRole", "name": role},
	"subjects": [subject],
}

bob := {"kind": "User", "name": "bob"}

objects := {"ClusterRole": {"": {
	"reader": [{"object": {"kind": "ClusterRole", "rules": [{"verbs": ["get", "list", "watch"], "resources": ["*"]}]}}],
	"writer": [{"object": {"kind": "ClusterRole", "rules": [{"verbs": ["get", "patch"], "resources": ["pods"]}]}}],
}}}

found(object_) := denied if {
	denied := namespace_writers.deny with input as object_
		with data.inventory.objects as objects
		with data.params.rbac.namespace_writers.namespaces as {"shop": ["user:alice", "serviceaccount:ci/*"]}
}

test_denies_writers_that_are_not_named if {
	every role in ["writer", "edit", "admin", "cluster-admin", "nobody-knows"] {
		msg := sprintf("RoleBinding b lets user:bob write to namespace shop, as %s", [role])
		found(binding("RoleBinding", role, bob)) == {{"msg": msg, "path": ["subjects", 0, "name"]}}
	}
	count(found(binding("ClusterRoleBinding", "edit", bob))) == 1
}

test_allows_named_ones_and_readers if {
	found(binding("RoleBinding", "edit", {"kind": "User", "name": "alice"})) == set()
	found(binding("RoleBinding", "edit", {"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"})) == set()
	every role in ["reader", "view"] {
		found(binding("ClusterRoleBinding", role, bob)) == set()
	}
}

test_other_namespaces_are_not_judged if {
	elsewhere := object.union(binding("RoleBinding", "edit", bob), {"metadata": {"namespace": "dev"}})
	found(elsewhere) == set()
}

test_leaves_bindings_of_other_projects_alone if {
	elsewhere := object.union(binding("RoleBinding", "edit", bob), {"apiVersion": "iam.example.com/v1"})
	found(elsewhere) == set()
}

test_says_nothing_where_the_set_is_not_known if {
	denied := namespace_writers.deny with input as binding("RoleBinding", "edit", bob)
		with data.params.rbac.namespace_writers.namespaces as {"shop": ["user:alice"]}
	denied == set()
}

test_a_binding_of_the_cluster_counts_for_every_namespace if {
	everywhere := json.remove(binding("ClusterRoleBinding", "edit", bob), ["metadata/namespace"])
	found(everywhere) == {{
		"msg": "ClusterRoleBinding b lets user:bob write to namespace shop, as edit",
		"path": ["subjects", 0, "name"],
	}}
}
