package kpolicy.kubernetes.rbac.pod_exec_test

import data.kpolicy.kubernetes.rbac.pod_exec

role(rule) := {"kind": "Role", "metadata": {"name": "r"}, "rules": [rule]}

test_denies_ways_into_pods if {
	found := pod_exec.deny with input as role({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]})
	found == {{"msg": "Role r is let into pods by pods/exec", "path": ["rules", 0, "resources", 0]}}
}

test_allows_pods_and_logs if {
	found := pod_exec.deny with input as role({"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get"]})
	found == set()
}
