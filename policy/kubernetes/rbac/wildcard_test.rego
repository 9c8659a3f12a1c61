package kpolicy.kubernetes.rbac.wildcard_test

import data.kpolicy.kubernetes.rbac.wildcard

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

test_denies_everything_on_everything if {
	found := wildcard.deny with input as role({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
	found == {{"msg": "ClusterRole r lets its holders do everything with everything in every API group", "path": ["rules", 0, "verbs"]}}
	group := wildcard.deny with input as role({"apiGroups": [""], "resources": ["*"], "verbs": ["get", "*"]})
	{denied.msg | some denied in group} == {"ClusterRole r lets its holders do everything with everything in API group \"\""}
}

test_allows_half_a_wildcard if {
	every rule in [{"resources": ["pods"], "verbs": ["*"]}, {"resources": ["*"], "verbs": ["get"]}, null] {
		found := wildcard.deny with input as role(rule)
		found == set()
	}
}

test_allows_half_a_wildcard_in_every_group if {
	every half in [{"resources": ["pods"], "verbs": ["*"]}, {"resources": ["*"], "verbs": ["get"]}] {
		found := wildcard.deny with input as role(object.union(half, {"apiGroups": ["*"]}))
		found == set()
	}
}

test_a_rule_without_groups_is_for_no_resources if {
	found := wildcard.deny with input as role({"resources": ["*"], "verbs": ["*"]})
	found == set()
}
