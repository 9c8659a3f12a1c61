package kpolicy.kubernetes.rbac.bind_test

import data.kpolicy.kubernetes.rbac.bind

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in bind.ways {
		every verb in way.verbs {
			found := bind.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "clusterroles", "bind"), rule("rbac.authorization.k8s.io", "*", "bind"), rule("rbac.authorization.k8s.io", "clusterroles", "*")] {
		found := bind.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "clusterroles", "bind"), rule("rbac.authorization.k8s.io", "clusterroles", "deletecollection"), rule("rbac.authorization.k8s.io", "clusterroless", "bind"), rule("rbac.authorization.k8s.io", "clusterroles/*", "deletecollection")] {
		found := bind.deny with input as role(given)
		found == set()
	}
}

narrow(name) := object.union(rule("rbac.authorization.k8s.io", "clusterroles", "bind"), {"resourceNames": [name]})

test_names_of_administrators_are_not_harmless if {
	harmless := bind.deny with input as role(narrow("view"))
	harmless == set()
	found := bind.deny with input as role(narrow("cluster-admin"))
	found == {{"msg": "ClusterRole r lets its holders bind clusterroles", "path": ["rules", 0, "verbs"]}}
}
