package kpolicy.kubernetes.rbac.secrets_test

import data.kpolicy.kubernetes.rbac.secrets

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

rule(group, resource, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_denies_each_way if {
	every way in secrets.ways {
		every verb in way.verbs {
			found := secrets.deny with input as role(rule(way.group, way.resource, verb))
			found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", [verb, way.resource]), "path": ["rules", 0, "verbs"]}}
		}
	}
}

test_denies_what_a_star_stands_for if {
	every given in [rule("*", "secrets", "get"), rule("", "*", "get"), rule("", "secrets", "*")] {
		found := secrets.deny with input as role(given)
		found != set()
	}
}

test_allows_other_groups_verbs_and_resources if {
	every given in [rule("example.com", "secrets", "get"), rule("", "secrets", "deletecollection"), rule("", "secretss", "get"), rule("", "secrets/*", "deletecollection")] {
		found := secrets.deny with input as role(given)
		found == set()
	}
}

test_allows_secrets_of_some_names if {
	found := secrets.deny with input as role(object.union(rule("", "secrets", "get"), {"resourceNames": ["web"]}))
	found == set()
}
