package kpolicy.kubernetes.rbac.impersonate_test

import data.kpolicy.kubernetes.rbac.impersonate

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in impersonate.ways {
		every verb in way.verbs {
			found := impersonate.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "users", "impersonate"), rule("", "*", "impersonate"), rule("", "users", "*")] {
		found := impersonate.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "users", "impersonate"), rule("", "users", "deletecollection"), rule("", "userss", "impersonate"), rule("", "users/*", "deletecollection")] {
		found := impersonate.deny with input as role(given)
		found == set()
	}
}

narrow(name) := object.union(rule("", "groups", "impersonate"), {"resourceNames": [name]})

test_names_of_kubernetes_are_not_harmless if {
	harmless := impersonate.deny with input as role(narrow("developers"))
	harmless == set()
	found := impersonate.deny with input as role(narrow("system:masters"))
	found == {{"msg": "ClusterRole r lets its holders impersonate groups", "path": ["rules", 0, "verbs"]}}
}
