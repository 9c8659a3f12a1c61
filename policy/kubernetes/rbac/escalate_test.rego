package kpolicy.kubernetes.rbac.escalate_test

import data.kpolicy.kubernetes.rbac.escalate

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in escalate.ways {
		every verb in way.verbs {
			found := escalate.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "clusterroles", "escalate"), rule("rbac.authorization.k8s.io", "*", "escalate"), rule("rbac.authorization.k8s.io", "clusterroles", "*")] {
		found := escalate.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "clusterroles", "escalate"), rule("rbac.authorization.k8s.io", "clusterroles", "deletecollection"), rule("rbac.authorization.k8s.io", "clusterroless", "escalate"), rule("rbac.authorization.k8s.io", "clusterroles/*", "deletecollection")] {
		found := escalate.deny with input as role(given)
		found == set()
	}
}
