package kpolicy.kubernetes.rbac.persistent_volumes_test

import data.kpolicy.kubernetes.rbac.persistent_volumes

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in persistent_volumes.ways {
		every verb in way.verbs {
			found := persistent_volumes.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "persistentvolumes", "create"), rule("", "*", "create"), rule("", "persistentvolumes", "*")] {
		found := persistent_volumes.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "persistentvolumes", "create"), rule("", "persistentvolumes", "deletecollection"), rule("", "persistentvolumess", "create"), rule("", "persistentvolumes/*", "deletecollection")] {
		found := persistent_volumes.deny with input as role(given)
		found == set()
	}
}

test_allows_volumes_of_some_names if {
	narrow := object.union(rule("", "persistentvolumes", "*"), {"resourceNames": ["data"]})
	found := persistent_volumes.deny with input as role(narrow)
	found == set()
}
