package kpolicy.kubernetes.rbac.grants_nothing_test

import data.kpolicy.kubernetes.rbac.grants_nothing

role(groups, resource) := {"kind": "Role", "metadata": {"name": "r"}, "rules": [{
	"apiGroups": groups,
	"resources": [resource],
	"verbs": ["get"],
}]}

test_denies_a_star_for_subresources if {
	found := grants_nothing.deny with input as role([""], "pods/*")
	found == {{
		"msg": "Role r names pods/*, which grants nothing: the API server knows no such pattern",
		"path": ["rules", 0, "resources", 0],
	}}
}

test_denies_the_wrong_group if {
	found := grants_nothing.deny with input as role([""], "deployments")
	found == {{
		"msg": "Role r names deployments in the wrong API group: it is in \"apps\" or \"extensions\"",
		"path": ["rules", 0, "resources", 0],
	}}
}

test_allows_what_grants_something if {
	every case in [[[""], "pods/exec"], [["*"], "deployments"], [["", "apps"], "deployments"], [["example.com"], "pods"], [[""], "*/exec"]] {
		found := grants_nothing.deny with input as role(case[0], case[1])
		found == set()
	}
}

test_a_star_before_it_makes_it_no_pattern if {
	found := grants_nothing.deny with input as role(["*"], "*/*")
	found == {{
		"msg": "Role r names */*, which grants nothing: the API server knows no such pattern",
		"path": ["rules", 0, "resources", 0],
	}}
}

test_says_nothing_of_what_the_api_server_refuses if {
	every case in [[[], "deployments"], [[""], 5], [[""], null]] {
		found := grants_nothing.deny with input as role(case[0], case[1])
		found == set()
	}
}
