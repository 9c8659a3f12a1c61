package kpolicy.kubernetes.rbac.escalation_test

import data.kpolicy.kubernetes.rbac.escalation

role(rule) := {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [rule]}

test_denies_ways_to_more if {
	cases := [["impersonate", "users"], ["bind", "clusterroles"], ["escalate", "roles"], ["create", "serviceaccounts/token"]]
	every case in cases {
		found := escalation.deny with input as role({"verbs": [case[0]], "resources": [case[1]]})
		found == {{"msg": sprintf("ClusterRole r lets its holders %s %s", case), "path": ["rules", 0, "verbs"]}}
	}
}

test_allows_narrow_rules_and_others if {
	every rule in [
		{"verbs": ["bind"], "resources": ["clusterroles"], "resourceNames": ["view"]},
		{"verbs": ["create"], "resources": ["pods"]},
		{"verbs": ["get"], "resources": ["roles"]},
	] {
		found := escalation.deny with input as role(rule)
		found == set()
	}
}
