package kpolicy.kubernetes.rbac.pod_exec_test

import data.kpolicy.kubernetes.rbac.pod_exec

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in pod_exec.ways {
		every verb in way.verbs {
			found := pod_exec.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "pods/exec", "create"), rule("", "*", "create"), rule("", "pods/exec", "*")] {
		found := pod_exec.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "pods/exec", "create"), rule("", "pods/exec", "deletecollection"), rule("", "pods/execs", "create"), rule("", "pods/*", "deletecollection")] {
		found := pod_exec.deny with input as role(given)
		found == set()
	}
}
