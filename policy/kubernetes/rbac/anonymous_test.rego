package kpolicy.kubernetes.rbac.anonymous_test

import data.kpolicy.kubernetes.rbac.anonymous

binding(role, name) := {
	"kind": "ClusterRoleBinding",
	"metadata": {"name": "b"},
	"roleRef": {"kind": "ClusterRole", "name": role},
	"subjects": [{"kind": "Group", "name": name}],
}

test_denies_everybody if {
	every name in ["system:anonymous", "system:unauthenticated", "system:authenticated"] {
		found := anonymous.deny with input as binding("view", name)
		msg := sprintf("ClusterRoleBinding b gives the role view to %s, which is everybody", [name])
		found == {{"msg": msg, "path": ["subjects", 0, "name"]}}
	}
}

test_allows_others_and_harmless_roles if {
	every case in [["view", "developers"], ["system:discovery", "system:unauthenticated"]] {
		found := anonymous.deny with input as binding(case[0], case[1])
		found == set()
	}
}
