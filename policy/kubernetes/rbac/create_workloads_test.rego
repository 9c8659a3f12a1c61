package kpolicy.kubernetes.rbac.create_workloads_test

import data.kpolicy.kubernetes.rbac.create_workloads

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in create_workloads.ways {
		every verb in way.verbs {
			found := create_workloads.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "pods", "create"), rule("", "*", "create"), rule("", "pods", "*")] {
		found := create_workloads.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "pods", "create"), rule("", "pods", "deletecollection"), rule("", "podss", "create"), rule("", "pods/*", "deletecollection")] {
		found := create_workloads.deny with input as role(given)
		found == set()
	}
}

test_allows_workloads_of_some_names if {
	found := create_workloads.deny with input as role(object.union(rule("apps", "deployments", "patch"), {"resourceNames": ["web"]}))
	found == set()
}
