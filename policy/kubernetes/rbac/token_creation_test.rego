package kpolicy.kubernetes.rbac.token_creation_test

import data.kpolicy.kubernetes.rbac.token_creation

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in token_creation.ways {
		every verb in way.verbs {
			found := token_creation.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "serviceaccounts/token", "create"), rule("", "*", "create"), rule("", "serviceaccounts/token", "*")] {
		found := token_creation.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "serviceaccounts/token", "create"), rule("", "serviceaccounts/token", "deletecollection"), rule("", "serviceaccounts/tokens", "create"), rule("", "serviceaccounts/*", "deletecollection")] {
		found := token_creation.deny with input as role(given)
		found == set()
	}
}

test_allows_tokens_of_some_accounts if {
	found := token_creation.deny with input as role(object.union(rule("", "serviceaccounts/token", "create"), {"resourceNames": ["web"]}))
	found == set()
}
